//! What the MFA API takes from nobody: tokens that are none, too old, or another's.

use serde_json::json;
use tessera::access::scopes;

use super::{
    ADA, BackEnd, MINUTE, STEP, refused, shown, text, texted, user, with_app, with_number,
};
use crate::support::house::{House, Setup};

const MALFORMED: &str = "Malformed mfa_token";
const FOREIGN: &str = "mfa_token not issued to this client";

#[tokio::test]
async fn a_token_is_of_one_user_one_client_and_five_minutes() {
    for house in House::texting_on_each().await {
        let (back, other) = (BackEnd::at(&house).await, BackEnd::at(&house).await);
        let (ada, grace) = (user(&house, ADA).await, user(&house, "grace").await);
        let key = with_app(&house, &ada).await.to_base32();
        with_app(&house, &grace).await;
        let mfa_token = back.mfa_token(ADA).await;
        let code = shown(&house, &key);
        for none in [
            "",
            "x",
            "Fe26.2*x",
            "e30.e30.e30",
            &back.token,
            &mfa_token[1..],
        ] {
            refused(
                &back.otp(none, &code).await,
                401,
                "invalid_grant",
                MALFORMED,
            );
        }
        let foreign = other.otp(&mfa_token, &code).await;
        refused(&foreign, 400, "invalid_request", FOREIGN);
        let asked = json!({ "mfa_token": mfa_token, "client_id": other.id });
        let foreign = back.post("/mfa/challenge", None, &asked).await;
        refused(&foreign, 400, "invalid_request", FOREIGN);
        let asked = json!({ "mfa_token": mfa_token, "client_id": back.id, "client_secret": "x" });
        let (status, told) = back.post("/mfa/challenge", None, &asked).await;
        assert_eq!((status, &told["error"]), (401, &json!("access_denied")));
        // For another client than the caller, which is the one that may use it then.
        let (_, minted) = back.mint(ADA, json!({ "client_id": other.id })).await;
        let theirs = text(&minted, "mfa_token");
        refused(
            &back.otp(&theirs, &code).await,
            400,
            "invalid_request",
            FOREIGN,
        );
        // Another user's code is wrong, and the token of one user proves nothing of another.
        let hers = back.mfa_token("grace").await;
        refused(
            &back.otp(&hers, &code).await,
            403,
            "invalid_grant",
            "Invalid otp_code.",
        );
        assert_eq!(
            back.otp(&mfa_token, &code).await.0,
            200,
            "none of it spent the code"
        );

        house.clock.advance(STEP);
        let code = shown(&house, &key);
        house.clock.advance(MINUTE * 5);
        let late = other.otp(&theirs, &code).await;
        refused(&late, 401, "expired_token", "mfa_token is expired");
        let late = back.post("/mfa/associate", Some(&hers), &json!({})).await;
        refused(&late, 401, "expired_token", "mfa_token is expired");
    }
}

#[tokio::test]
async fn an_oob_code_is_of_one_login_and_one_message() {
    let house = Setup::new().texting().start().await;
    let back = BackEnd::at(&house).await;
    let ada = user(&house, ADA).await;
    with_number(&house, &ada).await;
    let (one, two) = (back.mfa_token(ADA).await, back.mfa_token(ADA).await);
    let (_, first) = back.challenge(&one, "phone").await;
    let code = texted(&house).await;
    let crossed = back.oob(&two, &first, Some(&code)).await;
    refused(&crossed, 403, "invalid_grant", "Malformed oob_code");
    let made_up = back
        .oob(&one, &json!({ "oob_code": "AAAA" }), Some(&code))
        .await;
    refused(&made_up, 403, "invalid_grant", "Malformed oob_code");
    house.clock.advance(STEP);
    let (status, second) = back.challenge(&one, "phone").await;
    assert_eq!(status, 200, "{second}");
    let later = texted(&house).await;
    let replaced = back.oob(&one, &first, Some(&code)).await;
    refused(&replaced, 401, "expired_token", "oob_code is expired");
    assert_eq!(back.oob(&one, &second, Some(&later)).await.0, 200);
}

