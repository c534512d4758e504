//! The instants of a cron expression in a time zone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::cron::Cron;
use crate::run::Millis;
use crate::types::did_you_mean;

/// A name that no time zone has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is named `{}`", name.escape_debug())]
pub struct UnknownTimeZone {
    /// The name, as far as it is shown.
    pub name: String,
    /// The name that was probably meant.
    pub near: Option<String>,
}

/// The time zone with a name of the IANA database, written as it is there. The database is part of the program.
///
/// # Errors
/// When there is none.
pub fn time_zone(name: &str) -> Result<TimeZone, UnknownTimeZone> {
    let database = TimeZoneDatabase::bundled();
    let found = database.get(name).ok().filter(|zone| zone.iana_name() == Some(name) && !zone.is_unknown());
    found.ok_or_else(|| {
        let known: Vec<String> = database.available().map(|known| known.to_string()).filter(|known| known != "Etc/Unknown").collect();
        // Most people know the city.
        let same = |known: &&String| known.eq_ignore_ascii_case(name);
        let city = |known: &&String| known.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name));
        let near = known.iter().find(same).or_else(|| known.iter().find(city)).cloned();
        let near = near.or_else(|| did_you_mean(name, known.iter().map(String::as_str)).map(str::to_owned));
        UnknownTimeZone { name: name.chars().take(64).collect(), near }
    })
}

/// When a schedule fires: a cron expression and the time zone whose clocks it reads.
///
/// Where clocks are set forward, a time that they leave out fires at the first instant after it; where they are set back, a time
/// that they show twice fires the first time alone. A schedule of every hour goes by the time that passes instead: it fires at each
/// time that clocks show, as often as they show it, so that it neither bunches up nor pauses for an hour.
#[derive(Clone, Debug)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

impl Timetable {
    /// A cron expression in a time zone.
    pub fn new(cron: Cron, zone: TimeZone) -> Self {
        Self { cron, zone }
    }

    /// The time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first instant after a time; nothing when the calendar ends before it.
    pub fn after(&self, time: Millis) -> Option<Millis> {
        self.first(time, 1).first().copied()
    }

    /// The first instants after a time, in order: so many, or as many as the calendar has.
    pub fn first(&self, after: Millis, count: usize) -> Vec<Millis> {
        let after = after.timestamp();
        let today = self.zone.to_datetime(after).date();
        let mut days = today.yesterday().unwrap_or(today).series(jiff::Span::new().days(1));
        let found = self.gather(&mut days, count, &|instant| instant > after);
        found.into_iter().take(count).map(millis).collect()
    }

    /// The last instants that are after a time and not after another one, in order: so many, or as many as there are.
    pub fn last(&self, after: Millis, until: Millis, count: usize) -> Vec<Millis> {
        let (after, until) = (after.timestamp(), until.timestamp());
        let day_of = |time| self.zone.to_datetime(time).date();
        let (first, last) = (day_of(after), day_of(until));
        let first = first.yesterday().unwrap_or(first);
        let days = last.tomorrow().unwrap_or(last).series(jiff::Span::new().days(-1));
        let found = self.gather(&mut days.take_while(|day| *day >= first), count, &|instant| after < instant && instant <= until);
        let left_out = found.len().saturating_sub(count);
        found.into_iter().skip(left_out).map(millis).collect()
    }

    /// The instants of days that are wanted, until there are enough of them.
    ///
    /// Where clocks are set back over midnight, the end of a day comes after the beginning of the next. So they start a day early, and
    /// end a day late.
    fn gather(&self, days: &mut dyn Iterator<Item = Date>, count: usize, wanted: &dyn Fn(Timestamp) -> bool) -> BTreeSet<Timestamp> {
        let mut found = BTreeSet::new();
        let mut enough = count == 0;
        for day in days {
            let was_enough = enough;
            found.extend(self.instants(day).into_iter().filter(|instant| wanted(*instant)));
            enough = found.len() >= count;
            if was_enough {
                break;
            }
        }
        found
    }

    /// The instants of a day on the clocks of the zone.
    fn instants(&self, day: Date) -> Vec<Timestamp> {
        let mut instants = Vec::new();
        if !self.cron.has_day(day) {
            return instants;
        }
        let by_time_passed = self.cron.is_hourly();
        for (hour, minute) in self.cron.times() {
            let local = day.at(hour, minute, 0, 0);
            // What is beyond the calendar is no instant.
            let at = |offset: Offset| offset.to_timestamp(local).ok();
            match self.zone.to_ambiguous_timestamp(local).offset() {
                AmbiguousOffset::Unambiguous { offset } => instants.extend(at(offset)),
                AmbiguousOffset::Fold { before, after } => {
                    instants.extend(at(before));
                    instants.extend(at(after).filter(|_| by_time_passed));
                }
                AmbiguousOffset::Gap { .. } if by_time_passed => {}
                AmbiguousOffset::Gap { before, .. } => instants.extend(at(before).map(|late| self.end_of_gap(late))),
            }
        }
        instants
    }

    /// When the clocks were set forward; `late` is when a time that they left out would have been, had they not.
    fn end_of_gap(&self, late: Timestamp) -> Timestamp {
        let after = late.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(late);
        self.zone.preceding(after).next().map_or(late, |transition| transition.timestamp())
    }
}

fn millis(instant: Timestamp) -> Millis {
    Millis(instant.as_millisecond())
}
