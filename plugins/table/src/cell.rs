//! Equality and order of cells.

use std::cmp::Ordering;

use jackfield_sdk::prelude::*;
use serde_json::Number;

/// A cell as a key: two cells are the same key when they mean the same, so `1` and `1.0` are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number that is whole and fits.
    Whole(i128),
    /// Another number, by the bits of its double.
    Fraction(u64),
    /// Text.
    Text(String),
    /// Lists and objects, as JSON text with names in order.
    Nested(String),
}

impl Key {
    /// The key of a cell.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => match Num::of(number) {
                Num::Whole(whole) => Self::Whole(whole),
                Num::Float(float) => as_whole(float).map_or(Self::Fraction(float.to_bits()), Self::Whole),
            },
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(_) | Value::Object(_) => {
                let mut sorted = value.clone();
                sorted.sort_all_objects();
                Self::Nested(sorted.to_string())
            }
        }
    }
}

/// A JSON number without loss: whole numbers of either range, or a finite double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Num {
    /// A whole number.
    Whole(i128),
    /// A finite double.
    Float(f64),
}

impl Num {
    /// The number.
    pub(crate) fn of(number: &Number) -> Self {
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        whole.map_or_else(|| Self::Float(number.as_f64().unwrap_or(0.0)), Self::Whole)
    }

    /// The nearest double.
    pub(crate) fn to_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "the nearest double is what is asked for")]
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }

    /// Compares by mathematical value, without rounding.
    pub(crate) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Whole(a), Self::Float(b)) => order_mixed(a, b),
            (Self::Float(a), Self::Whole(b)) => order_mixed(b, a).reverse(),
        }
    }
}

/// 2^65, beyond every whole number that JSON can carry exactly here.
const BEYOND: f64 = 36_893_488_147_419_103_232.0;

fn order_mixed(whole: i128, float: f64) -> Ordering {
    if float.abs() >= BEYOND {
        return 0.0.partial_cmp(&float).unwrap_or(Ordering::Equal);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a double below 2^65 fits 128 bits once truncated")]
    let truncated = float.trunc() as i128;
    whole.cmp(&truncated).then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

/// The whole number that a double is, if it is one and could be written as one.
fn as_whole(float: f64) -> Option<i128> {
    if float.fract() != 0.0 || float.abs() >= BEYOND {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole double below 2^65 fits 128 bits")]
    let whole = float as i128;
    Some(whole)
}

/// Compares two cells that have an order: two numbers, two texts (by Unicode code point) or two truth values (`false` first).
/// `None` for everything else.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Some(Num::of(a).order(Num::of(b))),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_without_rounding() {
        let above_double = json!(9_007_199_254_740_993_i64);
        assert_eq!(order(&above_double, &json!(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(order(&json!(u64::MAX), &json!(1e300)), Some(Ordering::Less));
        assert_eq!(order(&json!(i64::MIN), &json!(-1e300)), Some(Ordering::Greater));
        assert_eq!(order(&json!(-1), &json!(-1.5)), Some(Ordering::Greater));
        assert_eq!(order(&json!(1), &json!(1.0)), Some(Ordering::Equal));
        assert_eq!(order(&json!(0.5), &json!(0)), Some(Ordering::Greater));
    }

    #[test]
    fn only_the_same_kind_has_an_order() {
        assert_eq!(order(&json!("10"), &json!("9")), Some(Ordering::Less));
        assert_eq!(order(&json!(true), &json!(false)), Some(Ordering::Greater));
        for (left, right) in [(json!("1"), json!(1)), (json!(null), json!(1)), (json!([1]), json!([1])), (json!(true), json!(1))] {
            assert_eq!(order(&left, &right), None);
        }
    }

    #[test]
    fn keys_are_the_same_when_the_cells_mean_the_same() {
        assert_eq!(Key::of(&json!(1)), Key::of(&json!(1.0)));
        assert_eq!(Key::of(&json!(0)), Key::of(&json!(-0.0)));
        assert_eq!(Key::of(&json!({"a": 1, "b": 2})), Key::of(&json!({"b": 2, "a": 1})));
        let different = [
            json!(1),
            json!("1"),
            json!(true),
            json!(null),
            json!(1.5),
            json!([1]),
            json!(""),
            json!(1e300),
            json!(9_007_199_254_740_993_i64),
        ];
        for (at, left) in different.iter().enumerate() {
            assert!(different[at + 1..].iter().all(|right| Key::of(left) != Key::of(right)), "{left}");
        }
    }
}
