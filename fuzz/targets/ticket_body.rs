//! A ticket's body, JSON or a form: never a panic; JSON is what a parser without serde takes for JSON; what is accepted
//! reads the same when it is written again.
//!
//! Input: `f` and a form, or anything else and JSON.
#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Number, Value, json};
use struson::reader::{JsonReader as _, JsonStreamReader, ReaderSettings, ValueType};
use tessera::api::ticket_body::asked;
use tessera::core::{Actor, Error, OsRng, Result, Sealer, Timestamp};
use tessera::factors::Switches;
use tessera::store::UserLimits;
use tessera::tickets::{Asked, CreateTicket, LONGEST_LIFETIME, Policy};
use tessera::web::Fields;
use url::Url;

/// The server takes JSON that is nested less deep than this.
const DEEPEST: u32 = 32;
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy {
    lifetime: LONGEST_LIFETIME,
    result_origins: vec![Url::parse("https://app.example.com").unwrap().origin()],
    auto_create: true,
    limits: UserLimits::default(),
});

fuzz_target!(|input: &[u8]| {
    let Some((kind, body)) = input.split_first() else {
        return;
    };
    let fields = if *kind == b'f' {
        Fields::form(body)
    } else {
        let fields = Fields::json(body);
        compare(body, fields.as_ref().map(|_| ()));
        fields
    };
    let Ok(accepted) = fields.and_then(asked) else {
        return;
    };
    assert_eq!(
        told(asked(Fields::json(&written(&accepted)).unwrap())),
        format!("{accepted:?}")
    );
    let Ok(ticket) = CreateTicket::parse(&accepted, &POLICY, &Switches::default()) else {
        return;
    };
    let sealer = Sealer::new(&[7; Sealer::KEY_BYTES]);
    let (row, issued) = ticket.issue(&Actor::command_line(), &sealer, NOW, &OsRng);
    assert_eq!(row.user_id.as_str(), accepted.user_id);
    assert_eq!(row.mail.is_some(), accepted.send_mail);
    assert!(issued.expires_at > NOW && issued.expires_at <= NOW + LONGEST_LIFETIME);
});

fn told(asked: Result<Asked>) -> String {
    format!("{:?}", asked.unwrap())
}

/// What was asked for, as another caller would write it.
fn written(asked: &Asked) -> Vec<u8> {
    let mut body = json!({
        "user_id": asked.user_id,
        "email": asked.email,
        "send_mail": asked.send_mail,
        "email_locale": asked.email_locale,
        "allow_multiple_enrollments": asked.allow_multiple_enrollments.to_string(),
        "ttl_sec": asked.ttl_sec,
        "result_url": asked.result_url,
    });
    if !asked.factor.is_empty() {
        body["factor"] = json!(asked.factor);
    }
    body.to_string().into_bytes()
}

/// Both parsers agree, but for what the server refuses on purpose.
fn compare(body: &[u8], ours: Result<(), &Error>) {
    match (ours, reference(body)) {
        (Ok(()), Ok(theirs)) => {
            assert!(!theirs.odd, "duplicate, deep or endless, and yet taken");
            let mut fields = Fields::json(body).unwrap();
            for (name, value) in theirs.members {
                let taken = fields.take(&name);
                let taken = taken.unwrap_or_default();
                assert!(alike(&taken, &value), "{name}: {taken} {value}");
            }
            assert!(fields.finish().is_ok(), "a member that is not there");
        }
        (Err(_), Ok(theirs)) => assert!(theirs.odd, "refused what is JSON: {ours:?}"),
        (Ok(()), Err(error)) => panic!("taken, but it is no JSON: {error}"),
        (Err(_), Err(_)) => {}
    }
}

/// The same, but for the last bit of a double: serde_json reads them fast rather than to the nearest.
fn alike(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) if ours.is_f64() && theirs.is_f64() => {
            let numbers = ours.as_f64().zip(theirs.as_f64());
            numbers.is_some_and(|(a, b)| a == b || (a - b).abs() <= a.abs() * 2.0 * f64::EPSILON)
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| alike(a, b))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let same = |(name, value): (&String, &Value)| {
                theirs.get(name).is_some_and(|other| alike(value, other))
            };
            ours.len() == theirs.len() && ours.iter().all(same)
        }
        _ => ours == theirs,
    }
}

struct Reference {
    members: Vec<(String, Value)>,
    /// Has what the server refuses although it is JSON.
    odd: bool,
}

fn reference(body: &[u8]) -> Result<Reference, String> {
    // It refuses numbers with large exponents unless it is told otherwise; JSON has no such limit.
    let settings = ReaderSettings {
        restrict_number_values: false,
        ..ReaderSettings::default()
    };
    let mut reader = JsonStreamReader::new_custom(body, settings);
    let mut found = Reference {
        members: Vec::new(),
        odd: false,
    };
    read_members(&mut reader, &mut found).map_err(|error| error.to_string())?;
    reader
        .consume_trailing_whitespace()
        .map_err(|error| error.to_string())?;
    let mut names = HashSet::new();
    found.odd |= found.members.iter().any(|(name, _)| !names.insert(name));
    Ok(found)
}

type Failed = Box<dyn std::error::Error>;

fn read_members(reader: &mut JsonStreamReader<&[u8]>, found: &mut Reference) -> Result<(), Failed> {
    reader.begin_object()?;
    while reader.has_next()? {
        let name = reader.next_name_owned()?;
        let value = read_value(reader, 0, &mut found.odd)?;
        found.members.push((name, value));
    }
    Ok(reader.end_object()?)
}

fn read_value(
    reader: &mut JsonStreamReader<&[u8]>,
    depth: u32,
    odd: &mut bool,
) -> Result<Value, Failed> {
    *odd |= depth >= DEEPEST;
    Ok(match reader.peek()? {
        ValueType::Null => {
            reader.next_null()?;
            Value::Null
        }
        ValueType::Boolean => Value::Bool(reader.next_bool()?),
        ValueType::String => Value::String(reader.next_string()?),
        ValueType::Number => number(&reader.next_number_as_string()?, odd),
        ValueType::Array => {
            reader.begin_array()?;
            let mut items = Vec::new();
            while reader.has_next()? {
                items.push(read_value(reader, depth + 1, odd)?);
            }
            reader.end_array()?;
            *odd |= depth + 1 >= DEEPEST;
            Value::Array(items)
        }
        ValueType::Object => {
            reader.begin_object()?;
            let mut members = Map::new();
            while reader.has_next()? {
                let name = reader.next_name_owned()?;
                members.insert(name, read_value(reader, depth + 1, odd)?);
            }
            reader.end_object()?;
            *odd |= depth + 1 >= DEEPEST;
            Value::Object(members)
        }
    })
}

/// A number as serde_json keeps it: whole if it is written so and fits, else the nearest double.
fn number(digits: &str, odd: &mut bool) -> Value {
    if let Ok(whole) = digits.parse::<u64>() {
        return Value::from(whole);
    }
    if let Some(whole) = digits.parse::<i64>().ok().filter(|whole| *whole < 0) {
        return Value::from(whole);
    }
    match digits.parse().ok().and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => {
            *odd = true;
            Value::Null
        }
    }
}
