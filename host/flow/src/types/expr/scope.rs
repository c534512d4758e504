//! What an expression may name, for the checker.

use std::sync::Arc;

use crate::types::{RecordType, Type};

/// The names an expression may use and the types behind them.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    roots: Vec<(Arc<str>, ScopeRoot)>,
}

/// What is behind a name.
#[derive(Clone, Debug)]
pub(super) enum ScopeRoot {
    /// A value.
    Value(Type),
    /// A place for other names that is no value by itself, such as `steps`.
    Members(Arc<RecordType>),
}

impl Scope {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a name for a value of a type; one of the same name before it is replaced.
    #[must_use]
    pub fn value(mut self, name: impl Into<Arc<str>>, ty: Type) -> Self {
        self.insert(name.into(), ScopeRoot::Value(ty));
        self
    }

    /// With a name for a place of other names, such as `steps`: its members are named one by one, it is no value itself.
    #[must_use]
    pub fn members(mut self, name: impl Into<Arc<str>>, members: Arc<RecordType>) -> Self {
        self.insert(name.into(), ScopeRoot::Members(members));
        self
    }

    fn insert(&mut self, name: Arc<str>, root: ScopeRoot) {
        match self.roots.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = root,
            None => self.roots.push((name, root)),
        }
    }

    pub(super) fn root(&self, name: &str) -> Option<&ScopeRoot> {
        self.roots.iter().find(|(known, _)| &**known == name).map(|(_, root)| root)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.roots.iter().map(|(name, _)| &**name)
    }
}
