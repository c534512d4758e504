//! Which instants are due.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{at, timetable};
use crate::run::Millis;
use crate::schedule::{CATCH_UP_MAX, CatchUp, ON_TIME_MS, due};

const ALL: [CatchUp; 3] = [CatchUp::Skip, CatchUp::Last, CatchUp::All];

/// Minutes after midnight at which something is due, by policy.
fn minutes(cron: &str, last: Option<i64>, now_ms: i64) -> [Vec<i64>; 3] {
    let timetable = timetable(cron, "UTC");
    let midnight = at("2025-06-01T00:00:00Z");
    let time = |minute: i64| Millis(midnight.0 + minute * 60_000);
    ALL.map(|catch_up| {
        let due = due(&timetable, catch_up, last.map(time), Millis(midnight.0 + now_ms));
        due.into_iter().map(|instant| (instant.0 - midnight.0) / 60_000).collect()
    })
}

#[test]
fn what_is_due_follows_the_choice() {
    let minute = 60_000;
    // In time: at the instant itself, a little later, and as late as a clock is looked at.
    for late in [0, 5, 59_999, minute] {
        assert_eq!(minutes("*/10 * * * *", Some(0), 10 * minute + late), [[10], [10], [10]], "{late} ms late");
    }
    // Too early by a millisecond.
    assert_eq!(minutes("*/10 * * * *", Some(0), 10 * minute - 1), [[0; 0], [0; 0], [0; 0]]);
    // Late: nobody was there.
    assert_eq!(minutes("*/10 * * * *", Some(0), 35 * minute), [vec![], vec![30], vec![10, 20, 30]]);
    assert_eq!(minutes("*/10 * * * *", Some(0), 30 * minute), [vec![30], vec![30], vec![10, 20, 30]]);
    // A schedule that never fired has missed nothing.
    assert_eq!(minutes("*/10 * * * *", None, 35 * minute), [[0; 0], [0; 0], [0; 0]]);
    assert_eq!(minutes("*/10 * * * *", None, 30 * minute), [[30], [30], [30]]);
    // The clock was set back: what fired stays fired.
    assert_eq!(minutes("*/10 * * * *", Some(50), 30 * minute), [[0; 0], [0; 0], [0; 0]]);
}

#[test]
fn d18_three_days_of_minutes_are_at_most_a_hundred() {
    let three_days = 3 * 24 * 60;
    let [skip, last, all] = minutes("* * * * *", Some(0), three_days * 60_000);
    assert_eq!((skip, last), (vec![three_days], vec![three_days]));
    assert_eq!(all, (three_days - 99..=three_days).collect::<Vec<_>>());
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for (last, now) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MIN, i64::MIN), (0, i64::MAX), (i64::MIN, 0)] {
        for catch_up in ALL {
            let due = due(&timetable("0 0 29 2 *", "Europe/Rome"), catch_up, Some(Millis(last)), Millis(now));
            assert!(due.len() <= CATCH_UP_MAX);
        }
    }
}

fn any_policy() -> impl Strategy<Value = CatchUp> {
    prop::sample::select(ALL.to_vec())
}

fn any_cron() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["* * * * *", "*/7 * * * *", "30 2 * * *", "0 */5 * * *", "0 0 * * 1", "15 1-3 28-31 3,10 *"])
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["UTC", "Europe/Rome", "America/New_York", "America/St_Johns", "Australia/Lord_Howe"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However the clock moves, forward and back: never twice, in order, never early, at most so many at once.
    #[test]
    fn p3_an_instant_fires_at_most_once(
        cron in any_cron(),
        zone in any_zone(),
        catch_up in any_policy(),
        moves in prop::collection::vec(prop_oneof![4 => 0..400_000_i64, 2 => 0..90_000_000_i64, 1 => -90_000_000..0_i64], 1..40),
    ) {
        let timetable = timetable(cron, zone);
        let mut now = at("2025-03-29T20:00:00Z");
        let mut last = Some(now);
        let mut fired: BTreeSet<Millis> = BTreeSet::new();
        for ms in moves {
            now = Millis(now.0 + ms);
            let due = due(&timetable, catch_up, last, now);
            let most = if catch_up == CatchUp::All { CATCH_UP_MAX } else { 1 };
            prop_assert!(due.len() <= most);
            prop_assert!(due.windows(2).all(|pair| pair[0] < pair[1]), "in order");
            for instant in &due {
                prop_assert!(*instant <= now, "never early");
                prop_assert!(fired.insert(*instant), "never twice");
                prop_assert!(fired.last() == Some(instant), "never back");
                prop_assert!(catch_up != CatchUp::Skip || now.since(*instant) <= ON_TIME_MS);
            }
            if let Some(first) = due.first() {
                prop_assert_eq!(timetable.first(Millis(first.0 - 1), due.len()), due.clone(), "instants of the schedule, and none left out");
            }
            last = last.max(due.last().copied());
        }
    }

    /// Somebody who looks often enough misses nothing, whatever is done about what is missed.
    #[test]
    fn who_looks_often_enough_fires_every_instant(cron in any_cron(), zone in any_zone(), catch_up in any_policy(), steps in prop::collection::vec(1..60_000_i64, 1..200)) {
        let timetable = timetable(cron, zone);
        let start = at("2025-03-30T00:00:00Z");
        let (mut now, mut last, mut fired) = (start, start, Vec::new());
        for ms in steps {
            now = Millis(now.0 + ms);
            let due = due(&timetable, catch_up, Some(last), now);
            last = due.last().copied().unwrap_or(last);
            fired.extend(due);
        }
        let mut all = timetable.first(start, 250);
        all.retain(|instant| *instant <= now);
        prop_assert_eq!(fired, all);
    }
}
