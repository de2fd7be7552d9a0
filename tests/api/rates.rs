//! Who calls too often is told how often is right, and where a call comes from is not what somebody says.

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::Method;
use serde_json::json;
use tessera::access::{Rates, scopes};

use crate::support::app::{Answer, Database, PEER, START, Setup, TestApp};
use crate::{for_otp, new_ticket, path_of, problem};

const FACTORS: &str = "/api/v2/guardian/factors";

async fn start(client_per_second: u32, address_per_second: u32) -> TestApp {
    let setup = Setup {
        rates: Rates {
            client_per_second: NonZeroU32::new(client_per_second),
            address_per_second: NonZeroU32::new(address_per_second),
        },
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..Setup::default()
    };
    TestApp::with(Database::Sqlite, setup).await
}

fn told(answer: &Answer) -> [String; 3] {
    ["limit", "remaining", "reset"]
        .map(|name| answer.header(&format!("x-ratelimit-{name}")).to_owned())
}

#[actix_web::test]
async fn each_answer_says_how_much_is_left_and_the_last_when_to_come_back() {
    let app = start(2, 0).await;
    let token = app.token().await;
    let now = START.seconds();
    let expect = |answer: &Answer, remaining: i64, seconds: i64| {
        let expected = [4, remaining, now + seconds].map(|number| number.to_string());
        assert_eq!(told(answer), expected);
    };
    expect(
        &app.get(FACTORS).bearer(&token).send().await.expect(200),
        3,
        1,
    );
    let missing = app.get("/api/v2/users/nobody").bearer(&token).send().await;
    expect(&missing.expect(404), 2, 1);
    let bad = app.get("/api/v2/users?page=x").bearer(&token).send().await;
    expect(&bad.expect(400), 1, 2);
    let gone = app.request(Method::DELETE, "/api/v2/users/nobody");
    expect(&gone.bearer(&token).send().await, 0, 2);

    let refused = app.get(FACTORS).bearer(&token).send().await;
    assert_eq!(problem(&refused, 429)["errorCode"], "too_many_requests");
    expect(&refused, 0, 2);
    assert_eq!(refused.header("retry-after"), "1");
    let other = app.token().await;
    expect(
        &app.get(FACTORS).bearer(&other).send().await.expect(200),
        3,
        1,
    );
    app.clock.advance(Duration::from_secs(1));
    app.get(FACTORS).bearer(&token).send().await.expect(200);

    let nobody = app.get(FACTORS).send().await.expect(401);
    assert_eq!(told(&nobody), ["", "", ""]);
}

#[actix_web::test]
async fn without_a_limit_no_answer_speaks_of_one() {
    let app = start(0, 0).await;
    let token = app.token().await;
    let answer = app.get(FACTORS).bearer(&token).send().await.expect(200);
    assert_eq!(told(&answer), ["", "", ""]);
}

#[actix_web::test]
async fn pages_are_for_everybody_and_a_flood_is_turned_away() {
    let app = start(0, 2).await;
    let page = async |peer: &str, path: &str| {
        let asking = app.get(path).from(peer);
        asking.header("host", "mfa.example.com").send().await
    };
    for _ in 0..20 {
        page("192.0.2.1", "/guardian/enroll").await.expect(401);
    }
    let refused = page("192.0.2.1", "/guardian/enroll?ticket=x")
        .await
        .expect(429);
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.text().contains("<h1"), "{}", refused.text());
    assert!(refused.header("content-type").starts_with("text/html"));
    page("192.0.2.1", "/nothing-here").await.expect(429);
    page("192.0.2.2", "/guardian/enroll").await.expect(401);
    for path in ["/healthz", "/static/site.css"] {
        page("192.0.2.1", path).await.expect(200);
    }
    app.clock.advance(Duration::from_secs(1));
    page("192.0.2.1", "/guardian/enroll").await.expect(401);
}

