//! Auth0's MFA API (contract §5): for a back end that shows its own screens. It holds an `mfa_token`, or an access token for
//! `{public_url}/mfa/`; `POST /oauth/token` takes what the person shows (`oidc::grants::mfa`).

use actix_web::body::MessageBody;
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::error;
use crate::core::{Result, UserId};
use crate::users::Profile;
use crate::web::App;
use crate::web::faces::JSON;
use crate::web::resource::{get, resource};
use crate::web::{able, https, request};

pub mod associate;
pub mod authenticators;
pub mod bearer;
pub mod challenge;
pub mod oob;
pub mod refusals;

/// `/mfa/…`
pub fn routes() -> impl HttpServiceFactory {
    web::scope("/mfa")
        .wrap(from_fn(able::check))
        .wrap(from_fn(request::refuse))
        .wrap(from_fn(https::insist_on_https))
        .wrap(from_fn(error::face))
        .wrap(from_fn(challenge_bearers))
        .service(resource("/associate", "POST").route(web::post().to(associate::post)))
        .service(resource("/challenge", "POST").route(web::post().to(challenge::post)))
        .service(resource("/authenticators", "GET, HEAD").route(get().to(authenticators::list)))
        .service(
            resource("/authenticators/{id}", "DELETE")
                .route(web::delete().to(authenticators::remove)),
        )
}

/// Who is to come with a token, and not with a client's secret, is told so.
async fn challenge_bearers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    if response.headers().contains_key(WWW_AUTHENTICATE) {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    }
    Ok(response)
}

/// What is answered once, and kept by nobody.
fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).json(body)
}

/// The language of what is sent: what the caller says in `x-request-language` (contract §5), or else the user's.
async fn locale(app: &App, request: &HttpRequest, user_id: &UserId) -> Result<String> {
    let asked = request.headers().get("x-request-language");
    if let Some(asked) = asked.and_then(|value| value.to_str().ok()) {
        return Ok(app.views.negotiate(&[asked]).to_string());
    }
    let user = app.store.begin_read().await?.user(user_id).await?;
    let profile = Profile::parse(user.as_ref().map_or("", |user| &user.profile));
    let wanted: Vec<&str> = profile.language().into_iter().collect();
    Ok(app.views.negotiate(&wanted).to_string())
}
