//! Judges values by the parts of JSON Schema that the published schema uses; a part that it does not know fails the test.
//!
//! The library for it would change how other libraries are built for the tests, regular expressions among them. That it says
//! the same is tried in a test of the whole, through the plugin `json`.

use regex::Regex;
use serde_json::{Map, Value};

/// What is wrong with a value, each with its place.
pub(in crate::definition::tests) fn judge(schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    Judge { root: schema }.value(schema, value, "", &mut wrong);
    wrong
}

struct Judge<'a> {
    root: &'a Value,
}

impl Judge<'_> {
    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let mut wrong = Vec::new();
        self.value(schema, value, "", &mut wrong);
        wrong.is_empty()
    }

    fn value(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let Value::Object(rules) = schema else { panic!("no schema: {schema}") };
        for (name, rule) in rules {
            let fits = match name.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" => true,
                "$ref" => {
                    let pointer = rule.as_str().and_then(|place| place.strip_prefix('#')).expect("a place in the schema");
                    self.value(self.root.pointer(pointer).expect("there"), value, at, wrong);
                    true
                }
                "type" => list(rule).iter().any(|ty| is(value, ty.as_str().expect("a word"))),
                "enum" => list(rule).contains(value),
                "const" => rule == value,
                "pattern" => {
                    value.as_str().is_none_or(|text| Regex::new(rule.as_str().expect("a pattern")).expect("a pattern").is_match(text))
                }
                "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().expect("a number")),
                "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
                "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().expect("a number")),
                "not" => !self.fits(rule, value),
                "anyOf" => list(rule).iter().any(|rule| self.fits(rule, value)),
                "allOf" => list(rule).iter().all(|rule| self.fits(rule, value)),
                "oneOf" => list(rule).iter().filter(|rule| self.fits(rule, value)).count() == 1,
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(rule, item, &format!("{at}/{index}"), wrong);
                    }
                    true
                }
                _ => value.as_object().is_none_or(|fields| self.fields(name, rule, rules, fields, at, wrong)),
            };
            if !fits {
                wrong.push(format!("{at}: `{name}` says no to {value}"));
            }
        }
    }

    /// Rules for mappings.
    fn fields(
        &self,
        name: &str,
        rule: &Value,
        rules: &Map<String, Value>,
        fields: &Map<String, Value>,
        at: &str,
        wrong: &mut Vec<String>,
    ) -> bool {
        let known = |key: &str| rules.get("properties").is_some_and(|known| known.get(key).is_some());
        match name {
            "required" => list(rule).iter().all(|key| fields.contains_key(key.as_str().expect("a key"))),
            "properties" => {
                for (key, value) in fields {
                    if let Some(rule) = rule.get(key) {
                        self.value(rule, value, &format!("{at}/{key}"), wrong);
                    }
                }
                true
            }
            "additionalProperties" if rule == &Value::Bool(false) => fields.keys().all(|key| known(key)),
            "additionalProperties" => {
                for (key, value) in fields.iter().filter(|(key, _)| !known(key)) {
                    self.value(rule, value, &format!("{at}/{key}"), wrong);
                }
                true
            }
            "propertyNames" => fields.keys().all(|key| self.fits(rule, &Value::from(key.as_str()))),
            "dependentSchemas" => {
                let rules = rule.as_object().expect("a mapping").iter().filter(|(key, _)| fields.contains_key(*key));
                let fields = Value::Object(fields.clone());
                rules.into_iter().all(|(_, rule)| self.fits(rule, &fields))
            }
            other => panic!("`{other}` is not known here"),
        }
    }
}

/// The items of a list, or the one that stands for it.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

fn is(value: &Value, ty: &str) -> bool {
    match ty {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("`{other}` is no type"),
    }
}
