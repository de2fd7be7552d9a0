//! Looks for secrets in whatever bytes it is shown, however they are written down.

use std::fmt::Write as _;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL, HEXLOWER};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Shorter secrets are codes, which are looked for standing alone.
const SHORTEST: usize = 10;

/// The secrets of one story, by name.
#[derive(Default)]
pub struct Secrets {
    known: Vec<(String, Vec<u8>)>,
    codes: Vec<String>,
    labelled: Vec<String>,
}

/// Finds any of them in one pass.
pub struct Hunt {
    needles: AhoCorasick,
    names: Vec<String>,
    /// The needles from this one on are codes.
    codes_from: usize,
}

impl Secrets {
    pub fn add(&mut self, name: &str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref().to_vec();
        assert!(
            secret.len() >= SHORTEST,
            "{name} is too short to be looked for"
        );
        if !self.known.iter().any(|(_, known)| *known == secret) {
            self.known.push((name.to_owned(), secret));
        }
    }

    /// A one-time code: too short to be looked for within other text.
    pub fn add_code(&mut self, code: &str) {
        self.codes.push(code.to_owned());
    }

    /// A value of two digits, which stand everywhere: looked for beside its name alone.
    pub fn add_labelled(&mut self, label: &str, value: &str) {
        for between in [
            "=",
            ":",
            ": ",
            "\":\"",
            "\": \"",
            "\":",
            "\": ",
            ": \"",
            ": Some(\"",
            "=\"",
            "%3D",
        ] {
            self.labelled.push(format!("{label}{between}{value}"));
        }
    }

    pub fn hunt(&self) -> Hunt {
        let mut needles = Vec::new();
        let mut names = Vec::new();
        for (name, secret) in &self.known {
            for (form, bytes) in spellings(secret) {
                names.push(format!("{name} ({form})"));
                needles.push(bytes);
            }
        }
        let codes_from = needles.len();
        for code in self.codes.iter().chain(&self.labelled) {
            names.push(format!("the code {code}"));
            needles.push(code.clone().into_bytes());
        }
        Hunt {
            needles: AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .build(needles)
                .unwrap(),
            names,
            codes_from,
        }
    }
}

