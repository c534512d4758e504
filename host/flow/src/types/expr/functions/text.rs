//! Texts. Positions count characters, from 0.

use super::super::eval::{EvalCode, Fault};
use super::super::pattern::Pattern;
use super::Call;
use crate::types::Value;

type Run = Result<Value, Fault>;

/// What compiling a pattern costs at run time, in operations: about what it takes.
const PATTERN_OPS: u64 = 2_000;

pub(super) fn size(call: &mut Call<'_>) -> Run {
    let count = match call.args.first() {
        Some(Value::String(text)) => text.chars().count(),
        Some(Value::Bytes(bytes)) => bytes.len(),
        Some(Value::List(items)) => items.len(),
        Some(Value::Map(fields)) => fields.len(),
        _ => return Err(Fault::types("only texts, bytes, lists and maps have a size")),
    };
    count_value(count)
}

fn count_value(count: usize) -> Run {
    i64::try_from(count).map(Value::Int).map_err(|_| Fault::overflow("the count is beyond 64 bits"))
}

pub(super) fn contains(call: &mut Call<'_>) -> Run {
    Ok(Value::Bool(call.text(0)?.contains(call.text(1)?)))
}

/// Charges what is compared at one end of a text.
fn scan_part(call: &mut Call<'_>) -> Result<(), Fault> {
    let len = call.text(0)?.len().min(call.text(1)?.len());
    call.budget.scan(len)
}

pub(super) fn starts_with(call: &mut Call<'_>) -> Run {
    scan_part(call)?;
    Ok(Value::Bool(call.text(0)?.starts_with(call.text(1)?)))
}

pub(super) fn ends_with(call: &mut Call<'_>) -> Run {
    scan_part(call)?;
    Ok(Value::Bool(call.text(0)?.ends_with(call.text(1)?)))
}

pub(super) fn matches(call: &mut Call<'_>) -> Run {
    if let Some(pattern) = call.pattern {
        return is_match(call, pattern);
    }
    call.budget.ops(PATTERN_OPS)?;
    let pattern = Pattern::compile(call.text(1)?).map_err(|problem| Fault::new(EvalCode::Argument, problem))?;
    is_match(call, &pattern)
}

fn is_match(call: &mut Call<'_>, pattern: &Pattern) -> Run {
    let ops = pattern.ops(call.text(0)?.len());
    call.budget.ops(ops)?;
    Ok(Value::Bool(pattern.is_match(call.text(0)?)))
}

/// A text made from a text argument that is no longer than it.
fn made(call: &mut Call<'_>, make: impl FnOnce(&str) -> String) -> Run {
    let text = make(call.text(0)?);
    call.budget.bytes(text.len())?;
    Ok(Value::string(text))
}

pub(super) fn lower(call: &mut Call<'_>) -> Run {
    made(call, str::to_ascii_lowercase)
}

pub(super) fn upper(call: &mut Call<'_>) -> Run {
    made(call, str::to_ascii_uppercase)
}

pub(super) fn trim(call: &mut Call<'_>) -> Run {
    made(call, |text| text.trim().to_owned())
}

pub(super) fn reverse(call: &mut Call<'_>) -> Run {
    made(call, |text| text.chars().rev().collect())
}

/// How many times at most: a negative number is without end.
fn times(call: &Call<'_>, at: usize) -> usize {
    match call.args.get(at) {
        Some(Value::Int(number)) => usize::try_from(*number).unwrap_or(usize::MAX),
        _ => usize::MAX,
    }
}

pub(super) fn split(call: &mut Call<'_>) -> Run {
    let parts_max = times(call, 2);
    let (text, separator) = (call.text(0)?.to_owned(), call.text(1)?.to_owned());
    if parts_max == 0 {
        return Ok(Value::list([]));
    }
    // The parts are counted, and charged, before they are made.
    let count = if separator.is_empty() { text.chars().count() } else { text.matches(&*separator).count() + 1 };
    call.budget.values(count.min(parts_max))?;
    call.budget.bytes(text.len())?;
    if separator.is_empty() {
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(parts_max).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        return Ok(Value::list(starts.iter().zip(ends).map(|(start, end)| Value::string(&text[*start..end]))));
    }
    Ok(Value::list(text.splitn(parts_max, &*separator).map(Value::string)))
}

