//! What was shown once is spent: here, on the pages, at another instance, and after a restart.

use std::collections::BTreeMap;

use actix_web::http::header::RETRY_AFTER;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tessera::access::tokens::LIFETIME;
use tessera::store::Client;
use tessera::tickets::Asked;

use super::{ADA, BackEnd, STEP, refused, shown, user, with_app, with_recovery_code};
use crate::support::app::{Answer, Database, TestApp};
use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;
use crate::verify;

/// A page on which Ada proves a factor before she adds another.
async fn at_the_page(house: &House) -> Visitor {
    let asked = Asked {
        factor: vec!["otp".to_owned()],
        allow_multiple_enrollments: true,
        ..asked(ADA)
    };
    let link = house.link(&house.ticket(asked).await);
    Visitor::at(&link).await
}

#[tokio::test]
async fn what_is_spent_here_is_spent_on_the_pages_and_the_other_way_round() {
    for house in House::start_on_each().await {
        let back = BackEnd::at(&house).await;
        let id = user(&house, ADA).await;
        let key = with_app(&house, &id).await.to_base32();
        let recovery = with_recovery_code(&house, &id).await;

        let code = shown(&house, &key);
        let mfa_token = back.mfa_token(ADA).await;
        assert_eq!(back.otp(&mfa_token, &code).await.0, 200);
        let mut ada = at_the_page(&house).await;
        assert_eq!(ada.url.path(), "/guardian/authenticate/otp");
        ada.submit("form", &[("code", &code)]).await;
        assert_eq!(ada.status, 422);

        house.clock.advance(STEP);
        let code = shown(&house, &key);
        ada.submit("form", &[("code", &code)]).await;
        assert_eq!(ada.url.path(), "/guardian/enroll/otp", "{}", ada.html);
        let mfa_token = back.mfa_token(ADA).await;
        let spent = back.otp(&mfa_token, &code).await;
        refused(&spent, 403, "invalid_grant", "Invalid otp_code.");

        assert_eq!(back.recover(&mfa_token, &recovery).await.0, 200);
        let mut ada = at_the_page(&house).await;
        ada.open(&house.url("/guardian/authenticate/recovery-code"))
            .await;
        ada.submit("form", &[("code", &recovery)]).await;
        assert_eq!(ada.status, 422, "{}", ada.html);
    }
}

/// A back end of servers without a network.
struct Caller {
    client: Client,
    secret: String,
    token: String,
}

impl Caller {
    async fn of(server: &TestApp) -> Self {
        let (client, secret) = server.client(&["create:mfa_tokens"]).await;
        let issued = server.app.tokens.issue(&client, LIFETIME).await.unwrap();
        Self {
            client,
            secret,
            token: issued.access_token,
        }
    }

    async fn mfa_token(&self, server: &TestApp, user_id: &str) -> String {
        let path = format!("/api/v2/users/{}/mfa-token", user_id.replace('|', "%7C"));
        let minted = server.post(&path).bearer(&self.token).json(&json!({}));
        let minted = minted.send().await.expect(201).json();
        minted["mfa_token"].as_str().unwrap().to_owned()
    }

    /// Sends it, and again while the machine is too busy to answer in time.
    async fn grant(&self, server: &TestApp, kind: &str, mfa_token: &str, code: &str) -> Answer {
        let field = if kind == "mfa-otp" {
            "otp"
        } else {
            "recovery_code"
        };
        let body = json!({
            "grant_type": format!("http://auth0.com/oauth/grant-type/{kind}"),
            "client_id": self.client.client_id, "client_secret": self.secret,
            "mfa_token": mfa_token, field: code,
        });
        loop {
            let answer = server.post("/oauth/token").json(&body).send().await;
            if answer.status != 503 {
                return answer;
            }
        }
    }
}

/// How often each answer was given.
fn counted(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        let error = answer.json()["error"]
            .as_str()
            .unwrap_or("tokens")
            .to_owned();
        *counts.entry(error).or_default() += 1;
    }
    counts
}

#[actix_web::test]
async fn of_two_hundred_at_once_one_gets_tokens() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let other = server.another().await;
        let back = Caller::of(&server).await;
        for kind in ["mfa-otp", "mfa-recovery-code"] {
            let ada = verify::enrolled(&server, &format!("auth0|{kind}")).await;
            let code = match kind {
                "mfa-otp" => ada.code_at(&server, 0),
                _ => ada.code.expose().to_owned(),
            };
            // One login, and twenty others with the same code.
            let mut tokens = vec![back.mfa_token(&server, ada.id.as_str()).await; 180];
            for _ in 0..20 {
                tokens.push(back.mfa_token(&server, ada.id.as_str()).await);
            }
            let tries = tokens.iter().enumerate();
            let tries =
                tries.map(|(n, token)| back.grant([&server, &other][n % 2], kind, token, &code));
            let answers = join_all(tries).await;
            let counts = counted(&answers);
            assert_eq!(counts["tokens"], 1, "{counts:?}");
            let wrong = counts.get("invalid_grant").copied().unwrap_or(0);
            assert!(wrong <= 5, "{counts:?}");
            let late = answers.iter().find(|answer| answer.status == 429);
            assert!(late.is_none_or(|late| late.headers.contains_key(RETRY_AFTER)));

            // Nor is it good at a server that starts anew.
            server.clock.advance(STEP);
            let anew = server.another().await;
            let token = back.mfa_token(&anew, ada.id.as_str()).await;
            let spent = back.grant(&anew, kind, &token, &code).await;
            assert_eq!(spent.status, 403, "{}", spent.text());
            assert_eq!(spent.json()["error"], Value::from("invalid_grant"));
        }
    }
}

#[actix_web::test]
async fn wrong_codes_count_on_the_user_whatever_login_they_are_shown_in() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let back = Caller::of(&server).await;
        let ada = verify::enrolled(&server, ADA).await;
        let wrong = ada.wrong_code(&server);
        for n in 0..5 {
            let token = back.mfa_token(&server, ADA).await;
            let (kind, code) = match n % 2 {
                0 => ("mfa-otp", wrong.as_str()),
                _ => ("mfa-recovery-code", "ABCDEFGHJKLMNPQRSTUVWXYZ"),
            };
            back.grant(&server, kind, &token, code).await.expect(403);
        }
        let token = back.mfa_token(&server, ADA).await;
        let held = back
            .grant(&server, "mfa-otp", &token, &ada.code_at(&server, 0))
            .await;
        assert_eq!(held.header("retry-after"), "30");
        assert_eq!(held.expect(429).json()["error"], "too_many_attempts");
        server.clock.advance(STEP);
        let code = ada.code_at(&server, 0);
        back.grant(&server, "mfa-otp", &token, &code)
            .await
            .expect(200);
    }
}