impl Hunt {
    /// Which secrets are in these bytes.
    pub fn find(&self, bytes: &[u8]) -> Vec<String> {
        let mut found: Vec<String> = self
            .needles
            .find_overlapping_iter(bytes)
            .filter(|hit| {
                hit.pattern().as_usize() < self.codes_from || stands_alone(bytes, hit.range())
            })
            .map(|hit| self.names[hit.pattern().as_usize()].clone())
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

/// How bytes may be written down; letters of either case are the same.
fn spellings(secret: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut forms = vec![
        ("raw".to_owned(), secret.to_vec()),
        ("hex".to_owned(), HEXLOWER.encode(secret).into_bytes()),
        (
            "base32".to_owned(),
            BASE32_NOPAD.encode(secret).into_bytes(),
        ),
        (
            "UTF-16".to_owned(),
            secret.iter().flat_map(|byte| [*byte, 0]).collect(),
        ),
    ];
    // Inside a longer base64 text, a secret begins at one of three places; its edges depend on what is beside it.
    for shift in 0..3 {
        let shifted = [&[0; 3][..shift], secret].concat();
        let (from, cut) = (if shift == 0 { 0 } else { 4 }, shifted.len() % 3);
        for (name, encoding) in [("base64", BASE64), ("base64url", BASE64URL)] {
            let text = encoding.encode(&shifted);
            let until = text.len() - if cut == 0 { 0 } else { 4 };
            forms.push((
                format!("{name}+{shift}"),
                text.as_bytes()[from..until].to_vec(),
            ));
        }
    }
    for separator in [", ", ","] {
        let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
        forms.push(("numbers".to_owned(), numbers.join(separator).into_bytes()));
    }
    let mut escaped = String::new();
    for byte in secret {
        write!(escaped, "\\x{byte:02x}").unwrap();
    }
    forms.push(("escaped".to_owned(), escaped.into_bytes()));
    forms.push((
        "debug".to_owned(),
        secret.escape_ascii().to_string().into_bytes(),
    ));
    if let Ok(text) = std::str::from_utf8(secret) {
        let once = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let twice = utf8_percent_encode(&once, NON_ALPHANUMERIC).to_string();
        let json = serde_json::to_string(text).unwrap();
        let json = json.trim_matches('"').to_owned();
        let again = serde_json::to_string(&json).unwrap();
        let backwards = text.chars().rev().collect();
        for (name, form) in [
            ("percent-encoded", once),
            ("percent-encoded twice", twice),
            ("JSON", json),
            ("JSON in JSON", again.trim_matches('"').to_owned()),
            ("backwards", backwards),
        ] {
            forms.push((name.to_owned(), form.into_bytes()));
        }
    }
    forms
}

/// Whether what is here stands alone: inside longer numbers and ids it means nothing.
fn stands_alone(bytes: &[u8], here: Range<usize>) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    let before = here
        .start
        .checked_sub(1)
        .and_then(|before| bytes.get(before));
    !is_word(before) && !is_word(bytes.get(here.end))
}

/// A hunt that finds nothing proves nothing unless it would have found something.
#[test]
fn a_planted_secret_is_found_however_it_is_written() {
    let link = "9hjkmnpqrstvwxyz23456789bcdfgh";
    let seed: Vec<u8> = (200..220).collect();
    let mut secrets = Secrets::default();
    secrets.add("the link", link);
    secrets.add("the seed", &seed);
    secrets.add_code("123456");
    secrets.add_labelled("number", "42");
    let hunt = secrets.hunt();

    let json = |text: &str| serde_json::json!({ "message": text, "more": [text, 1] }).to_string();
    let mut plants: Vec<(&str, Vec<u8>)> = vec![
        (
            "the link",
            format!("GET /guardian/enroll?ticket=gten_0.{link} HTTP/1.1").into_bytes(),
        ),
        ("the link", link.to_uppercase().into_bytes()),
        ("the link", json(&format!("ticket={link}")).into_bytes()),
        (
            "the link",
            HEXLOWER.encode(link.as_bytes()).to_uppercase().into_bytes(),
        ),
        ("the link", format!("{:?}", link.as_bytes()).into_bytes()),
        (
            "the link",
            link.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("the seed", seed.clone()),
        ("the seed", format!("{seed:?}").into_bytes()),
        (
            "the seed",
            format!("\\x{}", HEXLOWER.encode(&seed)).into_bytes(),
        ),
        (
            "the seed",
            BASE32_NOPAD.encode(&seed).to_lowercase().into_bytes(),
        ),
        (
            "the seed",
            format!("b\"{}\"", seed.escape_ascii()).into_bytes(),
        ),
        ("the code", b"{\"code\":\"123456\"}".to_vec()),
        ("the code", b"code=123456&csrf=x".to_vec()),
        ("the code number", b"{\"number\":\"42\"}".to_vec()),
        (
            "the code number",
            b"Asked { number: Some(\"42\") }".to_vec(),
        ),
        ("the code number", b"decision=approve&number=42".to_vec()),
    ];
    for before in 0..7 {
        for (name, secret) in [("the link", link.as_bytes()), ("the seed", &seed)] {
            let whole = [&b"x=1:abc"[..before], secret, &b" and more"[..before]].concat();
            for encoding in [
                BASE64,
                BASE64URL,
                data_encoding::BASE64_NOPAD,
                data_encoding::BASE64URL_NOPAD,
            ] {
                plants.push((name, encoding.encode(&whole).into_bytes()));
            }
        }
    }
    for (name, plant) in plants {
        let noise = [&[0x00, 0xff, b'\n'], &plant[..], &[b'\n', 0x80]].concat();
        let found = hunt.find(&noise);
        assert!(
            found.iter().any(|found| found.starts_with(name)),
            "{name} in {plant:?}: {found:?}"
        );
    }
    for innocent in [
        "",
        "gten_019377a1b2c3d4e5f60718293a4b5c6d",
        "1234567",
        "a123456",
        "0.123456",
        "42",
        "number=421",
        "9hjkmnpqrst",
    ] {
        assert_eq!(
            hunt.find(innocent.as_bytes()),
            Vec::<String>::new(),
            "{innocent}"
        );
    }
}
