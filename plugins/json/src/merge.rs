//! `merge`: several values into one.

use std::collections::{HashMap, HashSet};

use jackfield_sdk::prelude::*;
use serde_json::Map;

use crate::pointer::Pointer;

#[cfg(test)]
mod tests;

/// What becomes of two lists that meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Arrays {
    /// The later list takes the place of the earlier one, as RFC 7396 has it.
    #[default]
    Replace,
    /// The later list's elements follow the earlier one's.
    Concat,
    /// Elements that are equal in the field `key` are merged, in the earlier one's place; the others follow.
    ByKey,
}

/// What `null` in a later value means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Nulls {
    /// The name is removed, as RFC 7396 has it.
    #[default]
    Remove,
    /// `null` is a value like any other.
    Keep,
}

/// Why values cannot be merged.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum MergeError {
    /// There is nothing to merge.
    #[error("`values` is empty: give at least one value")]
    #[error_code("no-values", permanent)]
    NoValues,
    /// `arrays: by-key` is given without `key`.
    #[error("`arrays: by-key` needs `key`, the name of the field that tells elements apart")]
    #[error_code("no-key", permanent)]
    NoKey,
    /// An element of a list that is merged by key has no such field, or a list or object in it.
    #[error("value {value}: the element at `{place}` has no text, number or truth value in `{key}`, by which lists are merged")]
    #[error_code("bad-element", permanent, data(value, place, key))]
    BadElement { value: usize, place: String, key: String },
}

/// How to merge; the same for a whole call.
struct Rules {
    arrays: Arrays,
    key: String,
    nulls: Nulls,
    /// Which of the values is being merged, from 0; only for messages.
    value: usize,
}

/// Merges values from left to right: later ones win.
///
/// Objects are merged name by name and deeply; anything else that is not a list takes the place of what was there.
/// With the defaults this is JSON merge patch (RFC 7396): lists are replaced, and `null` removes a name.
#[task(
    title = "Merge JSON values",
    example_input = r#"{"values":[[{"id":1,"n":"a"}],[{"id":2},{"id":1,"n":"b"}]],"arrays":"by-key","key":"id"}"#,
    example_output = r#"[{"id":1,"n":"b"},{"id":2}]"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn merge(
    /// The values, the most important one last.
    values: Vec<Value>,
    /// What becomes of two lists that meet.
    #[serde(default)]
    arrays: Arrays,
    /// With `arrays: by-key`, the field that tells a list's elements apart.
    key: Option<String>,
    /// What `null` in a later value means.
    #[serde(default)]
    nulls: Nulls,
) -> Result<Value, MergeError> {
    if arrays == Arrays::ByKey && key.is_none() {
        return Err(MergeError::NoKey);
    }
    let mut rules = Rules { arrays, key: key.unwrap_or_default(), nulls, value: 0 };
    let mut values = values.into_iter();
    let mut merged = values.next().ok_or(MergeError::NoValues)?;
    if arrays == Arrays::ByKey {
        // A list by itself may hold the same key twice; merging it into nothing makes it one of its kind.
        merged = match merged {
            list @ Value::Array(_) => combine(Value::Array(Vec::new()), list, &Pointer::default(), &rules)?,
            other => other,
        };
    }
    for later in values {
        rules.value += 1;
        merged = combine(merged, later, &Pointer::default(), &rules)?;
    }
    Ok(merged)
}

fn combine(earlier: Value, later: Value, place: &Pointer, rules: &Rules) -> Result<Value, MergeError> {
    match (earlier, later) {
        (Value::Object(earlier), Value::Object(later)) => combine_objects(earlier, later, place, rules),
        // RFC 7396: a patch of an object makes an object of whatever was there, so that its nulls vanish.
        (_, Value::Object(later)) => combine_objects(Map::new(), later, place, rules),
        (Value::Array(mut earlier), Value::Array(later)) => match rules.arrays {
            Arrays::Replace => Ok(Value::Array(later)),
            Arrays::Concat => {
                earlier.extend(later);
                Ok(Value::Array(earlier))
            }
            Arrays::ByKey => combine_by_key(earlier, later, place, rules),
        },
        (_, later) => Ok(later),
    }
}

fn combine_objects(
    mut earlier: Map<String, Value>,
    later: Map<String, Value>,
    place: &Pointer,
    rules: &Rules,
) -> Result<Value, MergeError> {
    let mut removed = HashSet::new();
    for (name, value) in later {
        if value.is_null() && rules.nulls == Nulls::Remove {
            removed.insert(name);
            continue;
        }
        let here = place.child(&name);
        match earlier.get_mut(&name) {
            Some(slot) => *slot = combine(slot.take(), value, &here, rules)?,
            None => {
                let fresh = if value.is_object() { combine(Value::Null, value, &here, rules)? } else { value };
                earlier.insert(name, fresh);
            }
        }
    }
    // All at once: removing one name moves all that follow it.
    if !removed.is_empty() {
        earlier.retain(|name, _| !removed.contains(name));
    }
    Ok(Value::Object(earlier))
}

fn combine_by_key(earlier: Vec<Value>, later: Vec<Value>, place: &Pointer, rules: &Rules) -> Result<Value, MergeError> {
    let mut list: Vec<Value> = Vec::with_capacity(earlier.len() + later.len());
    let mut positions: HashMap<String, usize> = HashMap::with_capacity(list.capacity());
    for (index, element) in earlier.into_iter().enumerate() {
        let key = key_of(&element, &place.child(index), rules)?;
        positions.entry(key).or_insert(list.len());
        list.push(element);
    }
    for (index, element) in later.into_iter().enumerate() {
        let here = place.child(index);
        match positions.entry(key_of(&element, &here, rules)?) {
            std::collections::hash_map::Entry::Occupied(at) => {
                let slot = &mut list[*at.get()];
                *slot = combine(slot.take(), element, &here, rules)?;
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(list.len());
                list.push(element);
            }
        }
    }
    Ok(Value::Array(list))
}

/// The element's key as JSON text, so that `1` and `"1"` differ.
fn key_of(element: &Value, place: &Pointer, rules: &Rules) -> Result<String, MergeError> {
    match element.get(&rules.key) {
        Some(key @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => Ok(key.to_string()),
        _ => Err(MergeError::BadElement { value: rules.value, place: place.clone().into_text(), key: rules.key.clone() }),
    }
}
