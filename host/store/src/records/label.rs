//! Labels: what people say of runs to find them again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::RunId;

use crate::StoreError;
use crate::records::limits::{LABEL_KEY_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LABELS_MAX, within};

/// A key and its value.
pub type Label = (Arc<str>, Arc<str>);

/// A change of a run's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relabel {
    /// The run, finished or not.
    pub run: RunId,
    /// Labels that it gets; one with the same key is replaced.
    pub set: Vec<Label>,
    /// Keys that are removed before anything is set. Those that it has not are ignored.
    pub remove: Vec<Arc<str>>,
}

impl Relabel {
    /// The labels after the change, by key.
    pub(crate) fn apply(&self, mut labels: BTreeMap<Arc<str>, Arc<str>>) -> Result<BTreeMap<Arc<str>, Arc<str>>, StoreError> {
        for key in &self.remove {
            labels.remove(key);
        }
        labels.extend(self.set.iter().cloned());
        within("the number of labels of a run", labels.len(), LABELS_MAX)?;
        Ok(labels)
    }
}

/// Labels as they may be stored: few, small, each key once.
///
/// # Errors
/// [`StoreError::TooLarge`], [`StoreError::BadLabel`].
pub fn check_labels(labels: &[Label]) -> Result<(), StoreError> {
    within("the number of labels of a run", labels.len(), LABELS_MAX)?;
    for (at, (key, value)) in labels.iter().enumerate() {
        check_key(key)?;
        within("a label's value", value.len(), LABEL_VALUE_BYTES_MAX)?;
        if labels[..at].iter().any(|(other, _)| other == key) {
            return Err(StoreError::BadLabel { key: key.clone(), why: "it is there twice" });
        }
    }
    Ok(())
}

fn check_key(key: &Arc<str>) -> Result<(), StoreError> {
    within("a label's key", key.len(), LABEL_KEY_BYTES_MAX)?;
    let fits = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._/".contains(byte);
    match key.as_bytes() {
        [] => Err(StoreError::BadLabel { key: key.clone(), why: "a key has at least one character" }),
        bytes if bytes.iter().all(fits) => Ok(()),
        _ => Err(StoreError::BadLabel { key: key.clone(), why: "a key is made of a-z, 0-9 and -._/" }),
    }
}
