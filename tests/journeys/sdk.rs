//! A back end that uses Auth0's own SDK, unmodified.

use std::ffi::OsString;
use std::net::TcpListener;

use serde_json::Value;
use tokio::process::Command;

use crate::support::house::House;
use crate::support::place::Place;
use crate::support::skip;
use crate::support::smtp::write_certificates;
use crate::support::visitor::Visitor;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/journeys/sdk.py");

fn python() -> Option<OsString> {
    std::env::var_os("TESSERA_TEST_AUTH0_PYTHON")
        .or_else(|| skip("TESSERA_TEST_AUTH0_PYTHON names no Python with auth0-python"))
}

#[tokio::test]
#[ignore = "needs Auth0's SDK: bash tests/run.sh"]
async fn the_sdk_of_auth0_creates_a_ticket_and_reads_what_was_enrolled() {
    let Some(python) = python() else { return };
    let house = House::start().await;
    let token = house.admin_token().await;
    let told = told_by(Command::new(python).args([SCRIPT, &house.url(""), &token])).await;
    assert_eq!(told["user_id"], "auth0|ada");
    assert_eq!(told["enrollments"], serde_json::json!([]));
    assert_eq!(told["switched"], true);
    let brought = &told["brought"];
    assert!(brought["id"].as_str().unwrap().starts_with("totp|dev_"));
    assert_eq!(brought["totp_secret"], "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    assert_eq!(brought["recovery_code"].as_str().unwrap().len(), 24);
    assert_eq!(
        brought["listed"],
        serde_json::json!(["totp", "recovery-code"])
    );
    assert_eq!(
        brought["renamed"],
        serde_json::json!(["Work phone", "Work phone", true])
    );
    assert_eq!(brought["second"], 409);
    assert_eq!(brought["replaced"], serde_json::json!(["New app"]));
    assert_eq!(brought["left"], serde_json::json!([]));
    let (a, b) = ("https://shop.example.com/a", "https://shop.example.com/b");
    let registered = serde_json::json!({
        "secret": "tss_", "method": "client_secret_post", "listed": true, "callbacks": [[a], [b], [b]],
        "alg": ["RS256", "ES256"], "gone": 404,
    });
    assert_eq!(told["registered"], registered);
    let stored = serde_json::json!({
        "kept": [true, true, true], "only": null, "off": false, "broken": 400,
        "absent": [404, "inexistent_email_template"], "made": ["enrollment_email", "Hello", "tera", null],
        "again": 409, "set": "Salut", "changed": false, "shown": ["Salut", false], "liquid": 400,
    });
    assert_eq!(told["stored"], stored);
    assert_eq!(told["nobody"]["status"], 404);
    assert_eq!(told["nobody"]["body"]["errorCode"], "inexistent_user");
    assert_eq!(told["nothing"]["status"], 404);
    assert_eq!(told["misspelt"]["status"], 400);
    assert!(told["factors"].as_array().unwrap().contains(&"otp".into()));

    let mut ada = Visitor::at(told["ticket_url"].as_str().unwrap()).await;
    assert_eq!(
        ada.text("h1"),
        "Verbinden Sie Ihre Authenticator-App",
        "the page speaks the language of the mail"
    );
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
#[ignore = "needs Auth0's SDK: bash tests/run.sh"]
async fn over_https_the_sdk_of_auth0_fetches_its_own_token() {
    let Some(python) = python() else { return };
    let place = Place::new();
    let (certificate, key) = write_certificates(&place.path(""), false);
    place.set_mode("server.key", 0o600);
    // The SDK's domain is the host of the audience, port and all: it is known before the server starts.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let port = free.unwrap().port();
    let domain = format!("localhost:{port}");
    let settings = [
        format!("--set=public_url=https://{domain}"),
        format!("--set=http.listen=127.0.0.1:{port}"),
        format!("--set=http.tls_cert={}", certificate.display()),
        format!("--set=http.tls_key={}", key.display()),
    ];
    let settings = settings.each_ref().map(String::as_str);
    let _server = place.serve_with(&settings);
    let of_it = |verb: &[&str]| place.json(&[verb, &settings].concat());
    let client = of_it(&["client", "create", "Back end"]);
    let mut script = Command::new(python);
    script
        .args([SCRIPT, &domain])
        .args(["client_id", "client_secret"].map(|part| client[part].as_str().unwrap()))
        .env("SSL_CERT_FILE", place.path("ca.pem"));
    let told = told_by(&mut script).await;
    assert_eq!(told["user_id"], "auth0|ada");
    assert_eq!(told["misspelt"]["status"], 400);
    let link = told["ticket_url"].as_str().unwrap();
    let beginning = format!("https://{domain}/guardian/enroll?ticket=");
    assert!(link.starts_with(&beginning), "{link}");
    let listed = of_it(&["ticket", "list"]);
    assert_eq!(listed[0]["ticket_id"], told["ticket_id"]);
}

/// What the script printed when it succeeded.
async fn told_by(script: &mut Command) -> Value {
    let run = script.output().await.unwrap();
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{complaint}");
    serde_json::from_slice(&run.stdout).unwrap()
}
