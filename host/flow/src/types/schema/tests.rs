use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Field, RecordType, Type, VariantType};

fn read(schema: &str) -> String {
    match Type::from_schema(schema) {
        Ok(ty) => ty.to_string(),
        Err(error) => format!("!{error}"),
    }
}

#[test]
fn schemas_are_types() {
    let cases = [
        (r#"{"type": "string"}"#, "string"),
        (r#"{"type": "string", "format": "date-time"}"#, "timestamp"),
        (r#"{"type": "string", "format": "duration"}"#, "duration"),
        (r#"{"type": "string", "format": "uuid"}"#, "string"),
        (r#"{"type": "string", "contentEncoding": "base64"}"#, "bytes"),
        (r#"{"type": "integer", "format": "uint64", "minimum": 0}"#, "int"),
        (r#"{"type": "number", "format": "double"}"#, "float"),
        (r#"{"type": "boolean"}"#, "bool"),
        (r#"{"type": "null"}"#, "null"),
        (r#"{"type": ["string", "null"]}"#, "option<string>"),
        (r#"{"type": ["null"]}"#, "null"),
        (r#"{"type": ["string", "integer"]}"#, "json"),
        (r#"{"type": "string", "nullable": true}"#, "option<string>"),
        (r#"{"enum": ["a", "b"]}"#, r#""a" | "b""#),
        (r#"{"type": "string", "enum": ["a", null]}"#, r#"option<"a">"#),
        (r#"{"enum": [1, 2]}"#, "int"),
        (r#"{"enum": [1, "a"]}"#, "json"),
        (r#"{"const": "x"}"#, r#""x""#),
        (r#"{"const": 5}"#, "int"),
        (r#"{"const": {}}"#, "json"),
        (r#"{"type": "array", "items": {"type": "integer"}}"#, "list<int>"),
        (r#"{"type": "array"}"#, "list<json>"),
        (r#"{"type": "array", "items": true}"#, "list<json>"),
        (r#"{"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2}"#, "list<float>"),
        (r#"{"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}], "items": false}"#, "list<json>"),
        (
            r#"{"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}], "minItems": 2, "maxItems": 2}"#,
            "tuple<float, string>",
        ),
        (r#"{"type": "object"}"#, "map<json>"),
        (r#"{"type": "object", "additionalProperties": {"type": "integer"}}"#, "map<int>"),
        (r#"{"type": "object", "additionalProperties": false}"#, "{}"),
        (
            r#"{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}"#,
            "{a: int, b?: string}",
        ),
        (r#"{"properties": {"a": {}}, "required": ["a"], "additionalProperties": true}"#, "{a: json, ...}"),
        (r#"{"type": "object", "properties": {"a": {"type": "integer", "default": 5}}, "required": ["a"]}"#, "{a?: int}"),
        (r#"{"type": "object", "properties": {"a": true}, "oneOf": [{}]}"#, "{a?: json, ...}"),
        (r#"{"anyOf": [{"type": "integer"}, {"type": "null"}]}"#, "option<int>"),
        (r#"{"anyOf": [{"type": "integer"}, {"type": "string"}]}"#, "json"),
        (r#"{"oneOf": [{"const": "a", "description": "A."}, {"const": "b"}]}"#, r#""a" | "b""#),
        (r#"{"oneOf": [{"enum": ["a", "b"], "type": "string"}, {"const": "c"}]}"#, r#""a" | "b" | "c""#),
        (
            r#"{"oneOf": [{"type": "string", "enum": ["none", "all"]}, {"type": "object", "properties": {"some": {"type": "integer"}}, "required": ["some"], "additionalProperties": false}]}"#,
            "variant<none, all, some(int)>",
        ),
        (
            r#"{"oneOf": [{"type": "object", "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}, "required": ["kind", "x"]}, {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]}]}"#,
            r#"{kind: "a" | "b", x?: int}"#,
        ),
        (r##"{"$ref": "#/$defs/A", "$defs": {"A": {"type": "integer"}}}"##, "int"),
        (r##"{"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"type": "integer"}}}"##, "int"),
        (r##"{"allOf": [{"$ref": "#/$defs/A"}], "$defs": {"A": {"type": "integer"}}}"##, "int"),
        (
            r#"{"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}]}"#,
            "{a?: int, b: int}",
        ),
        (r#"{"allOf": [{"type": "string"}, {"minLength": 1}]}"#, "json"),
        (
            r##"{"$ref": "#/$defs/Tree", "$defs": {"Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}}}"##,
            "{kids?: list<json>}",
        ),
        (r##"{"type": "object", "properties": {"me": {"$ref": "#"}}}"##, "{me?: json}"),
        (r##"{"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}"##, "json"),
        (r##"{"$ref": "#/$defs/Gone"}"##, "json"),
        (r#"{"$ref": "https://example.com/x.json"}"#, "json"),
        (r#"{}"#, "json"),
        (r#"{"type": "martian"}"#, "json"),
        (r#"{"type": 5, "properties": 7, "enum": 8, "anyOf": []}"#, "map<json>"),
        (r#"{"not": {"type": "string"}}"#, "json"),
    ];
    for (schema, expected) in cases {
        assert_eq!(read(schema), expected, "{schema}");
    }
}

#[test]
fn what_is_no_schema_is_refused() {
    assert!(read("{").starts_with("!the schema cannot be read: this is not JSON"));
    assert_eq!(read("true"), "!a schema is a JSON object; this is a bool");
    assert_eq!(read("[]"), "!a schema is a JSON object; this is a list");
    assert!(read(&format!("{{\"description\": \"{}\"}}", "x".repeat(1 << 20))).contains("the limit is 1048576"));
    assert!(read(&"{\"items\":".repeat(100)).contains("deeper in each other than the limit of 64"));
}

#[test]
fn references_cannot_make_a_giant_type() {
    let defs: Vec<String> = (0..40)
        .map(|n| {
            format!("\"A{n}\": {{\"properties\": {{\"x\": {{\"$ref\": \"#/$defs/A{0}\"}}, \"y\": {{\"$ref\": \"#/$defs/A{0}\"}}}}}}", n + 1)
        })
        .collect();
    let schema = format!("{{\"$ref\": \"#/$defs/A0\", \"$defs\": {{{}, \"A40\": {{\"type\": \"integer\"}}}}}}", defs.join(","));
    assert!(read(&schema).len() < 200_000);
}

#[test]
fn descriptions_are_docs() {
    let ty = Type::from_schema(r#"{"properties": {"a": {"type": "integer", "description": "How many."}}}"#).unwrap();
    let Type::Record(record) = &ty else { panic!("a record") };
    assert_eq!(&*record.fields[0].docs, "How many.");
    let Ok(Type::Record(back)) = Type::from_schema_value(&ty.to_schema()) else { panic!("a record") };
    assert_eq!(&*back.fields[0].docs, "How many.");
}

/// Types that a schema can express exactly.
fn types() -> impl Strategy<Value = Type> {
    let name = "[a-z][a-z0-9_]{0,5}";
    let texts = prop::collection::btree_set("[a-z]{1,4}", 1..4);
    let leaf = prop_oneof![
        prop::sample::select(vec![
            Type::Bool,
            Type::Int,
            Type::Float,
            Type::String,
            Type::Bytes,
            Type::Timestamp,
            Type::Duration,
            Type::Json
        ]),
        texts.prop_map(Type::one_of),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let field = (inner.clone(), any::<bool>(), "[A-Z ]{0,4}");
        let fields = prop::collection::btree_map(name, field, 0..4);
        let cases = (prop::collection::btree_map("[a-f]{1,3}", inner.clone(), 1..3), prop::collection::btree_set("[u-z]{1,3}", 0..3));
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Type::tuple),
            inner.prop_filter("nothing of json is json", |ty| *ty != Type::Json).prop_map(Type::option),
            (fields, any::<bool>()).prop_map(|(fields, open)| {
                let field = |(name, (ty, required, docs)): (String, (Type, bool, String))| Field {
                    name: name.into(),
                    ty,
                    required,
                    docs: docs.into(),
                };
                Type::Record(Arc::new(RecordType { fields: fields.into_iter().map(field).collect(), open }))
            }),
            cases.prop_map(|(valued, bare)| {
                let valued = valued.into_iter().map(|(name, ty)| (Arc::from(name), Some(ty)));
                let cases = valued.chain(bare.into_iter().map(|name| (Arc::from(name), None))).collect();
                Type::Variant(Arc::new(VariantType { cases }))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn types_come_back_from_their_schema(ty in types()) {
        let schema = ty.to_schema().to_json();
        prop_assert_eq!(Type::from_schema(&schema), Ok(ty), "{}", schema);
    }

    #[test]
    fn types_come_back_from_their_bytes(ty in types()) {
        let bytes = serde_json::to_string(&ty).expect("a type can be written");
        prop_assert_eq!(serde_json::from_str::<Type>(&bytes).ok(), Some(ty));
    }
}
