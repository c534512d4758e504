//! What changes for those who use a plugin when another version takes its place.
//!
//! An input may come to take more, and an output to promise more: whoever uses the old version does not notice. The
//! other way round breaks somebody. What a task newly asks to touch breaks nobody, and is for somebody to allow.

mod types;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::signature::{Capability, ErrorInfo, TaskSignature};
use types::{Side, compare};

/// One thing that another version of a plugin does differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The task.
    pub task: Arc<str>,
    /// What of it.
    pub about: About,
    /// What it means for those who use the task.
    pub weight: Weight,
    /// The change in words.
    pub what: String,
}

/// What of a task changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// Whether it is there.
    Task,
    /// The type of its input.
    Input,
    /// The type of its output.
    Output,
    /// The codes of its errors.
    Error,
    /// What it can do to the world.
    Effect,
    /// What it asks to touch.
    Capability,
}

/// What a change means for those who use a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Nothing: what was right stays right.
    Additive,
    /// It can do more than before, once somebody allows it.
    Asks,
    /// What was right may be wrong now.
    Breaking,
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Task => "task",
            Self::Input => "input",
            Self::Output => "output",
            Self::Error => "error",
            Self::Effect => "effect",
            Self::Capability => "capability",
        })
    }
}

/// All that changes from one version of a plugin to another, task by task in the order of their names.
pub fn changes(old: &[TaskSignature], new: &[TaskSignature]) -> Vec<Change> {
    let by_name = |tasks: &[TaskSignature]| tasks.iter().map(|task| (Arc::clone(&task.name), task.clone())).collect::<BTreeMap<_, _>>();
    let (old, new) = (by_name(old), by_name(new));
    let mut found = Vec::new();
    for (name, before) in &old {
        match new.get(name) {
            Some(after) => changes_of_task(before, after, &mut found),
            None => found.push(change(name, About::Task, Weight::Breaking, "is gone")),
        }
    }
    for (name, task) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        found.push(change(name, About::Task, Weight::Additive, "is new"));
        found.extend(task.asks.iter().map(|ask| change(name, About::Capability, Weight::Asks, format!("asks for {}", shown(ask)))));
    }
    found
}

fn change(task: &Arc<str>, about: About, weight: Weight, what: impl Into<String>) -> Change {
    Change { task: Arc::clone(task), about, weight, what: what.into() }
}

fn changes_of_task(old: &TaskSignature, new: &TaskSignature, found: &mut Vec<Change>) {
    let name = &old.name;
    for (about, side, before, after) in
        [(About::Input, Side::Input, &old.input, &new.input), (About::Output, Side::Output, &old.output, &new.output)]
    {
        found.extend(compare(side, before, after).into_iter().map(|(weight, what)| change(name, about, weight, what)));
    }
    if old.effect != new.effect {
        let weight = if new.effect > old.effect { Weight::Breaking } else { Weight::Additive };
        let word = |effect| format!("{effect:?}").to_lowercase();
        found.push(change(name, About::Effect, weight, format!("was {}, is {}", word(old.effect), word(new.effect))));
    }
    let has = |errors: &[ErrorInfo], code: &str| errors.iter().any(|error| &*error.code == code);
    for error in old.errors.iter().filter(|error| !has(&new.errors, &error.code)) {
        // Whoever names it waits for what never comes.
        found.push(change(name, About::Error, Weight::Breaking, format!("`{}` is gone", error.code)));
    }
    for error in new.errors.iter().filter(|error| !has(&old.errors, &error.code)) {
        found.push(change(name, About::Error, Weight::Additive, format!("`{}` is new", error.code)));
    }
    changes_of_asks(name, &old.asks, &new.asks, found);
}

fn changes_of_asks(task: &Arc<str>, old: &[Capability], new: &[Capability], found: &mut Vec<Change>) {
    let mut add = |weight, what: String| found.push(change(task, About::Capability, weight, what));
    for ask in new {
        match old.iter().find(|known| known.name == ask.name) {
            None => add(Weight::Asks, format!("newly asks for {}", shown(ask))),
            Some(known) => {
                let more = wanted_beyond(known, ask);
                let less = wanted_beyond(ask, known);
                if let Some(more) = more {
                    add(Weight::Asks, format!("newly asks for {} {more}", ask.name));
                }
                if let Some(less) = less {
                    add(Weight::Additive, format!("no longer asks for {} {less}", ask.name));
                }
                if ask.required && !known.required {
                    add(Weight::Breaking, format!("needs {}, and could do without", ask.name));
                } else if known.required && !ask.required {
                    add(Weight::Additive, format!("can do without {}", ask.name));
                }
            }
        }
    }
    for ask in old.iter().filter(|ask| !new.iter().any(|known| known.name == ask.name)) {
        add(Weight::Additive, format!("no longer asks for {}", shown(ask)));
    }
}

/// What one wish wants that another of the same name does not, if anything.
fn wanted_beyond(known: &Capability, ask: &Capability) -> Option<String> {
    if &*ask.name == "memory" {
        let bytes = |ask: &Capability| ask.scope.first().and_then(|bytes| bytes.parse::<u64>().ok());
        return bytes(ask).filter(|wanted| bytes(known).is_some_and(|had| *wanted > had)).map(|bytes| format!("{bytes} bytes"));
    }
    // Without a scope it is whatever the workflow gives: more than any list of names.
    match (known.scope.is_empty(), ask.scope.is_empty()) {
        (true, _) => None,
        (false, true) => Some("anything that a workflow grants".to_owned()),
        (false, false) => {
            let more: Vec<&str> = ask.scope.iter().filter(|wanted| !known.scope.contains(wanted)).map(|wanted| &**wanted).collect();
            (!more.is_empty()).then(|| more.join(", "))
        }
    }
}

fn shown(ask: &Capability) -> String {
    if ask.scope.is_empty() { ask.name.to_string() } else { format!("{} {}", ask.name, ask.scope.join(", ")) }
}

#[cfg(test)]
mod tests;
