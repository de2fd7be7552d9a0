//! A developer opens `/docs`.

use crate::support::app::TestApp;

#[actix_web::test]
async fn the_reader_comes_from_here_alone() {
    let app = TestApp::start().await;
    let page = app.get("/docs").send().await.expect(200);
    let csp = page.header("content-security-policy");
    assert!(csp.starts_with("default-src 'none';"), "{csp}");
    for loose in ["unsafe", "http:", "https:", "*"] {
        assert!(!csp.contains(loose), "{csp}");
    }
    let parts: Vec<&str> = page
        .text()
        .split('"')
        .filter(|word| word.starts_with("/docs/"))
        .collect();
    assert_eq!(parts.len(), 4);
    for part in parts {
        let answer = app.get(part).send().await.expect(200);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.body.is_empty() && answer.header("content-type").starts_with("text/"));
    }
    for missing in [
        "/docs/index.html",
        "/docs/oauth2-redirect.js",
        "/docs/..%2fCargo.toml",
    ] {
        app.get(missing).send().await.expect(404);
    }
}
