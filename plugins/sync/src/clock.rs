//! Hybrid logical clocks, and `clock`, which moves one on.
//!
//! A stamp is the wall time in milliseconds, a counter for what happens within one, and the node that made it (Kulkarni,
//! Demirbas and others, *Logical Physical Clocks*, 2014). As text it is `1767225600000-00003-node`: 13 digits, 5 digits,
//! name. The texts of stamps sort as the stamps do.

use std::fmt;

use jackfield_sdk::prelude::*;

use crate::error::{SyncError, shown};
use crate::instant;

/// The first millisecond that does not fit 13 digits, in the year 2286.
const MS_BEYOND: i64 = 10_000_000_000_000;
/// The largest counter.
const COUNTER_MAX: u32 = 65_535;
/// The longest name of a node, in bytes.
const NODE_BYTES_MAX: usize = 64;
/// Nanoseconds of a millisecond.
const MILLISECOND: i128 = 1_000_000;

/// When a record was written: wall time, then counter, then node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    nanoseconds: i128,
    counter: u32,
    node: String,
}

/// A clock, moved on.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Clock {
    /// The stamp: later than `last` and than `received`.
    pub(crate) clock: String,
    /// Its wall time, in milliseconds since 1970. It is never before the wall time that was given.
    pub(crate) wall_ms: i64,
    /// Its counter.
    pub(crate) counter: u32,
}

fn ahead_max_default() -> i64 {
    60_000
}

/// Moves a hybrid logical clock on: for something that happens here, or for a stamp that came from elsewhere.
///
/// The answer is later than `last` and than `received`, and as near to the wall time as that allows. Write it into the records
/// that change now, and give it as `last` the next time.
#[task(
    title = "Advance a hybrid logical clock",
    example_input = r#"{"node": "shop", "wall": 1767225600000, "last": "1767225600000-00002-shop"}"#,
    example_output = r#"{"clock": "1767225600000-00003-shop", "wall_ms": 1767225600000, "counter": 3}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn clock(
    /// The name of this side: 1 to 64 letters, digits, `_`, `.` or `-`.
    node: String,
    /// The wall time, such as `run.started_at`: an instant, or milliseconds since 1970.
    wall: Value,
    /// The last stamp that was made here.
    last: Option<String>,
    /// A stamp that came from elsewhere.
    received: Option<String>,
    /// How far ahead of the wall time `received` may be, in milliseconds. 60,000 unless given.
    #[serde(default = "ahead_max_default")]
    ahead_max_ms: i64,
) -> Result<Clock, SyncError> {
    check_node(&node)?;
    let wall_ms = Stamp::read(&wall).and_then(|stamp| stamp.whole_ms()).ok_or_else(|| bad("wall", &wall))?;
    let read = |name, text: Option<String>| {
        let stamp = |text: String| Stamp::logical(&text).ok_or_else(|| bad(name, &Value::from(text)));
        text.map(stamp).transpose()
    };
    let (last, received) = (read("last", last)?, read("received", received)?);
    let ahead_ms = received.as_ref().map_or(0, |(ms, _)| ms - wall_ms);
    if let Some((ms, counter)) = received.filter(|_| ahead_ms > ahead_max_ms) {
        return Err(SyncError::ClockAhead { clock: format!("{ms:013}-{counter:05}"), ahead_ms, ahead_max_ms });
    }
    let (ms, counter) = [last, received].into_iter().flatten().map(after).chain([(wall_ms, 0)]).max().unwrap_or((wall_ms, 0));
    if ms >= MS_BEYOND {
        return Err(bad("last", &Value::from(ms)));
    }
    Ok(Clock { clock: format!("{ms:013}-{counter:05}-{node}"), wall_ms: ms, counter })
}

/// The next stamp: the counter is raised, and where it is at its end, the time.
fn after((ms, counter): (i64, u32)) -> (i64, u32) {
    if counter < COUNTER_MAX { (ms, counter + 1) } else { (ms + 1, 0) }
}

impl Stamp {
    /// Reads what a record may hold: a stamp, an instant, or milliseconds since 1970.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let plain = |nanoseconds| Self { nanoseconds, counter: 0, node: String::new() };
        match value {
            Value::Number(number) => number.as_i64().map(|ms| plain(i128::from(ms) * MILLISECOND)),
            Value::String(text) => instant::nanoseconds(text).map(plain).or_else(|| {
                let (ms, counter) = Self::logical(text)?;
                Some(Self { nanoseconds: i128::from(ms) * MILLISECOND, counter, node: text[20..].to_owned() })
            }),
            _ => None,
        }
    }

    /// The milliseconds and the counter of a stamp's text.
    fn logical(text: &str) -> Option<(i64, u32)> {
        let digits = |range: std::ops::Range<usize>| text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let (ms, counter) = (digits(0..13)?.parse().ok()?, digits(14..19)?.parse().ok()?);
        let dashes = text.get(13..14) == Some("-") && text.get(19..20) == Some("-");
        (dashes && counter <= COUNTER_MAX && check_node(text.get(20..)?).is_ok()).then_some((ms, counter))
    }

    /// The whole milliseconds, if a stamp can have them.
    fn whole_ms(&self) -> Option<i64> {
        i64::try_from(self.nanoseconds.div_euclid(MILLISECOND)).ok().filter(|ms| (0..MS_BEYOND).contains(ms))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:013}-{:05}-{}", self.nanoseconds.div_euclid(MILLISECOND), self.counter, self.node)
    }
}

