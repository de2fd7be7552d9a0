//! The fields of a body, JSON or form: each is taken by name and type, and none may be left over or come twice.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::core::{Error, Result};

/// Deeper JSON is refused.
const DEEPEST: usize = 32;

/// The fields of a body, in the order they were sent.
pub struct Fields {
    fields: Vec<(String, Value)>,
    is_form: bool,
}

impl Fields {
    /// Reads a JSON object; a name that comes twice is an error, as is anything but an object.
    ///
    /// # Errors
    /// [`Error::Unreadable`] or [`Error::Invalid`].
    pub fn json(bytes: &[u8]) -> Result<Self> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let fields = json
            .deserialize_map(ObjectVisitor)
            .and_then(|fields| json.end().map(|()| fields));
        let fields = fields.map_err(|error| {
            Error::Unreadable(format!("the body is not a JSON object: {error}").into())
        })?;
        Self::of_object(fields)
    }

    /// Reads a JSON array of objects; as [`Self::json`], a fault saying in which.
    ///
    /// # Errors
    /// [`Error::Unreadable`] or [`Error::Invalid`].
    pub fn list(bytes: &[u8]) -> Result<Vec<Self>> {
        let items: Vec<Object> = serde_json::from_slice(bytes).map_err(|error| {
            Error::Unreadable(format!("the body is not a JSON array of objects: {error}").into())
        })?;
        let each = items
            .into_iter()
            .enumerate()
            .map(|(index, Object(fields))| {
                Self::of_object(fields).map_err(|error| error.inside(&index.to_string()))
            });
        each.collect()
    }

    fn of_object(fields: Vec<(String, Value)>) -> Result<Self> {
        if fields.iter().any(|(_, value)| depth(value) >= DEEPEST) {
            return Err(Error::Unreadable("the body is nested too deeply".into()));
        }
        Self {
            fields,
            is_form: false,
        }
        .unique()
    }

    /// Reads a form (`application/x-www-form-urlencoded`); a name that comes twice is an error.
    ///
    /// # Errors
    /// [`Error::Unreadable`] or [`Error::Invalid`].
    pub fn form(bytes: &[u8]) -> Result<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes)
            .map_err(|_| Error::Unreadable("the body is not a form".into()))?;
        let fields = pairs
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        Self {
            fields,
            is_form: true,
        }
        .unique()
    }

    fn unique(self) -> Result<Self> {
        for (index, (name, _)) in self.fields.iter().enumerate() {
            if self.fields[..index]
                .iter()
                .any(|(before, _)| before == name)
            {
                return Err(Error::invalid(name.clone(), "comes twice"));
            }
        }
        Ok(self)
    }

    /// Whether a field of this name was sent and not taken yet.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(sent, _)| sent == name)
    }

    /// The value of a field as it was sent; JSON's null is the same as nothing.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let index = self.fields.iter().position(|(sent, _)| sent == name)?;
        Some(self.fields.remove(index).1).filter(|value| !value.is_null())
    }

    /// A text.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is of another type.
    pub fn string(&mut self, name: &'static str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(name, "string", &other)),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is missing or of another type.
    pub fn required_string(&mut self, name: &'static str) -> Result<String> {
        self.string(name)?
            .ok_or_else(|| Error::invalid(name, "Missing required property"))
    }

    /// `true` or `false`, or these words as strings; nothing else (K11).
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn boolean(&mut self, name: &'static str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(Value::String(word)) if word == "true" => Ok(Some(true)),
            Some(Value::String(word)) if word == "false" => Ok(Some(false)),
            Some(_) => Err(Error::invalid(name, "must be true or false")),
        }
    }

    /// A whole number; a form writes it in digits.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn integer(&mut self, name: &'static str) -> Result<Option<i64>> {
        let is_form = self.is_form;
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(digits)) if is_form => digits
                .parse()
                .map(Some)
                .map_err(|_| Error::invalid(name, "must be a whole number")),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| Error::invalid(name, "must be a whole number")),
        }
    }

    /// One text or an array of texts; in a form, texts separated by commas.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn strings(&mut self, name: &'static str) -> Result<Vec<String>> {
        let is_form = self.is_form;
        let text = |value: Value| match value {
            Value::String(text) => Ok(text),
            other => Err(wrong_type(name, "string", &other)),
        };
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::String(list)) if is_form => {
                Ok(list.split(',').map(|text| text.trim().to_owned()).collect())
            }
            Some(Value::Array(items)) if items.is_empty() => {
                Err(Error::invalid(name, "must not be empty"))
            }
            Some(Value::Array(items)) => items.into_iter().map(text).collect(),
            Some(value) => Ok(vec![text(value)?]),
        }
    }

    /// The same; none when nothing was sent, and an empty list for null or an empty array, which clear.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn some_strings(&mut self, name: &'static str) -> Result<Option<Vec<String>>> {
        let sent = self.fields.iter().find(|(sent, _)| sent == name);
        let Some((_, value)) = sent else {
            return Ok(None);
        };
        if value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
            self.take(name);
            return Ok(Some(Vec::new()));
        }
        self.strings(name).map(Some)
    }

    /// A JSON object.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn object(&mut self, name: &'static str) -> Result<Option<Map<String, Value>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(other) => Err(wrong_type(name, "object", &other)),
        }
    }

    /// The fields of a JSON object that lies within.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is of another type.
    pub fn inner(&mut self, name: &'static str) -> Result<Option<Self>> {
        let object = self.object(name)?;
        Ok(object.map(|object| Self {
            fields: object.into_iter().collect(),
            is_form: false,
        }))
    }

    /// Nothing may be left: an unknown field is an error that names it.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn finish(self) -> Result<()> {
        match self.fields.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Error::invalid(name, "Additional properties not allowed")),
        }
    }
}

