//! `templates/README.md` says what the templates are today.

use std::fs;
use std::path::Path;

use tessera::views::{BuiltIns, reference};

/// What is above is written by hand.
const FROM_HERE: &str = "<!-- From here on it is generated: see CONTRIBUTING.md. -->\n";

#[test]
fn the_reference_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (by_hand, generated) = text.split_once(FROM_HERE).unwrap();
    let mut samples = tessera::pages::samples();
    samples.extend(tessera::delivery::samples());
    let fresh = reference(&BuiltIns::compiled_in(), &samples);
    if std::env::var_os("TESSERA_UPDATE_REFERENCE").is_some() {
        fs::write(&path, format!("{by_hand}{FROM_HERE}{fresh}")).unwrap();
        return;
    }
    let line = fresh
        .lines()
        .zip(generated.lines())
        .find(|(fresh, old)| fresh != old);
    assert!(
        fresh == generated,
        "stale from {line:?} on; run: TESSERA_UPDATE_REFERENCE=1 cargo test --test views the_reference_is_fresh"
    );
}