fn check_node(node: &str) -> Result<(), SyncError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if (1..=NODE_BYTES_MAX).contains(&node.len()) && node.bytes().all(is_plain) {
        return Ok(());
    }
    let found = shown(&Value::from(node));
    Err(SyncError::BadRequest(format!("`node` is {found}: give 1 to {NODE_BYTES_MAX} letters, digits, `_`, `.` or `-`")))
}

fn bad(name: &'static str, value: &Value) -> SyncError {
    SyncError::BadClock { name, found: shown(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::assert_error;

    fn moved(wall: Value, last: Option<&str>, received: Option<&str>) -> Result<String, SyncError> {
        clock("a".into(), wall, last.map(str::to_owned), received.map(str::to_owned), 60_000).map(|answer| answer.clock)
    }

    const WALL: i64 = 1_767_225_600_000;

    #[test]
    fn the_clock_goes_with_the_wall_and_never_back() {
        for (wall, last, received, expected) in [
            (json!(WALL), None, None, "1767225600000-00000-a"),
            (json!("2026-01-01T00:00:00.0009Z"), None, None, "1767225600000-00000-a"),
            (json!(WALL), Some("1767225599999-00007-a"), None, "1767225600000-00000-a"),
            (json!(WALL), Some("1767225600000-00007-a"), None, "1767225600000-00008-a"),
            (json!(WALL), Some("1767225600500-00007-a"), None, "1767225600500-00008-a"),
            (json!(WALL), Some("1767225600500-00007-a"), Some("1767225600500-00009-b"), "1767225600500-00010-a"),
            (json!(WALL), Some("1767225600500-00007-a"), Some("1767225600400-00009-b"), "1767225600500-00008-a"),
            (json!(WALL), None, Some("1767225600400-65535-b"), "1767225600401-00000-a"),
            (json!(WALL), Some("0000000000000-00000-x"), Some("0000000000001-00009-b-c"), "1767225600000-00000-a"),
        ] {
            assert_eq!(moved(wall, last, received).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_clock_is_refused() {
        assert_error(moved(json!(WALL), None, Some("1767225660001-00000-b")), "clock-ahead", "60001 ms ahead");
        assert_error(moved(json!(-1), None, None), "bad-clock", "wall is `-1`");
        assert_error(moved(json!(MS_BEYOND), None, None), "bad-clock", "wall");
        assert_error(moved(json!("noon"), None, None), "bad-clock", "noon");
        assert_error(moved(json!(WALL), Some("9999999999999-65535-a"), None), "bad-clock", "last");
        for text in
            ["", "1767225600000", "1767225600000-00000-", "1767225600000-65536-a", "+767225600000-00000-a", "1767225600000-00000-a b", "é"]
        {
            assert_error(moved(json!(WALL), Some(text), None), "bad-clock", "last is");
        }
        assert_error(clock(String::new(), json!(WALL), None, None, 0), "bad-request", "`node`");
        assert_error(clock("x".repeat(65), json!(WALL), None, None, 0), "bad-request", "`node`");
    }

    #[test]
    fn stamps_of_all_kinds_have_one_order() {
        let stamp = |value: Value| Stamp::read(&value).unwrap();
        let order = [
            json!(WALL - 1),
            json!("2026-01-01T00:00:00Z"),
            json!("1767225600000-00000-a"),
            json!("1767225600000-00000-b"),
            json!("1767225600000-00001-a"),
            json!("2026-01-01T00:00:00.000001Z"),
            json!("2026-01-01T01:00:01+01:00"),
        ];
        for pair in order.windows(2) {
            assert!(stamp(pair[0].clone()) < stamp(pair[1].clone()), "{pair:?}");
        }
        assert_eq!(stamp(json!(WALL)), stamp(json!("2026-01-01T00:00:00Z")));
        assert_eq!(stamp(json!("1767225600000-00001-a")).to_string(), "1767225600000-00001-a");
        assert_eq!([json!(1.5), json!(null), json!(true)].map(|value| Stamp::read(&value)), [None, None, None]);
    }
}
