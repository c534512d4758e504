//! What a call of a function costs.

use super::Cost;
use super::extent::{Extent, FIXED_TEXT_BYTES};
use crate::types::Type;
use crate::types::expr::functions::{self, Function, Overload, Shape, Uses};
use crate::types::expr::pattern::Pattern;

/// The longest that one place of `format` makes of a number: a double of 309 digits with its decimals.
const FORMATTED_BYTES: u64 = 400;

/// What a call costs at most, and how large its result can be.
pub(super) fn worst(function: &Function, args: &[Extent], pattern: Option<&Pattern>) -> Option<(Cost, Extent)> {
    let Uses::Overloads(overloads) = function.uses else { return None };
    let fitting = || overloads.iter().filter(|overload| fits(overload, args));
    let overload = fitting().next()?;
    // A text and bytes look the same here, so that which overload it is may be open.
    let read = match fitting().any(|overload| matches!(overload.cost, functions::Cost::Sized)) {
        false => Cost::default(),
        true => args.iter().try_fold(Cost::default(), |all, arg| Some(all.plus(Cost::ops(size(arg)?))))?,
    };
    let call = Call { args, pattern };
    let (made, extent) = match overload.gives {
        // What gives a value of fixed size makes nothing; a few look at their arguments all the same.
        Shape::Bool | Shape::Int | Shape::Float | Shape::Timestamp | Shape::Duration => call.fixed(function.name)?,
        _ => call.large(function.name)?,
    };
    Some((read.plus(made), extent))
}

fn fits(overload: &Overload, args: &[Extent]) -> bool {
    let fits = |(shape, arg): (&Shape, &Extent)| match shape {
        Shape::Any | Shape::Item | Shape::Option(_) => true,
        Shape::Json => matches!(arg, Extent::Of(Type::Json)),
        Shape::Bool | Shape::Int | Shape::Float | Shape::Timestamp | Shape::Duration => arg.is_fixed(),
        Shape::String | Shape::Bytes => arg.is_text() && !matches!(arg, Extent::Of(Type::Json)),
        Shape::Ordered => arg.is_fixed() || arg.is_text(),
        Shape::List(_) => arg.is_list(),
        Shape::Map(_) => arg.is_map(),
    };
    overload.takes.len() == args.len() && overload.takes.iter().zip(args).all(fits)
}

/// What reading an argument as a whole costs, in operations.
fn size(arg: &Extent) -> Option<u64> {
    if arg.is_list() || arg.is_map() { arg.count() } else { arg.len().map(|len| len / 16) }
}

/// Sorting so many values: what the pairs take, and comparing them. A stable sort compares fewer than twice `n log n` times.
pub(super) fn sorted(count: u64, key: &Extent) -> Option<Cost> {
    let rounds = u64::from(u64::BITS - count.leading_zeros()) + 1;
    let compared = count.saturating_mul(rounds).saturating_mul(2);
    Some(Cost::values(count).plus(Cost::ops(key.order(key)?.saturating_add(1)).times(compared)))
}

struct Call<'a> {
    args: &'a [Extent],
    pattern: Option<&'a Pattern>,
}

