//! Answers of browsers to the two ceremonies: read without a panic, and of all of them only right ones are taken. An
//! assertion is right in one way, as nobody else can sign; a new credential is whatever its key says, and yet of our
//! challenge, page and domain, with the person verified.
//!
//! Input: `r` and a registration in JSON, `a` and an assertion; `o` and the attestation object (CBOR) of a registration
//! that is right in all else, `d` and its authenticator data; `m`, `n` and a list of (position, mask) that change the
//! bytes of a right registration and of a right assertion.
#![no_main]

#[expect(dead_code, reason = "the tests bend its answers in other ways")]
#[path = "../../tests/support/token.rs"]
mod token;

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use tessera::core::{Rng, Urls};
use tessera::factors::webauthn::{
    self, Assertion, Begun, Registration, RelyingParty, Verification,
};
use tessera::factors::{Factor, Proved};
use token::{ATTESTED, Answer, PRESENT, Token, VERIFIED, hash};
use url::Url;
use webauthn_rs_proto::{PublicKeyCredential, RegisterPublicKeyCredential};

const ORIGIN: &str = "https://mfa.example.com";
const RP_ID: &str = "example.com";
const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const FACTOR: Factor = Factor::WebauthnRoaming;
/// Longer answers are not read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The same bytes in every run, so that the corpus stays what it is.
struct Known;

impl Rng for Known {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(9);
    }
}

/// What was asked, and the right answer to it.
struct Registering {
    begun: Begun,
    right: Answer,
}

struct Asserting {
    begun: Begun,
    material: Vec<u8>,
    right: Value,
}

static TOKEN: LazyLock<Token> = LazyLock::new(Token::known);
static REGISTERING: LazyLock<Registering> = LazyLock::new(|| {
    let begun = webauthn::begin(FACTOR, &party(), Verification::Required, "ada", &[], &Known);
    let begun = with_known_challenge(begun.unwrap());
    let right = TOKEN.register(&begun.options, ORIGIN);
    Registering { begun, right }
});
static ASSERTING: LazyLock<Asserting> = LazyLock::new(|| {
    let enrolled = register(&REGISTERING.right.json()).unwrap();
    let material = enrolled.material.to_vec();
    let begun = webauthn::ask(&party(), Verification::Required, &[&material]);
    let begun = with_known_challenge(begun.unwrap().unwrap());
    let right = TOKEN.assert(&begun.options, ORIGIN, 2, |_, _| {});
    assert!(assert(&right.to_string(), &begun, &material), "it is right");
    Asserting {
        begun,
        material,
        right,
    }
});

fn party() -> RelyingParty {
    let urls = Urls::new(&Url::parse(ORIGIN).unwrap());
    RelyingParty::new(&urls, Some(RP_ID), &[], "Example Bank").unwrap()
}

/// The challenge is the library's own, made anew each time.
fn with_known_challenge(mut begun: Begun) -> Begun {
    let made = begun.options["challenge"].as_str().unwrap().to_owned();
    let payload = String::from_utf8(begun.payload.to_vec()).unwrap();
    assert!(payload.contains(&made));
    begun.payload = payload.replace(&made, CHALLENGE).into_bytes().into();
    begun.options["challenge"] = json!(CHALLENGE);
    begun
}

fn register(answer: &str) -> Option<Proved> {
    let registration = Registration::new(FACTOR, answer.to_owned(), "Key", "Key");
    webauthn::check(&registration, &REGISTERING.begun.payload)
        .unwrap()
        .ok()
}

fn assert(answer: &str, begun: &Begun, material: &[u8]) -> bool {
    let assertion = Assertion::new(answer.to_owned());
    let named = assertion.credential_id();
    let told = webauthn::verify(&assertion, material, &begun.payload).unwrap();
    assert!(told.is_err() || named == Some(BASE64URL_NOPAD.encode(&TOKEN.id)));
    told.is_ok()
}

fuzz_target!(|input: &[u8]| {
    let Some((kind, rest)) = input.split_first() else {
        return;
    };
    match kind {
        b'r' => std::str::from_utf8(rest).into_iter().for_each(registers),
        b'a' => std::str::from_utf8(rest).into_iter().for_each(asserts),
        b'o' => registers(&with_object(rest.to_vec())),
        b'd' => registers(&with_object(object_of(rest))),
        b'm' => registers(&changed_registration(rest)),
        b'n' => asserts(&changed_assertion(rest)),
        _ => {}
    }
});

