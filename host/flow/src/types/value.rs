//! Values: what flows along the edges of a workflow.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

/// One value. Cheap to clone: everything large is shared.
///
/// Integers are exact: what JSON carries as an integer stays one, from `i64::MIN` to `u64::MAX`, and never passes
/// through a double. NaN and the infinities are not values (JSON has no word for them).
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// JSON `null`.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits 64 signed bits.
    Int(i64),
    /// A whole number above `i64::MAX`; smaller ones are always [`Value::Int`].
    UInt(u64),
    /// A finite double.
    Float(f64),
    /// Text.
    String(Arc<str>),
    /// Bytes; base64 text in JSON.
    Bytes(Arc<[u8]>),
    /// An instant; RFC 3339 text in JSON.
    Timestamp(Timestamp),
    /// A span of time; ISO 8601 text such as `PT1.5S` in JSON.
    Duration(SignedDuration),
    /// An ordered sequence.
    List(Arc<[Value]>),
    /// Named values, in the order they were written.
    Map(Arc<Fields>),
}

/// Named values in the order they were written, with look-up by name that stays fast for many names.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    entries: Vec<(Arc<str>, Value)>,
    /// Positions in `entries` by name. Empty for a few names, where a scan is faster.
    by_name: BTreeMap<Arc<str>, usize>,
}

/// From how many names on look-up uses an index.
const INDEXED_FROM: usize = 12;

impl Fields {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).map(|at| &self.entries[at].1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.entries.iter().map(|(name, value)| (name, value))
    }

    /// Gives a name a value, at the end or, when it is there, in its place; answers the value it had.
    pub fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        if let Some(at) = self.position(&name) {
            return Some(std::mem::replace(&mut self.entries[at].1, value));
        }
        if self.entries.len() + 1 == INDEXED_FROM {
            let names = self.entries.iter().enumerate();
            self.by_name = names.map(|(at, (name, _))| (Arc::clone(name), at)).collect();
        }
        if self.entries.len() + 1 >= INDEXED_FROM {
            self.by_name.insert(Arc::clone(&name), self.entries.len());
        }
        self.entries.push((name, value));
        None
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.entries.len() >= INDEXED_FROM {
            return self.by_name.get(name).copied();
        }
        self.entries.iter().position(|(known, _)| &**known == name)
    }
}

impl FromIterator<(Arc<str>, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(pairs: I) -> Self {
        let mut fields = Self::new();
        for (name, value) in pairs {
            fields.insert(name, value);
        }
        fields
    }
}

/// Equal when both have the same names with equal values, in whatever order.
impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

/// Equal when they mean the same: `1` and `1.0` are equal numbers, names may come in any order.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => self.number_cmp(other).is_some_and(std::cmp::Ordering::is_eq),
        }
    }
}

impl Value {
    /// A text value.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A list value.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A map value from names and values.
    pub fn map<N: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (N, Value)>) -> Self {
        Self::Map(Arc::new(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    /// A whole number of either range.
    pub fn uint(number: u64) -> Self {
        i64::try_from(number).map_or(Self::UInt(number), Self::Int)
    }

    /// The value of a name, when this is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(fields) => fields.get(name),
            _ => None,
        }
    }

    /// What a person would call its type.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::UInt(_) => "int",
            Self::Float(_) => "float",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "timestamp",
            Self::Duration(_) => "duration",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// Compares two numbers by their mathematical value, without rounding; `None` when either is not a number.
    pub fn number_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let whole = |value: &Self| match value {
            Self::Int(number) => Some(i128::from(*number)),
            Self::UInt(number) => Some(i128::from(*number)),
            _ => None,
        };
        match (whole(self), whole(other), self, other) {
            (Some(a), Some(b), _, _) => Some(a.cmp(&b)),
            (None, None, Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Some(a), None, _, Self::Float(b)) => Some(cmp_whole_float(a, *b)),
            (None, Some(b), Self::Float(a), _) => Some(cmp_whole_float(b, *a).reverse()),
            _ => None,
        }
    }
}

/// Compares a whole number (at most 65 bits) with a finite double, exactly: whole parts first, then the fraction.
fn cmp_whole_float(whole: i128, float: f64) -> std::cmp::Ordering {
    const BEYOND: f64 = 36_893_488_147_419_103_232.0; // 2^65, more than any whole number here
    if float >= BEYOND {
        return std::cmp::Ordering::Less;
    }
    if float <= -BEYOND {
        return std::cmp::Ordering::Greater;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a double below 2^65 fits 128 bits once truncated")]
    let truncated = float.trunc() as i128;
    whole.cmp(&truncated).then_with(|| 0.0_f64.total_cmp(&(float.fract() + 0.0)))
}
