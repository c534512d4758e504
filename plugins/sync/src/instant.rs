//! Instants of RFC 3339, as nanoseconds since 1970.

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;

/// The nanoseconds since 1970 of an instant such as `2026-01-31T08:00:00.25+01:00`. A text without an offset names no instant.
/// A leap second counts as the second after it.
pub(crate) fn nanoseconds(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    let separators = bytes.len() >= 20 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[13] == b':' && bytes[16] == b':';
    if !text.is_ascii() || !separators || !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let (year, month, day) = (number(text, 0, 4, 9_999)?, number(text, 5, 2, 12)?, number(text, 8, 2, 31)?);
    let (hour, minute, second) = (number(text, 11, 2, 23)?, number(text, 14, 2, 59)?, number(text, 17, 2, 60)?);
    if month == 0 || day == 0 || day > days_of(year, month) {
        return None;
    }
    let (fraction, rest) = fraction(&text[19..])?;
    let offset_minutes = offset(rest)?;
    let seconds = ((days_before(year, month) + day - 1) * 24 + hour) * 3_600 + (minute - offset_minutes) * 60 + second;
    Some(i128::from(seconds) * SECOND + fraction)
}

/// Digits at a place of a text, up to a limit.
fn number(text: &str, at: usize, digits: usize, max: i64) -> Option<i64> {
    let part = text.get(at..at + digits)?;
    let all_digits = part.bytes().all(|byte| byte.is_ascii_digit());
    part.parse().ok().filter(|number| all_digits && *number <= max)
}

/// The nanoseconds of `.25` at the beginning of a text, and what follows. Digits beyond the ninth are cut off.
fn fraction(text: &str) -> Option<(i128, &str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    let padded: String = digits[..end].chars().chain("000000000".chars()).take(9).collect();
    (end > 0).then_some(()).and(padded.parse().ok()).map(|nanoseconds| (nanoseconds, &digits[end..]))
}

/// The minutes of `Z` or `+01:00`.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'Z' | b'z' if text.len() == 1 => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let is_whole = text.len() == 6 && text.as_bytes()[3] == b':';
    is_whole.then_some(sign * (number(text, 1, 2, 23)? * 60 + number(text, 4, 2, 59)?))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let before = year - 1;
    let years = year * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    // The same count for 1970: 719,527 days from the first day of year 0 that the count knows.
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    years + months - 719_527
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, nanoseconds_since_1970: Option<i128>) {
        assert_eq!(nanoseconds(text), nanoseconds_since_1970, "{text}");
    }

    #[test]
    fn known_instants() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("1970-01-01T00:00:00.000000001Z", Some(1));
        check("1969-12-31T23:59:59.5Z", Some(-SECOND / 2));
        check("2000-03-01T00:00:00z", Some(951_868_800 * SECOND));
        check("2001-09-09 01:46:40Z", Some(SECOND * SECOND));
        check("2001-09-09T03:46:40+02:00", Some(SECOND * SECOND));
        check("2001-09-08T20:16:40.0-05:30", Some(SECOND * SECOND));
        check("2024-02-29T12:00:00Z", Some(1_709_208_000 * SECOND));
        check("2016-12-31T23:59:60Z", Some(1_483_228_800 * SECOND));
        check("9999-12-31T23:59:59.9999999999Z", Some(253_402_300_799 * SECOND + 999_999_999));
    }

    #[test]
    fn what_is_no_instant() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T08:00:00",
            "2026-02-29T08:00:00Z",
            "2026-13-01T08:00:00Z",
            "2026-00-01T08:00:00Z",
            "2026-01-00T08:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T08:61:00Z",
            "2026-01-31T08:00:00.Z",
            "2026-01-31T08:00:00+1:00",
            "2026-01-31T08:00:00+01",
            "2026-01-31T08:00:00ZZ",
            "+026-01-31T08:00:00Z",
            "2026-01-31T08:00:é0Z",
            "20260131T080000Z12345",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn days_follow_one_another() {
        let mut days = days_before(1, 1);
        for year in 1..=2_500 {
            for month in 1..=12 {
                assert_eq!(days_before(year, month), days, "{year}-{month}");
                days += days_of(year, month);
            }
        }
    }
}
