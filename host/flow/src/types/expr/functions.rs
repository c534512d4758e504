//! The functions of the language. One table ([`table::FUNCTIONS`]) is read by the parser, the checker, the evaluator, the help and
//! the suggestions.

mod convert;
mod format;
mod instant;
mod list;
mod number;
mod option;
mod table;
mod text;

pub(super) use list::sort_keyed;

use std::fmt;

use super::ast::{BindKind, FoldKind};
use super::budget::Budget;
use super::eval::Fault;
use super::pattern::Pattern;
use crate::types::Value;
use table::FUNCTIONS;

/// One function, under all its types.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// One line for people.
    pub(super) doc: &'static str,
    pub(super) uses: Uses,
    /// Whether it takes a list as so many arguments as well.
    pub(super) takes_any_number: bool,
}

/// How a function is used.
pub(super) enum Uses {
    /// With values.
    Overloads(&'static [Overload]),
    /// With a variable that stands for each element.
    Fold(FoldKind),
    /// With a variable that stands for one value.
    Bind(BindKind),
    /// With a type written as in a workflow file.
    As,
    /// With a field that may be absent.
    Has,
}

/// A function for arguments of certain types.
pub(super) struct Overload {
    pub(super) takes: &'static [Shape],
    pub(super) gives: Shape,
    pub(super) cost: Cost,
    pub(super) run: fn(&mut Call<'_>) -> Result<Value, Fault>,
}

/// What a call costs beside its own one operation. What it produces is charged as it is produced.
#[derive(Clone, Copy)]
pub(super) enum Cost {
    /// Nothing more.
    One,
    /// One operation for each 16 bytes of its texts, and one for each element of its lists and maps.
    Sized,
}

/// A call at run time.
pub(super) struct Call<'a> {
    pub(super) args: &'a [Value],
    pub(super) budget: &'a mut Budget,
    /// The compiled pattern, when that was a literal.
    pub(super) pattern: Option<&'a Pattern>,
}

/// The type of an argument or a result, with two unknowns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Bool,
    Int,
    Float,
    String,
    Bytes,
    Timestamp,
    Duration,
    /// A value of unknown type.
    Json,
    /// A value of whatever type.
    Any,
    /// A type that is the same wherever it stands in one overload.
    Item,
    /// Like [`Shape::Item`], of a type whose values have an order.
    Ordered,
    List(&'static Shape),
    Map(&'static Shape),
    Option(&'static Shape),
}

impl Shape {
    /// Whether a value looks like this from outside.
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Int => matches!(value, Value::Int(_) | Value::UInt(_)),
            Self::Float => matches!(value, Value::Float(_)),
            Self::String => matches!(value, Value::String(_)),
            Self::Bytes => matches!(value, Value::Bytes(_)),
            Self::Timestamp => matches!(value, Value::Timestamp(_)),
            Self::Duration => matches!(value, Value::Duration(_)),
            Self::Json | Self::Any | Self::Item | Self::Option(_) => true,
            Self::Ordered => !matches!(value, Value::Null | Value::List(_) | Value::Map(_)),
            Self::List(_) => matches!(value, Value::List(_)),
            Self::Map(_) => matches!(value, Value::Map(_)),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Json => f.write_str("json"),
            Self::Any => f.write_str("any"),
            Self::Item => f.write_str("T"),
            Self::Ordered => f.write_str("T"),
            Self::List(of) => write!(f, "list<{of}>"),
            Self::Map(of) => write!(f, "map<{of}>"),
            Self::Option(of) => write!(f, "option<{of}>"),
        }
    }
}

impl Function {
    /// How it is written: `size(string) → int`, one for each overload.
    pub(super) fn signatures(&self) -> Vec<String> {
        match self.uses {
            Uses::Has => vec!["has(a.b) → bool".to_owned()],
            Uses::As => vec!["asType(json, type) → T".to_owned()],
            Uses::Bind(kind) => vec![kind.signature().to_owned()],
            Uses::Fold(kind) => kind.signatures().iter().map(|signature| (*signature).to_owned()).collect(),
            Uses::Overloads(overloads) => overloads
                .iter()
                .map(|overload| {
                    let takes: Vec<String> = overload.takes.iter().map(ToString::to_string).collect();
                    format!("{}({}) → {}", self.name, takes.join(", "), overload.gives)
                })
                .collect(),
        }
    }
}

impl FoldKind {
    fn signatures(self) -> &'static [&'static str] {
        match self {
            Self::All => &["list.all(x, condition) → bool", "list.all(i, x, condition) → bool"],
            Self::Exists => &["list.exists(x, condition) → bool", "list.exists(i, x, condition) → bool"],
            Self::ExistsOne => &["list.exists_one(x, condition) → bool", "list.exists_one(i, x, condition) → bool"],
            Self::Filter => &["list.filter(x, condition) → list"],
            Self::Map => &["list.map(x, value) → list", "list.map(x, condition, value) → list"],
            Self::SortBy => &["list.sortBy(x, key) → list"],
            Self::TransformList => &["list.transformList(i, x, value) → list", "list.transformList(i, x, condition, value) → list"],
            Self::TransformMap => &["map.transformMap(k, v, value) → map", "map.transformMap(k, v, condition, value) → map"],
            Self::TransformMapEntry => {
                &["list.transformMapEntry(i, x, {name: value}) → map", "list.transformMapEntry(i, x, condition, {name: value}) → map"]
            }
        }
    }
}

