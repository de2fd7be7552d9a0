//! `/.well-known/jwks.json`: the public halves of the signing keys (RFC 7517).

use actix_web::{HttpResponse, web};
use serde_json::json;
use utoipa::ToSchema;

use crate::core::Result;
use crate::web::App;

/// Where the keys are.
pub const PATH: &str = "/.well-known/jwks.json";

/// A set of keys.
#[derive(ToSchema)]
pub struct KeySet {
    /// All that verify a token now.
    pub keys: Vec<Key>,
}

/// The public half of a key that signs tokens (RFC 7518 §6).
#[derive(ToSchema)]
pub struct Key {
    /// `RSA`, or `EC` for the curve P-256.
    #[schema(pattern = "^(RSA|EC)$")]
    pub kty: String,
    /// `sig`
    #[serde(rename = "use")]
    pub purpose: String,
    /// How it signs, and nothing else: RS256 or ES256.
    #[schema(pattern = "^(RS256|ES256)$")]
    pub alg: String,
    /// The name that tokens carry in their header.
    pub kid: String,
    /// With `RSA`: the modulus, base64url.
    pub n: Option<String>,
    /// With `RSA`: the exponent, base64url.
    pub e: Option<String>,
    /// With `EC`: `P-256`.
    pub crv: Option<String>,
    /// With `EC`: a coordinate, base64url.
    pub x: Option<String>,
    /// With `EC`: the other.
    pub y: Option<String>,
}

/// The public halves of the signing keys.
///
/// # Errors
/// Of the database.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "OAuth", operation_id = "get_jwks",
    description = "All that verify a token now: those of RS256, then those of ES256; the newest first.",
    responses((status = 200, description = "The keys that verify tokens; may be kept for five minutes", body = KeySet)),
    security(())
)]
pub async fn get(app: web::Data<App>) -> Result<HttpResponse> {
    let current = app.tokens.keys.current(None).await?;
    let keys = current.signers.iter().map(|signer| &signer.public);
    Ok(super::public(&json!({ "keys": keys.collect::<Vec<_>>() })))
}
