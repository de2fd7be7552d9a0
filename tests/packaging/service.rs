//! The systemd unit.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support;

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/tessera.service");

/// In tenths, as `--threshold` takes it: 2.0 of 10.
const EXPOSED_AT_MOST: &str = "20";

#[test]
#[ignore = "needs systemd: bash tests/run.sh"]
fn it_is_locked_in() {
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager"])
        .arg(format!("--threshold={EXPOSED_AT_MOST}"))
        .arg(UNIT)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{told}");
    assert!(told.contains("Overall exposure level"), "{told}");
}

#[test]
fn its_configuration_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = Path::new(UNIT).with_file_name("tessera.toml");
    let config = folder.path().join("tessera.toml");
    std::fs::copy(shipped, &config).unwrap();
    let checked = support::tessera()
        .args(["config", "check", "--json", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(told.to_string().contains("/var/lib/tessera"), "{told}");
}
