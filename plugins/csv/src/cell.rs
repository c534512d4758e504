//! The text of a field to a cell, and which type a whole column has.

use jackfield_sdk::prelude::*;

/// The type of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColumnType {
    /// The narrowest of `int`, `float` and `bool` that fits **every** field of the column without loss, else `string`.
    /// A leading zero or a plus sign keeps a column `string`, because `007` and `+39` are seldom numbers.
    #[default]
    Auto,
    /// Text as it stands.
    String,
    /// Whole numbers of 64 bits.
    Int,
    /// Numbers with a fraction or an exponent; whole numbers are taken, too.
    Float,
    /// `true` and `false` in upper or lower case.
    Bool,
}

impl ColumnType {
    /// What a person calls a value of this type.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Auto => "a value",
            Self::String => "text",
            Self::Int => "a whole number of 64 bits",
            Self::Float => "a number",
            Self::Bool => "`true` or `false`",
        }
    }

    /// The cell of a field that is not empty, or `None` when its text is not of this type.
    pub(crate) fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Auto | Self::String => Some(Value::from(text)),
            Self::Int => int(text),
            Self::Float => float(text),
            Self::Bool => bool(text),
        }
    }
}

/// What the fields of a column seen so far can be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    int: bool,
    float: bool,
    bool: bool,
    /// A whole number that does not fit 64 bits was seen: as a double it would lose digits.
    huge: bool,
}

impl Guess {
    /// Nothing seen: anything is possible.
    pub(crate) fn new() -> Self {
        Self { int: true, float: true, bool: true, huge: false }
    }

    /// Looks at a field that is not empty.
    pub(crate) fn see(&mut self, text: &str) {
        self.bool = self.bool && bool(text).is_some();
        self.float = self.float && float(text).is_some();
        if self.int && int(text).is_none() {
            self.int = false;
        }
        self.huge = self.huge || (is_whole(text) && int(text).is_none());
    }

    /// The narrowest type that fits all fields seen. A column without any is text.
    pub(crate) fn column_type(self) -> ColumnType {
        match self {
            Self { int: true, bool: true, .. } => ColumnType::String,
            Self { int: true, .. } => ColumnType::Int,
            Self { bool: true, .. } => ColumnType::Bool,
            Self { float: true, huge: false, .. } => ColumnType::Float,
            _ => ColumnType::String,
        }
    }
}

fn int(text: &str) -> Option<Value> {
    if !is_whole(text) {
        return None;
    }
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if leading_zero || whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) || !exponent_fits {
        return None;
    }
    // Infinity, which a too large exponent becomes, is not a JSON number and is refused here.
    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
}

fn bool(text: &str) -> Option<Value> {
    if text.eq_ignore_ascii_case("true") {
        return Some(Value::Bool(true));
    }
    text.eq_ignore_ascii_case("false").then_some(Value::Bool(false))
}

/// A whole number as JSON writes it: no plus sign, no leading zero.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    !digits.is_empty() && !leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[&str], expected: ColumnType) {
        let mut guess = Guess::new();
        fields.iter().for_each(|field| guess.see(field));
        assert_eq!(guess.column_type(), expected, "{fields:?}");
    }

    #[test]
    fn the_narrowest_type_that_fits_every_field() {
        check(&["1", "-2", "0"], ColumnType::Int);
        check(&["1", "2.5"], ColumnType::Float);
        check(&["1e-5", ".5", "3."], ColumnType::Float);
        check(&["true", "FALSE"], ColumnType::Bool);
        check(&["1", "true"], ColumnType::String);
        check(&["1.5", "n/a"], ColumnType::String);
        check(&[], ColumnType::String);
    }

    #[test]
    fn what_only_looks_like_a_number_stays_text() {
        for field in ["007", "+39", "1_000", "1,5", "0x10", "NaN", "inf", "1e999", "-", ".", "e5", "1e", "１", "00.5", " 1"] {
            check(&[field], ColumnType::String);
        }
    }

    #[test]
    fn whole_numbers_are_exact_or_text() {
        check(&["9223372036854775807", "18446744073709551615"], ColumnType::Int);
        check(&["18446744073709551616"], ColumnType::String);
        check(&["18446744073709551616", "0.5"], ColumnType::String);
        assert_eq!(ColumnType::Int.read("18446744073709551615"), Some(json!(18_446_744_073_709_551_615_u64)));
        assert_eq!(ColumnType::Int.read("-9223372036854775808"), Some(json!(i64::MIN)));
    }

    #[test]
    fn a_given_type_takes_only_its_own() {
        assert_eq!(ColumnType::Int.read("5.0"), None);
        assert_eq!(ColumnType::Float.read("5"), Some(json!(5.0)));
        assert_eq!(ColumnType::Bool.read("yes"), None);
        assert_eq!(ColumnType::String.read("5"), Some(json!("5")));
    }
}
