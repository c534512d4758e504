//! `jackfield grants suggest RUN`: what was used of the grants, and what would have been enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::plan::{Call, Capability, Grant, Plan};
use jackfield_flow::run::{Event, Place, Receipt, RunId};
use jackfield_registry::Registry;
use jackfield_worker::LoadedRun;
use serde::Serialize;

use super::plan::grants;
use crate::args::SuggestArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::style::{DIM, STRONG, WARN, paint};
use crate::output::{Format, escape};

/// All steps of a run, for programs.
#[derive(Debug, Serialize)]
struct Suggestions {
    run: RunId,
    workflow: Arc<str>,
    steps: Vec<Suggestion>,
}

/// One call of a task by a step.
#[derive(Debug, Serialize)]
struct Suggestion {
    step: Arc<str>,
    task: String,
    /// Attempts that were looked at.
    attempts: u32,
    /// Those among them that ended well.
    done: u32,
    /// Attempts that left no account: cut off, answered from the cache, or of an engine that did not note uses.
    unseen: u32,
    granted: Grant,
    used: Grant,
    /// The smallest grant that is enough for this; nothing when no attempt was looked at.
    suggested: Option<Grant>,
    /// The same as it is written in a workflow.
    yaml: Option<String>,
    /// Whether less would have been enough.
    less: bool,
}

/// What the attempts of one call used.
#[derive(Debug, Default)]
struct Uses {
    used: Grant,
    attempts: u32,
    done: u32,
    unseen: u32,
}

/// Shows for each step what it was granted, what it used, and the smallest grant.
pub(crate) fn run(home: &Home, args: &SuggestArgs) -> Result<Exit, CliError> {
    let loaded = home.load(args.run)?;
    let plan = loaded.run.plan();
    let registry = Registry::new(home.settings.data.join("plugins"));
    let uses = uses(&loaded);
    let mut steps = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        for (at, call) in step.calls().enumerate() {
            let asks = asks(&registry, plan, call);
            if !call.grant.is_empty() || asks.as_ref().is_none_or(|asks| !asks.is_empty()) {
                steps.push(suggestion(plan, &step.name, call, uses.get(&(index, at)), asks.as_deref()));
            }
        }
    }
    let all = Suggestions { run: args.run, workflow: Arc::clone(&plan.workflow), steps };
    if home.output.format() == Format::Json {
        home.output.json(&all)?;
    } else if all.steps.is_empty() {
        home.output.data(&format!("run {}: no step is granted anything, and no task asks for anything", all.run))?;
    } else {
        home.output.data(&all.steps.iter().map(shown).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(Exit::Done)
}

/// What a task asks for, if its plugin is still there.
fn asks(registry: &Registry, plan: &Plan, call: &Call) -> Option<Vec<Capability>> {
    let task = plan.tasks.get(call.task)?;
    let signatures = registry.signatures(plan.plugins.get(task.plugin)?.digest)?;
    signatures.into_iter().find(|signature| signature.name == task.name).map(|signature| signature.asks)
}

/// What was used, by step and by which of its calls.
fn uses(loaded: &LoadedRun) -> BTreeMap<(usize, usize), Uses> {
    let mut uses: BTreeMap<(usize, usize), Uses> = BTreeMap::new();
    for event in loaded.batches.iter().flat_map(|batch| &batch.events) {
        let (place, receipt, done) = match event {
            Event::Done { place, receipt, .. } => (place, receipt, 1),
            Event::AttemptFailed { place, receipt, .. } | Event::OutcomeUnknown { place, receipt, .. } => (place, receipt, 0),
            _ => continue,
        };
        if let Some((key, call)) = call_of(loaded, *place) {
            uses.entry(key).or_default().add(call, receipt, done);
        }
    }
    uses
}

/// The call of a place, and which of its step's calls it is.
fn call_of(loaded: &LoadedRun, place: Place) -> Option<((usize, usize), &Call)> {
    let call = loaded.run.call_of(place)?;
    let step = loaded.run.plan().steps.get(place.index())?;
    let at = step.calls().position(|other| std::ptr::eq(other, call))?;
    Some(((place.index(), at), call))
}

impl Uses {
    fn add(&mut self, call: &Call, receipt: &Receipt, done: u32) {
        match &receipt.used {
            Some(used) => {
                self.attempts += 1;
                self.done += done;
                self.used.join(&call.grant, used);
                if call.grant.memory.is_some() {
                    self.used.memory = self.used.memory.max(Some(receipt.memory_peak));
                }
            }
            // Without a grant there is nothing to note.
            None if call.grant.is_empty() && !receipt.cached => {
                self.attempts += 1;
                self.done += done;
            }
            None => self.unseen += 1,
        }
    }
}

fn suggestion(plan: &Plan, step: &Arc<str>, call: &Call, uses: Option<&Uses>, asks: Option<&[Capability]>) -> Suggestion {
    let none = Uses::default();
    let Uses { used, attempts, done, unseen } = uses.unwrap_or(&none);
    let suggested = (*attempts > 0).then(|| call.grant.smallest(used, asks));
    Suggestion {
        step: Arc::clone(step),
        task: plan.task_name(call),
        attempts: *attempts,
        done: *done,
        unseen: *unseen,
        less: suggested.as_ref().is_some_and(|suggested| !suggested.covers(&call.grant)),
        yaml: suggested.as_ref().map(Grant::to_yaml),
        suggested,
        granted: call.grant.clone(),
        used: used.clone(),
    }
}

fn shown(suggestion: &Suggestion) -> String {
    let Suggestion { step, task, attempts, done, unseen, granted, used, .. } = suggestion;
    let less = if suggestion.less { paint(WARN, "  less is enough").to_string() } else { String::new() };
    let mut text = format!("{}  {}{less}\n", paint(STRONG, escape::line(step)), paint(DIM, escape::line(task)));
    text.push_str(&part("granted", granted));
    text.push_str(&part("used", used));
    match &suggestion.yaml {
        Some(yaml) => text.push_str(&format!("  grant: {}\n", escape::line(yaml))),
        None => text.push_str("  no attempt was seen, so nothing can be said\n"),
    }
    if *attempts > 0 && *done == 0 {
        text.push_str("  no attempt ended well: it may need more than this\n");
    }
    if *attempts > 0 && *unseen > 0 {
        text.push_str(&format!("  {unseen} more attempts were cut off, or answered from the cache: what they would use is not seen\n"));
    }
    text
}

/// One line for each thing, the first behind a word.
fn part(word: &str, grant: &Grant) -> String {
    let lines = match grants(grant) {
        lines if lines.is_empty() => vec!["nothing".to_owned()],
        lines => lines,
    };
    let line = |(at, line): (usize, String)| format!("  {:<8} {}\n", if at == 0 { word } else { "" }, escape::line(&line));
    lines.into_iter().enumerate().map(line).collect()
}
