//! JSON Schema → type. Never fails: what cannot be expressed is `json`.

use std::sync::Arc;

use super::super::{Field, Fields, RecordType, Type, Value, VariantType};

/// References in references deeper than this are `json`.
const DEPTH_MAX: usize = 64;

/// A type made of more parts than this is `json` from there on: references can describe a giant type in a small text.
const PARTS_MAX: usize = 10_000;

pub(super) fn read(schema: &Value) -> Type {
    Reader { root: schema, open: Vec::new(), parts: 0 }.any(schema, 0)
}

struct Reader<'a> {
    root: &'a Value,
    /// The references that are being followed: one of them again is recursion.
    open: Vec<&'a str>,
    parts: usize,
}

impl<'a> Reader<'a> {
    fn any(&mut self, schema: &'a Value, depth: usize) -> Type {
        self.parts += 1;
        let Value::Map(keys) = schema else { return Type::Json };
        if depth > DEPTH_MAX || self.parts > PARTS_MAX {
            return Type::Json;
        }
        let ty = self.keyed(keys, depth);
        if matches!(keys.get("nullable"), Some(Value::Bool(true))) && ty != Type::Json { Type::option(ty) } else { ty }
    }

    fn keyed(&mut self, keys: &'a Fields, depth: usize) -> Type {
        if let Some(Value::String(reference)) = keys.get("$ref") {
            return self.reference(reference, depth);
        }
        if let Some(value) = keys.get("const") {
            return scalar(value);
        }
        if let Some(Value::List(values)) = keys.get("enum") {
            return values.iter().fold(Type::Never, |all, value| all.join(&scalar(value)));
        }
        let parts = |key: &str| match keys.get(key) {
            Some(Value::List(parts)) if !parts.is_empty() => Some(&**parts),
            _ => None,
        };
        if keys.get("properties").is_none() {
            if let Some(parts) = parts("anyOf").or_else(|| parts("oneOf")) {
                return self.one_of(parts, depth);
            }
            if let Some(parts) = parts("allOf") {
                return self.all_of(parts, depth);
            }
        }
        match keys.get("type") {
            Some(Value::String(word)) => self.word(word, keys, depth),
            Some(Value::List(words)) => self.words(words, keys, depth),
            _ if keys.get("properties").is_some() => self.object(keys, depth),
            _ if keys.get("items").or_else(|| keys.get("prefixItems")).is_some() => self.array(keys, depth),
            _ => Type::Json,
        }
    }

    fn reference(&mut self, reference: &'a str, depth: usize) -> Type {
        let target = reference.strip_prefix('#').and_then(|pointer| resolve(self.root, pointer));
        let Some(target) = target else { return Type::Json };
        if self.open.contains(&reference) || (reference == "#" && depth > 0) {
            return Type::Json;
        }
        self.open.push(reference);
        let ty = self.any(target, depth + 1);
        self.open.pop();
        ty
    }

    /// Alternatives: nothing or a type, texts, named cases, or what all of them have in common.
    fn one_of(&mut self, parts: &'a [Value], depth: usize) -> Type {
        if let Some(variant) = self.cases(parts, depth) {
            return variant;
        }
        let mut all = Type::Never;
        let mut nothing = false;
        for part in parts {
            match self.any(part, depth + 1) {
                Type::Null => nothing = true,
                ty => all = all.join(&ty),
            }
        }
        if nothing { Type::option(all) } else { all }
    }

    /// Named cases: texts, and objects with one name each, all different, at least one of them with a value.
    fn cases(&mut self, parts: &'a [Value], depth: usize) -> Option<Type> {
        let mut cases: Vec<(Arc<str>, Option<Type>)> = Vec::new();
        let mut valued = 0;
        for part in parts {
            let Value::Map(keys) = part else { return None };
            let texts = match (keys.get("const"), keys.get("enum")) {
                (Some(Value::String(text)), _) => vec![Arc::clone(text)],
                (None, Some(Value::List(texts))) => texts.iter().map(text_of).collect::<Option<_>>()?,
                _ => Vec::new(),
            };
            if texts.is_empty() {
                let (name, schema) = only_property(keys)?;
                valued += 1;
                cases.push((Arc::clone(name), Some(self.any(schema, depth + 1))));
            }
            cases.extend(texts.into_iter().map(|text| (text, None)));
        }
        let different = cases.iter().enumerate().all(|(at, (name, _))| cases[..at].iter().all(|(known, _)| known != name));
        (valued > 0 && different).then(|| Type::Variant(Arc::new(VariantType { cases })))
    }

    /// All at once: one schema is itself, records are one record with the fields of all.
    fn all_of(&mut self, parts: &'a [Value], depth: usize) -> Type {
        let mut merged = RecordType::default();
        for part in parts {
            match self.any(part, depth + 1) {
                ty if parts.len() == 1 => return ty,
                Type::Record(record) => {
                    merged.open |= record.open;
                    for field in &record.fields {
                        match merged.fields.iter_mut().find(|known| known.name == field.name) {
                            Some(known) => *known = field.clone(),
                            None => merged.fields.push(field.clone()),
                        }
                    }
                }
                _ => return Type::Json,
            }
        }
        Type::Record(Arc::new(merged))
    }

