//! One field of a cron expression: lists of numbers, names, ranges and steps.

use super::{CronError, shown};
use crate::types::{Span, did_you_mean};

/// The numbers that a field marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    bits: u64,
    /// Whether it begins with `*`, which decides how the two fields for days go together.
    pub(super) starred: bool,
    /// Whether the last day of the month is marked.
    pub(super) last: bool,
}

impl Marks {
    pub(super) fn has(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.bits >> number & 1 == 1)
    }
}

/// A kind of field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    least: u8,
    most: u8,
    /// Names of the numbers from `least` on.
    names: &'static [&'static str],
}

pub(super) const MINUTE: Field = Field { name: "minute", least: 0, most: 59, names: &[] };
pub(super) const HOUR: Field = Field { name: "hour", least: 0, most: 23, names: &[] };
pub(super) const DAY: Field = Field { name: "day of the month", least: 1, most: 31, names: &[] };
pub(super) const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/// Sunday is 0, and 7 as well.
pub(super) const WEEKDAY: Field =
    Field { name: "day of the week", least: 0, most: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// A piece of an expression and its place.
#[derive(Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Piece<'t> {
    fn span(self) -> Span {
        Span::new(self.at, self.at + self.text.len())
    }

    fn problem(self, message: String) -> CronError {
        CronError::new(self.span(), message)
    }

    /// What stands before and after a mark.
    fn split(self, mark: char) -> Option<(Self, Self)> {
        let (before, after) = self.text.split_once(mark)?;
        Some((Self { text: before, at: self.at }, Self { text: after, at: self.at + before.len() + mark.len_utf8() }))
    }
}

impl Field {
    /// The numbers that a word marks; `at` is where it stands.
    pub(super) fn marks(&self, word: &str, at: usize) -> Result<Marks, CronError> {
        let mut marks = Marks { starred: word.starts_with('*'), ..Marks::default() };
        let mut rest = Some(Piece { text: word, at });
        while let Some(list) = rest {
            let (item, others) = match list.split(',') {
                Some((item, others)) => (item, Some(others)),
                None => (list, None),
            };
            self.mark(item, &mut marks)?;
            rest = others;
        }
        Ok(marks)
    }

    fn mark(&self, item: Piece<'_>, marks: &mut Marks) -> Result<(), CronError> {
        if item.text == "L" && self.name == DAY.name {
            marks.last = true;
            return Ok(());
        }
        let (range, step) = match item.split('/') {
            Some((range, step)) => (range, self.step(range, step)?),
            None => (item, 1),
        };
        let (first, last) = self.range(range)?;
        for number in (first..=last).step_by(step) {
            // The seventh day of the week is Sunday again.
            let number = if self.name == WEEKDAY.name { number % 7 } else { number };
            marks.bits |= 1 << number;
        }
        Ok(())
    }

    fn range(&self, range: Piece<'_>) -> Result<(u8, u8), CronError> {
        if range.text == "*" {
            // Day 7 is day 0, which is there already.
            return Ok((self.least, if self.name == WEEKDAY.name { 6 } else { self.most }));
        }
        let Some((from, to)) = range.split('-') else {
            let number = self.number(range)?;
            return Ok((number, number));
        };
        let (first, last) = (self.number(from)?, self.number(to)?);
        // `sat-sun` is the end of the week.
        let last = if last == 0 && first > 0 && to.text.eq_ignore_ascii_case("sun") { 7 } else { last };
        if first > last {
            let message = format!("the range `{}` ends before it begins", shown(range.text));
            let most = if self.name == WEEKDAY.name { 6 } else { self.most };
            return Err(range.problem(message).help(format!("write a list of two ranges: `{first}-{most},{}-{last}`", self.least)));
        }
        Ok((first, last))
    }

    fn step(&self, range: Piece<'_>, step: Piece<'_>) -> Result<usize, CronError> {
        if range.text != "*" && !range.text.contains('-') {
            let number = self.number(range)?;
            let message = format!("a step follows `*` or a range; `{}` is one number", shown(range.text));
            return Err(range.problem(message).help(format!("write `{number}-{}/{}`", self.most, shown(step.text))));
        }
        let most = usize::from(if self.name == WEEKDAY.name { 6 } else { self.most });
        match digits(step.text) {
            Some(number) if (1..=most).contains(&usize::from(number)) => Ok(usize::from(number)),
            _ => {
                let message = format!("the step of the {} is `{}`; it may be 1 to {most}", self.name, shown(step.text));
                Err(step.problem(message))
            }
        }
    }

    fn number(&self, piece: Piece<'_>) -> Result<u8, CronError> {
        let range = || format!("{} to {}", self.least, self.most);
        if let Some(number) = digits(piece.text) {
            return if (self.least..=self.most).contains(&number) {
                Ok(number)
            } else {
                Err(piece.problem(format!("the {} is {number}; it may be {}", self.name, range())))
            };
        }
        if let Some(at) = self.names.iter().position(|name| piece.text.eq_ignore_ascii_case(name)) {
            return Ok(self.least + u8::try_from(at).unwrap_or(0));
        }
        let seen = shown(piece.text);
        let message = match piece.text {
            "" => format!("a number is missing in the {}", self.name),
            text if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("the {} is {seen}; it may be {}", self.name, range()),
            _ => format!("`{seen}` is no {}", self.name),
        };
        Err(piece.problem(message).help(self.help(piece.text)))
    }

    fn help(&self, seen: &str) -> String {
        let range = format!("{} to {}", self.least, self.most);
        if seen == "?" {
            return "write `*` for any".to_owned();
        }
        match (self.names, did_you_mean(seen, self.names.iter().copied())) {
            ([], _) if self.name == DAY.name => format!("write a number, {range}, or `L` for the last day of the month"),
            ([], _) => format!("write a number, {range}"),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (names, None) => format!("write a number, {range}, or a name: {}", names.join(", ")),
        }
    }
}

/// A number of at most three digits, and nothing else.
fn digits(text: &str) -> Option<u8> {
    let plain = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
