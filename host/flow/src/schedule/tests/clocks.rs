//! When schedules fire: calendars, leap years, clocks that are set forward and back.

use expect_test::{Expect, expect};

use super::{at, next, timetable};
use crate::run::Millis;
use crate::schedule::time_zone;

#[track_caller]
fn check(cron: &str, zone: &str, after: &str, count: usize, expected: Expect) {
    expected.assert_eq(&next(cron, zone, after, count));
}

#[test]
fn plain_days() {
    check(
        "15 2 * * *",
        "UTC",
        "2025-06-01T02:15:00Z",
        2,
        expect![[r#"
        Mon 2025-06-02 02:15 +00:00
        Tue 2025-06-03 02:15 +00:00
    "#]],
    );
    check(
        "*/20 9-10 * * mon-fri",
        "UTC",
        "2025-06-06T09:30:00Z",
        6,
        expect![[r#"
        Fri 2025-06-06 09:40 +00:00
        Fri 2025-06-06 10:00 +00:00
        Fri 2025-06-06 10:20 +00:00
        Fri 2025-06-06 10:40 +00:00
        Mon 2025-06-09 09:00 +00:00
        Mon 2025-06-09 09:20 +00:00
    "#]],
    );
    check(
        "0 12 L * *",
        "UTC",
        "2024-01-31T12:00:00Z",
        3,
        expect![[r#"
        Thu 2024-02-29 12:00 +00:00
        Sun 2024-03-31 12:00 +00:00
        Tue 2024-04-30 12:00 +00:00
    "#]],
    );
    check(
        "0 0 1,L 2 *",
        "UTC",
        "2023-02-01T00:00:00Z",
        4,
        expect![[r#"
        Tue 2023-02-28 00:00 +00:00
        Thu 2024-02-01 00:00 +00:00
        Thu 2024-02-29 00:00 +00:00
        Sat 2025-02-01 00:00 +00:00
    "#]],
    );
}

#[test]
fn a_day_that_is_restricted_both_ways_fits_one_of_them() {
    check(
        "0 0 13 * 5",
        "UTC",
        "2025-06-01T00:00:00Z",
        4,
        expect![[r#"
        Fri 2025-06-06 00:00 +00:00
        Fri 2025-06-13 00:00 +00:00
        Fri 2025-06-20 00:00 +00:00
        Fri 2025-06-27 00:00 +00:00
    "#]],
    );
    check(
        "0 0 */10 * 5",
        "UTC",
        "2025-06-01T00:00:00Z",
        3,
        expect![[r#"
        Fri 2025-07-11 00:00 +00:00
        Fri 2025-08-01 00:00 +00:00
        Fri 2025-10-31 00:00 +00:00
    "#]],
    );
    check(
        "0 0 13 * */5",
        "UTC",
        "2025-06-01T00:00:00Z",
        3,
        expect![[r#"
        Fri 2025-06-13 00:00 +00:00
        Sun 2025-07-13 00:00 +00:00
        Fri 2026-02-13 00:00 +00:00
    "#]],
    );
}

#[test]
fn leap_years() {
    check(
        "0 0 29 2 *",
        "UTC",
        "2023-03-01T00:00:00Z",
        2,
        expect![[r#"
        Thu 2024-02-29 00:00 +00:00
        Tue 2028-02-29 00:00 +00:00
    "#]],
    );
    check(
        "0 0 29 2 *",
        "Europe/Rome",
        "2096-03-01T00:00:00Z",
        1,
        expect![[r#"
        Fri 2104-02-29 00:00 +01:00
    "#]],
    );
    check(
        "0 0 29 2 */6",
        "UTC",
        "2001-01-01T00:00:00Z",
        2,
        expect![[r#"
        Sun 2004-02-29 00:00 +00:00
        Sat 2020-02-29 00:00 +00:00
    "#]],
    );
    check(
        "0 0 31 12 *",
        "UTC",
        "9999-12-30T00:00:00Z",
        2,
        expect![[r#"
        never again
    "#]],
    );
}

#[test]
fn a_time_that_clocks_leave_out_fires_at_the_first_instant_after_it() {
    // Rome: 02:00 becomes 03:00 on 30 March 2025.
    check(
        "30 2 * * *",
        "Europe/Rome",
        "2025-03-28T12:00:00Z",
        3,
        expect![[r#"
        Sat 2025-03-29 02:30 +01:00
        Sun 2025-03-30 03:00 +02:00
        Mon 2025-03-31 02:30 +02:00
    "#]],
    );
    check(
        "0,20,40 2,3 * * *",
        "Europe/Rome",
        "2025-03-30T00:00:00Z",
        4,
        expect![[r#"
        Sun 2025-03-30 03:00 +02:00
        Sun 2025-03-30 03:20 +02:00
        Sun 2025-03-30 03:40 +02:00
        Mon 2025-03-31 02:00 +02:00
    "#]],
    );
    // New York: 02:00 becomes 03:00 on 9 March 2025.
    check(
        "15 2 * * *",
        "America/New_York",
        "2025-03-08T12:00:00Z",
        2,
        expect![[r#"
        Sun 2025-03-09 03:00 -04:00
        Mon 2025-03-10 02:15 -04:00
    "#]],
    );
    // Midnight does not exist on the day when Cairo's clocks are set forward.
    check(
        "0 0 * * *",
        "Africa/Cairo",
        "2024-04-24T12:00:00Z",
        3,
        expect![[r#"
        Thu 2024-04-25 00:00 +02:00
        Fri 2024-04-26 01:00 +03:00
        Sat 2024-04-27 00:00 +03:00
    "#]],
    );
    // Samoa left out 30 December 2011.
    check(
        "0 12 * * *",
        "Pacific/Apia",
        "2011-12-29T12:00:00Z",
        3,
        expect![[r#"
        Thu 2011-12-29 12:00 -10:00
        Sat 2011-12-31 00:00 +14:00
        Sat 2011-12-31 12:00 +14:00
    "#]],
    );
}

#[test]
fn a_time_that_clocks_show_twice_fires_once() {
    // Rome: 03:00 becomes 02:00 on 26 October 2025.
    check(
        "30 2 * * *",
        "Europe/Rome",
        "2025-10-25T12:00:00Z",
        2,
        expect![[r#"
        Sun 2025-10-26 02:30 +02:00
        Mon 2025-10-27 02:30 +01:00
    "#]],
    );
    check(
        "*/30 1-3 * * *",
        "Europe/Rome",
        "2025-10-25T22:00:00Z",
        6,
        expect![[r#"
        Sun 2025-10-26 01:00 +02:00
        Sun 2025-10-26 01:30 +02:00
        Sun 2025-10-26 02:00 +02:00
        Sun 2025-10-26 02:30 +02:00
        Sun 2025-10-26 03:00 +01:00
        Sun 2025-10-26 03:30 +01:00
    "#]],
    );
    // New York: 02:00 becomes 01:00 on 2 November 2025.
    check(
        "30 1 * * *",
        "America/New_York",
        "2025-11-01T12:00:00Z",
        2,
        expect![[r#"
        Sun 2025-11-02 01:30 -04:00
        Mon 2025-11-03 01:30 -05:00
    "#]],
    );
}

#[test]
fn a_schedule_of_every_hour_goes_by_the_time_that_passes() {
    check(
        "30 * * * *",
        "Europe/Rome",
        "2025-03-29T23:45:00Z",
        3,
        expect![[r#"
        Sun 2025-03-30 01:30 +01:00
        Sun 2025-03-30 03:30 +02:00
        Sun 2025-03-30 04:30 +02:00
    "#]],
    );
    check(
        "30 * * * *",
        "Europe/Rome",
        "2025-10-25T23:45:00Z",
        4,
        expect![[r#"
        Sun 2025-10-26 02:30 +02:00
        Sun 2025-10-26 02:30 +01:00
        Sun 2025-10-26 03:30 +01:00
        Sun 2025-10-26 04:30 +01:00
    "#]],
    );
    check(
        "30 * * * *",
        "America/New_York",
        "2025-11-02T04:45:00Z",
        4,
        expect![[r#"
        Sun 2025-11-02 01:30 -04:00
        Sun 2025-11-02 01:30 -05:00
        Sun 2025-11-02 02:30 -05:00
        Sun 2025-11-02 03:30 -05:00
    "#]],
    );
    // Half an hour, in a place where that is by how much clocks change.
    check(
        "*/15 * * * *",
        "Australia/Lord_Howe",
        "2025-04-05T14:20:00Z",
        6,
        expect![[r#"
        Sun 2025-04-06 01:30 +11:00
        Sun 2025-04-06 01:45 +11:00
        Sun 2025-04-06 01:30 +10:30
        Sun 2025-04-06 01:45 +10:30
        Sun 2025-04-06 02:00 +10:30
        Sun 2025-04-06 02:15 +10:30
    "#]],
    );
    // Back over midnight: what is a minute later on the clock may be an hour earlier.
    check(
        "*/30 * * * *",
        "America/St_Johns",
        "2006-10-29T01:50:00Z",
        6,
        expect![[r#"
        Sat 2006-10-28 23:30 -02:30
        Sun 2006-10-29 00:00 -02:30
        Sat 2006-10-28 23:30 -03:30
        Sun 2006-10-29 00:00 -03:30
        Sun 2006-10-29 00:30 -03:30
        Sun 2006-10-29 01:00 -03:30
    "#]],
    );
    // No minute is fired twice or left out, whatever the clocks do.
    for (zone, from) in [("Europe/Rome", "2025-03-30T00:00:00Z"), ("Europe/Rome", "2025-10-26T00:00:00Z")] {
        let timetable = timetable("* * * * *", zone);
        let minutes: Vec<Millis> = (1..=180).map(|minute| at(from).after(minute * 60_000)).collect();
        assert_eq!(timetable.first(at(from), 180), minutes);
        assert_eq!(timetable.last(at(from), minutes[179], 1_000), minutes);
    }
}

#[test]
fn time_zones_have_the_names_of_the_database() {
    let near = |name: &str| time_zone(name).map(|_| ()).map_err(|unknown| unknown.near.unwrap_or_default());
    for name in ["UTC", "Europe/Rome", "America/New_York", "Asia/Kolkata", "Etc/GMT+5", "America/Argentina/Buenos_Aires"] {
        assert_eq!(near(name), Ok(()), "{name}");
    }
    for (name, meant) in [
        ("Europe/Roma", "Europe/Rome"),
        ("europe/rome", "Europe/Rome"),
        ("Rome", "Europe/Rome"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("Etc/Unknown", ""),
        ("", ""),
        ("../../etc/passwd", ""),
        ("posix/Europe/Rome", ""),
        (&"x".repeat(100_000), ""),
    ] {
        assert_eq!(near(name), Err(meant.to_owned()), "{}", name.len());
    }
}
