//! A back end looks at what its users enrolled, and takes a lost phone away.

use actix_web::http::Method;
use serde_json::json;
use tessera::core::{EnrollmentId, OsRng};
use tessera::store::NewEnrollment;

use crate::support::app::{Database, START, TestApp};
use crate::{for_otp, new_ticket, problem};

/// What redeeming a ticket would have written.
async fn enroll(app: &TestApp, token: &str, user_id: &str) -> EnrollmentId {
    let ticket = new_ticket(app, token, &for_otp(user_id)).await;
    let id = EnrollmentId::new(START, &OsRng);
    let mut tx = app.app.store.begin_write().await.unwrap();
    let enrollment = NewEnrollment {
        user_id: &user_id.parse().unwrap(),
        enrollment_id: &id,
        factor: "otp",
        is_first: true,
        ticket_id: Some(&ticket["ticket_id"].as_str().unwrap().parse().unwrap()),
        material_sealed: b"sealed",
        last_step: None,
        name: None,
        credential_id: None,
        facts: "{}",
    };
    tx.insert_enrollment(&enrollment, START).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[actix_web::test]
async fn an_enrollment_is_shown_and_removed_under_both_of_its_names() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let id = enroll(&app, &token, "auth0|ada").await;
        let get = async |path: &str| {
            app.get(&format!("/api/v2{path}"))
                .bearer(&token)
                .send()
                .await
        };
        for name in [format!("{id}"), format!("totp%7C{id}")] {
            let shown = get(&format!("/guardian/enrollments/{name}"))
                .await
                .expect(200)
                .json();
            insta::assert_json_snapshot!("enrollment", shown, { ".id" => "dev_[id]" });
        }
        let list = get("/users/auth0%7Cada/enrollments")
            .await
            .expect(200)
            .json();
        insta::assert_json_snapshot!("enrollments_of_user", list, { "[].id" => "dev_[id]" });

        let foreign = get(&format!("/guardian/enrollments/push%7C{id}")).await;
        assert_eq!(problem(&foreign, 404)["errorCode"], "inexistent_enrollment");
        for odd in [
            "totp",
            "dev_1",
            &format!("otp%7C{id}"),
            &format!("totp%7Ctotp%7C{id}"),
        ] {
            let answer = get(&format!("/guardian/enrollments/{odd}")).await;
            assert_eq!(problem(&answer, 400)["errorCode"], "invalid_uri");
        }

        let path = format!("/api/v2/guardian/enrollments/totp%7C{id}");
        app.request(Method::DELETE, &path)
            .bearer(&token)
            .send()
            .await
            .expect(204);
        problem(
            &app.request(Method::DELETE, &path)
                .bearer(&token)
                .send()
                .await,
            404,
        );
        assert_eq!(
            get("/users/auth0%7Cada/enrollments")
                .await
                .expect(200)
                .json(),
            json!([])
        );
    }
}

#[actix_web::test]
async fn a_user_who_is_not_there_has_no_list() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let answer = app
        .get("/api/v2/users/auth0%7Cnobody/enrollments")
        .bearer(&token)
        .send()
        .await;
    assert_eq!(problem(&answer, 404)["errorCode"], "inexistent_user");
}

#[actix_web::test]
async fn a_recovery_code_is_made_anew_for_who_has_a_factor() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let ask = async |user: &str, path: &str| {
            app.post(&format!("/api/v2/users/{user}/{path}"))
                .bearer(&token)
                .send()
                .await
        };
        let regenerate = "recovery-code-regeneration";
        enroll(&app, &token, "auth0|ada").await;
        new_ticket(&app, &token, &for_otp("auth0|bob")).await;
        let mut codes = Vec::new();
        for _ in 0..2 {
            let answer = ask("auth0%7Cada", regenerate).await.expect(200);
            assert_eq!(answer.header("cache-control"), "no-store");
            let code = answer.json()["recovery_code"].as_str().unwrap().to_owned();
            let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            assert!(code.len() == 24 && code.bytes().all(plain), "{code}");
            codes.push(code);
        }
        assert_ne!(codes[0], codes[1]);
        for (user, why) in [
            ("auth0%7Cbob", "inexistent_enrollment"),
            ("auth0%7Cnobody", "inexistent_user"),
        ] {
            let answer = ask(user, regenerate).await;
            assert_eq!(problem(&answer, 404)["errorCode"], why);
        }
        app.request(Method::PUT, "/api/v2/guardian/factors/recovery-code")
            .bearer(&token)
            .json(&json!({ "enabled": false }))
            .send()
            .await
            .expect(200);
        let off = ask("auth0%7Cada", regenerate).await;
        assert_eq!(problem(&off, 409)["errorCode"], "recovery_code_disabled");
    }
}

#[actix_web::test]
async fn a_user_whose_authenticators_are_deleted_starts_over() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        enroll(&app, &token, "auth0|ada").await;
        let ada = "auth0|ada".parse().unwrap();
        let mut tx = app.app.store.begin_write().await.unwrap();
        tx.count_failure_of(&ada).await.unwrap();
        tx.commit().await.unwrap();
        let delete = async |user: &str| {
            let path = format!("/api/v2/users/{user}/authenticators");
            app.request(Method::DELETE, &path)
                .bearer(&token)
                .send()
                .await
        };
        for _ in 0..2 {
            assert!(delete("auth0%7Cada").await.expect(204).body.is_empty());
        }
        let mut read = app.app.store.begin_read().await.unwrap();
        assert!(read.enrollments_of(&ada).await.unwrap().is_empty());
        let failures = read.failures_of(&ada).await.unwrap().unwrap();
        assert_eq!(failures.failures, 0);
        drop(read);
        let nobody = delete("auth0%7Cnobody").await;
        assert_eq!(problem(&nobody, 404)["errorCode"], "inexistent_user");
    }
}
