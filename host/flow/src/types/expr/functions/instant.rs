//! Parts of instants and of spans of time.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::super::eval::Fault;
use super::Call;
use crate::types::Value;

type Run = Result<Value, Fault>;

/// Date and time at UTC, or at the offset that is the second argument.
///
/// Names of time zones are refused: their rules change with a database outside of this program, and an expression means
/// the same for ever.
fn civil(call: &Call<'_>) -> Result<DateTime, Fault> {
    let Some(Value::Timestamp(instant)) = call.args.first() else { return Err(Fault::types("a timestamp was expected")) };
    let offset = if call.args.len() > 1 { offset(call.text(1)?)? } else { Offset::UTC };
    Ok(offset.to_datetime(*instant))
}

fn offset(text: &str) -> Result<Offset, Fault> {
    let parsed = || {
        if matches!(text, "UTC" | "Z") {
            return Some(Offset::UTC);
        }
        let (sign, rest) = match text.split_at_checked(1)? {
            ("-", rest) => (-1, rest),
            ("+", rest) => (1, rest),
            _ => (1, text),
        };
        let (hours, minutes) = rest.split_once(':')?;
        let part = |digits: &str| if digits.len() == 2 { digits.parse::<u8>().ok().map(i32::from) } else { None };
        let (hours, minutes) = (part(hours)?, part(minutes).filter(|minutes| *minutes < 60)?);
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
    };
    parsed().ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Fault::argument(format!("{shown:?} is no offset from UTC: write one such as \"+02:00\" (names of time zones are not taken)"))
    })
}

fn part(call: &Call<'_>, of: impl FnOnce(DateTime) -> i64) -> Run {
    civil(call).map(|civil| Value::Int(of(civil)))
}

pub(super) fn year(call: &mut Call<'_>) -> Run {
    part(call, |civil| i64::from(civil.year()))
}

pub(super) fn month(call: &mut Call<'_>) -> Run {
    part(call, |civil| i64::from(civil.month()) - 1)
}

pub(super) fn date(call: &mut Call<'_>) -> Run {
    part(call, |civil| i64::from(civil.day()))
}

pub(super) fn day_of_month(call: &mut Call<'_>) -> Run {
    part(call, |civil| i64::from(civil.day()) - 1)
}

pub(super) fn day_of_week(call: &mut Call<'_>) -> Run {
    part(call, |civil| i64::from(civil.weekday().to_sunday_zero_offset()))
}

pub(super) fn day_of_year(call: &mut Call<'_>) -> Run {
    part(call, |civil| i64::from(civil.day_of_year()) - 1)
}

/// Full units of a duration, of so many seconds each.
fn units(call: &Call<'_>, seconds: i64) -> Option<Run> {
    match call.args.first() {
        Some(Value::Duration(duration)) => Some(Ok(Value::Int(duration.as_secs() / seconds))),
        _ => None,
    }
}

pub(super) fn hours(call: &mut Call<'_>) -> Run {
    units(call, 3600).unwrap_or_else(|| part(call, |civil| i64::from(civil.hour())))
}

pub(super) fn minutes(call: &mut Call<'_>) -> Run {
    units(call, 60).unwrap_or_else(|| part(call, |civil| i64::from(civil.minute())))
}

pub(super) fn seconds(call: &mut Call<'_>) -> Run {
    units(call, 1).unwrap_or_else(|| part(call, |civil| i64::from(civil.second())))
}

pub(super) fn milliseconds(call: &mut Call<'_>) -> Run {
    match call.args.first() {
        Some(Value::Duration(duration)) => Ok(Value::Int(i64::from(duration.subsec_millis()))),
        _ => part(call, |civil| i64::from(civil.millisecond())),
    }
}
