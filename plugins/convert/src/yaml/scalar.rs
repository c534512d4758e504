//! What a plain scalar is, by the core schema of YAML 1.2 (10.3.2).

use jackfield_sdk::prelude::*;
use serde_json::Number;

/// The value of a plain scalar, or what is wrong with it.
pub(crate) fn plain(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    if let Some(whole) = whole(text) {
        return whole.map(Value::Number).ok_or_else(|| format!("`{text}` does not fit 64 bits: quote it to make it a text"));
    }
    if is_float(text) {
        let number = text.parse().ok().and_then(Number::from_f64);
        return number.map(Value::Number).ok_or_else(|| format!("`{text}` is no number that JSON has: quote it to make it a text"));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if [".inf", ".Inf", ".INF"].contains(&unsigned) || [".nan", ".NaN", ".NAN"].contains(&text) {
        return Err(format!("`{text}` is no number that JSON has: quote it to make it a text"));
    }
    Ok(Value::from(text))
}

/// Whether a text is a whole number, and which, if it fits.
fn whole(text: &str) -> Option<Option<Number>> {
    let of = |digits: &str, radix: u32| -> Option<Option<Number>> {
        let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
        is_number.then(|| u64::from_str_radix(digits, radix).ok().map(Number::from))
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return of(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return of(digits, 8);
    }
    match text.strip_prefix('-') {
        Some(digits) => of(digits, 10).map(|_| text.parse::<i64>().ok().map(Number::from)),
        None => of(text.strip_prefix('+').unwrap_or(text), 10),
    }
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (before, after) = mantissa.split_once('.').map_or((mantissa, None), |(before, after)| (before, Some(after)));
    let has_digits = !before.is_empty() || after.is_some_and(|after| !after.is_empty());
    let good_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    has_digits && all_digits(before) && all_digits(after.unwrap_or("")) && good_exponent
}
