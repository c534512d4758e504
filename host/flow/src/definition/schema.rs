//! The JSON Schemas of the workflow file and of the test file, made from the table of keys.
//!
//! It refuses nothing that the reader accepts. What it cannot say (names that must exist, types, expressions) it leaves to the
//! reader; the tests beside the reader list what that is.

use serde_json::{Map, Value, json};

use super::keys::{ACTIONS, Key, Need, Place, STRUCTURES, Shape, Word};

/// The words for types.
const TYPES: &[&str] = &[
    "string",
    "int",
    "integer",
    "float",
    "number",
    "bool",
    "boolean",
    "timestamp",
    "duration",
    "bytes",
    "list",
    "array",
    "map",
    "record",
    "object",
    "json",
];

/// What names look like.
const NAME: &str = "^[a-z]([a-z0-9-]{0,62}[a-z0-9])?$";
/// What spans of time look like.
const DURATION: &str = "^\\s*([0-9.]+(ms|s|m|h|d))+\\s*$";
/// What sizes look like.
const SIZE: &str = "^\\s*[0-9]+\\s*(B|KiB|MiB|GiB)?\\s*$";
/// What cron expressions look like.
const CRON: &str = "^[ \\t]*(@[a-z]+|[^ \\t]+([ \\t]+[^ \\t]+){4})[ \\t]*$";
/// What is wholly an expression.
const EXPRESSION: &str = "^\\s*\\$\\{[\\s\\S]*\\}\\s*$";

/// The JSON Schema of the workflow file, as text that ends with a line end.
pub fn schema() -> String {
    published("workflow.schema.json", "Jackfield workflow", Place::ALL)
}

/// The JSON Schema of the test file, as text that ends with a line end.
pub fn test_schema() -> String {
    published("test.schema.json", "Jackfield tests of a workflow", Place::OF_TESTS)
}

/// The schema of a file whose mappings these are, the file itself first.
fn published(file: &str, title: &str, places: &[Place]) -> String {
    let mut root = mapping(places[0]);
    let defs = places[1..].iter().map(|place| (id(*place), Value::Object(mapping(*place))));
    let mut defs: Map<String, Value> = defs.collect();
    if places.contains(&Place::Input) {
        defs.insert("type".into(), type_notation());
    }
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".into(), json!(format!("https://github.com/jackfield/jackfield/blob/main/host/{file}")));
    root.insert("title".into(), json!(title));
    root.insert("$defs".into(), Value::Object(defs));
    let mut text = String::new();
    write(&Value::Object(root), 0, &mut text);
    text.push('\n');
    text
}

/// The name of a mapping among the definitions of the schema.
fn id(place: Place) -> String {
    let letters = format!("{place:?}");
    let mut name = String::new();
    for letter in letters.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A mapping with known keys.
fn mapping(place: Place) -> Map<String, Value> {
    let keys = place.keys();
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), property(place, key))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.need == Need::Required).map(|key| key.name).collect();
    let mut schema = object(json!({ "title": place.what(), "type": "object", "additionalProperties": false }));
    schema.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    let beside: Map<String, Value> = keys.iter().filter(|key| !key.beside.is_empty()).map(beside).collect();
    if !beside.is_empty() {
        schema.insert("dependentSchemas".into(), Value::Object(beside));
    }
    match place {
        Place::Step => {
            let actions: Vec<&str> = ACTIONS.iter().copied().chain(["choose", "race"]).collect();
            schema.insert("oneOf".into(), each_required(&actions));
            schema.insert("allOf".into(), not_together(STRUCTURES));
        }
        Place::Branch | Place::Contender | Place::Handler => {
            schema.insert("oneOf".into(), each_required(ACTIONS));
        }
        Place::Repeat => {
            schema.insert("oneOf".into(), each_required(&["until", "while"]));
        }
        Place::Wait => {
            schema.insert("oneOf".into(), each_required(&["signal", "approval"]));
        }
        Place::Input => schema.extend(object(type_rules())),
        _ => {}
    }
    schema
}

/// One of these keys is there; as `oneOf`, exactly one.
fn each_required(keys: &[&str]) -> Value {
    Value::Array(keys.iter().map(|key| json!({ "required": [key] })).collect())
}

/// No two of these keys are there.
fn not_together(keys: &[&str]) -> Value {
    let pairs = keys.iter().enumerate().flat_map(|(at, one)| keys[at + 1..].iter().map(move |other| (one, other)));
    Value::Array(pairs.map(|(one, other)| json!({ "not": { "required": [one, other] } })).collect())
}

/// The keys of which one must stand beside a key.
fn beside(key: &Key) -> (String, Value) {
    let needed = match key.beside {
        [one] => json!({ "required": [one] }),
        several => json!({ "anyOf": each_required(several) }),
    };
    (key.name.to_owned(), needed)
}

fn property(place: Place, key: &Key) -> Value {
    let mut schema = shape(&key.shape);
    if let Shape::Named(inner) = key.shape {
        // Codes of failures have names of their own, and so have steps of steps and items in tests.
        let own = key.name == "on-error" || matches!(place, Place::Test | Place::Stub | Place::Expect);
        let names = if own { json!({ "minLength": 1 }) } else { json!({ "pattern": NAME }) };
        schema = json!({ "type": "object", "additionalProperties": shape(inner), "propertyNames": names });
    }
    let mut schema = object(schema);
    schema.insert("description".into(), json!(key.docs));
    Value::Object(schema)
}

