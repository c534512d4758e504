//! What an expression may name, for the evaluator.

use crate::types::Value;

/// Finds the value of a member such as `steps.NAME`.
pub type Members<'a> = dyn Fn(&str) -> Option<&'a Value> + 'a;

/// The names an expression may use and the values behind them. Cheap to build: it borrows everything.
#[derive(Default)]
pub struct Env<'a> {
    roots: Vec<(&'a str, EnvRoot<'a>)>,
}

/// What is behind a name.
#[derive(Clone, Copy)]
pub(super) enum EnvRoot<'a> {
    Value(&'a Value),
    Members(&'a Members<'a>),
}

impl<'a> Env<'a> {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a name for a value; of two with the same name the later one counts.
    #[must_use]
    pub fn value(mut self, name: &'a str, value: &'a Value) -> Self {
        self.roots.push((name, EnvRoot::Value(value)));
        self
    }

    /// With a name for a place of other names, such as `steps`, whose values are looked up one by one.
    #[must_use]
    pub fn members(mut self, name: &'a str, members: &'a Members<'a>) -> Self {
        self.roots.push((name, EnvRoot::Members(members)));
        self
    }

    pub(super) fn root(&self, name: &str) -> Option<EnvRoot<'a>> {
        self.roots.iter().rev().find(|(known, _)| *known == name).map(|(_, root)| *root)
    }
}
