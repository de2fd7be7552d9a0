//! What a user may have at most is refused with words and a time to come back.

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};
use tessera::store::UserLimits;

use crate::support::app::{Database, Setup, TestApp};
use crate::{for_otp, new_ticket, path_of, problem};

const CREATE: &str = "/api/v2/guardian/enrollments/ticket";

async fn start(database: Database, open_tickets: u32, mails: u32) -> TestApp {
    let mut setup = Setup::default();
    setup.policy.limits = UserLimits {
        open_tickets: NonZeroU32::new(open_tickets),
        mails: NonZeroU32::new(mails),
    };
    TestApp::with(database, setup).await
}

#[actix_web::test]
async fn the_eleventh_mail_in_a_day_is_refused_and_leaves_no_row() {
    for database in Database::each().await {
        let app = start(database, 0, 10).await;
        let token = app.token().await;
        let mut body = for_otp("auth0|ada");
        body["send_mail"] = json!(true);
        let ticket = new_ticket(&app, &token, &body).await;
        let resend = format!("{}/resend", path_of(&ticket));
        for _ in 0..9 {
            app.clock.advance(Duration::from_secs(60));
            app.post(&resend).bearer(&token).send().await.expect(200);
        }
        for path in [CREATE, &resend] {
            let asking = app.post(path).bearer(&token);
            let asking = if path == CREATE {
                asking.json(&body)
            } else {
                asking
            };
            let refused = asking.send().await;
            let said = problem(&refused, 429);
            assert_eq!(said["errorCode"], "too_many_requests");
            let message = said["message"].as_str().unwrap();
            assert!(message.contains("limits.mails_per_user"), "{message}");
            let seconds = (24 * 60 - 9) * 60;
            assert_eq!(refused.header("retry-after"), seconds.to_string());
        }
        let list = app.get("/api/v2/guardian/enrollments/tickets");
        let list = list.bearer(&token).send().await.json();
        assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
        let shown = app
            .get(&path_of(&ticket))
            .bearer(&token)
            .send()
            .await
            .json();
        assert_eq!(
            shown["mail"]["state"], "due",
            "the tenth mail is on its way"
        );

        new_ticket(&app, &token, &for_otp("auth0|ada")).await;
        body["user_id"] = json!("auth0|bob");
        new_ticket(&app, &token, &body).await;
        app.clock.advance(Duration::from_secs((24 * 60 - 9) * 60));
        let token = app.token().await;
        app.post(&resend).bearer(&token).send().await.expect(200);
    }
}

#[actix_web::test]
async fn the_sixth_open_ticket_is_refused_until_one_is_revoked() {
    let app = start(Database::Sqlite, 5, 0).await;
    let token = app.token().await;
    let body = for_otp("auth0|ada");
    let mut tickets: Vec<Value> = Vec::new();
    for _ in 0..5 {
        tickets.push(new_ticket(&app, &token, &body).await);
    }
    let refused = app.post(CREATE).bearer(&token).json(&body).send().await;
    let message = problem(&refused, 429)["message"].to_string();
    assert!(
        message.contains("limits.open_tickets_per_user"),
        "{message}"
    );
    let days = 5 * 24 * 60 * 60;
    assert_eq!(refused.header("retry-after"), days.to_string());
    let revoke = app.request(Method::DELETE, &path_of(&tickets[0]));
    revoke.bearer(&token).send().await.expect(204);
    new_ticket(&app, &token, &body).await;
}
