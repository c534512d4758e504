//! `"%s has %d".format([name, count])`.

use std::fmt::Write;

use super::super::eval::{EvalCode, Fault};
use super::Call;
use super::convert::float_text;
use crate::types::{Value, format_duration};

/// Most decimals that can be asked for: a double has no more that mean something.
const DECIMALS_MAX: usize = 20;

pub(super) fn format(call: &mut Call<'_>) -> Result<Value, Fault> {
    let template = call.text(0)?;
    let mut values = call.items(1)?.iter();
    let bytes_max = call.budget.bytes_left();
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (verb, decimals, after) = verb(&rest[at + 1..])?;
        rest = after;
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(value) = values.next() else {
            return Err(Fault::argument(format!("there is no value left for `%{verb}`")));
        };
        fill(&mut out, verb, decimals, value, bytes_max)?;
        if out.len() > bytes_max {
            return Err(call.budget.bytes_gone());
        }
    }
    if let count @ 1.. = values.len() {
        return Err(Fault::argument(format!("{count} values are left over: the text has fewer places than the list has values")));
    }
    out.push_str(rest);
    call.budget.bytes(out.len())?;
    Ok(Value::string(out))
}

/// The letter after `%`, the decimals before it, and what comes after.
fn verb(text: &str) -> Result<(char, Option<usize>, &str), Fault> {
    let mut decimals = None;
    let mut rest = text;
    if let Some(after) = text.strip_prefix('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        decimals = after[..digits].parse().ok().filter(|decimals| *decimals <= DECIMALS_MAX);
        if decimals.is_none() {
            return Err(Fault::argument(format!("after `%.` comes a number of decimals up to {DECIMALS_MAX}, as in `%.2f`")));
        }
        rest = &after[digits..];
    }
    match rest.chars().next() {
        Some(verb @ ('s' | 'd' | 'f' | 'e' | 'x' | 'X' | 'o' | 'b' | '%')) => Ok((verb, decimals, &rest[1..])),
        Some(other) => Err(Fault::argument(format!("there is no `%{other}`: there are %s %d %f %e %x %X %o %b %%"))),
        None => Err(Fault::argument("a `%` stands at the end: write `%%` for the sign itself")),
    }
}

fn fill(out: &mut String, verb: char, decimals: Option<usize>, value: &Value, bytes_max: usize) -> Result<(), Fault> {
    let whole = match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        _ => None,
    };
    let sign = if whole.is_some_and(|number| number < 0) { "-" } else { "" };
    let size = whole.map(i128::unsigned_abs);
    let decimals = decimals.unwrap_or(6);
    // Writing into a text cannot fail.
    let _ = match (verb, value, size) {
        ('s', _, _) => return plain(out, value, bytes_max),
        ('d', _, Some(size)) => write!(out, "{sign}{size}"),
        ('x', _, Some(size)) => write!(out, "{sign}{size:x}"),
        ('X', _, Some(size)) => write!(out, "{sign}{size:X}"),
        ('o', _, Some(size)) => write!(out, "{sign}{size:o}"),
        ('b', _, Some(size)) => write!(out, "{sign}{size:b}"),
        ('f', Value::Float(number), _) => write!(out, "{number:.decimals$}"),
        ('f', _, Some(size)) => write!(out, "{sign}{size}.{:0<decimals$}", ""),
        ('e', Value::Float(number), _) => {
            let text = format!("{number:.decimals$e}");
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
            write!(out, "{digits}e{sign}{exponent:0>2}")
        }
        ('x' | 'X', Value::String(text), _) => hex(out, verb, text.as_bytes()),
        ('x' | 'X', Value::Bytes(bytes), _) => hex(out, verb, bytes),
        ('b', Value::Bool(truth), _) => write!(out, "{}", u8::from(*truth)),
        _ => {
            let message = format!("`%{verb}` does not take a value of type {}", value.kind());
            return Err(Fault::new(EvalCode::Argument, message));
        }
    };
    Ok(())
}

fn hex(out: &mut String, verb: char, bytes: &[u8]) -> std::fmt::Result {
    bytes.iter().try_for_each(|byte| if verb == 'x' { write!(out, "{byte:02x}") } else { write!(out, "{byte:02X}") })
}

/// A value as people read it: texts without quotes, `[1, a]`, `{name: value}` in the order of the names.
fn plain(out: &mut String, value: &Value, bytes_max: usize) -> Result<(), Fault> {
    // Parts may be shared, so that a small graph can stand for a giant text: it stops here.
    if out.len() > bytes_max {
        return Err(Fault::new(EvalCode::Budget, format!("the value, written out, has more than {bytes_max} bytes")));
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::UInt(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(text),
        Value::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Value::Float(number) => out.push_str(&float_text(*number)),
        Value::Timestamp(instant) => out.push_str(&instant.to_string()),
        Value::Duration(duration) => out.push_str(&format_duration(*duration)),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                plain(out, item, bytes_max)?;
            }
            out.push(']');
        }
        Value::Map(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(name);
                out.push_str(": ");
                plain(out, value, bytes_max)?;
            }
            out.push('}');
        }
    }
    Ok(())
}
