//! Cron expressions: five fields that say on which days, and when on each, something happens.
//!
//! They mean what crontab(5) of POSIX says, with the additions of Vixie's cron that everybody expects: steps, names, lists of
//! ranges, `7` for Sunday and words such as `@daily`. As there, a day has to fit the day of the month *or* the day of the week when
//! both are restricted, and both when one of them begins with `*`. `L` is the last day of the month.

mod field;

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};

use crate::types::Span;
use field::{DAY, Field, HOUR, MINUTE, MONTH, Marks, WEEKDAY};

/// The longest expression that is looked at.
pub const EXPRESSION_BYTES_MAX: usize = 256;

/// A cron expression, read. It fires sooner or later: one that never does is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: Marks,
    hours: Marks,
    days: Marks,
    months: Marks,
    weekdays: Marks,
}

/// A text that is no cron expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronError {
    /// What kind of problem it is.
    pub problem: CronProblem,
    /// What is wrong, with the value seen.
    pub message: String,
    /// Where in the text, in bytes.
    pub span: Span,
    /// What to do.
    pub help: Option<String>,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CronProblem {
    /// It cannot be read.
    Malformed,
    /// No day that it names exists.
    NeverFires,
}

impl CronError {
    fn new(span: Span, message: String) -> Self {
        Self { problem: CronProblem::Malformed, message, span, help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Words that stand for whole expressions.
const WORDS: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

const FIELDS: [&Field; 5] = [&MINUTE, &HOUR, &DAY, &MONTH, &WEEKDAY];

const FIVE: &str = "the fields are minute, hour, day of the month, month, day of the week";

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is none, with the place; when no day that it names exists, such as 31 February.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        if text.len() > EXPRESSION_BYTES_MAX {
            let message = format!("a cron expression may have {EXPRESSION_BYTES_MAX} bytes; this has {}", text.len());
            return Err(CronError::new(Span::new(0, text.len()), message).help("several schedules say more than one"));
        }
        let words = words(text);
        let [minutes, hours, days, months, weekdays] = match words[..] {
            [(at, word)] if word.starts_with('@') => fields_of_word(at, word)?,
            [a, b, c, d, e] => {
                let mut marks = [Marks::default(); 5];
                for ((mark, field), (at, word)) in marks.iter_mut().zip(FIELDS).zip([a, b, c, d, e]) {
                    *mark = field.marks(word, at)?;
                }
                marks
            }
            _ => return Err(wrong_count(text, &words)),
        };
        let cron = Self { minutes, hours, days, months, weekdays };
        if cron.fires() { Ok(cron) } else { Err(never(text, &words)) }
    }

    /// Whether it fires on a day.
    pub(super) fn has_day(&self, day: Date) -> bool {
        if !self.months.has(day.month()) {
            return false;
        }
        let in_month = self.days.has(day.day()) || (self.days.last && day.day() == day.days_in_month());
        let in_week = self.weekdays.has(day.weekday().to_sunday_zero_offset());
        if self.days.starred || self.weekdays.starred { in_month && in_week } else { in_month || in_week }
    }

    /// Hours and minutes at which it fires on such a day, in order.
    pub(super) fn times(&self) -> impl Iterator<Item = (i8, i8)> {
        let marked = |marks: Marks, all: RangeInclusive<i8>| all.filter(move |number| marks.has(*number));
        let minutes = self.minutes;
        marked(self.hours, 0..=23).flat_map(move |hour| marked(minutes, 0..=59).map(move |minute| (hour, minute)))
    }

    /// Whether it fires in every hour of such a day.
    pub(super) fn is_hourly(&self) -> bool {
        (0..=23).all(|hour| self.hours.has(hour))
    }

    /// Forgets how the fields for days were written.
    #[cfg(test)]
    pub(super) fn forget_stars(&mut self) {
        (self.days.starred, self.weekdays.starred) = (false, false);
        (self.minutes.starred, self.hours.starred, self.months.starred) = (false, false, false);
    }

    /// Whether any day fits. The calendar repeats itself after 400 years.
    fn fires(&self) -> bool {
        const CYCLE_DAYS: usize = 146_097;
        date(2000, 1, 1).series(jiff::Span::new().days(1)).take(CYCLE_DAYS).any(|day| self.has_day(day))
    }
}

/// The words of a text, each with its place.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split([' ', '\t']) {
        if !word.is_empty() {
            words.push((at, word));
        }
        at += word.len() + 1;
    }
    words
}

fn fields_of_word(at: usize, word: &str) -> Result<[Marks; 5], CronError> {
    let Some((_, fields)) = WORDS.iter().find(|(known, _)| *known == word) else {
        let known = WORDS.iter().map(|(known, _)| *known);
        let help = match word {
            "@reboot" => "a schedule knows times alone; start the run where the machine starts".to_owned(),
            "@every" => "write the minutes: `*/5 * * * *`".to_owned(),
            _ => crate::types::did_you_mean(word, known.clone())
                .map_or_else(|| format!("there is: {}", known.collect::<Vec<_>>().join(", ")), |near| format!("did you mean `{near}`?")),
        };
        let message = format!("`{}` is no word for a schedule", shown(word));
        return Err(CronError::new(Span::new(at, at + word.len()), message).help(help));
    };
    let Cron { minutes, hours, days, months, weekdays } = Cron::parse(fields)?;
    Ok([minutes, hours, days, months, weekdays])
}

fn wrong_count(text: &str, words: &[(usize, &str)]) -> CronError {
    let count = words.len();
    match (words.first(), words.get(5)) {
        (_, Some((sixth, _))) => {
            let message = format!("a cron expression has 5 fields; this has {count}");
            let help = format!("{FIVE}; there are none for seconds and years");
            CronError::new(Span::new(*sixth, text.trim_end().len().max(*sixth)), message).help(help)
        }
        (Some((at, "@every")), _) => {
            let message = "`@every` is no word for a schedule".to_owned();
            CronError::new(Span::new(*at, at + "@every".len()), message).help("write the minutes: `*/5 * * * *`")
        }
        (Some(_), None) => {
            let message = format!("a cron expression has 5 fields; this has {count}");
            let end = text.trim_end().len();
            CronError::new(Span::new(end, end), message).help(format!("{FIVE}; `{}` is the next", FIELDS[count.min(4)].name))
        }
        (None, None) => {
            CronError::new(Span::new(0, text.len()), "the cron expression is empty".to_owned()).help(format!("{FIVE}, as in `15 2 * * *`"))
        }
    }
}

fn never(text: &str, words: &[(usize, &str)]) -> CronError {
    let start = words.get(2).map_or(0, |(at, _)| *at);
    let end = words.last().map_or(text.len(), |(at, word)| at + word.len());
    let message = format!("`{}` never fires: no month that it names has such a day", shown(text));
    CronError { problem: CronProblem::NeverFires, ..CronError::new(Span::new(start, end), message) }
        .help("correct the day or the month; the last day of every month is `L`")
}

/// A text as far as a message shows it.
fn shown(text: &str) -> String {
    const SHOWN: usize = 40;
    let clean: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().count() > SHOWN { format!("{clean}…") } else { clean }
}