impl Call<'_> {
    fn arg(&self, at: usize) -> Option<&Extent> {
        self.args.get(at)
    }

    fn len(&self, at: usize) -> Option<u64> {
        self.arg(at)?.len()
    }

    fn count(&self) -> Option<u64> {
        self.arg(0)?.count()
    }

    fn element(&self) -> Option<Extent> {
        Some(self.arg(0)?.element())
    }

    /// Functions whose result has a fixed size.
    fn fixed(&self, name: &str) -> Option<(Cost, Extent)> {
        let cost = match name {
            "startsWith" | "endsWith" => Cost::ops(self.len(0).into_iter().chain(self.len(1)).min()? / 16),
            "matches" => Cost::ops(self.pattern?.ops(usize::try_from(self.len(0)?).unwrap_or(usize::MAX))),
            "size" => {
                let arg = self.arg(0)?;
                let most = arg.len().or(arg.count()).map_or(i128::from(u64::MAX), i128::from);
                return Some((Cost::default(), Extent::int(0, most)));
            }
            _ => Cost::default(),
        };
        Some((cost, Extent::Fixed))
    }

    /// Functions whose result may be large.
    fn large(&self, name: &str) -> Option<(Cost, Extent)> {
        match name {
            "orValue" | "or" => Some((Cost::default(), self.arg(0)?.join(self.arg(1)?))),
            "value" | "optional.of" | "optional.ofNonZeroValue" | "dyn" => Some((Cost::default(), self.arg(0)?.clone())),
            "optional.none" => Some((Cost::default(), Extent::Fixed)),
            "asString" => Some((Cost::default(), self.known_as(Type::String)?)),
            "asList" => Some((Cost::default(), self.known_as(Type::list(Type::Json))?)),
            "asMap" => Some((Cost::default(), self.known_as(Type::map(Type::Json))?)),
            "first" | "last" => Some((Cost::default(), self.element()?)),
            "min" | "max" => self.best(),
            "sort" | "distinct" | "flatten" | "reverse" | "slice" | "keys" | "values" | "range" | "split" => self.list(name),
            _ => {
                let bytes = self.text(name)?;
                // `to_json` reads what it made once more.
                let read = Cost::ops(if name == "to_json" { bytes / 16 } else { 0 });
                Some((read.plus(Cost::bytes(bytes)), Extent::Text(bytes)))
            }
        }
    }

    /// What is known of an argument, or else its type.
    fn known_as(&self, ty: Type) -> Option<Extent> {
        let arg = self.arg(0)?;
        let same = match ty {
            Type::List(_) => arg.is_list(),
            Type::Map(_) => arg.is_map(),
            _ => arg.len().is_some() && !arg.is_fixed(),
        };
        Some(if same { arg.clone() } else { Extent::Of(ty) })
    }

    fn best(&self) -> Option<(Cost, Extent)> {
        let (first, times, other) = match self.args {
            [list] => (list.element(), list.count()?, list.element()),
            [a, b] => (a.clone(), 1, b.clone()),
            _ => return None,
        };
        Some((Cost::ops(first.order(&other)?).times(times), first.join(&other)))
    }

    fn list(&self, name: &str) -> Option<(Cost, Extent)> {
        if name == "range" {
            return self.range();
        }
        let arg = self.arg(0)?;
        if arg.is_text() {
            let len = arg.len()?;
            return Some(match name {
                "split" => (Cost::values(len + 1).plus(Cost::bytes(len)), Extent::list(len + 1, Extent::Text(len))),
                _ => (Cost::bytes(len), Extent::Text(len)),
            });
        }
        let (count, element) = (self.count()?, self.element()?);
        let (more, extent) = match name {
            "sort" => (Cost::ops(count).plus(sorted(count, &element)?), Extent::list(count, element)),
            "distinct" => {
                let pairs = count.saturating_mul(count.saturating_sub(1)) / 2;
                (Cost::values(count).plus(element.equal(&element)?.times(pairs)), Extent::list(count, element))
            }
            "flatten" => {
                let all = count.saturating_mul(element.count()?);
                (Cost::values(all), Extent::list(all, element.element()))
            }
            "keys" => (Cost::values(count), Extent::list(count, Extent::text(arg.names_len()))),
            _ => (Cost::values(count), Extent::list(count, element)),
        };
        Some((more, extent))
    }

    fn range(&self) -> Option<(Cost, Extent)> {
        let (start, end) = match self.args {
            [Extent::Int(_, end)] => (0, *end),
            [Extent::Int(start, _), Extent::Int(_, end)] => (*start, *end),
            _ => return None,
        };
        let count = u64::try_from(end.saturating_sub(start).max(0)).unwrap_or(u64::MAX);
        Some((Cost::values(count), Extent::list(count, Extent::int(start, end.saturating_sub(1).max(start)))))
    }

    /// The most bytes of the text, or the bytes, that a function makes.
    fn text(&self, name: &str) -> Option<u64> {
        let arg = self.arg(0)?;
        match name {
            "string" => arg.len().map(|len| len.max(FIXED_TEXT_BYTES)),
            "bytes" | "lowerAscii" | "upperAscii" | "trim" | "substring" | "base64Decode" | "base64.decode" => arg.len(),
            "charAt" => Some(4),
            "type" => Some(16),
            "to_json" => arg.written(),
            "base64Encode" | "base64.encode" => arg.len().map(|len| len.div_ceil(3).saturating_mul(4)),
            "strings.quote" => arg.len().map(|len| len.saturating_mul(2).saturating_add(2)),
            "join" => {
                let separator = if self.args.len() > 1 { self.len(1)? } else { 0 };
                Some(arg.count()?.saturating_mul(arg.element().len()?.saturating_add(separator)))
            }
            "replace" => {
                let (len, to) = (arg.len()?, self.len(2)?);
                Some(len.saturating_add(len.saturating_add(1).saturating_mul(to)))
            }
            "format" => {
                let values = self.arg(1)?;
                let each = values.element().written()?.max(FORMATTED_BYTES);
                Some(arg.len()?.saturating_add(values.count()?.saturating_mul(each)))
            }
            _ => None,
        }
    }
}
