//! `jackfield runs why RUN`: what a run waits for, and what that waits for in turn.

use std::collections::BTreeSet;
use std::sync::Arc;

use jackfield_flow::run::{Millis, Ownership, Place, Reason, RunId, Status};
use jackfield_store::{LockHolder, LockQuery};
use jackfield_worker::{Clock as _, LoadedRun, SystemClock};
use serde::Serialize;

use crate::args::WhyArgs;
use crate::beside::{Beside, History, step_name};
use crate::control;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::output::time::{rfc3339, span, utc};
use crate::progress::failure_line;
use crate::reason::{at, sentence};

/// What a run waits for, for programs.
#[derive(Debug, Serialize)]
struct Why {
    run: RunId,
    status: Status,
    /// The engine that has the run now.
    engine: Option<Arc<str>>,
    reasons: Vec<Node>,
}

/// One thing that is waited for, and why that lasts.
#[derive(Debug, Serialize)]
struct Node {
    #[serde(flatten)]
    what: What,
    sentence: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    because: Vec<Node>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum What {
    Reason(Reason),
    Run(Other),
}

/// A run that another one waits for.
#[derive(Debug, Serialize)]
struct Other {
    /// It.
    run: RunId,
    workflow: Option<Arc<str>>,
    status: Option<Status>,
    /// The step that holds the lock, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<u32>,
    /// Since when it holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// Reasons of one run that a person is shown one by one.
const REASONS_SHOWN: usize = 20;
/// How far the chain is walked.
const DEPTH_MAX: usize = 6;
/// How many runs are looked at beside the one that was asked about.
const RUNS_MAX: usize = 50;

/// Says what a run waits for, from its state and from who has it.
pub(crate) fn run(home: &Home, args: &WhyArgs) -> Result<Exit, CliError> {
    let beside = Beside::open(home)?;
    let loaded = beside.load(args.run)?;
    let engine = control::status(&home.settings.data).map(|status| Arc::from(status.engine));
    let mut walk = Walk { home, beside, engine, now: SystemClock.now(), seen: BTreeSet::from([args.run]) };
    let reasons = walk.reasons(&loaded, 0)?;
    let (run, output) = (&loaded.run, &home.output);
    if output.format() == Format::Json {
        output.json(&Why { run: run.id(), status: run.status(), engine: walk.owner(&loaded), reasons })?;
    } else if run.status().is_end() {
        output.data(&format!("run {} waits for nothing: it is {}", run.id(), run.status()))?;
    } else {
        output.data(&lines(&reasons, 0))?;
    }
    Ok(Exit::Done)
}

/// The reasons as lines, each indented under what it explains.
fn lines(nodes: &[Node], depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    for node in nodes.iter().take(REASONS_SHOWN) {
        text.push_str(&format!("{indent}{}\n", node.sentence));
        // What a step needs stands above it already.
        if !matches!(node.what, What::Reason(Reason::Steps { .. })) {
            text.push_str(&lines(&node.because, depth + 1));
        }
    }
    if nodes.len() > REASONS_SHOWN {
        text.push_str(&format!("{indent}… and {} more reasons; `--json` has them all\n", nodes.len() - REASONS_SHOWN));
    }
    text
}

/// Walks from run to run.
struct Walk<'h> {
    home: &'h Home,
    beside: Beside,
    /// The engine that is alive.
    engine: Option<Arc<str>>,
    now: Millis,
    /// Runs that have been looked at: locks can be waited for in a circle.
    seen: BTreeSet<RunId>,
}

impl Walk<'_> {
    /// The engine that has a run. One that is alive may be another one than the one that claimed it, and then nobody has it.
    fn owner(&self, loaded: &LoadedRun) -> Option<Arc<str>> {
        self.engine.clone().filter(|engine| loaded.row.worker.as_deref() == Some(engine))
    }

    fn reasons(&mut self, loaded: &LoadedRun, depth: usize) -> Result<Vec<Node>, CliError> {
        let run = &loaded.run;
        let owned = if self.owner(loaded).is_some() { Ownership::Worker } else { Ownership::Nobody };
        let reasons = run.why(owned);
        let history = History::of(loaded);
        let mut nodes = Vec::with_capacity(reasons.len());
        for reason in &reasons {
            let because = match reason {
                Reason::Steps { needs, .. } => self.needed(loaded, &history, needs, &reasons),
                _ if depth < DEPTH_MAX => self.because(run.id(), reason, depth)?,
                _ => Vec::new(),
            };
            nodes.push(Node { sentence: self.sentence(loaded, &history, reason), what: What::Reason(reason.clone()), because });
        }
        Ok(nodes)
    }

