//! `/.well-known/jwks.json`: the public halves of the signing keys (RFC 7517).

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::core::Result;
use crate::web::App;

/// Where the keys are.
pub const PATH: &str = "/.well-known/jwks.json";

/// A set of keys.
#[derive(Serialize, utoipa::ToSchema)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// The public half of a key that signs tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Key {
    kty: &'static str,
    #[serde(rename = "use")]
    purpose: &'static str,
    /// The modulus, base64url.
    n: String,
    /// The exponent, base64url.
    e: String,
    /// The name that tokens carry in their header.
    kid: String,
    alg: &'static str,
}

/// The public halves of the signing keys.
///
/// # Errors
/// Of the database.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "OAuth", operation_id = "get_jwks",
    description = "All that verify a token now, the newest first.",
    responses((status = 200, description = "The keys that verify tokens; may be kept for five minutes", body = KeySet)),
    security(())
)]
pub async fn get(app: web::Data<App>) -> Result<HttpResponse> {
    let current = app.tokens.keys.current(None).await?;
    let keys = current.signers.iter().map(|signer| Key {
        kty: "RSA",
        purpose: "sig",
        n: signer.n.clone(),
        e: signer.e.clone(),
        kid: signer.kid.clone(),
        alg: "RS256",
    });
    let keys = keys.collect();
    Ok(super::public(&KeySet { keys }))
}
