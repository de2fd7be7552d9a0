//! Keys: listed, rotated while a server runs, removed.

use std::time::{Duration, Instant};

use crate::place::Place;

#[tokio::test]
async fn a_signing_key_is_rotated_while_the_server_runs() {
    let place = Place::new();
    let server = place.serve();
    let token = place.ok(&["token"]);
    let listed = place.json(&["keys", "list"]);
    let first = listed["signing"][0]["kid"].as_str().unwrap();
    for (key, alg) in [(0, "RS256"), (1, "ES256")] {
        let key = &listed["signing"][key];
        assert_eq!(key["alg"], alg);
        assert_eq!(key["state"], "signs");
        let why = place.refused(&["keys", "remove", key["kid"].as_str().unwrap()]);
        assert!(why.contains("only signing key of its algorithm"), "{why}");
        assert!(why.contains("`tessera keys rotate signing`"), "{why}");
    }

    let made = place.json(&["keys", "rotate", "signing"]);
    assert_eq!(made.as_array().unwrap().len(), 2);
    for (key, alg) in [(0, "RS256"), (1, "ES256")] {
        assert_eq!(made[key]["alg"], alg);
        assert_eq!(made[key]["state"], "published");
    }
    let (second, from) = (made[0]["kid"].as_str().unwrap(), &made[0]["signs_from"]);
    let told = place.ok(&["keys", "list"]);
    let line = format!("signs from {}", from.as_str().unwrap());
    assert!(told.contains(&line) && told.contains(first), "{told}");
    assert_eq!(told.matches("ES256").count(), 2, "{told}");

    let http = reqwest::Client::new();
    let call = |token: &str| {
        let call = http.get(server.url("/api/v2/users"));
        let call = call.bearer_auth(token.trim());
        async { call.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(call(&token).await, 200);
    let set = reqwest::get(server.url("/.well-known/jwks.json")).await;
    assert!(set.unwrap().text().await.unwrap().contains(first));

    let why = place.refused(&["keys", "remove", "unknown"]);
    assert!(why.contains("`tessera keys list`"), "{why}");
    assert!(place.ok(&["keys", "remove", first]).contains("30 seconds"));
    let left = place.json(&["keys", "list"]);
    assert_eq!(left["signing"].as_array().unwrap().len(), 3);
    assert_eq!(left["signing"][0]["kid"], second);
    assert_eq!(left["signing"][0]["state"], "signs");
    // Made with the new key, which the server has not seen yet: it asks for unknown ones once a second.
    let token = place.ok(&["token"]);
    let until = Instant::now() + Duration::from_secs(30);
    while call(&token).await != 200 {
        assert!(Instant::now() < until, "the new key stays unknown");
    }
}
