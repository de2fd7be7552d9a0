//! Liveness and readiness.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::App;
use crate::views::Status;

/// The process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The database answers; templates that do not pass are told, and do not make the server unready.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let templates = match app.views.status() {
        Status::Healthy { source } => json!({ "status": "ok", "source": source }),
        Status::Degraded { serving, errors } => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            json!({ "status": "degraded", "source": serving, "errors": errors })
        }
    };
    match app.store.ping().await {
        Ok(()) => HttpResponse::Ok().json(
            json!({ "status": templates["status"], "database": "ok", "templates": templates }),
        ),
        Err(error) => {
            tracing::error!(error = %error, "the database is out of reach");
            HttpResponse::ServiceUnavailable().json(json!({ "status": "unavailable", "database": "unavailable", "templates": templates }))
        }
    }
}
