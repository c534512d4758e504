//! `date-parts`: year, month and so on of a date, as columns.

use jackfield_sdk::prelude::*;

use crate::error::{TableError, shown};
use crate::rows::{Row, Rows, cell, require_column};

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// The year.
    Year,
    /// 1 to 4.
    Quarter,
    /// 1 to 12.
    Month,
    /// Day of the month.
    Day,
    /// 1 (Monday) to 7 (Sunday), as ISO 8601 counts.
    Weekday,
    /// 1 to 366.
    DayOfYear,
    /// The text `YYYY-MM`, which sorts and groups months of several years.
    YearMonth,
}

impl Part {
    /// The name of its column.
    fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::DayOfYear => "day_of_year",
            Self::YearMonth => "year_month",
        }
    }
}

/// Adds the parts of a date to every row, as columns such as `year` and `month`.
///
/// A date is a text `YYYY-MM-DD` of the Gregorian calendar, or begins with one and goes on with `T` or a space and a time, which is not looked at. A
/// cell without a value gives parts without a value.
#[task(
    title = "Parts of dates",
    example_input = r#"{"rows": [{"date": "2012-01-31", "rain": 3}], "column": "date", "parts": ["year", "month"]}"#,
    example_output = r#"{"rows": [{"date": "2012-01-31", "rain": 3, "year": 2012, "month": 1}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn date_parts(
    /// The rows.
    mut rows: Vec<Row>,
    /// The column with the date.
    column: String,
    /// The parts to add, in order.
    parts: Vec<Part>,
    /// What the names of the new columns begin with: `born_` makes `born_year`.
    #[serde(default)]
    prefix: String,
) -> Result<Rows, TableError> {
    require_column(&rows, &column)?;
    for (at, row) in rows.iter_mut().enumerate() {
        let value = cell(row, &column);
        let date = match value {
            Value::Null => None,
            Value::String(text) => Some(Date::parse(text).ok_or_else(|| not_a_date(at, &column, value))?),
            _ => return Err(not_a_date(at, &column, value)),
        };
        for part in &parts {
            let name = format!("{prefix}{}", part.name());
            if row.insert(name.clone(), date.map_or(Value::Null, |date| date.part(*part))).is_some() {
                return Err(TableError::ColumnTwice { column: name });
            }
        }
    }
    Ok(Rows { rows })
}

fn not_a_date(at: usize, column: &str, found: &Value) -> TableError {
    TableError::NotADate { row: at + 1, column: column.to_owned(), found: shown(found) }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_at_checked(10)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date.as_bytes() else { return None };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
        };
        let date = Self { year: number(&[y1, y2, y3, y4])?, month: number(&[m1, m2])?, day: number(&[d1, d2])? };
        let exists = (1..=12).contains(&date.month) && (1..=days_of_month(date.year, date.month)).contains(&date.day);
        (exists && (time.is_empty() || time.starts_with(['T', 't', ' ']))).then_some(date)
    }

    fn part(self, part: Part) -> Value {
        match part {
            Part::Year => self.year.into(),
            Part::Quarter => self.month.div_ceil(3).into(),
            Part::Month => self.month.into(),
            Part::Day => self.day.into(),
            Part::Weekday => self.weekday().into(),
            Part::DayOfYear => self.day_of_year().into(),
            Part::YearMonth => format!("{:04}-{:02}", self.year, self.month).into(),
        }
    }

    fn day_of_year(self) -> u32 {
        (1..self.month).map(|month| days_of_month(self.year, month)).sum::<u32>() + self.day
    }

    /// Counted from 1 January of the year 0, a Saturday.
    fn weekday(self) -> u32 {
        let leap_days = self.year.div_ceil(4) + self.year.div_ceil(400) - self.year.div_ceil(100);
        let days = self.year * 365 + leap_days + self.day_of_year() - 1;
        (days + 5) % 7 + 1
    }
}

fn days_of_month(year: u32, month: u32) -> u32 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_error, assert_rows, rows};

    fn ask(date: Value, parts: &[Part]) -> Result<Rows, TableError> {
        date_parts(rows(json!([{"d": date}])), "d".into(), parts.to_vec(), String::new())
    }

    #[test]
    fn every_part() {
        let all = [Part::Year, Part::Quarter, Part::Month, Part::Day, Part::Weekday, Part::DayOfYear, Part::YearMonth];
        let expected = json!([{"d": "2012-12-31", "year": 2012, "quarter": 4, "month": 12, "day": 31, "weekday": 1, "day_of_year": 366, "year_month": "2012-12"}]);
        assert_rows(ask(json!("2012-12-31"), &all), expected);
    }

    #[test]
    fn weekdays() {
        for (date, weekday) in
            [("1970-01-01", 4), ("2000-02-29", 2), ("1900-03-01", 4), ("2026-11-21", 6), ("0000-01-01", 6), ("9999-12-31", 5)]
        {
            assert_rows(ask(json!(date), &[Part::Weekday]), json!([{"d": date, "weekday": weekday}]));
        }
    }

    #[test]
    fn a_time_may_follow_and_a_value_may_lack() {
        assert_rows(ask(json!("2012-06-07T23:59:59Z"), &[Part::Day]), json!([{"d": "2012-06-07T23:59:59Z", "day": 7}]));
        assert_rows(ask(json!("2012-06-07 12:00"), &[Part::Day]), json!([{"d": "2012-06-07 12:00", "day": 7}]));
        assert_rows(ask(json!(null), &[Part::Day]), json!([{"d": null, "day": null}]));
    }

    #[test]
    fn what_is_not_a_date() {
        for date in [
            "",
            "2012",
            "2012-1-1",
            "2012/01/01",
            "2011-02-29",
            "1900-02-29",
            "2012-13-01",
            "2012-00-01",
            "2012-04-31",
            "2012-01-011",
            "２012-01-01",
            "2012-01-01x",
        ] {
            assert_error(ask(json!(date), &[]), "not-a-date", "row 1, column `d`");
        }
        assert_error(ask(json!(20_120_101), &[]), "not-a-date", "`20120101`");
    }

    #[test]
    fn columns_that_are_there_are_not_overwritten() {
        let table = || rows(json!([{"d": "2012-01-02", "year": 1}]));
        assert_error(date_parts(table(), "d".into(), vec![Part::Year], String::new()), "column-twice", "`year`");
        assert_rows(
            date_parts(table(), "d".into(), vec![Part::Year], "d_".into()),
            json!([{"d": "2012-01-02", "year": 1, "d_year": 2012}]),
        );
    }
}
