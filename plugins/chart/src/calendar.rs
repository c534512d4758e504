//! Dates along an axis. Everything is UTC; a time without an offset is taken for it.

use std::fmt;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
}

impl Civil {
    /// Days since 1970-01-01. Source: H. Hinnant, *chrono-Compatible Low-Level Date Algorithms*, `days_from_civil`.
    fn days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The day so many days after 1970-01-01: `civil_from_days` of the same source.
    fn from_days(days: i64) -> Self {
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * shifted_month + 2) / 5 + 1 }
    }

    fn month_name(self) -> &'static str {
        const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        usize::try_from(self.month - 1).ok().and_then(|at| NAMES.get(at)).copied().unwrap_or("")
    }
}

/// Seconds since 1970 of a text `YYYY-MM`, `YYYY-MM-DD`, or that with `T` or a space and `hh:mm[:ss[.fff]][Z|±hh:mm]`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let mut rest = text;
    let year = number(&mut rest, 4)?;
    let month = after(&mut rest, '-').then(|| number(&mut rest, 2))??;
    let with_day = after(&mut rest, '-');
    let day = if with_day { number(&mut rest, 2)? } else { 1 };
    let date = Civil { year, month, day };
    // A day that is not in the calendar comes back as another one.
    if !(1..=12).contains(&month) || day < 1 || Civil::from_days(date.days()) != date {
        return None;
    }
    let midnight = date.days() * DAY;
    if rest.is_empty() {
        return Some(midnight);
    }
    if !with_day || !(after(&mut rest, 'T') || after(&mut rest, 't') || after(&mut rest, ' ')) {
        return None;
    }
    let hour = number(&mut rest, 2)?;
    let minute = after(&mut rest, ':').then(|| number(&mut rest, 2))??;
    let second = if after(&mut rest, ':') { number(&mut rest, 2)? } else { 0 };
    if after(&mut rest, '.') {
        let fraction = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        rest = if fraction == 0 { return None } else { &rest[fraction..] };
    }
    let offset = offset(&mut rest)?;
    let fits = hour < 24 && minute < 60 && second <= 60 && rest.is_empty();
    fits.then_some(midnight + hour * HOUR + minute * MINUTE + second - offset)
}

/// Seconds east of Greenwich.
fn offset(rest: &mut &str) -> Option<i64> {
    if rest.is_empty() || after(rest, 'Z') || after(rest, 'z') {
        return Some(0);
    }
    let sign = if after(rest, '+') { 1 } else { after(rest, '-').then_some(-1)? };
    let hours = number(rest, 2)?;
    let minutes = after(rest, ':').then(|| number(rest, 2))??;
    (hours < 24 && minutes < 60).then_some(sign * (hours * HOUR + minutes * MINUTE))
}

fn number(rest: &mut &str, digits: usize) -> Option<i64> {
    let (number, after) = rest.split_at_checked(digits)?;
    *rest = after;
    if number.bytes().all(|byte| byte.is_ascii_digit()) { number.parse().ok() } else { None }
}

fn after(rest: &mut &str, mark: char) -> bool {
    rest.strip_prefix(mark).map(|after| *rest = after).is_some()
}

/// A place on the axis of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateTick {
    /// Seconds since 1970.
    pub(crate) at: i64,
    /// What is written there: the part of the date that changes from tick to tick.
    pub(crate) main: String,
    /// What is written below where it changes: the rest of the date.
    pub(crate) below: Option<String>,
}

/// The distance of two ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Seconds(i64),
    Days(i64),
    Months(i64),
    Years(i64),
}

/// The distances that are used, the smallest first; years in larger steps come after these.
const STEPS: [Step; 21] = [
    Step::Seconds(1),
    Step::Seconds(5),
    Step::Seconds(15),
    Step::Seconds(30),
    Step::Seconds(MINUTE),
    Step::Seconds(5 * MINUTE),
    Step::Seconds(15 * MINUTE),
    Step::Seconds(30 * MINUTE),
    Step::Seconds(HOUR),
    Step::Seconds(3 * HOUR),
    Step::Seconds(6 * HOUR),
    Step::Seconds(12 * HOUR),
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
];