impl BindKind {
    fn signature(self) -> &'static str {
        match self {
            Self::Always => "cel.bind(x, value, body) → T",
            Self::OptMap => "option.optMap(x, value) → option",
            Self::OptFlatMap => "option.optFlatMap(x, option) → option",
        }
    }
}

/// A function as people read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionHelp {
    /// Its name.
    pub name: &'static str,
    /// How it is written, one for each combination of types: `size(string) → int`.
    pub signatures: Vec<String>,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// All functions of the expression language, in the order of the manual.
pub fn functions() -> impl Iterator<Item = FunctionHelp> {
    FUNCTIONS.iter().map(|function| FunctionHelp { name: function.name, signatures: function.signatures(), doc: function.doc })
}

/// The function of a name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Whether there are functions such as `math.abs` under this name.
pub(super) fn is_namespace(name: &str) -> bool {
    names().any(|known| known.split_once('.').is_some_and(|(space, _)| space == name))
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// What a function of other languages is called here.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" | "length" | "count" | "strlen" => "size",
        "lower" | "downcase" | "toLowerCase" | "lowercase" => "lowerAscii",
        "upper" | "upcase" | "toUpperCase" | "uppercase" => "upperAscii",
        "includes" | "has_substr" => "contains",
        "strip" => "trim",
        "str" | "toString" | "to_string" => "string",
        "parseInt" | "to_int" | "number" | "tonumber" => "int",
        "default" | "coalesce" | "unwrap_or" | "or_else" => "orValue",
        "some" | "any" => "exists",
        "every" => "all",
        "where" | "select" | "find" => "filter",
        "unique" | "uniq" => "distinct",
        "fromJson" | "from_json" | "parse_json" | "fromJSON" => "json",
        "toJSON" | "tojson" | "jsonencode" => "to_json",
        "typeof" => "type",
        "bind" | "let" | "with" => "cel.bind",
        "cast" | "asRecord" | "convert" => "asType",
        "greatest" => "math.greatest",
        "least" => "math.least",
        "quote" => "strings.quote",
        "entries" | "to_entries" => "transformList",
        "from_entries" | "fromEntries" => "transformMapEntry",
        "order_by" | "sort_by" | "sorted" => "sortBy",
        _ => return None,
    })
}

impl Function {
    /// Whether its value may be nothing, whatever it is called with.
    pub(super) fn gives_option(&self) -> bool {
        matches!(self.uses, Uses::Overloads([Overload { gives: Shape::Option(_), .. }, ..]))
    }

    /// Calls the overload that takes arguments like these.
    pub(super) fn call(&self, call: &mut Call<'_>) -> Result<Value, Fault> {
        let Uses::Overloads(overloads) = self.uses else {
            return Err(Fault::types(format!("`{}` is not called with values", self.name)));
        };
        let takes = |overload: &&Overload| {
            overload.takes.len() == call.args.len() && overload.takes.iter().zip(call.args).all(|(shape, value)| shape.fits(value))
        };
        // A sum of no doubles is the whole number 0, and stands where a double is taken.
        let takes_zero = |overload: &&Overload| {
            let fits =
                |(shape, value): (&Shape, &Value)| shape.fits(value) || (matches!(shape, Shape::Float) && matches!(value, Value::Int(0)));
            overload.takes.len() == call.args.len() && overload.takes.iter().zip(call.args).all(fits)
        };
        match overloads.iter().find(takes).or_else(|| overloads.iter().find(takes_zero)) {
            Some(overload) => {
                if let Cost::Sized = overload.cost {
                    charge_sizes(call)?;
                }
                (overload.run)(call)
            }
            None => {
                let kinds: Vec<&str> = call.args.iter().map(Value::kind).collect();
                Err(Fault::types(format!("`{}` does not take ({}): it is {}", self.name, kinds.join(", "), self.signatures().join(", "))))
            }
        }
    }
}

fn charge_sizes(call: &mut Call<'_>) -> Result<(), Fault> {
    call.args.iter().try_for_each(|arg| match arg {
        Value::String(text) => call.budget.scan(text.len()),
        Value::Bytes(bytes) => call.budget.scan(bytes.len()),
        Value::List(items) => call.budget.elements(items.len()),
        Value::Map(fields) => call.budget.elements(fields.len()),
        _ => Ok(()),
    })
}

impl Call<'_> {
    /// A text argument; the overload's types say that it is one.
    fn text(&self, at: usize) -> Result<&str, Fault> {
        match self.args.get(at) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Fault::types("a text was expected")),
        }
    }

    /// A list argument.
    fn items(&self, at: usize) -> Result<&[Value], Fault> {
        match self.args.get(at) {
            Some(Value::List(items)) => Ok(items),
            _ => Err(Fault::types("a list was expected")),
        }
    }

    /// A whole number that says where or how many.
    fn index(&self, at: usize) -> Result<usize, Fault> {
        match self.args.get(at) {
            Some(Value::Int(number)) => {
                usize::try_from(*number).map_err(|_| Fault::argument(format!("{number} is negative: positions count from 0")))
            }
            Some(Value::UInt(_)) => Ok(usize::MAX),
            _ => Err(Fault::types("a whole number was expected")),
        }
    }
}
