//! Instants and spans of time as text.

use jiff::{SignedDuration, Timestamp};

/// Longest text that is looked at; a duration or an instant never needs more.
const TEXT_BYTES_MAX: usize = 128;

/// Where the year 1 begins.
const YEAR_ONE: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// Reads an instant: RFC 3339 text such as `2024-05-01T12:00:00Z` or with an offset, of the years 1 to 9999.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if text.len() > TEXT_BYTES_MAX { None } else { text.parse().ok().and_then(in_years) }
}

/// The instant, when RFC 3339 can write it: years before the first have no text there.
pub(crate) fn in_years(instant: Timestamp) -> Option<Timestamp> {
    (instant >= YEAR_ONE).then_some(instant)
}

/// Reads a span of time: `1h30m`, `1.5s`, `300ms`, `-2d`, or ISO 8601 such as `PT1H30M`. A day is 24 hours.
///
/// Units are `d`, `h`, `m`, `s`, `ms`, `us` (or `µs`) and `ns`. A bare number is refused unless it is `0`: its unit would be a guess.
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.starts_with(['P', 'p']) {
        return text.parse().ok();
    }
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    let nanos = sum_of_parts(rest)?;
    let nanos = if negative { nanos.checked_neg()? } else { nanos };
    Some(SignedDuration::new(i64::try_from(nanos / NANOS).ok()?, i32::try_from(nanos % NANOS).ok()?))
}

/// Nanoseconds of a second.
const NANOS: i128 = 1_000_000_000;

/// Adds up parts such as `1h` and `30m`, in nanoseconds.
fn sum_of_parts(mut rest: &str) -> Option<i128> {
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let scale: i128 = match unit {
            "d" => 86_400 * NANOS,
            "h" => 3_600 * NANOS,
            "m" => 60 * NANOS,
            "s" => NANOS,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        total = total.checked_add(scaled(number, scale)?)?;
        rest = next;
    }
    Some(total)
}

/// A decimal number times a scale, exact down to the nanosecond; digits below that are dropped.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = &fraction[..fraction.len().min(18)];
    let digits: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let ten = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    whole.checked_mul(scale)?.checked_add(digits.checked_mul(scale)? / ten)
}

/// The span in seconds, such as `90s`, `1.5s` or `-0.25s`; [`parse_duration`] reads it back exactly.
pub fn format_duration(duration: SignedDuration) -> String {
    let nanos = duration.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, below) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    if below == 0 {
        return format!("{sign}{whole}s");
    }
    let digits = format!("{below:09}");
    format!("{sign}{whole}.{}s", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::{format_duration, parse_duration, parse_timestamp};

    #[test]
    fn durations_are_read_and_written() {
        let cases = [
            ("1.5s", Some("1.5s")),
            ("1h30m", Some("5400s")),
            ("5m", Some("300s")),
            ("2d", Some("172800s")),
            ("300ms", Some("0.3s")),
            ("-1.25h", Some("-4500s")),
            ("-0.000000001s", Some("-0.000000001s")),
            ("7us", Some("0.000007s")),
            ("7µs", Some("0.000007s")),
            ("1ns", Some("0.000000001s")),
            ("+3s", Some("3s")),
            (".5s", Some("0.5s")),
            ("PT1H30M", Some("5400s")),
            ("-PT1.5S", Some("-1.5s")),
            ("0", Some("0s")),
            ("0s", Some("0s")),
            ("", None),
            ("-", None),
            ("5", None),
            ("s", None),
            ("1.2.3s", None),
            ("1 h", None),
            ("1y", None),
            ("99999999999999999999999999999999d", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_duration(text).map(format_duration).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_extremes_come_back_exactly() {
        for extreme in [jiff::SignedDuration::MIN, jiff::SignedDuration::MAX] {
            assert_eq!(parse_duration(&format_duration(extreme)), Some(extreme));
        }
    }

    #[test]
    fn timestamps_are_rfc_3339() {
        assert_eq!(parse_timestamp("2024-05-01T14:00:00+02:00").map(|t| t.to_string()).as_deref(), Some("2024-05-01T12:00:00Z"));
        assert_eq!(parse_timestamp("yesterday"), None);
        assert_eq!(parse_timestamp("0001-01-01T00:00:00Z").map(|t| t.to_string()).as_deref(), Some("0001-01-01T00:00:00Z"));
        for early in ["0000-12-31T23:59:59Z", "0001-01-01T00:59:59+01:00", "-000001-01-01T00:00:00Z"] {
            assert_eq!(parse_timestamp(early), None, "{early}");
        }
        assert_eq!(parse_timestamp(&"2".repeat(1_000_000)), None);
    }
}
