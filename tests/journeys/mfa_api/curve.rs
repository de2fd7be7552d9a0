//! A back end whose tokens are signed by ES256.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use tessera::core::Algorithm::Es256;
use tessera::store::Client;

use super::{ADA, BackEnd, shown, text, user, with_app};
use crate::support::house::House;

/// What a token says that a published key signed by ES256.
async fn read(house: &House, token: &str, audience: &str) -> Value {
    let set = reqwest::get(house.url("/.well-known/jwks.json")).await;
    let set: JwkSet = set.unwrap().json().await.unwrap();
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(set.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[audience]);
    // The house's clock is another than the machine's.
    validation.validate_exp = false;
    let read = jsonwebtoken::decode::<Value>(token, &key, &validation);
    read.unwrap().claims
}

#[tokio::test]
async fn both_tokens_are_signed_by_the_curve_and_are_good() {
    for house in House::start_on_each().await {
        let back = BackEnd::at(&house).await;
        let id = user(&house, ADA).await;
        let seed = with_app(&house, &id).await.to_base32();
        let mut tx = house.app.store.begin_write().await.unwrap();
        let client = tx.lock_client(&back.id.parse().unwrap()).await.unwrap();
        let client = Client {
            signing_alg: Es256,
            ..client.unwrap()
        };
        assert!(tx.update_client(&client).await.unwrap());
        tx.commit().await.unwrap();

        let mfa_token = back.mfa_token(ADA).await;
        let granted = back.otp(&mfa_token, &shown(&house, &seed)).await;
        let id_token = text(&granted.1, "id_token");
        let access = back.tokens(granted, &["mfa", "otp"]);
        let told = read(&house, &id_token, &back.id).await;
        assert_eq!(told["sub"], ADA);
        let told = read(&house, &access, &house.url("/mfa/")).await;
        assert_eq!(told["sub"], ADA);
        assert_eq!(told["client_id"], back.id);
        let list = back.list(&access).await;
        assert_eq!(list[0]["type"], "otp");
    }
}