impl Step {
    fn seconds(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Days(days) => days * DAY,
            Self::Months(months) => months * 30 * DAY,
            Self::Years(years) => years * 365 * DAY,
        }
    }

    /// The smallest step with at most `count` ticks in a range.
    fn fitting(seconds: i64, count: i64) -> Self {
        let larger = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000].map(Self::Years);
        STEPS.into_iter().chain(larger).find(|step| seconds / step.seconds() < count).unwrap_or(Self::Years(10_000))
    }

    /// All places of this step in a range.
    fn places(self, min: i64, max: i64) -> Vec<i64> {
        let (first, last) = (Civil::from_days(min.div_euclid(DAY)), Civil::from_days(max.div_euclid(DAY)));
        let month = |index: i64| Civil { year: index.div_euclid(12), month: index.rem_euclid(12) + 1, day: 1 }.days() * DAY;
        let months = |date: Civil| date.year * 12 + date.month - 1;
        let places: Vec<i64> = match self {
            Self::Seconds(step) => (min.div_euclid(step)..=max.div_euclid(step)).map(|place| place * step).collect(),
            // Counted from the first of each month. A step that would end just before the next first is left out.
            Self::Days(step) => {
                let days = min.div_euclid(DAY)..=max.div_euclid(DAY);
                let fits = |day: &i64| {
                    let day = Civil::from_days(*day).day;
                    (day - 1) % step == 0 && (step == 1 || day - 1 + step <= 31)
                };
                days.filter(fits).map(|day| day * DAY).collect()
            }
            Self::Months(step) => (months(first)..=months(last)).filter(|index| index % step == 0).map(month).collect(),
            Self::Years(step) => (first.year..=last.year).filter(|year| year % step == 0).map(|year| month(year * 12)).collect(),
        };
        places.into_iter().filter(|place| (min..=max).contains(place)).collect()
    }
}

/// At most `count` ticks between two times.
pub(crate) fn ticks(min: i64, max: i64, count: i64) -> Vec<DateTick> {
    let step = Step::fitting(max - min, count.max(1));
    let mut ticks: Vec<DateTick> = Vec::new();
    let mut previous = None;
    for at in step.places(min, max) {
        let date = Civil::from_days(at.div_euclid(DAY));
        let main = match step {
            Step::Seconds(step) => Clock { of_day: at.rem_euclid(DAY), with_seconds: step < MINUTE }.to_string(),
            Step::Days(_) => date.day.to_string(),
            Step::Months(_) => date.month_name().to_owned(),
            Step::Years(_) => date.year.to_string(),
        };
        let below = match step {
            Step::Seconds(_) => Some(format!("{} {} {}", date.day, date.month_name(), date.year)),
            Step::Days(_) => Some(format!("{} {}", date.month_name(), date.year)),
            Step::Months(_) => Some(date.year.to_string()),
            Step::Years(_) => None,
        };
        let changed = below != previous;
        previous.clone_from(&below);
        ticks.push(DateTick { at, main, below: below.filter(|_| changed) });
    }
    ticks
}

/// A time of day.
struct Clock {
    of_day: i64,
    with_seconds: bool,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.of_day / HOUR, self.of_day % HOUR / MINUTE)?;
        if self.with_seconds { write!(f, ":{:02}", self.of_day % MINUTE) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        let cases = [
            ("1970-01-01", 0),
            ("1970-02", 31 * DAY),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29 12:30", 951_827_400),
            ("2000-02-29T12:30:00.123+01:30", 951_822_000),
            ("2000-02-29T12:30:00-01:00", 951_831_000),
        ];
        for (text, seconds) in cases {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date() {
        let texts = [
            "",
            "2012",
            "2012-1-1",
            "2012-13",
            "2011-02-29",
            "2012-01-01x",
            "2012-01T10:00",
            "2012-01-01T",
            "2012-01-01T24:00",
            "2012-01-01T10:00:00.",
            "2012-01-01T10:00+1",
            "+012-01-01",
            "２０12-01-01",
        ];
        for text in texts {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-800_000..3_000_000).step_by(977) {
            assert_eq!(Civil::from_days(days).days(), days);
        }
    }

    #[track_caller]
    fn check(min: &str, max: &str, count: i64, expected: &str) {
        let ticks = ticks(parse(min).unwrap(), parse(max).unwrap(), count);
        let shown: Vec<String> =
            ticks.into_iter().map(|tick| tick.below.map_or(tick.main.clone(), |below| format!("{}/{below}", tick.main))).collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn ticks_fall_on_what_people_count_by() {
        check("2012-01-01", "2015-12-31", 5, "2012 2013 2014 2015");
        check("2012-11-01", "2013-03-01", 6, "Nov/2012 Dec Jan/2013 Feb Mar");
        check("2012-01-01", "2013-12-31", 8, "Jan/2012 Jul Jan/2013 Jul");
        check("2012-01-20", "2012-03-10", 8, "22/Jan 2012 1/Feb 2012 8 15 22 1/Mar 2012 8");
        check("2012-01-01", "2012-01-04", 4, "1/Jan 2012 2 3 4");
        check("2012-01-01T21:00", "2012-01-02T09:00", 5, "21:00/1 Jan 2012 00:00/2 Jan 2012 03:00 06:00 09:00");
        check("0001-01-01", "9999-12-31", 5, "5000");
        check("2012-01-01T00:00:00", "2012-01-01T00:00:20", 5, "00:00:00/1 Jan 2012 00:00:05 00:00:10 00:00:15 00:00:20");
    }

    #[test]
    fn ticks_are_bounded() {
        for seconds in [1, 59, 3_601, 100_000, 5_000_000, 40_000_000, 900_000_000, 300_000_000_000] {
            let count = ticks(-seconds, seconds, 8).len();
            assert!(count <= 10, "{seconds}: {count}");
        }
    }
}