    fn words(&mut self, words: &'a [Value], keys: &'a Fields, depth: usize) -> Type {
        let nothing = words.iter().any(|word| matches!(word, Value::String(word) if &**word == "null"));
        let mut others = words.iter().filter_map(|word| match word {
            Value::String(word) if &**word != "null" => Some(&**word),
            _ => None,
        });
        let ty = match (others.next(), others.next()) {
            (Some(word), None) => self.word(word, keys, depth),
            (None, _) => return if nothing { Type::Null } else { Type::Json },
            _ => return Type::Json,
        };
        if nothing { Type::option(ty) } else { ty }
    }

    fn word(&mut self, word: &str, keys: &'a Fields, depth: usize) -> Type {
        match word {
            "null" => Type::Null,
            "boolean" => Type::Bool,
            "integer" => Type::Int,
            "number" => Type::Float,
            "string" => string(keys),
            "array" => self.array(keys, depth),
            "object" => self.object(keys, depth),
            _ => Type::Json,
        }
    }

    fn array(&mut self, keys: &'a Fields, depth: usize) -> Type {
        let mut items = Type::Never;
        if let Some(Value::List(first)) = keys.get("prefixItems") {
            let all = |key: &str| keys.get(key).is_some_and(|count| *count == Value::uint(first.len() as u64));
            if all("minItems") && all("maxItems") {
                return Type::tuple(first.iter().map(|item| self.any(item, depth + 1)));
            }
            for item in first.iter() {
                items = items.join(&self.any(item, depth + 1));
            }
        }
        match keys.get("items") {
            Some(rest @ Value::Map(_)) => items = items.join(&self.any(rest, depth + 1)),
            Some(Value::Bool(false)) => {}
            // A tuple of fixed length has no other items, whether it says so or not.
            _ if items != Type::Never => {}
            _ => items = Type::Json,
        }
        Type::list(if items == Type::Never { Type::Json } else { items })
    }

    fn object(&mut self, keys: &'a Fields, depth: usize) -> Type {
        let more = match keys.get("additionalProperties") {
            Some(Value::Bool(more)) => more.then_some(Type::Json),
            Some(schema @ Value::Map(_)) => Some(self.any(schema, depth + 1)),
            _ => None,
        };
        let Some(Value::Map(properties)) = keys.get("properties") else {
            let closed = matches!(keys.get("additionalProperties"), Some(Value::Bool(false)));
            return if closed { Type::record(Vec::new()) } else { Type::map(more.unwrap_or(Type::Json)) };
        };
        let required = |name: &str| match keys.get("required") {
            Some(Value::List(names)) => names.iter().any(|known| matches!(known, Value::String(known) if &**known == name)),
            _ => false,
        };
        let mut fields = Vec::with_capacity(properties.len());
        for (name, schema) in properties.iter() {
            let ty = self.any(schema, depth + 1);
            let required = required(name) && schema.get("default").is_none();
            let docs = match schema.get("description").or_else(|| schema.get("title")) {
                Some(Value::String(docs)) => Arc::clone(docs),
                _ => Arc::from(""),
            };
            fields.push(Field { name: Arc::clone(name), ty, required, docs });
        }
        // What stands beside the properties may bring others in.
        let beside = ["patternProperties", "anyOf", "oneOf", "allOf", "unevaluatedProperties"];
        let closed = matches!(keys.get("additionalProperties"), Some(Value::Bool(false)));
        let open = more.is_some() || (!closed && beside.iter().any(|key| keys.get(key).is_some()));
        Type::Record(Arc::new(RecordType { fields, open }))
    }
}

fn string(keys: &Fields) -> Type {
    let word = |key: &str| match keys.get(key) {
        Some(Value::String(word)) => Some(&**word),
        _ => None,
    };
    match (word("format"), word("contentEncoding")) {
        (Some("date-time"), _) => Type::Timestamp,
        (Some("duration"), _) => Type::Duration,
        (Some("byte"), _) | (_, Some("base64")) => Type::Bytes,
        _ => Type::String,
    }
}

/// The type of a constant: a text is itself, of anything else its kind.
fn scalar(value: &Value) -> Type {
    match value {
        Value::List(_) | Value::Map(_) => Type::Json,
        other => Type::of(other),
    }
}

fn text_of(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) => Some(Arc::clone(text)),
        _ => None,
    }
}

/// The one property of an object that has no other and needs it.
fn only_property(keys: &Fields) -> Option<(&Arc<str>, &Value)> {
    let Some(Value::Map(properties)) = keys.get("properties") else { return None };
    let Some(Value::List(required)) = keys.get("required") else { return None };
    let (name, schema) = properties.iter().next()?;
    let only = properties.len() == 1 && required.len() == 1 && text_of(&required[0]).as_ref() == Some(name);
    // A constant in the only property is the tag of an object, not a case.
    (only && schema.get("const").is_none()).then_some((name, schema))
}

/// What a JSON Pointer (RFC 6901) names.
fn resolve<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut at = root;
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        at = match at {
            Value::Map(fields) => fields.get(&name)?,
            Value::List(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}