#[actix_web::test]
async fn who_asks_for_tokens_too_often_waits_before_the_secret_is_looked_at() {
    let app = start(2, 1).await;
    let (client, secret) = app.client(&[scopes::READ_TICKETS]).await;
    let token = async |peer: &str, secret: &str| {
        let body = json!({ "grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret });
        app.post("/oauth/token").from(peer).json(&body).send().await
    };
    for peer in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] {
        token(peer, "wrong").await.expect(401);
    }
    let refused = token("192.0.2.5", &secret).await.expect(429);
    let id = client.client_id.as_str();
    let form = [("client_id", id), ("client_secret", &secret)];
    let pushed = app.post("/oauth/par").from("192.0.2.6").form(&form);
    let pushed = pushed.send().await.expect(429);
    assert_eq!(pushed.json()["error"], "too_many_requests");
    assert_eq!(refused.json()["error"], "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    app.clock.advance(Duration::from_secs(5));
    token("192.0.2.5", &secret).await.expect(200);
    let strangers = async |peer: &str| {
        let body =
            json!({ "grant_type": "client_credentials", "client_id": "x", "client_secret": "y" });
        app.post("/oauth/token").from(peer).json(&body).send().await
    };
    for _ in 0..10 {
        strangers("192.0.2.9").await.expect(401);
    }
    strangers("192.0.2.9").await.expect(429);
    strangers("192.0.2.8").await.expect(401);
}

#[actix_web::test]
async fn a_call_comes_from_its_peer_or_from_whom_a_trusted_proxy_names() {
    let app = start(0, 1).await;
    let token = app.token().await;
    let ip_of = async |peer: &str, forwarded: &[&str]| {
        let mut asking = app.post("/api/v2/guardian/enrollments/ticket").from(peer);
        for line in forwarded {
            asking = asking.header("x-forwarded-for", line);
        }
        let asking = asking.header("forwarded", "for=192.0.2.66");
        let made = asking
            .bearer(&token)
            .json(&for_otp("auth0|ada"))
            .send()
            .await;
        let shown = app.get(&path_of(&made.expect(200).json())).bearer(&token);
        let timeline = shown.send().await.json()["timeline"].clone();
        timeline[0]["ip"].as_str().unwrap().to_owned()
    };
    let stranger = PEER.split(':').next().unwrap();
    assert_eq!(ip_of(stranger, &["192.0.2.1"]).await, stranger);
    assert_eq!(
        ip_of("10.0.0.5", &["6.6.6.6", "192.0.2.1, 10.0.0.9"]).await,
        "192.0.2.1"
    );
    assert_eq!(ip_of("10.0.0.5", &["192.0.2.1, junk"]).await, "10.0.0.5");
    assert_eq!(
        ip_of("::ffff:10.0.0.5", &["::ffff:192.0.2.1"]).await,
        "192.0.2.1"
    );
    new_ticket(&app, &token, &for_otp("auth0|ada")).await;

    let page = async |peer: &str, forwarded: &str| {
        let asking = app.get("/guardian/enroll").from(peer);
        let asking = asking.header("x-forwarded-for", forwarded);
        asking
            .header("host", "mfa.example.com")
            .send()
            .await
            .status
            .as_u16()
    };
    for claimed in 0..10 {
        assert_eq!(page(stranger, &format!("192.0.2.{claimed}")).await, 401);
    }
    assert_eq!(
        page(stranger, "192.0.2.77").await,
        429,
        "claims change nothing"
    );
    for claimed in 0..10 {
        assert_eq!(
            page("10.0.0.5", &format!("6.6.6.{claimed}, 192.0.2.1")).await,
            401
        );
    }
    assert_eq!(page("10.0.0.5", "6.6.6.66, 192.0.2.1").await, 429);
    assert_eq!(
        page("10.0.0.5", "192.0.2.2").await,
        401,
        "another behind the same proxy"
    );
}
