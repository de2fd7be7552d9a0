//! Liveness and readiness.
//!
//! Unready (503) is what a balancer must know: this instance cannot do its work, another may. Degraded (200) is what an
//! admin must know: to take this instance away would mend nothing, for the others have the same folder and outbox.

use std::future::Future;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::App;
use super::vitals::stalls;
use crate::access::sealing;
use crate::store::SchemaError;
use crate::views::Status;

/// A probe is answered within this, whatever the database does.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Whether this instance can do its work: not while it stops, nor without its database, schema and key. Templates that
/// do not pass and an outbox that stalls are told, and do not make it unready.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let (templates, database) = (templates(&app), database(&app).await);
    let outbox = match database {
        Found::Unusable(_) => "unknown",
        _ => outbox(&app).await,
    };
    let (word, told) = match database {
        Found::Well => ("ok", "ok"),
        Found::Newer => ("degraded", "newer schema"),
        Found::Unusable(why) => ("unavailable", why),
    };
    let is_degraded = templates["status"] == "degraded" || outbox == "stalled";
    let status = match word {
        _ if app.vitals.is_draining() => "draining",
        "ok" if is_degraded => "degraded",
        word => word,
    };
    let body =
        json!({ "status": status, "database": told, "outbox": outbox, "templates": templates });
    if matches!(status, "ok" | "degraded") {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}

fn templates(app: &App) -> Value {
    let mut told = match app.views.status() {
        Status::Healthy { source } => json!({ "status": "ok", "source": source }),
        Status::Degraded { serving, errors } => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            json!({ "status": "degraded", "source": serving, "errors": errors })
        }
    };
    let stored = app.views.stored().names();
    if !stored.is_empty() {
        told["stored"] = json!(stored);
    }
    told
}

/// What a look at the database found.
enum Found {
    Well,
    /// `tessera migrate` of the next version ran: this one works on until it is replaced.
    Newer,
    Unusable(&'static str),
}

async fn database(app: &App) -> Found {
    let (schema, key) = (
        app.store.check_schema(),
        sealing::fits(&app.store, &app.sealer),
    );
    let found = match in_time(schema).await {
        None => Found::Unusable("unavailable"),
        Some(Ok(())) => Found::Well,
        Some(Err(error)) => match error.downcast_ref::<SchemaError>() {
            Some(SchemaError::New { .. }) => Found::Newer,
            Some(SchemaError::Old { .. }) => Found::Unusable("old schema"),
            None => Found::Unusable("unavailable"),
        },
    };
    let found = match found {
        Found::Unusable(_) => found,
        _ => match in_time(key).await {
            Some(Ok(true)) => found,
            Some(Ok(false)) => Found::Unusable("another key"),
            _ => Found::Unusable("unavailable"),
        },
    };
    if let Found::Unusable(why) = found {
        tracing::error!(error = why, "the database cannot be worked with");
    }
    found
}

async fn outbox(app: &App) -> &'static str {
    match app.vitals.outbox(app).await {
        Ok(outbox) if stalls(&outbox, app.now()) => "stalled",
        Ok(_) => "ok",
        Err(_) => "unknown",
    }
}

async fn in_time<T>(asking: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, asking).await.ok()
}
