//! The bearer token: only what an independent reading of the claims finds valid is let in.
//!
//! Input: `s`, a header and claims in JSON (a NUL between them), which the right key signs; anything else is the token.
#![no_main]

use std::sync::{Arc, LazyLock};

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tempfile::TempDir;
use tessera::access::keys::Loaded;
use tessera::access::{Keys, Signer, Tokens, scopes, sealing, tokens};
use tessera::core::{Algorithm, ClientId, Clock, Digest, OsRng, Timestamp, Urls};
use tessera::store::Store;
use tokio::runtime::{Builder, Runtime};
use url::Url;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const CLIENT: &str = "cli_0123456789abcdef0123456789abcdef";
/// Clocks of two instances may differ by this much.
const LEEWAY: i64 = 5;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Door {
    runtime: Runtime,
    tokens: Tokens,
    issued: String,
    keys: Arc<Loaded>,
    _folder: TempDir,
}

static DOOR: LazyLock<Door> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (tokens, issued) = runtime.block_on(open(&folder));
    let keys = runtime.block_on(tokens.keys.current(None)).unwrap();
    Door {
        runtime,
        tokens,
        issued,
        keys,
        _folder: folder,
    }
});

async fn open(folder: &TempDir) -> (Tokens, String) {
    let file = folder.path().join("tessera.db");
    let store = Store::open_sqlite(&file).await.unwrap();
    store.migrate().await.unwrap();
    let (id, digest): (ClientId, _) = (CLIENT.parse().unwrap(), Digest::of(b"secret"));
    let mut tx = store.begin_write().await.unwrap();
    let scopes = scopes::ALL.join(" ");
    let client = tx.insert_client(&id, "Back end", &digest, &scopes, NOW);
    let client = client.await.unwrap();
    tx.commit().await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let sealer = sealing::open_sealer(&store, folder.path(), &OsRng)
        .await
        .unwrap();
    let keys = Keys::open(store.clone(), sealer, Arc::clone(&clock), &OsRng);
    let urls = Urls::new(&Url::parse("https://mfa.example.com").unwrap());
    let tokens = Tokens::new(store, keys.await.unwrap(), clock, urls);
    let issued = tokens.issue(&client, tokens::LIFETIME).await.unwrap();
    (tokens, issued.access_token)
}

fuzz_target!(|input: &[u8]| {
    let door = &*DOOR;
    let (token, valid) = match input.split_first() {
        Some((b's', parts)) => signed(door, parts),
        _ => {
            let Ok(token) = std::str::from_utf8(input) else {
                return;
            };
            (token.to_owned(), token == door.issued)
        }
    };
    let let_in = door.runtime.block_on(door.tokens.verify(&token)).is_ok();
    assert!(valid || !let_in, "{}", String::from_utf8_lossy(input));
    assert!(let_in || token != door.issued);
});

/// A token with these contents under a right signature, and whether it is to be let in.
fn signed(door: &Door, parts: &[u8]) -> (String, bool) {
    let at = parts
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(parts.len());
    // The names of the keys are others in every run: the corpus has words in their place.
    let [rsa, ec] = Algorithm::ALL.map(|alg| door.keys.signing(alg, NOW).unwrap());
    let header = String::from_utf8_lossy(&parts[..at]);
    let header = header.replace("KID", &rsa.kid).replace("KEC", &ec.kid);
    // The key that the header names signs, by its own algorithm.
    let signer = if header.contains(&ec.kid) { ec } else { rsa };
    let claims = parts.get(at + 1..).unwrap_or_default();
    let content = [header.as_bytes(), claims].map(|part| BASE64URL_NOPAD.encode(part));
    let content = content.join(".");
    let signature = BASE64URL_NOPAD.encode(&signer.sign(content.as_bytes()).unwrap());
    let valid = is_header(&header, signer) && serde_json::from_slice(claims).is_ok_and(is_valid);
    (format!("{content}.{signature}"), valid)
}

fn is_header(text: &str, signer: &Signer) -> bool {
    let header: Value = serde_json::from_str(text).unwrap_or_default();
    let named = header["alg"] == signer.alg.name() && header["kid"] == signer.kid;
    named && header["typ"] == "JWT"
}

fn is_valid(claims: Value) -> bool {
    let now = NOW.seconds();
    let time = |name: &str| claims[name].as_i64();
    let whose = claims["azp"].as_str() == Some(CLIENT);
    let texts = ["sub", "gty", "scope"];
    whose
        && texts.iter().all(|name| claims[*name].is_string())
        && claims["iss"] == "https://mfa.example.com/"
        && claims["aud"] == "https://mfa.example.com/api/v2/"
        && time("exp").is_some_and(|exp| exp > now)
        && time("nbf").is_some_and(|nbf| nbf <= now + LEEWAY)
        && time("iat").is_some_and(|iat| iat <= now + LEEWAY)
}
