//! Instants and spans of time as people read them.

use jackfield_flow::run::Millis;
use jiff::Timestamp;

/// An instant in UTC, to the second: `2026-03-01 02:15:00Z`.
pub(crate) fn utc(at: Millis) -> String {
    rfc3339(at).map_or_else(|| "never".to_owned(), |text| format!("{}Z", text[..19].replace('T', " ")))
}

/// An instant in UTC, to the millisecond: `2026-03-01T02:15:00.000Z`; nothing for one that no calendar has.
pub(crate) fn rfc3339(at: Millis) -> Option<String> {
    let at = Timestamp::from_millisecond(at.0).ok()?;
    // Years before 0 and after 9999 have another form, and no run is of them.
    let text = format!("{at:.3}");
    (text.len() == 24).then_some(text)
}

/// A span of time in at most two units: `350ms`, `12.4s`, `2m 05s`, `3h 07m`, `4d 02h`.
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms}ms"),
        1..60 => format!("{seconds}.{}s", ms % 1_000 / 100),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// A number of bytes: `812 B`, `4.2 KiB`, `37.5 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let cases = [
            (0, "0ms"),
            (9, "9ms"),
            (350, "350ms"),
            (999, "999ms"),
            (1_000, "1.0s"),
            (12_449, "12.4s"),
            (59_999, "59.9s"),
            (125_000, "2m 05s"),
            (11_220_000, "3h 07m"),
            (352_800_000, "4d 02h"),
            (u64::MAX, "213503982334d 14h"),
        ];
        for (ms, expected) in cases {
            assert_eq!(span(ms), expected);
        }
    }

    #[test]
    fn instants_are_utc() {
        assert_eq!(utc(Millis(1_772_331_300_000)), "2026-03-01 02:15:00Z");
        assert_eq!(rfc3339(Millis(7)).as_deref(), Some("1970-01-01T00:00:00.007Z"));
        assert_eq!(utc(Millis(i64::MAX)), "never");
    }

    #[test]
    fn sizes_have_one_digit_after_the_point() {
        let cases =
            [(0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (4_300, "4.1 KiB"), (39_321_600, "37.5 MiB"), (u64::MAX, "16383.9 PiB")];
        for (count, expected) in cases {
            assert_eq!(bytes(count), expected);
        }
    }
}
