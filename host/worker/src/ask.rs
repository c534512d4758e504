//! What somebody outside wants of a run: a signal, a decision, a cancel.

use std::sync::Arc;

use jackfield_flow::plan::{Plan, StepKind};
use jackfield_flow::run::{Approval, Decision, Input, Place, Resolve, ResolveRefusal, Run, RunId, Signal, SignalRefusal};
use jackfield_flow::types::did_you_mean;
use serde::{Deserialize, Serialize};

use crate::error::WorkerError;

/// Something that is wanted of a run. It is durable when it is acknowledged, and asked twice it happens once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// A signal.
    Signal {
        /// Its name in the world: the same again changes nothing.
        id: String,
        /// The name that steps wait for.
        name: String,
        /// What it carries, as JSON text.
        payload: String,
        /// Who sends it.
        by: String,
        /// A word of theirs.
        note: String,
    },
    /// A decision about a step that waits for an approval.
    Approve {
        /// Its name in the world: the same again changes nothing.
        id: String,
        /// The step, or `STEP[ITEM]`.
        step: String,
        /// Whether it may go on.
        approved: bool,
        /// Who decides.
        by: String,
        /// A word of theirs.
        note: String,
    },
    /// A decision about an attempt whose outcome nobody knows, or an undoing that failed.
    Resolve {
        /// The step, or `STEP[ITEM]`.
        step: String,
        /// What it is.
        how: How,
    },
    /// The run is to stop.
    Cancel {
        /// Who or why, for people.
        reason: String,
    },
}

/// What an attempt whose outcome nobody knows is held for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Done, with this result as JSON text.
    Done(String),
    /// Failed.
    Failed,
    /// To be tried again.
    Retry,
}

impl Ask {
    /// The same for the core, or why the run cannot take it.
    pub(crate) fn input(&self, run: &Run) -> Result<Input, WorkerError> {
        let id = run.id();
        let refused = |why: String| WorkerError::Refused { run: id, why };
        match self {
            Self::Signal { id, name, payload, by, note } => {
                let text = |text: &str| Arc::from(text);
                let signal = Signal { id: text(id), name: text(name), payload: text(payload), by: text(by), note: text(note) };
                run.check_signal(&signal).map_err(|refusal| refused(refusal.to_string()))?;
                Ok(Input::Signal(signal))
            }
            Self::Approve { id, step, approved, by, note } => {
                let place = place_named(run, step)?;
                let decision = if *approved { Decision::Approved } else { Decision::Denied };
                let text = |text: &str| Arc::from(text);
                let approval = Approval { id: text(id), place, decision, by: text(by), note: text(note) };
                run.check_approval(&approval).map_err(|refusal| refused(why_no_approval(run, step, &refusal)))?;
                Ok(Input::Approval(approval))
            }
            Self::Resolve { step, how } => {
                let place = place_named(run, step)?;
                let how = match how {
                    How::Done(result) => Resolve::Done(Arc::from(result.as_str())),
                    How::Failed => Resolve::Failed,
                    How::Retry => Resolve::Retry,
                };
                run.check_resolve(place, &how).map_err(|refusal| refused(why_no_resolve(run, step, &refusal)))?;
                Ok(Input::Resolve { place, how })
            }
            Self::Cancel { reason } => Ok(Input::Cancel { reason: Arc::from(reason.as_str()) }),
        }
    }
}

/// Places that a refusal names before it only says that there are more.
const PLACES_NAMED: usize = 8;

/// Why a decision is not taken, and what can be decided instead.
fn why_no_approval(run: &Run, step: &str, refusal: &SignalRefusal) -> String {
    match refusal {
        SignalRefusal::NoApproval => {
            let asking: Vec<Place> = run.approvals().into_iter().map(|(place, _)| place).collect();
            let instead = match asking.is_empty() {
                true => "no step asks for one now".to_owned(),
                false => format!("these do: {}", named(run, &asking)),
            };
            format!("`{step}` asks for no approval; {instead}")
        }
        SignalRefusal::AlreadyDecided { .. } => format!("`{step}`: {refusal}; what was decided stays decided"),
        other => other.to_string(),
    }
}

/// Why a decision about an outcome is not taken, and what can be decided instead.
fn why_no_resolve(run: &Run, step: &str, refusal: &ResolveRefusal) -> String {
    if *refusal != ResolveRefusal::NothingToResolve {
        return format!("`{step}`: {refusal}");
    }
    let places = run.to_resolve();
    let instead = match (places.is_empty(), run.blocked()) {
        (false, _) => format!("this is: {}", named(run, &places)),
        (true, Some(_)) => format!("the run is blocked for another reason: `jackfield runs why {}`", run.id()),
        (true, None) => "nor anywhere else in this run".to_owned(),
    };
    format!("there is nothing to resolve at `{step}`; {instead}")
}

fn named(run: &Run, places: &[Place]) -> String {
    let name = |place: &Place| {
        let step = run.plan().steps.get(place.index()).map_or("?", |step| &step.name);
        place.item.map_or_else(|| step.to_owned(), |item| format!("{step}[{item}]"))
    };
    let mut names: Vec<String> = places.iter().take(PLACES_NAMED).map(name).collect();
    names.extend((places.len() > PLACES_NAMED).then(|| format!("and {} more", places.len() - PLACES_NAMED)));
    names.join(", ")
}

/// The place that `STEP` or `STEP[ITEM]` names; a contender of a `race` by its name or its index.
///
/// # Errors
/// When there is no such step.
pub fn place_named(run: &Run, text: &str) -> Result<Place, WorkerError> {
    place_of(run.plan(), text).ok_or_else(|| no_step(run.id(), run.plan(), text))
}

fn place_of(plan: &Plan, text: &str) -> Option<Place> {
    let (name, item) = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((name, item)) => (name, Some(item)),
        None => (text, None),
    };
    let step = plan.step_named(name)?;
    let contender = |item: &str| match &plan.steps[step].kind {
        StepKind::Race(contenders) => contenders.iter().zip(0..).find(|(contender, _)| *contender.name == *item).map(|(_, at)| at),
        _ => None,
    };
    let item = match item {
        Some(item) => Some(item.parse().ok().or_else(|| contender(item))?),
        None => None,
    };
    Some(Place { item, ..Place::step(step) })
}

pub(crate) fn no_step(run: RunId, plan: &Plan, name: &str) -> WorkerError {
    let near = did_you_mean(name, plan.steps.iter().map(|step| &*step.name));
    WorkerError::NoStep { run, step: name.to_owned(), help: near.map(|near| format!("did you mean `{near}`?")) }
}
