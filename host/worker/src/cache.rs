//! Results that are remembered beyond their run: what they are remembered under, and what an attempt may see.

use jackfield_flow::plan::Digest;
use jackfield_flow::run::Millis;
use jackfield_flow::types::{JsonLimits, Value};
use jackfield_sandbox::AttemptContext;

/// The digest of everything that the result of a task without effects follows from.
///
/// Each part goes in with its length before it, so that no two lists of parts are the same bytes.
pub(crate) fn key(plugin: Digest, task: &str, input: &str, config: &[(String, String)]) -> Digest {
    let canonical = Value::from_json(input, JsonLimits::default()).map_or_else(|_| input.to_owned(), |value| value.to_canonical_json());
    let mut bytes = b"jackfield cache key 1\0".to_vec();
    let mut part = |text: &[u8]| {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text);
    };
    part(&plugin.0);
    part(task.as_bytes());
    part(canonical.as_bytes());
    for (name, value) in config {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    Digest::of(&bytes)
}

/// What an attempt sees of its run when its result is remembered: nothing that differs between two runs.
///
/// Its clock stands still at the epoch, and its random source is seeded by the key.
pub(crate) fn context(key: &Digest) -> AttemptContext {
    AttemptContext {
        run_id: String::new(),
        workflow: String::new(),
        step: String::new(),
        item: None,
        attempt: 1,
        max_attempts: 1,
        deadline_ms: 0,
        idempotency_key: key.hex()[..32].to_owned(),
        started_at: Millis(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_a_function_of_what_the_result_follows_from() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let base = key(Digest([1; 32]), "t", r#"{"a":1,"b":2}"#, &[pair("n", "v")]);
        assert_eq!(base, key(Digest([1; 32]), "t", r#"{ "b": 2, "a": 1 }"#, &[pair("n", "v")]), "the order of names means nothing");
        let others = [
            key(Digest([2; 32]), "t", r#"{"a":1,"b":2}"#, &[pair("n", "v")]),
            key(Digest([1; 32]), "u", r#"{"a":1,"b":2}"#, &[pair("n", "v")]),
            key(Digest([1; 32]), "t", r#"{"a":1,"b":3}"#, &[pair("n", "v")]),
            key(Digest([1; 32]), "t", r#"{"a":1,"b":2}"#, &[pair("n", "w")]),
            key(Digest([1; 32]), "t", r#"{"a":1,"b":2}"#, &[pair("nv", "")]),
            key(Digest([1; 32]), "t", r#"{"a":1,"b":2}"#, &[]),
        ];
        assert!(others.iter().all(|other| *other != base));
        assert_eq!(others.iter().collect::<std::collections::BTreeSet<_>>().len(), others.len());
    }
}
