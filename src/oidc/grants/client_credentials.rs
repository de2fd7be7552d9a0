//! `client_credentials`: a management token for an API client (RFC 6749 §4.4, contract §4.1).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use url::Url;

use super::GrantRequest;
use crate::access::tokens::LIFETIME;
use crate::oidc::error::OAuthError;
use crate::store::Event;
use crate::web::App;
use crate::web::faces::JSON;

/// The name of the grant.
pub const GRANT: &str = "client_credentials";
/// An unknown audience is repeated to the caller up to here.
const LONGEST_ECHO: usize = 200;

/// A token of the client itself.
///
/// # Errors
/// [`OAuthError`], or of the database.
pub async fn answer(asked: &mut GrantRequest) -> Result<HttpResponse, actix_web::Error> {
    let audience = asked.fields.string("audience")?;
    let client = asked.authenticate().await?;
    let (app, seen) = (&asked.app, &asked.seen);
    if let Some(audience) = audience.filter(|audience| !is_management(app, audience)) {
        let audience: String = audience.chars().take(LONGEST_ECHO).collect();
        return Err(denied(format!("Service not found: {audience}")).into());
    }
    if client.scopes.is_empty() {
        let audience = app.urls.management_audience();
        let told = format!("Client is not authorized to access {audience}");
        return Err(denied(told).into());
    }
    let token = app.tokens.issue(&client, LIFETIME).await?;
    let actor = seen.client(&client.client_id);
    let event = Event::new("token.issued", &actor, app.now(), app.rng());
    app.store.record(&[event]).await?;
    Ok(HttpResponse::Ok().content_type(JSON).json(token))
}

/// Clients derive the audience from the address they call: behind a proxy, scheme and port may differ.
fn is_management(app: &App, audience: &str) -> bool {
    Url::parse(audience).is_ok_and(|url| {
        url.host_str() == Some(app.urls.host())
            && url.path().trim_end_matches('/') == "/api/v2"
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

fn denied(description: String) -> OAuthError {
    OAuthError::new(StatusCode::FORBIDDEN, "access_denied", description)
}
