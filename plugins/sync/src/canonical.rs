//! Canonical JSON, and content hashes.
//!
//! The canonical text is that of RFC 8785 (JSON Canonicalization Scheme): no white space, the names of an object sorted by
//! their UTF-16 code units, texts with the fewest escapes, numbers as ECMAScript writes them. One thing differs: a whole
//! number from -2^63 to 2^64-1 is written with all its digits, where RFC 8785 would round it to a double beyond 2^53. So
//! two numbers have the same text exactly when they are equal (`1` and `1.0` are), and ids of 64 bits stay apart. The
//! content hash is the SHA-256 of this text in UTF-8.

use std::fmt::Write as _;

use jackfield_sdk::prelude::*;
use serde_json::{Map, Number};
use sha2::{Digest as _, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// A value's content hash.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Hashed {
    /// The SHA-256 of the canonical text, in 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// Computes the content hash of a value.
///
/// It is the SHA-256 of the canonical JSON text (RFC 8785, with whole numbers of 64 bits exact): the same for values that mean
/// the same, whatever the order of their fields. Good as a key that tells whether something was seen before.
#[task(
    title = "Hash a value",
    example_input = r#"{"value": {"b": 1.0, "a": "x"}}"#,
    example_output = r#"{"sha256": "cdab067e9f3beb32d1252cfd63e492592fecbf591b0d08cadb24bb17f3864246"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn hash(
    /// The value.
    value: Value,
) -> Hashed {
    Hashed { sha256: hex(&sha256(text(&value).as_bytes())) }
}

/// The canonical text of a value.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

/// The canonical text of a record: of the fields that have a value and are not ignored.
pub(crate) fn record_text(record: &Map<String, Value>, is_ignored: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    write_fields(&mut text, record.iter().filter(|(name, value)| !value.is_null() && !is_ignored(name)));
    text
}

/// The SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => write_number(text, number),
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_value(text, value);
            }
            text.push(']');
        }
        Value::Object(fields) => write_fields(text, fields.iter()),
    }
}

fn write_fields<'a>(text: &mut String, fields: impl Iterator<Item = (&'a String, &'a Value)>) {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    text.push('{');
    for (at, (name, value)) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        write_string(text, name);
        text.push(':');
        write_value(text, value);
    }
    text.push('}');
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\0'..='\u{1f}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

/// 2^64, above every whole number that has all its digits written.
const BEYOND_WHOLE: f64 = 18_446_744_073_709_551_616.0;
/// -2^63, the smallest of them.
const SMALLEST_WHOLE: f64 = -9_223_372_036_854_775_808.0;

fn write_number(text: &mut String, number: &Number) {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let float = number.as_f64().unwrap_or(0.0);
    match whole {
        Some(whole) => {
            let _ = write!(text, "{whole}");
        }
        None if float.fract() == 0.0 && (SMALLEST_WHOLE..BEYOND_WHOLE).contains(&float) => {
            #[expect(clippy::cast_possible_truncation, reason = "a whole double below 2^64 fits 128 bits")]
            let whole = float as i128;
            let _ = write!(text, "{whole}");
        }
        None => write_float(text, float),
    }
}

/// A double as ECMAScript's `Number::toString` writes it: the shortest digits that read back as the same number.
fn write_float(text: &mut String, float: f64) {
    let shortest = format!("{:e}", float.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = mantissa.replace('.', "");
    // The number is 0.DIGITS × 10^point.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    if float < 0.0 {
        text.push('-');
    }
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    match usize::try_from(point) {
        Ok(_) if length <= point && point <= 21 => {
            let _ = write!(text, "{digits}{}", zeros(point - length));
        }
        Ok(at) if 0 < point && point <= 21 => {
            let _ = write!(text, "{}.{}", &digits[..at], &digits[at..]);
        }
        _ if -6 < point && point <= 0 => {
            let _ = write!(text, "0.{}{digits}", zeros(-point));
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let _ = write!(text, "{first}{dot}{rest}e{:+}", point - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, canonical: &str) {
        assert_eq!(text(&serde_json::from_str(json).unwrap()), canonical, "{json}");
    }

    /// The numbers of the appendix of RFC 8785, apart from whole ones beyond 2^53, which stay exact here.
    #[test]
    fn numbers_are_written_as_ecmascript_does() {
        for (json, canonical) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("5e-324", "5e-324"),
            ("-5e-324", "-5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("295147905179352830000", "295147905179352830000"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e23", "1e+23"),
            ("999999999999999700000", "999999999999999700000"),
            ("1e21", "1e+21"),
            ("9.999999999999997e-7", "9.999999999999997e-7"),
            ("0.000001", "0.000001"),
            ("333333333.3333332", "333333333.3333332"),
            ("-0.0000033333333333333333", "-0.0000033333333333333333"),
            ("1e-7", "1e-7"),
            ("1.50", "1.5"),
            ("1.0", "1"),
            ("9007199254740993", "9007199254740993"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808.0", "9223372036854775808"),
        ] {
            check(json, canonical);
        }
    }

    #[test]
    fn texts_have_the_fewest_escapes() {
        check(r#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\u007f""#, "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\"");
        check(r#""\b\f\t\r\u0000""#, r#""\b\f\t\r\u0000""#);
    }

    /// The example of RFC 8785, 3.2.3: UTF-16 sorts an emoji before the letters above the surrogates.
    #[test]
    fn names_are_sorted_by_utf_16() {
        let json = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        check(json, "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}");
    }

    #[test]
    fn lists_keep_their_order_and_nested_nulls_count() {
        check(r#"[3, {"b": null, "a": []}, 1]"#, r#"[3,{"a":[],"b":null},1]"#);
    }

    #[test]
    fn a_record_is_the_fields_that_have_a_value() {
        let record = json!({"b": 1, "n": null, "a": 2, "seen": 9});
        assert_eq!(record_text(record.as_object().unwrap(), |name| name == "seen"), r#"{"a":2,"b":1}"#);
    }

    #[test]
    fn the_hash_is_that_of_the_canonical_text() {
        assert_eq!(hash(json!({"b": 1.0, "a": "x"})), hash(json!({"a": "x", "b": 1})));
        assert_ne!(hash(json!(1)), hash(json!("1")));
        assert_eq!(hash(json!("abc")).sha256, "6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25");
    }
}
