//! A factor is added on the back end's own screens: the first with an `mfa_token`, another by whoever proved one.

use serde_json::{Value, json};
use tessera::core::{Actor, OsRng};
use tessera::users::reset;

use super::{ADA, BackEnd, MINUTE, NUMBER, STEP, refused, shown, text, texted, user};
use crate::push::phone::Phone;
use crate::support::house::House;

const ENROLLED: &str = "User is already enrolled.";

async fn associate(back: &BackEnd<'_>, bearer: &str, body: Value) -> (u16, Value) {
    back.post("/mfa/associate", Some(bearer), &body).await
}

fn an_app() -> Value {
    json!({ "authenticator_types": ["otp"] })
}

fn a_number() -> Value {
    json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": NUMBER })
}

#[tokio::test]
async fn the_first_factor_comes_with_a_recovery_code_and_another_needs_proof() {
    for house in House::texting_on_each().await {
        let back = BackEnd::at(&house).await;
        let id = user(&house, ADA).await;
        let (_, minted) = back.mint(ADA, json!({})).await;
        assert_eq!(minted["mfa_requirements"]["challenge"], json!([]));
        assert_eq!(
            minted["mfa_requirements"]["enroll"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        let mfa_token = text(&minted, "mfa_token");
        assert_eq!(back.list(&mfa_token).await, json!([]));
        let words = "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.";
        let asked = json!({ "mfa_token": mfa_token });
        let nothing = back.post("/mfa/challenge", None, &asked).await;
        refused(&nothing, 401, "association_required", words);
        let nothing = back.otp(&mfa_token, "123456").await;
        refused(&nothing, 401, "unsupported_challenge_type", words);

        let (status, begun) = associate(&back, &mfa_token, an_app()).await;
        assert_eq!(status, 200, "{begun}");
        assert_eq!(begun["authenticator_type"], "otp");
        let (key, uri) = (text(&begun, "secret"), text(&begun, "barcode_uri"));
        assert!(
            uri.starts_with("otpauth://totp/Tessera:ada%40example.com?"),
            "{uri}"
        );
        assert!(uri.contains(&format!("secret={key}&")), "{uri}");
        let code = begun["recovery_codes"][0].as_str().unwrap().to_owned();
        assert_eq!(
            associate(&back, &mfa_token, an_app()).await,
            (200, begun),
            "again the same"
        );

        // What is not confirmed verifies nothing, and is no factor.
        let other = back.mfa_token(ADA).await;
        let early = back.otp(&other, &shown(&house, &key)).await;
        refused(&early, 401, "unsupported_challenge_type", words);
        assert_eq!(
            (house.enrollments(ADA).await, back.list(&other).await),
            (0, json!([]))
        );
        let early = back.recover(&other, &code).await;
        assert_eq!(early.1["error"], "unsupported_challenge_type");

        let wrong = back.otp(&mfa_token, "000000").await;
        refused(&wrong, 403, "invalid_grant", "Invalid otp_code.");
        let first = shown(&house, &key);
        back.tokens(back.otp(&mfa_token, &first).await, &["mfa", "otp"]);
        let again = back.otp(&mfa_token, &first).await;
        refused(&again, 401, "expired_token", "mfa_token is expired");
        assert_eq!(house.enrollments(ADA).await, 1);
        assert_eq!(house.deliver().await, 1, "she reads of the new factor");

        // The code that added it is spent; the login that was begun before adds nothing any more.
        let spent = back.otp(&other, &first).await;
        refused(&spent, 403, "invalid_grant", "Invalid otp_code.");
        refused(
            &associate(&back, &other, a_number()).await,
            403,
            "access_denied",
            ENROLLED,
        );

        house.clock.advance(STEP);
        let token = back.tokens(
            back.otp(&other, &shown(&house, &key)).await,
            &["mfa", "otp"],
        );
        another(&house, &back, &token).await;
        let mfa_token = back.mfa_token(ADA).await;
        let token = back.tokens(back.recover(&mfa_token, &code).await, &["mfa"]);
        // It is good here, and nowhere else; and for nothing once what it tells of is taken away.
        let path = "/api/v2/users/auth0%7Cada/mfa-token";
        assert_eq!(back.post(path, Some(&token), &json!({})).await.0, 401);
        let asked = json!({ "mfa_token": token });
        let (status, told) = back.post("/mfa/challenge", None, &asked).await;
        assert_eq!((status, &told["error"]), (400, &json!("invalid_request")));
        let (store, actor, now) = (&house.app.store, Actor::server(), house.app.now());
        reset::reset(store, &id, &actor, now, &OsRng).await.unwrap();
        let late = associate(&back, &token, an_app()).await;
        refused(&late, 401, "expired_token", "mfa_token is expired");
    }
}

/// Adds a number and a phone with access tokens, and takes the number away again.
async fn another(house: &House, back: &BackEnd<'_>, token: &str) {
    let (status, begun) = associate(back, token, a_number()).await;
    assert_eq!(status, 200, "{begun}");
    assert_eq!(begun["recovery_codes"], Value::Null, "she has one");
    assert_eq!(begun["binding_method"], "prompt");
    let code = texted(house).await;
    let wrong = if code == "123456" { "123457" } else { "123456" };
    let answer = back.oob(token, &begun, Some(wrong)).await;
    refused(&answer, 403, "invalid_grant", "Invalid binding_code.");
    let fresh = back.tokens(back.oob(token, &begun, Some(&code)).await, &["mfa", "sms"]);
    let again = back.oob(token, &begun, Some(&code)).await;
    refused(&again, 401, "expired_token", "mfa_token is expired");

    let asked = json!({ "authenticator_types": ["oob"], "oob_channels": ["auth0"] });
    let (status, begun) = associate(back, &fresh, asked).await;
    assert_eq!(status, 200, "{begun}");
    let uri = text(&begun, "barcode_uri");
    let (page, code) = uri.split_once('#').unwrap();
    assert_eq!(page, house.url("/authenticator"));
    let pending = back.oob(&fresh, &begun, None).await;
    assert_eq!(pending.1["error"], "authorization_pending");
    assert_eq!(pending.1["number"], Value::Null);
    let mut phone = Phone::of(house);
    assert_eq!(phone.pair(code).await, 200);
    let pending = back.oob(&fresh, &begun, None).await;
    let number = text(&pending.1, "number");
    assert_eq!(phone.answer(house, "approve", &number).await.0, 200);
    let last = back.tokens(back.oob(&fresh, &begun, None).await, &["mfa", "swk"]);
    assert_eq!(house.enrollments(ADA).await, 3);

    let mfa_token = back.mfa_token(ADA).await;
    let id = back.named(&mfa_token, "phone").await;
    assert_eq!(
        back.remove(&mfa_token, &id).await,
        403,
        "a mere mfa_token takes nothing away"
    );
    assert_eq!(
        back.remove(&last, "totp|dev_00000000000000000000000000000000")
            .await,
        404
    );
    assert_eq!(back.remove(&last, &id).await, 204);
    assert_eq!(back.remove(&last, &id).await, 404);
    house.clock.advance(MINUTE * 10);
    let late = associate(back, &last, an_app()).await;
    refused(&late, 401, "expired_token", "mfa_token is expired");
}

#[tokio::test]
async fn whoever_guesses_while_adding_is_stopped_and_locks_nobody_out() {
    let house = House::start().await;
    let back = BackEnd::at(&house).await;
    let id = user(&house, ADA).await;
    let mfa_token = back.mfa_token(ADA).await;
    let (_, begun) = associate(&back, &mfa_token, an_app()).await;
    for _ in 0..5 {
        let answer = back.otp(&mfa_token, "000000").await;
        refused(&answer, 403, "invalid_grant", "Invalid otp_code.");
    }
    let answer = back
        .otp(&mfa_token, &shown(&house, &text(&begun, "secret")))
        .await;
    assert_eq!(
        (answer.0, &answer.1["error"]),
        (429, &json!("too_many_attempts"))
    );
    let mut read = house.app.store.begin_read().await.unwrap();
    let failures = read.failures_of(&id).await.unwrap().unwrap();
    assert_eq!(failures.failures, 0);
}