fn shape(of: &Shape) -> Value {
    let scalar = json!({ "type": ["object", "array"] });
    match of {
        // YAML's other scalars are texts where a text is wanted: `description: 2024`.
        Shape::Text | Shape::Flow | Shape::Path | Shape::Step | Shape::ErrorCode | Shape::Rule => json!({ "not": scalar }),
        Shape::Name => json!({ "pattern": NAME, "not": { "type": ["object", "array", "number"] } }),
        Shape::Task => json!({ "pattern": "^[^.]+\\.[\\s\\S]+$", "not": scalar }),
        Shape::Cron => json!({ "type": "string", "pattern": CRON, "maxLength": crate::schedule::EXPRESSION_BYTES_MAX }),
        Shape::TimeZone => json!({ "type": "string" }),
        Shape::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Duration => json!({ "type": "string", "pattern": DURATION }),
        Shape::Size => json!({ "type": ["string", "integer"], "pattern": SIZE, "minimum": 0 }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Words(words) => json!({ "anyOf": words.iter().map(word).collect::<Vec<_>>() }),
        Shape::Value => json!({}),
        Shape::Typed("record") => {
            json!({ "anyOf": [{ "type": ["object", "null"] }, { "type": "string", "pattern": EXPRESSION }] })
        }
        Shape::Typed("string") => json!({ "not": scalar }),
        Shape::Typed(_) => json!({}),
        Shape::Type => json!({ "$ref": "#/$defs/type" }),
        Shape::Mapping(place) => json!({ "$ref": format!("#/$defs/{}", id(*place)) }),
        Shape::Named(inner) => json!({ "type": "object", "additionalProperties": shape(inner), "propertyNames": { "pattern": NAME } }),
        Shape::Many(inner) => json!({ "anyOf": [shape(inner), { "type": "array", "items": shape(inner) }] }),
        Shape::List(inner) => json!({ "type": "array", "items": shape(inner) }),
        Shape::OneOf(shapes) => json!({ "anyOf": shapes.iter().map(shape).collect::<Vec<_>>() }),
    }
}

fn word(word: &Word) -> Value {
    json!({ "const": word.name, "description": word.docs })
}

/// A type: a word, or a mapping with the keys of an input that are no input's own.
fn type_notation() -> Value {
    let keys = Place::Input.keys().iter().filter(|key| key.name != "default");
    let properties: Map<String, Value> = keys.map(|key| (key.name.to_owned(), type_property(key))).collect();
    let mut written = object(json!({ "type": "object", "additionalProperties": false, "properties": properties }));
    written.extend(object(type_rules()));
    json!({ "title": "a type", "anyOf": [{ "enum": TYPES }, written] })
}

fn type_property(key: &Key) -> Value {
    match key.name {
        "type" => json!({ "enum": TYPES, "description": key.docs }),
        // Whatever it is, it is for people.
        "description" => json!({ "description": key.docs }),
        _ => property(Place::Input, key),
    }
}

/// What says which type it is, and what does not go together.
fn type_rules() -> Value {
    json!({
        "anyOf": each_required(&["type", "enum", "items", "values", "fields", "properties"]),
        "not": { "required": ["fields", "properties"] },
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What fits on a line stands on one.
const LINE_BYTES_MAX: usize = 120;

/// Writes a value with its names in order, so that the text is the same whatever the map it was kept in.
fn write(value: &Value, indent: usize, out: &mut String) {
    let short = on_one_line(value);
    if short.len() + 2 * indent <= LINE_BYTES_MAX {
        out.push_str(&short);
        return;
    }
    let begin = |at: usize, indent: usize, out: &mut String| {
        out.push_str(if at > 0 { ",\n" } else { "\n" });
        out.extend(std::iter::repeat_n("  ", indent));
    };
    match value {
        Value::Object(map) => {
            out.push('{');
            for (at, name) in in_order(map).into_iter().enumerate() {
                begin(at, indent + 1, out);
                out.push_str(&format!("{}: ", Value::from(name.as_str())));
                write(&map[name], indent + 1, out);
            }
            begin(0, indent, out);
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                begin(at, indent + 1, out);
                write(item, indent + 1, out);
            }
            begin(0, indent, out);
            out.push(']');
        }
        _ => out.push_str(&short),
    }
}

/// What says what a schema is goes before what it consists of.
fn in_order(map: &Map<String, Value>) -> Vec<&String> {
    const FIRST: &[&str] = &["$schema", "$id", "title", "description", "type", "required"];
    const LAST: &[&str] = &["properties", "$defs"];
    let place = |name: &str| {
        let first = FIRST.iter().position(|known| *known == name);
        let last = LAST.iter().position(|known| *known == name).map(|at| FIRST.len() + 1 + at);
        first.or(last).unwrap_or(FIRST.len())
    };
    let mut names: Vec<&String> = map.keys().collect();
    names.sort_by_key(|name| (place(name), *name));
    names
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let pairs: Vec<String> =
                in_order(map).into_iter().map(|name| format!("{}: {}", Value::from(name.as_str()), on_one_line(&map[name]))).collect();
            if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
        }
        Value::Array(items) => format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