fn with_object(object: Vec<u8>) -> String {
    let mut answer = REGISTERING.right.clone();
    answer.attestation = Some(object);
    answer.json()
}

/// An attestation object that attests nothing.
fn object_of(data: &[u8]) -> Vec<u8> {
    let text = |text: &str| Cbor::Text(text.to_owned());
    let object = [
        (text("fmt"), text("none")),
        (text("attStmt"), Cbor::Map([].into())),
        (text("authData"), Cbor::Bytes(data.to_vec())),
    ];
    serde_cbor_2::to_vec(&Cbor::Map(object.into())).unwrap()
}

fn change(bytes: &mut Vec<u8>, changes: &[u8]) {
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % (bytes.len() + 8);
        match bytes.get_mut(at) {
            Some(byte) => *byte ^= change[2],
            None if change[2].is_multiple_of(2) => bytes.push(change[2]),
            None => {
                bytes.pop();
            }
        }
    }
}

/// Changes the client data (an even first byte) or the attestation object.
fn changed_registration(changes: &[u8]) -> String {
    let right: Value = serde_json::from_str(&REGISTERING.right.json()).unwrap();
    changed(right, &["clientDataJSON", "attestationObject"], changes)
}

fn changed_assertion(changes: &[u8]) -> String {
    let pieces = ["clientDataJSON", "authenticatorData", "signature"];
    changed(ASSERTING.right.clone(), &pieces, changes)
}

fn changed(mut answer: Value, pieces: &[&str], changes: &[u8]) -> String {
    if let Some((which, changes)) = changes.split_first() {
        let piece = &mut answer["response"][pieces[usize::from(*which) % pieces.len()]];
        let mut bytes = decoded(piece);
        change(&mut bytes, changes);
        *piece = json!(BASE64URL_NOPAD.encode(&bytes));
    }
    answer.to_string()
}

fn decoded(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap().as_bytes();
    BASE64URL_NOPAD.decode(text).unwrap()
}

/// Whoever is enrolled has said all that must be said.
fn registers(answer: &str) {
    let Some(proved) = register(answer) else {
        return;
    };
    assert!(answer.len() <= LONGEST_ANSWER);
    // Each byte may become a number in a list.
    assert!(proved.material.len() <= 8 * answer.len() + 4096);
    let read: RegisterPublicKeyCredential = serde_json::from_str(answer).unwrap();
    is_ours(&read.response.client_data_json, "webauthn.create");
    let object: Cbor = serde_cbor_2::from_slice(&read.response.attestation_object).unwrap();
    let Cbor::Map(object) = object else {
        panic!("the attestation object is no map");
    };
    let Some(Cbor::Bytes(data)) = object.get(&Cbor::Text("authData".to_owned())) else {
        panic!("there is no authenticator data");
    };
    assert_eq!(data[..32], hash(RP_ID.as_bytes()));
    let flags = PRESENT | VERIFIED | ATTESTED;
    assert_eq!(data[32] & flags, flags);
    let length = usize::from(u16::from_be_bytes([data[53], data[54]]));
    let id = &data[55..55 + length];
    assert!((1..=1023).contains(&length));
    assert_eq!(id, &*read.raw_id);
    let shown = BASE64URL_NOPAD.encode(id);
    assert_eq!(proved.credential_id, Some(shown.clone()));
    assert_eq!(
        (proved.facts["key_id"].as_str(), read.id),
        (Some(&*shown), shown.clone())
    );
}

fn is_ours(client: &[u8], kind: &str) {
    let client: Value = serde_json::from_slice(client).unwrap();
    let said = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        [said("type"), said("challenge"), said("origin")],
        [kind, CHALLENGE, ORIGIN]
    );
    assert!(client["crossOrigin"] != json!(true) && client["topOrigin"].is_null());
}

/// Nothing but what our key signed is taken, to the last bit.
fn asserts(answer: &str) {
    let asserting = &*ASSERTING;
    if !assert(answer, &asserting.begun, &asserting.material) {
        return;
    }
    let read: PublicKeyCredential = serde_json::from_str(answer).unwrap();
    let right = &asserting.right["response"];
    assert_eq!(
        *read.response.client_data_json,
        decoded(&right["clientDataJSON"])
    );
    assert_eq!(
        *read.response.authenticator_data,
        decoded(&right["authenticatorData"])
    );
    assert_eq!(*read.raw_id, TOKEN.id);
}