fn wrong_type(name: &'static str, wanted: &str, found: &Value) -> Error {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Error::invalid(
        Cow::Borrowed(name),
        format!("Expected type {wanted} but found type {found}"),
    )
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// An object that still has what comes twice.
struct Object(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(ObjectVisitor).map(Self)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(result: Result<impl fmt::Debug>) -> String {
        match result {
            Err(Error::Invalid { property, .. }) => property.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn booleans_are_two_words_and_nothing_else() {
        for (json, value) in [
            ("true", true),
            ("false", false),
            ("\"true\"", true),
            ("\"false\"", false),
        ] {
            let mut fields = Fields::json(format!("{{\"a\": {json}}}").as_bytes()).unwrap();
            assert_eq!(fields.boolean("a").unwrap(), Some(value), "{json}");
        }
        for json in [
            "\"False\"",
            "\"TRUE\"",
            "0",
            "1",
            "\"\"",
            "[]",
            "{}",
            "\"yes\"",
            "\" true\"",
            "1.0",
        ] {
            let mut fields = Fields::json(format!("{{\"a\": {json}}}").as_bytes()).unwrap();
            assert_eq!(property(fields.boolean("a")), "a", "{json}");
        }
        for form in ["a=true", "a=false"] {
            assert!(
                Fields::form(form.as_bytes())
                    .unwrap()
                    .boolean("a")
                    .unwrap()
                    .is_some()
            );
        }
        assert_eq!(property(Fields::form(b"a=on").unwrap().boolean("a")), "a");
    }

    #[test]
    fn a_field_comes_once_and_is_known() {
        assert_eq!(
            property(Fields::json(br#"{"a": true, "a": false}"#).map(|_| ())),
            "a"
        );
        assert_eq!(property(Fields::form(b"a=1&a=2").map(|_| ())), "a");
        let mut fields = Fields::json(br#"{"a": "x", "expires_at": 1}"#).unwrap();
        fields.string("a").unwrap();
        assert_eq!(property(fields.finish()), "expires_at");
    }

    #[test]
    fn anything_but_an_object_is_unreadable() {
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(40), "]".repeat(40));
        let bomb = "[".repeat(100_000);
        for body in [
            "",
            "[]",
            "1",
            "null",
            "{",
            "{}x",
            "{\"a\": \"\\ud800\"}",
            "\u{feff}{}",
            &deep,
            &bomb,
        ] {
            assert!(
                matches!(Fields::json(body.as_bytes()), Err(Error::Unreadable(_))),
                "{}",
                &body[..body.len().min(20)]
            );
        }
        assert!(matches!(
            Fields::json(b"{\"a\": \"\xff\"}"),
            Err(Error::Unreadable(_))
        ));
    }

    #[test]
    fn types_are_not_guessed() {
        let fields =
            || Fields::json(br#"{"s": 1, "i": "5", "f": 1.5, "l": [1], "e": []}"#).unwrap();
        assert_eq!(property(fields().string("s")), "s");
        assert_eq!(property(fields().integer("i")), "i");
        assert_eq!(property(fields().integer("f")), "f");
        assert_eq!(property(fields().strings("l")), "l");
        assert_eq!(property(fields().strings("e")), "e");
        assert_eq!(Fields::form(b"i=5").unwrap().integer("i").unwrap(), Some(5));
        assert_eq!(
            Fields::form(b"l=otp,phone").unwrap().strings("l").unwrap(),
            ["otp", "phone"]
        );
    }
}
