//! A back end that uses Auth0's own SDK, unmodified.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::support::house::House;
use crate::support::skip;
use crate::support::visitor::Visitor;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/journeys/sdk.py");

#[tokio::test]
#[ignore = "needs Auth0's SDK: bash tests/run.sh"]
async fn the_sdk_of_auth0_creates_a_ticket_and_reads_what_was_enrolled() {
    let Some(python) = std::env::var_os("TESSERA_TEST_AUTH0_PYTHON") else {
        return skip::<()>("TESSERA_TEST_AUTH0_PYTHON names no Python with auth0-python")
            .unwrap_or_default();
    };
    let house = House::start().await;
    let token = house.admin_token().await;
    let run = Command::new(python)
        .arg(SCRIPT)
        .arg(house.url(""))
        .arg(&token)
        .stderr(Stdio::inherit())
        .output()
        .await
        .unwrap();
    assert!(run.status.success());
    let told: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(told["user_id"], "auth0|ada");
    assert_eq!(told["enrollments"], serde_json::json!([]));
    assert_eq!(told["switched"], true);
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
