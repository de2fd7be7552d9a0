//! A program reads `/openapi.json`, makes up requests by the thousand, and holds every answer against it.

use std::fs;

use serde_json::Value;
use tessera::access::scopes;
use tokio::process::Command;

use crate::support::house::House;
use crate::support::skip;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/journeys/schemathesis");
/// For each operation; `TESSERA_TEST_EXAMPLES` says another number.
const EXAMPLES: &str = "10";
const SEED: &str = "20260101";

#[tokio::test]
#[ignore = "needs schemathesis: bash tests/run.sh"]
async fn made_up_requests_are_answered_as_described() {
    let Some(program) = std::env::var_os("TESSERA_TEST_SCHEMATHESIS") else {
        return skip::<()>("TESSERA_TEST_SCHEMATHESIS names no schemathesis").unwrap_or_default();
    };
    let setting = |name: &str, usual: &str| std::env::var(name).unwrap_or(usual.to_owned());
    for house in House::start_on_each().await {
        let (client, secret) = house.client(&scopes::ALL).await;
        let missed = house.dir.path().join("missed.json");
        let run = Command::new(&program)
            .args(["--config-file", "schemathesis.toml", "run"])
            .arg(house.url("/openapi.json"))
            .args([
                "--max-examples",
                &setting("TESSERA_TEST_EXAMPLES", EXAMPLES),
            ])
            .args(["--seed", &setting("TESSERA_TEST_SEED", SEED)])
            .current_dir(FOLDER)
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TESSERA_TOKEN", house.admin_token().await)
            .env("TESSERA_CLIENT_ID", client.as_str())
            .env("TESSERA_CLIENT_SECRET", secret.as_str())
            .env("TESSERA_MISSED", &missed)
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{told}");
        let missed: Value = serde_json::from_slice(&fs::read(&missed).unwrap()).unwrap();
        println!(
            "{}\nnot met: {missed}",
            told.lines().rev().take(12).collect::<Vec<_>>().join("\n")
        );
    }
}
