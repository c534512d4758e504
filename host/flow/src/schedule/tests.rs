//! Cron expressions: which are read, where the others are wrong, and when they fire.

mod catch_up;
mod clocks;
mod parse;

use jiff::Timestamp;

use super::{Cron, Timetable, time_zone};
use crate::run::Millis;

/// The instants of an expression in a time zone.
fn timetable(cron: &str, zone: &str) -> Timetable {
    let cron = Cron::parse(cron).unwrap_or_else(|error| panic!("{cron}: {error}"));
    Timetable::new(cron, time_zone(zone).unwrap_or_else(|error| panic!("{error}")))
}

/// An instant, written in UTC.
fn at(text: &str) -> Millis {
    let instant: Timestamp = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    Millis(instant.as_millisecond())
}

/// So many instants after a time, as the clocks of the time zone show them.
fn next(cron: &str, zone: &str, after: &str, count: usize) -> String {
    let timetable = timetable(cron, zone);
    let mut lines = String::new();
    let mut time = at(after);
    for _ in 0..count {
        let Some(instant) = timetable.after(time) else {
            lines.push_str("never again\n");
            break;
        };
        assert!(instant > time, "{cron}: time goes on");
        assert_eq!(timetable.last(time, instant, 2), [instant], "{cron}: found from behind as well, and nothing in between");
        let local = instant.timestamp().to_zoned(timetable.zone().clone());
        lines.push_str(&local.strftime("%a %Y-%m-%d %H:%M %:z\n").to_string());
        time = instant;
    }
    lines
}