#[tokio::test]
async fn what_is_missing_or_contradicts_itself_is_named() {
    let house = Setup::new().texting().start().await;
    let back = BackEnd::at(&house).await;
    let ada = user(&house, ADA).await;
    let token = back.mfa_token(ADA).await;
    for (body, word) in [
        (json!({}), "authenticator_types"),
        (
            json!({ "authenticator_types": ["push"] }),
            "authenticator_types",
        ),
        (
            json!({ "authenticator_types": ["otp", "oob"] }),
            "authenticator_types",
        ),
        (json!({ "authenticator_types": ["oob"] }), "oob_channels"),
        (
            json!({ "authenticator_types": ["oob"], "oob_channels": ["email"] }),
            "oob_channels",
        ),
        (
            json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"] }),
            "phone_number",
        ),
        (
            json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "0151" }),
            "phone_number",
        ),
        (
            json!({ "authenticator_types": ["oob"], "oob_channels": ["voice"], "phone_number": "+49900123456" }),
            "phone_number",
        ),
    ] {
        let (status, told) = back.post("/mfa/associate", Some(&token), &body).await;
        assert_eq!(
            (status, &told["error"]),
            (400, &json!("invalid_request")),
            "{body}"
        );
        assert!(text(&told, "error_description").contains(word), "{told}");
    }
    assert_eq!(house.texts().len(), 0);
    with_number(&house, &ada).await;
    for (asked, status, error) in [
        (
            json!({ "challenge_type": "otp" }),
            401,
            "unsupported_challenge_type",
        ),
        (json!({ "challenge_type": "sms" }), 400, "invalid_request"),
        (
            json!({ "authenticator_id": "totp|dev_1" }),
            400,
            "invalid_request",
        ),
        (json!({ "client_secret": "x" }), 400, "invalid_request"),
        (json!({ "mfa_token": 5 }), 400, "invalid_request"),
    ] {
        let mut body = asked.clone();
        if body["mfa_token"].is_null() {
            body["mfa_token"] = json!(token);
        }
        let told = back.post("/mfa/challenge", None, &body).await;
        assert_eq!(
            (told.0, &told.1["error"]),
            (status, &json!(error)),
            "{asked}: {}",
            told.1
        );
    }
    let missing = back.grant("mfa-otp", &[("mfa_token", &token)]).await;
    refused(
        &missing,
        400,
        "invalid_request",
        "Missing required parameter: otp",
    );
    let missing = back.grant("mfa-otp", &[("otp", "123456")]).await;
    refused(
        &missing,
        400,
        "invalid_request",
        "Missing required parameter: mfa_token",
    );
    let none = back.post("/mfa/associate", None, &json!({})).await;
    assert_eq!(none.0, 401);
    let access = house.token(&[scopes::READ_USERS]).await;
    let minted = back
        .post("/api/v2/users/x/mfa-token", Some(&access), &json!({}))
        .await;
    assert_eq!(minted.0, 403);
    assert_eq!(back.mint("nobody", json!({})).await.0, 404);
    let odd = back.mint(ADA, json!({ "client_id": "cli_x" })).await;
    assert_eq!((odd.0, &odd.1["errorCode"]), (400, &json!("invalid_body")));
}

#[tokio::test]
async fn a_blocked_user_gets_no_token_and_the_one_they_have_is_good_for_nothing() {
    let house = House::start().await;
    let back = BackEnd::at(&house).await;
    let ada = user(&house, ADA).await;
    let key = with_app(&house, &ada).await.to_base32();
    let token = back.mfa_token(ADA).await;
    let mut tx = house.app.store.begin_write().await.unwrap();
    let mut user = tx.user(&ada).await.unwrap().unwrap();
    user.blocked = true;
    tx.update_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    let (status, told) = back.mint(ADA, json!({})).await;
    assert_eq!((status, &told["errorCode"]), (409, &json!("user_blocked")));
    let blocked = back.otp(&token, &shown(&house, &key)).await;
    refused(&blocked, 403, "access_denied", "user is blocked");
    let asked = json!({ "authenticator_types": ["otp"] });
    let blocked = back.post("/mfa/associate", Some(&token), &asked).await;
    refused(&blocked, 403, "access_denied", "user is blocked");
}
