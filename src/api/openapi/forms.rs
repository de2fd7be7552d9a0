//! How a body is described as a form: a form knows no null and no objects.

use serde_json::{Map, Value};

const FORM: &str = "application/x-www-form-urlencoded";
const SCHEMAS: &str = "#/components/schemas/";

/// Gives every form a schema of its own.
pub(super) fn describe(api: &mut Value) {
    let schemas = api["components"]["schemas"].clone();
    let paths = api["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.filter_map(|(_, item)| item.as_object_mut()).flatten();
    for (_, operation) in operations {
        if let Some(schema) = operation.pointer_mut("/requestBody/content").and_then(form) {
            *schema = written(schema, &schemas).unwrap_or_default();
        }
    }
}

fn form(content: &mut Value) -> Option<&mut Value> {
    content.get_mut(FORM)?.get_mut("schema")
}

/// The schema as a form can say it; nothing if it cannot.
fn written(schema: &Value, schemas: &Value) -> Option<Value> {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|name| name.strip_prefix(SCHEMAS))
    {
        return written(&schemas[name], schemas);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(variants) = schema[choice].as_array() {
            let kept = variants
                .iter()
                .filter_map(|variant| written(variant, schemas));
            return kept.reduce(|first, _| first);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().filter_map(|part| members(part, schemas));
        return parts.reduce(joined).map(Value::Object);
    }
    if schema["properties"].is_object() {
        return members(schema, schemas).map(Value::Object);
    }
    let mut schema = schema.as_object()?.clone();
    if let Some(kinds) = schema.get("type").and_then(Value::as_array) {
        let kind = kinds.iter().find(|kind| *kind != "null")?.clone();
        schema.insert("type".to_owned(), kind);
    }
    let said = schema
        .get("type")
        .is_some_and(|kind| kind != "object" && kind != "null");
    said.then_some(Value::Object(schema))
}

/// An object whose members are all written as a form has them.
fn members(schema: &Value, schemas: &Value) -> Option<Map<String, Value>> {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|name| name.strip_prefix(SCHEMAS))
    {
        return members(&schemas[name], schemas);
    }
    let mut object = schema.as_object()?.clone();
    let properties = object.get_mut("properties")?.as_object_mut()?;
    *properties = std::mem::take(properties)
        .into_iter()
        .filter_map(|(name, schema)| {
            let mut said = written(&schema, schemas)?;
            if let Some(description) = schema.get("description") {
                said["description"] = description.clone();
            }
            Some((name, said))
        })
        .collect();
    Some(object)
}

/// One object with the members of both.
fn joined(mut first: Map<String, Value>, second: Map<String, Value>) -> Map<String, Value> {
    for (name, theirs) in second {
        match (first.get_mut(&name), theirs) {
            (Some(Value::Object(ours)), Value::Object(theirs)) => ours.extend(theirs),
            (Some(Value::Array(ours)), Value::Array(theirs)) => ours.extend(theirs),
            (Some(_), _) => {}
            (None, theirs) => {
                first.insert(name, theirs);
            }
        }
    }
    first
}
