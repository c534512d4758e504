//! Values that a guest may send but nobody may see.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Secrets by name. Never printed; wiped from memory when the last copy goes.
#[derive(Clone, Default)]
pub struct Secrets {
    values: Arc<BTreeMap<String, Zeroizing<String>>>,
}

impl Secrets {
    /// The value of a secret, when the operator has set it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.as_str())
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        Self { values: Arc::new(entries.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect()) }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
