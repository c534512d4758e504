//! Keeps data sets in step.
//!
//! A *record* is a JSON object; the *key* is the fields that say which record it is. A field that is missing and one that
//! is `null` are the same: no value. Records are equal when their canonical texts are ([`canonical`]), so neither the order
//! of fields nor the way a number is written counts. All tasks are pure, answers are in the order of the keys, and the
//! laws that resolvers keep are tested in `laws`.

mod canonical;
mod clock;
mod compare;
mod compare_and_set;
mod error;
mod instant;
#[cfg(test)]
mod laws;
mod merge;
mod record;
mod resolve;
mod rules;
mod summary;
mod upsert;

jackfield_sdk::plugin!(
    compare::compare,
    compare::apply,
    summary::summary,
    summary::compare_summaries,
    summary::pick,
    merge::merge,
    resolve::last_writer,
    resolve::priority,
    compare_and_set::compare_and_set,
    upsert::upsert,
    clock::clock,
    canonical::hash
);
