//! Two types of one place, compared part by part.

use std::sync::Arc;

use super::Weight;
use crate::types::{Field, RecordType, Type, VariantType};

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Into the task: the new type has to take what the old one took.
    Input,
    /// Out of it: the new type has to promise what the old one promised.
    Output,
}

/// What is different, each with what it means, in the order of the parts.
pub(super) fn compare(side: Side, old: &Type, new: &Type) -> Vec<(Weight, String)> {
    let mut found = Vec::new();
    Comparison { side, found: &mut found }.types("", old, new);
    found
}

struct Comparison<'a> {
    side: Side,
    found: &'a mut Vec<(Weight, String)>,
}

impl Comparison<'_> {
    fn say(&mut self, weight: Weight, path: &str, what: impl AsRef<str>) {
        let what = what.as_ref();
        self.found.push((weight, if path.is_empty() { what.to_owned() } else { format!("`{path}` {what}") }));
    }

    /// What is good for one side is bad for the other.
    fn by_side(&self, input: Weight, output: Weight) -> Weight {
        match self.side {
            Side::Input => input,
            Side::Output => output,
        }
    }

    fn types(&mut self, path: &str, old: &Type, new: &Type) {
        if old == new {
            return;
        }
        match (old, new) {
            (Type::Option(old), Type::Option(new)) => self.types(path, old, new),
            (Type::List(old), Type::List(new)) => self.types(&format!("{path}[]"), old, new),
            (Type::Map(old), Type::Map(new)) => self.types(&format!("{path}[*]"), old, new),
            (Type::Record(old), Type::Record(new)) => self.records(path, old, new),
            (Type::Enum(old), Type::Enum(new)) => {
                let names = |texts: &[Arc<str>]| texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>();
                self.alternatives(path, &names(old), &names(new));
            }
            (Type::Variant(old), Type::Variant(new)) => self.variants(path, old, new),
            _ => {
                let fits = match self.side {
                    Side::Input => new.assignable(old),
                    Side::Output => old.assignable(new),
                };
                let weight = if fits.is_ok() { Weight::Additive } else { Weight::Breaking };
                self.say(weight, path, format!("was {}, is {}", old.brief(), new.brief()));
            }
        }
    }

    fn records(&mut self, path: &str, old: &RecordType, new: &RecordType) {
        for before in &old.fields {
            let path = below(path, &before.name);
            match new.field(&before.name) {
                Some(after) => self.fields(&path, before, after),
                // An open record takes the name still, with whatever is in it.
                None => {
                    let weight = if new.open && self.side == Side::Input { Weight::Additive } else { Weight::Breaking };
                    self.say(weight, &path, "is gone");
                }
            }
        }
        for after in new.fields.iter().filter(|after| old.field(&after.name).is_none()) {
            let path = below(path, &after.name);
            match (self.side, after.required) {
                (Side::Input, true) => self.say(Weight::Breaking, &path, format!("is new and must be given: {}", after.ty.brief())),
                (Side::Input, false) | (Side::Output, _) => self.say(Weight::Additive, &path, format!("is new: {}", after.ty.brief())),
            }
        }
        match (old.open, new.open) {
            (true, false) => self.say(Weight::Breaking, path, "has no other fields any more"),
            (false, true) => self.say(Weight::Additive, path, "may have other fields"),
            _ => {}
        }
    }

    fn fields(&mut self, path: &str, old: &Field, new: &Field) {
        match (old.required, new.required) {
            (true, false) => self.say(self.by_side(Weight::Additive, Weight::Breaking), path, "may be left out"),
            (false, true) => self.say(self.by_side(Weight::Breaking, Weight::Additive), path, "is always there now"),
            _ => {}
        }
        self.types(path, &old.ty, &new.ty);
    }

    fn alternatives(&mut self, path: &str, old: &[String], new: &[String]) {
        for gone in old.iter().filter(|name| !new.contains(name)) {
            self.say(self.by_side(Weight::Breaking, Weight::Additive), path, format!("is never {gone} any more"));
        }
        for more in new.iter().filter(|name| !old.contains(name)) {
            self.say(self.by_side(Weight::Additive, Weight::Breaking), path, format!("may be {more}"));
        }
    }

    fn variants(&mut self, path: &str, old: &VariantType, new: &VariantType) {
        let names = |variant: &VariantType| variant.cases.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
        self.alternatives(path, &names(old), &names(new));
        for (name, before) in &old.cases {
            let path = below(path, name);
            match (before, new.case(name)) {
                (Some(before), Some(Some(after))) => self.types(&path, before, after),
                (None, Some(Some(after))) => self.say(Weight::Breaking, &path, format!("has a value now: {}", after.brief())),
                (Some(_), Some(None)) => self.say(Weight::Breaking, &path, "has no value any more"),
                (None, Some(None)) | (_, None) => {}
            }
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
