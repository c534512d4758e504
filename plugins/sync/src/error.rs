//! What can be wrong with records, or with what is asked of them.

use jackfield_sdk::prelude::*;

/// Why a task of this plugin cannot answer. All of it is permanent: the same input will fail again.
#[derive(Debug, PartialEq, thiserror::Error, TaskErrors)]
pub(crate) enum SyncError {
    /// A record has no value in a field of the key.
    #[error("{set}, record {record}: the key field `{field}` has no value")]
    #[error_code("no-key", permanent, data(set, record, field))]
    NoKey {
        /// Which list of records.
        set: &'static str,
        /// The record, from 1.
        record: usize,
        /// The field.
        field: String,
    },
    /// A key field holds something that says nothing reliable about identity, such as a fraction or a list.
    #[error("{set}, record {record}: the key field `{field}` is {found}; a key is a text, a whole number or a truth value")]
    #[error_code("bad-key", permanent, data(set, record, field))]
    BadKey {
        /// Which list of records.
        set: &'static str,
        /// The record, from 1.
        record: usize,
        /// The field.
        field: String,
        /// The value, shortened.
        found: String,
    },
    /// Two records of one list have the same key.
    #[error("{set}: the key {key} comes twice (records {first} and {second}): take more fields into `key`, or remove one")]
    #[error_code("key-twice", permanent, data(set, key))]
    KeyTwice {
        /// Which list of records.
        set: &'static str,
        /// The key.
        key: String,
        /// The first record, from 1.
        first: usize,
        /// The second record, from 1.
        second: usize,
    },
    /// The field by which a conflict is decided does not hold what is needed there.
    #[error("the record {key}: `{field}` is {found}, and {needed} is needed")]
    #[error_code("bad-marker", permanent, data(key, field))]
    BadMarker {
        /// The record's key.
        key: String,
        /// The field.
        field: String,
        /// The value, shortened.
        found: String,
        /// What should be there.
        needed: &'static str,
    },
    /// A text is not a time stamp.
    #[error("{name} is {found}: write milliseconds since 1970, an instant such as 2026-01-31T08:00:00Z, or what `clock` answered")]
    #[error_code("bad-clock", permanent)]
    BadClock {
        /// Which of the task's inputs.
        name: &'static str,
        /// The value, shortened.
        found: String,
    },
    /// A clock is further ahead of the wall time than `ahead_max_ms`: to take it over would spread the mistake.
    #[error("the clock {clock} is {ahead_ms} ms ahead of the wall time, and {ahead_max_ms} are allowed: a clock somewhere is wrong")]
    #[error_code("clock-ahead", permanent, data(ahead_ms))]
    ClockAhead {
        /// The clock.
        clock: String,
        /// How far ahead it is.
        ahead_ms: i64,
        /// How far it may be.
        ahead_max_ms: i64,
    },
    /// A record is neither as it was when the changes were found, nor as it shall be.
    #[error("the record {key} is not as it was when the changes were found: compare again")]
    #[error_code("drifted", permanent, data(key))]
    Drifted {
        /// The record's key.
        key: String,
    },
    /// Two summaries were made with other keys, ignored fields or numbers of digits.
    #[error("the summaries cannot be compared: one was made with {left}, the other with {right}")]
    #[error_code("different-shape", permanent)]
    DifferentShape {
        /// How the one was made.
        left: String,
        /// How the other was.
        right: String,
    },
    /// What is asked for does not fit together; the message says what.
    #[error("{0}")]
    #[error_code("bad-request", permanent)]
    BadRequest(String),
}

/// A value for a message: JSON text, at most 60 characters of it.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { format!("`{text}`") } else { format!("`{}…`", text.chars().take(60).collect::<String>()) }
}
