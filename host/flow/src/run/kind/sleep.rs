//! `sleep` and `until`: an instant is computed once, recorded, and never again.

use crate::plan::PlanTemplate;
use crate::run::event::{Event, Place};
use crate::run::failure::Platform;
use crate::run::ids::Millis;
use crate::run::machine::Run;
use crate::types::{Value, parse_duration, parse_timestamp};

impl Run {
    pub(in crate::run) fn begin_sleep(&self, place: Place, template: &PlanTemplate, now: Millis) -> Event {
        let value = match self.evaluate(template, Some(place)) {
            Ok(value) => value,
            Err(failure) => return Event::PlaceFailed { place, failure },
        };
        let duration = match &value {
            Value::Duration(duration) => Some(*duration),
            Value::String(text) => parse_duration(text),
            _ => None,
        };
        let Some(duration) = duration else { return wrong(place, "sleep", "a duration", &value) };
        // A part of a millisecond counts as a whole one: it is never early.
        let ms = duration.as_millis() + i128::from(duration.subsec_nanos() % 1_000_000 > 0);
        sleeping(place, now.after(u64::try_from(ms).unwrap_or(if ms < 0 { 0 } else { u64::MAX })), now)
    }

    pub(in crate::run) fn begin_until(&self, place: Place, template: &PlanTemplate, now: Millis) -> Event {
        let value = match self.evaluate(template, Some(place)) {
            Ok(value) => value,
            Err(failure) => return Event::PlaceFailed { place, failure },
        };
        let instant = match &value {
            Value::Timestamp(instant) => Some(*instant),
            Value::String(text) => parse_timestamp(text),
            _ => None,
        };
        let Some(instant) = instant else { return wrong(place, "until", "an instant", &value) };
        let part = i64::from(instant.as_nanosecond().rem_euclid(1_000_000) > 0);
        let whole = i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MAX);
        sleeping(place, Millis(whole.saturating_add(part)), now)
    }
}

fn sleeping(place: Place, until: Millis, now: Millis) -> Event {
    if until <= now { Event::Settled { place, output: Value::Null } } else { Event::Sleeping { place, until } }
}

fn wrong(place: Place, what: &str, wanted: &str, value: &Value) -> Event {
    let mut failure = Platform::ValueInput.failure(format!("`{what}` is {}, and must be {wanted}", value.kind()));
    failure.code = "expr.type".into();
    Event::PlaceFailed { place, failure }
}
