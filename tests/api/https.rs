//! Behind a proxy that also speaks plain http (H8).

use actix_web::http::Method;

use crate::problem;
use crate::support::app::{Answer, Database, PUBLIC_URL, Setup, TestApp};

const PAGES: [&str; 5] = [
    "/guardian/enroll?ticket=gten_0.secret&lang=de",
    "/guardian/enroll",
    "/guardian/enroll/otp",
    "/",
    "//evil.example/%2e%2e?a=b",
];

/// A server whose requests come through a proxy that it trusts, or through one that it does not.
async fn behind(proxy: &str) -> TestApp {
    let setup = Setup {
        trusted_proxies: vec![proxy.parse().unwrap()],
        ..Setup::default()
    };
    TestApp::with(Database::Sqlite, setup).await
}

async fn ask(app: &TestApp, method: Method, path: &str, scheme: &str) -> Answer {
    let request = app.request(method, path).header("host", "mfa.example.com");
    request.header("x-forwarded-proto", scheme).send().await
}

#[actix_web::test]
async fn a_visitor_is_led_to_https_and_keeps_the_link() {
    let app = behind("203.0.113.0/24").await;
    for scheme in ["http", "HTTP", "http, https"] {
        for path in PAGES {
            for method in [Method::GET, Method::HEAD] {
                let answer = ask(&app, method, path, scheme).await.expect(308);
                assert_eq!(answer.header("location"), format!("{PUBLIC_URL}{path}"));
                assert_eq!(answer.header("referrer-policy"), "no-referrer");
                assert_eq!(answer.header("cache-control"), "no-store");
                assert_eq!(answer.header("strict-transport-security"), "");
                assert_eq!(answer.header("set-cookie"), "");
            }
            let posted = ask(&app, Method::POST, path, scheme).await.expect(403);
            assert_eq!(posted.header("location"), "");
        }
    }
    for scheme in ["https", "https, http", "", "wss"] {
        let answer = ask(&app, Method::GET, "/guardian/enroll", scheme).await;
        assert_eq!(answer.status, 401, "{scheme}");
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=")
        );
    }
}

#[actix_web::test]
async fn a_back_end_is_refused_and_never_redirected() {
    let app = behind("203.0.113.7/32").await;
    let token = app.token().await;
    for (method, path) in [
        (Method::GET, "/api/v2/users"),
        (Method::POST, "/api/v2/guardian/enrollments/ticket"),
        (Method::DELETE, "/api/v2/users/a"),
        (Method::GET, "/api/v2/nothing"),
    ] {
        let request = app
            .request(method, path)
            .header("x-forwarded-proto", "http");
        let answer = request.bearer(&token).send().await;
        assert_eq!(
            problem(&answer, 403)["errorCode"],
            "https_required",
            "{path}"
        );
        assert_eq!(answer.header("location"), "");
    }
    for path in ["/oauth/token", "/oauth/par"] {
        let answer = ask(&app, Method::POST, path, "http").await.expect(403);
        assert_eq!(answer.json()["error"], "invalid_request");
    }
    for path in ["/healthz", "/readyz"] {
        ask(&app, Method::GET, path, "http").await.expect(200);
    }
}

#[actix_web::test]
async fn a_stranger_cannot_say_how_it_came() {
    for proxy in ["203.0.113.8/32", "::ffff:203.0.113.7/128", "10.0.0.0/8"] {
        let app = behind(proxy).await;
        ask(&app, Method::GET, "/guardian/enroll", "http")
            .await
            .expect(401);
        ask(&app, Method::GET, "/api/v2/nothing", "http")
            .await
            .expect(404);
    }
}
