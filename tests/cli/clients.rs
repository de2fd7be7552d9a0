//! API clients and their tokens.

use crate::place::Place;

#[test]
fn a_secret_is_shown_once_and_kept_as_a_hash() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Back end", "--scope", "read:users"]);
    let secret = made["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("tss_") && secret.len() > 40);
    assert_eq!(made["scope"], "read:users");
    let list = place.ok(&["client", "list"]);
    assert!(list.contains("Back end") && !list.contains(secret));
    for file in crate::place::files(&place.path("data")) {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!found, "{} holds the secret", file.display());
    }
}

#[test]
fn a_deleted_client_is_gone() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Back end"]);
    let id = made["client_id"].as_str().unwrap();
    assert!(place.ok(&["client", "delete", id]).contains("Deleted"));
    let why = place.refused(&["client", "delete", id]);
    assert!(why.contains("there is no client"), "{why}");
    let why = place.refused(&["token", "--client", id]);
    assert!(why.contains("tessera client list"), "{why}");
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let place = Place::new();
    for args in [
        &["client", "create", "x", "--scope", "read:everything"][..],
        &["client", "delete", "cli_1"],
        &["token", "--ttl", "2d"],
        &["ticket", "show", "gten_1"],
        &["--set", "listen"],
        &["fly"],
    ] {
        assert_eq!(place.run(args).status.code(), Some(2), "{args:?}");
    }
    assert!(!place.path("data").exists(), "nothing was begun");
    assert!(place.refused(&["client", "create", " "]).contains("NAME"));
}

#[test]
fn where_clients_were_made_by_hand_none_is_made_up() {
    let place = Place::new();
    place.ok(&["client", "create", "One"]);
    place.ok(&["token"]);
    place.ok(&["client", "create", "Two"]);
    let why = place.refused(&["token"]);
    assert!(why.contains("--client cli_"), "{why}");
    assert!(!place.ok(&["client", "list"]).contains("development"));
}

#[test]
fn production_makes_no_client_by_itself() {
    let place = Place::new();
    place.write("tessera.toml", super::settings::PRODUCTION);
    let why = place.refused(&["token"]);
    assert!(why.contains("tessera client create"), "{why}");
    assert_eq!(place.json(&["client", "list"]), serde_json::json!([]));
}

const URI: &str = "https://shop.example.com/callback";

#[test]
fn an_application_leads_back_to_where_the_admin_says_and_nowhere_else() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Shop", "--redirect-uri", URI]);
    assert_eq!(made["redirect_uris"], serde_json::json!([URI]));
    assert_eq!(made["scope"], "", "it calls no management API");
    assert!(made["client_secret"].as_str().unwrap().starts_with("tss_"));
    let id = made["client_id"].as_str().unwrap();
    assert!(place.ok(&["client", "list"]).contains(URI));
    let local = "http://localhost:5000/callback";
    let two = [
        "client",
        "update",
        id,
        "--redirect-uri",
        URI,
        "--redirect-uri",
        local,
    ];
    assert_eq!(
        place.json(&two)["redirect_uris"],
        serde_json::json!([URI, local])
    );
    place.ok(&["client", "update", id, "--redirect-uri", local]);
    let list = place.json(&["client", "list"]);
    assert_eq!(list[0]["redirect_uris"], serde_json::json!([local]));
    assert!(list[0].get("client_secret").is_none());
    for odd in [
        "http://shop.example.com/",
        "https://*.example.com/",
        "shop",
        "https://a/#b",
    ] {
        let why = place.refused(&["client", "update", id, "--redirect-uri", odd]);
        assert!(why.contains("--redirect-uri") && why.contains(odd), "{why}");
    }
    assert!(
        place
            .refused(&["client", "update", id])
            .contains("--redirect-uri")
    );
}

#[test]
fn a_client_gets_its_tokens_signed_as_the_admin_says() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Shop", "--redirect-uri", URI]);
    assert_eq!(made["signing_alg"], "RS256");
    let id = made["client_id"].as_str().unwrap();
    let update = |alg| ["client", "update", id, "--signing-alg", alg];
    assert_eq!(place.json(&update("ES256"))["signing_alg"], "ES256");
    let back = place.json(&["client", "update", id, "--redirect-uri", URI]);
    assert_eq!(back["signing_alg"], "ES256", "it stays");
    let refused = place.run(&update("HS256"));
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        refused.err.contains("must be RS256 or ES256"),
        "{}",
        refused.err
    );
    let back_end = place.json(&["client", "create", "x", "--signing-alg", "ES256"]);
    let token = place.ok(&["token", "--client", back_end["client_id"].as_str().unwrap()]);
    let header = token.split('.').next().unwrap();
    let header = data_encoding::BASE64URL_NOPAD
        .decode(header.as_bytes())
        .unwrap();
    assert!(String::from_utf8(header).unwrap().contains("\"ES256\""));
}

#[test]
fn an_application_that_signs_has_no_secret() {
    let place = Place::new();
    let jwks = r#"{ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }"#;
    place.write("keys.json", jwks);
    place.write(
        "private.json",
        &jwks.replace("\"x\"", "\"d\": \"AA\", \"x\""),
    );
    let create = [
        "client",
        "create",
        "Shop",
        "--redirect-uri",
        URI,
        "--auth-method",
        "private_key_jwt",
    ];
    let file = |name: &str| place.path(name).display().to_string();
    let made = place.json(&[&create[..], &["--jwks", &file("keys.json")]].concat());
    assert!(made.get("client_secret").is_none());
    assert_eq!(made["auth_method"], "private_key_jwt");
    let id = made["client_id"].as_str().unwrap();
    place.ok(&["client", "update", id, "--jwks", &file("keys.json")]);
    assert!(place.refused(&create).contains("--jwks"));
    let why = place.refused(&[&create[..], &["--jwks", &file("private.json")]].concat());
    assert!(why.contains("public keys alone"), "{why}");
    let why = place.refused(&[&create[..], &["--jwks", &file("none.json")]].concat());
    assert!(why.contains("none.json"), "{why}");
    let secret = place.json(&["client", "create", "Other", "--redirect-uri", URI]);
    let other = secret["client_id"].as_str().unwrap();
    let why = place.refused(&["client", "update", other, "--jwks", &file("keys.json")]);
    assert!(why.contains("private_key_jwt"), "{why}");
}

#[test]
fn an_application_is_not_whom_a_token_is_made_for() {
    let place = Place::new();
    let shop = place.json(&["client", "create", "Shop", "--redirect-uri", URI]);
    assert!(
        place.ok(&["token"]).contains('.'),
        "development makes its own client"
    );
    let list = place.ok(&["client", "list"]);
    assert!(list.contains("development") && list.contains(shop["client_id"].as_str().unwrap()));
}