pub(super) fn join(call: &mut Call<'_>) -> Run {
    let separator = if call.args.len() > 1 { call.text(1)?.to_owned() } else { String::new() };
    let mut parts = Vec::new();
    let mut len = 0_usize;
    for item in call.items(0)? {
        let Value::String(part) = item else {
            return Err(Fault::types(format!("only texts are joined; this list has a {}", item.kind())));
        };
        len = len.saturating_add(part.len()).saturating_add(separator.len());
        parts.push(&**part);
    }
    if len > call.budget.bytes_left() {
        return Err(call.budget.bytes_gone());
    }
    let text = parts.join(&*separator);
    call.budget.bytes(len)?;
    Ok(Value::string(text))
}

pub(super) fn replace(call: &mut Call<'_>) -> Run {
    let (text, from, to) = (call.text(0)?.to_owned(), call.text(1)?.to_owned(), call.text(2)?.to_owned());
    let count = text.matches(&*from).count().min(times(call, 3));
    call.budget.bytes(text.len().saturating_add(count.saturating_mul(to.len())))?;
    Ok(Value::string(text.replacen(&*from, &to, count)))
}

/// The byte of a character position, which may be the end.
fn byte_at(text: &str, position: usize) -> Result<usize, Fault> {
    let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts.nth(position).ok_or_else(|| {
        let count = text.chars().count();
        Fault::new(EvalCode::Index, format!("position {position} is beyond the end of a text of {count} characters"))
    })
}

pub(super) fn substring(call: &mut Call<'_>) -> Run {
    let text = call.text(0)?;
    let start = byte_at(text, call.index(1)?)?;
    let end = if call.args.len() > 2 { byte_at(text, call.index(2)?)? } else { text.len() };
    let Some(part) = text.get(start..end) else { return Err(Fault::argument("the end lies before the start")) };
    let part = part.to_owned();
    call.budget.bytes(part.len())?;
    Ok(Value::string(part))
}

pub(super) fn char_at(call: &mut Call<'_>) -> Run {
    let text = call.text(0)?;
    let start = byte_at(text, call.index(1)?)?;
    Ok(Value::string(text[start..].chars().next().map(String::from).unwrap_or_default()))
}

pub(super) fn index_of(call: &mut Call<'_>) -> Run {
    let (text, part) = (call.text(0)?, call.text(1)?);
    let from = if call.args.len() > 2 { byte_at(text, call.index(2)?)? } else { 0 };
    position(text, text[from..].find(part).map(|at| from + at))
}

pub(super) fn last_index_of(call: &mut Call<'_>) -> Run {
    let (text, part) = (call.text(0)?, call.text(1)?);
    if call.args.len() < 3 {
        return position(text, text.rfind(part));
    }
    let from = byte_at(text, call.index(2)?)?;
    let end = from.saturating_add(part.len()).min(text.len());
    // An end within a character is beyond every occurrence that begins in time.
    let end = (from..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(from);
    position(text, text[..end].rfind(part))
}

pub(super) fn quote(call: &mut Call<'_>) -> Run {
    let text = call.text(0)?;
    let escaped = text.chars().filter(|letter| escape(*letter).is_some()).count();
    let len = text.len() + escaped + 2;
    call.budget.bytes(len)?;
    let mut quoted = String::with_capacity(len);
    quoted.push('"');
    for letter in call.text(0)?.chars() {
        match escape(letter) {
            Some(escaped) => quoted.push_str(escaped),
            None => quoted.push(letter),
        }
    }
    quoted.push('"');
    Ok(Value::string(quoted))
}

fn escape(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => return None,
    })
}

fn position(text: &str, byte: Option<usize>) -> Run {
    byte.map_or(Ok(Value::Int(-1)), |byte| count_value(text[..byte].chars().count()))
}