    /// What the steps wait for that a step needs.
    fn needed(&self, loaded: &LoadedRun, history: &History, needs: &[Arc<str>], reasons: &[Reason]) -> Vec<Node> {
        let about = |reason: &&Reason| place_of(reason).is_some_and(|(step, _)| needs.contains(step));
        let node = |reason: &Reason| Node {
            sentence: self.sentence(loaded, history, reason),
            what: What::Reason(reason.clone()),
            because: Vec::new(),
        };
        reasons.iter().filter(about).take(REASONS_SHOWN).map(node).collect()
    }

    fn sentence(&self, loaded: &LoadedRun, history: &History, reason: &Reason) -> String {
        let said = sentence(reason, loaded.run.id(), self.now, &self.home.settings);
        let place = place_of(reason).and_then(|(step, item)| {
            let step = loaded.run.plan().step_named(step)?;
            Some(Place { item, ..Place::step(step) })
        });
        match (reason, place) {
            (Reason::Attempt { attempt, .. }, Some(place)) => match history.began(place, *attempt) {
                Some(began) => format!("{said} since {} (for {})", utc(began), span(self.now.since(began))),
                None => said,
            },
            (Reason::Retry { .. }, Some(place)) => match history.failure(place) {
                Some(failure) => format!("{said}, after {}", failure_line(failure)),
                None => said,
            },
            _ => said,
        }
    }

    /// Why a reason lasts: who holds the lock or the room, what the sub-workflow waits for.
    fn because(&mut self, run: RunId, reason: &Reason, depth: usize) -> Result<Vec<Node>, CliError> {
        match reason {
            Reason::Lock { name, .. } | Reason::Concurrency { key: name } => {
                let holders = self.beside.holders(LockQuery::Name(Arc::clone(name)))?;
                holders.iter().take(REASONS_SHOWN).map(|holder| self.holder(run, holder, depth)).collect()
            }
            Reason::Flow { key, .. } => match self.beside.child(run, key)? {
                Some(child) => Ok(vec![self.child(child, depth)?]),
                None => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        }
    }

    fn holder(&mut self, asking: RunId, holder: &LockHolder, depth: usize) -> Result<Node, CliError> {
        let loaded = self.beside.load(holder.run)?;
        let step = holder.place.map(|place| step_name(&loaded.run, place));
        let item = holder.place.and_then(|place| place.item);
        let who = match &step {
            Some(step) => format!("{} of run {}", at(step, item), holder.run),
            None => format!("run {}", holder.run),
        };
        let other = Other { step, item, since: rfc3339(holder.since), ..other(&loaded) };
        // What the run that asks waits for is being told.
        let because = if holder.run == asking { Vec::new() } else { self.of_other(&loaded, depth)? };
        Ok(Node { what: What::Run(other), sentence: format!("{who} holds it since {}", utc(holder.since)), because })
    }

    fn child(&mut self, child: RunId, depth: usize) -> Result<Node, CliError> {
        let loaded = self.beside.load(child)?;
        let sentence = format!("that is run {child}, {}", loaded.run.status());
        Ok(Node { what: What::Run(other(&loaded)), sentence, because: self.of_other(&loaded, depth)? })
    }

    /// The reasons of another run, unless they have been told or the chain is too long.
    fn of_other(&mut self, loaded: &LoadedRun, depth: usize) -> Result<Vec<Node>, CliError> {
        if self.seen.len() > RUNS_MAX || !self.seen.insert(loaded.run.id()) {
            return Ok(Vec::new());
        }
        self.reasons(loaded, depth + 1)
    }
}

fn other(loaded: &LoadedRun) -> Other {
    let (run, workflow) = (loaded.run.id(), Some(Arc::clone(&loaded.run.plan().workflow)));
    Other { run, workflow, status: Some(loaded.run.status()), step: None, item: None, since: None }
}

/// The step, and the item, that a reason is about.
fn place_of(reason: &Reason) -> Option<(&Arc<str>, Option<u32>)> {
    match reason {
        Reason::Attempt { step, item, .. }
        | Reason::Retry { step, item, .. }
        | Reason::Flow { step, item, .. }
        | Reason::Sleep { step, item, .. }
        | Reason::Iteration { step, item, .. }
        | Reason::Signal { step, item, .. }
        | Reason::Approval { step, item, .. }
        | Reason::Lock { step, item, .. }
        | Reason::Rate { step, item, .. }
        | Reason::Decision { step, item, .. }
        | Reason::Outcome { step, item, .. }
        | Reason::Undoing { step, item, .. } => Some((step, *item)),
        _ => None,
    }
}
