//! Signals and decisions: accepted once, delivered once, in the order of acceptance, also when they come early.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::apply::illegal;
use super::decide::ANSWER_LIMITS;
use super::event::{Decision, Event, Place};
use super::failure::Platform;
use super::ids::Millis;
use super::input::{Approval, Signal};
use super::machine::Run;
use super::state::{IllegalEvent, SlotEvent, SlotState, Status};
use crate::plan::{Action, Digest};
use crate::types::{JsonLimits, Type, Value, did_you_mean};

/// The largest payload of a signal, in bytes of JSON.
pub const SIGNAL_BYTES_MAX: usize = 1 << 20;
/// How many signals of a run may wait to be delivered.
pub const SIGNALS_WAITING_MAX: usize = 10_000;
/// The longest id, author or note of a signal, in bytes.
const TEXT_BYTES_MAX: usize = 4_096;

/// What a run knows of signals and decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct Mailbox {
    /// What was accepted: ids, each with the digest of what it said.
    known: BTreeMap<Arc<str>, Digest>,
    /// How many signals were accepted.
    accepted: u32,
    /// Signals that nobody has heard, by name, each with its number.
    queues: BTreeMap<Arc<str>, VecDeque<(u32, Value)>>,
    waiting: usize,
    /// Places that wait for a signal, by its name.
    listeners: BTreeMap<Arc<str>, BTreeSet<Place>>,
    /// Names with a signal and a listener.
    mail: BTreeSet<Arc<str>>,
    /// Places that wait for a decision.
    questions: BTreeSet<Place>,
    decisions: BTreeMap<Place, Decided>,
    /// Places that wait for a decision which has been made.
    answers: BTreeSet<Place>,
}

/// A decision that was made.
#[derive(Clone, Debug)]
struct Decided {
    decision: Decision,
    by: Arc<str>,
    note: Arc<str>,
    at: Millis,
}

/// What becomes of a signal or a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// It will be delivered.
    New,
    /// It had been accepted before; it changes nothing.
    Known,
}

/// A signal or a decision that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalRefusal {
    /// The run has ended.
    #[error("the run has ended ({status}); it takes no more signals")]
    Ended {
        /// How.
        status: Status,
    },
    /// No step of the workflow waits for it.
    #[error("no step of `{workflow}` waits for a signal `{name}`{}", help.as_ref().map_or_else(String::new, |help| format!("; {help}")))]
    UnknownName {
        /// The workflow.
        workflow: Arc<str>,
        /// The name.
        name: Arc<str>,
        /// What to do.
        help: Option<String>,
    },
    /// The place waits for no approval, now or later.
    #[error("this step asks for no approval")]
    NoApproval,
    /// The payload is not of the type that the workflow says.
    #[error("the payload of `{name}` must be {ty}: {problem}")]
    WrongPayload {
        /// The signal.
        name: Arc<str>,
        /// The type.
        ty: String,
        /// What is wrong.
        problem: String,
    },
    /// The same id was accepted with other words.
    #[error("the id `{id}` was accepted before with other content: use a new id for a new signal")]
    Conflict {
        /// The id.
        id: Arc<str>,
    },
    /// The approval was decided already.
    #[error("this was decided before: {}", match decision { Decision::Approved => "approved", Decision::Denied => "denied" })]
    AlreadyDecided {
        /// How.
        decision: Decision,
    },
    /// Too many signals wait.
    #[error("limit.signals: {SIGNALS_WAITING_MAX} signals wait to be delivered; send it again when the run has taken some")]
    Full,
    /// Something about it is too long.
    #[error("limit.signals: the {what} has {bytes} bytes; it may have {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
}

impl Run {
    /// Whether a signal is accepted. Ask before [`super::Input::Signal`]: one that is not accepted changes nothing there.
    pub fn check_signal(&self, signal: &Signal) -> Result<Reception, SignalRefusal> {
        self.read_signal(signal).map(|(reception, _)| reception)
    }

    fn read_signal(&self, signal: &Signal) -> Result<(Reception, Value), SignalRefusal> {
        self.check_texts(&signal.id, &[("id", &signal.id), ("author", &signal.by), ("note", &signal.note)])?;
        let bytes = signal.payload.len();
        if bytes > SIGNAL_BYTES_MAX {
            return Err(SignalRefusal::TooLarge { what: "payload", bytes, limit: SIGNAL_BYTES_MAX });
        }
        let refused =
            |ty: &Type, problem: String| SignalRefusal::WrongPayload { name: Arc::clone(&signal.name), ty: ty.to_string(), problem };
        let limits = JsonLimits { bytes: SIGNAL_BYTES_MAX, ..ANSWER_LIMITS };
        let mut payload = Value::from_json(&signal.payload, limits).map_err(|error| refused(&Type::Json, error.to_string()))?;
        let types = self.signal_types(&signal.name);
        if types.is_empty() {
            return Err(self.unknown_name(&signal.name));
        }
        for ty in types {
            payload = ty.check(&payload).map_err(|error| refused(ty, error.to_string()))?;
        }
        if let Some(known) = self.mailbox.known.get(&signal.id) {
            let same = *known == digest_of(&signal.name, &payload);
            return if same { Ok((Reception::Known, payload)) } else { Err(SignalRefusal::Conflict { id: Arc::clone(&signal.id) }) };
        }
        // One that is waited for does not wait: however many others do, it may be the one that lets the run go on.
        let heard = self.mailbox.listeners.get(&signal.name).is_some_and(|listeners| !listeners.is_empty());
        if self.mailbox.waiting >= SIGNALS_WAITING_MAX && !heard {
            return Err(SignalRefusal::Full);
        }
        Ok((Reception::New, payload))
    }

    fn check_texts(&self, id: &Arc<str>, texts: &[(&'static str, &Arc<str>)]) -> Result<(), SignalRefusal> {
        // Who never heard that it was accepted may ask again, also when the run has ended by it.
        if self.status().is_end() && !self.mailbox.known.contains_key(id) {
            return Err(SignalRefusal::Ended { status: self.status() });
        }
        let long = texts.iter().find(|(_, text)| text.len() > TEXT_BYTES_MAX);
        long.map_or(Ok(()), |(what, text)| Err(SignalRefusal::TooLarge { what, bytes: text.len(), limit: TEXT_BYTES_MAX }))
    }

    fn unknown_name(&self, name: &Arc<str>) -> SignalRefusal {
        let names = self.signal_names();
        let near = did_you_mean(name, names.iter().map(|name| &**name)).map(|near| format!("did you mean `{near}`?"));
        let all =
            || (!names.is_empty()).then(|| format!("it waits for: {}", names.iter().map(|name| &**name).collect::<Vec<_>>().join(", ")));
        SignalRefusal::UnknownName { workflow: Arc::clone(&self.plan.workflow), name: Arc::clone(name), help: near.or_else(all) }
    }

    /// The names of the signals that steps of the workflow wait for.
    pub fn signal_names(&self) -> BTreeSet<Arc<str>> {
        let actions = self.plan.steps.iter().flat_map(crate::plan::PlanStep::actions);
        let names = actions.filter_map(|action| match action {
            Action::Signal { name, .. } => Some(Arc::clone(name)),
            _ => None,
        });
        names.collect()
    }

    fn signal_types(&self, wanted: &str) -> Vec<&Type> {
        let actions = self.plan.steps.iter().flat_map(crate::plan::PlanStep::actions);
        let types = actions.filter_map(|action| match action {
            Action::Signal { name, ty } if **name == *wanted => Some(ty),
            _ => None,
        });
        types.collect()
    }

    /// What a signal means: nothing when it is not accepted, or was accepted before.
    pub(super) fn signal(&self, signal: Signal) -> Vec<Event> {
        match self.read_signal(&signal) {
            Ok((Reception::New, payload)) => {
                let Signal { id, name, by, note, .. } = signal;
                vec![Event::SignalAccepted { id, name, payload, by, note }]
            }
            _ => Vec::new(),
        }
    }

    /// Whether a decision is accepted. Ask before [`super::Input::Approval`]: one that is not accepted changes nothing there.
    pub fn check_approval(&self, approval: &Approval) -> Result<Reception, SignalRefusal> {
        self.check_texts(&approval.id, &[("id", &approval.id), ("author", &approval.by), ("note", &approval.note)])?;
        if let Some(known) = self.mailbox.known.get(&approval.id) {
            let same = *known == digest_of_decision(approval.place, approval.decision);
            return if same { Ok(Reception::Known) } else { Err(SignalRefusal::Conflict { id: Arc::clone(&approval.id) }) };
        }
        if let Some(decided) = self.mailbox.decisions.get(&approval.place) {
            return Err(SignalRefusal::AlreadyDecided { decision: decided.decision });
        }
        if !self.asks(approval.place) {
            return Err(SignalRefusal::NoApproval);
        }
        Ok(Reception::New)
    }

    /// Whether a place waits for an approval, or may do so later.
    fn asks(&self, place: Place) -> bool {
        let is_approval = |action: &&Action| matches!(action, Action::Approval { .. });
        let Some(step) = self.steps.get(place.index()) else { return false };
        // A step with items knows the places of its items; before it is opened nobody can mean one of them.
        let there = place.item.is_none() || step.slot(place.item).is_some();
        let action = self.action_of(place);
        let ended = step.slot(place.item).is_some_and(|slot| slot.state.is_end());
        let may = match action {
            Some(action) => is_approval(&action),
            None => place.item.is_none() && step.many().is_none() && self.plan.steps[place.index()].actions().iter().any(is_approval),
        };
        there && may && !ended
    }

    /// What a decision means: nothing when it is not accepted, or was accepted before.
    pub(super) fn approval(&self, approval: Approval) -> Vec<Event> {
        match self.check_approval(&approval) {
            Ok(Reception::New) => {
                let Approval { id, place, decision, by, note } = approval;
                vec![Event::Decided { id, place, decision, by, note }]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn post(&mut self, id: &Arc<str>, name: &Arc<str>, payload: &Value) {
        let typed = self.signal_types(name).first().map_or_else(|| payload.clone(), |ty| self.typed_as(ty, payload));
        let mailbox = &mut self.mailbox;
        mailbox.known.insert(Arc::clone(id), digest_of(name, &typed));
        mailbox.queues.entry(Arc::clone(name)).or_default().push_back((mailbox.accepted, typed));
        mailbox.accepted += 1;
        mailbox.waiting += 1;
        mailbox.sort(name);
    }

    pub(super) fn post_decision(&mut self, id: &Arc<str>, place: Place, decision: Decision, by: &Arc<str>, note: &Arc<str>, at: Millis) {
        let mailbox = &mut self.mailbox;
        mailbox.known.insert(Arc::clone(id), digest_of_decision(place, decision));
        let decided = Decided { decision, by: Arc::clone(by), note: Arc::clone(note), at };
        mailbox.decisions.entry(place).or_insert(decided);
        mailbox.sort_question(place);
    }

    /// Keeps the lists of who waits for what in line with a slot that has changed.
    pub(super) fn listen(&mut self, place: Place, before: &SlotState, after: &SlotState) {
        let (waited, waits) = (*before == SlotState::Listening, *after == SlotState::Listening);
        if waited == waits {
            return;
        }
        let name = match self.action_of(place) {
            Some(Action::Signal { name, .. }) => Some(Arc::clone(name)),
            _ => None,
        };
        let mailbox = &mut self.mailbox;
        match name {
            Some(name) => {
                let listeners = mailbox.listeners.entry(Arc::clone(&name)).or_default();
                if waits {
                    listeners.insert(place)
                } else {
                    listeners.remove(&place)
                };
                mailbox.sort(&name);
            }
            None => {
                if waits {
                    mailbox.questions.insert(place)
                } else {
                    mailbox.questions.remove(&place)
                };
                mailbox.sort_question(place);
            }
        }
    }

    /// What has come and can be delivered.
    pub(super) fn deliver(&self) -> Option<Event> {
        let mailbox = &self.mailbox;
        if let Some(name) = mailbox.mail.first() {
            let place = *mailbox.listeners.get(name)?.first()?;
            let (signal, _) = mailbox.queues.get(name)?.front()?;
            return Some(Event::Signalled { place, signal: *signal });
        }
        let place = *mailbox.answers.first()?;
        let Decided { decision, by, note, at } = mailbox.decisions.get(&place)?;
        Some(match decision {
            Decision::Approved => {
                let at = Value::Timestamp(at.timestamp());
                let note = if note.is_empty() { Value::Null } else { Value::String(Arc::clone(note)) };
                let output = Value::map([("by", Value::String(Arc::clone(by))), ("note", note), ("at", at)]);
                Event::Settled { place, output }
            }
            Decision::Denied => {
                let why = if note.is_empty() { String::new() } else { format!(": {note}") };
                Event::PlaceFailed { place, failure: Platform::ApprovalDenied.failure(format!("denied by {by}{why}")) }
            }
        })
    }

    pub(super) fn apply_signalled(&mut self, event: &Event, place: Place, signal: u32, at: Millis) -> Result<(), IllegalEvent> {
        let Some(Action::Signal { name, .. }) = self.action_of(place) else { return Err(illegal(event)) };
        let name = Arc::clone(name);
        let front = self.mailbox.queues.get(&name).and_then(|queue| queue.front());
        let Some((_, payload)) = front.filter(|(number, _)| *number == signal) else { return Err(illegal(event)) };
        let payload = payload.clone();
        self.change(event, place, SlotEvent::Signalled(payload), at)?;
        self.mailbox.queues.get_mut(&name).and_then(VecDeque::pop_front);
        self.mailbox.waiting -= 1;
        self.mailbox.sort(&name);
        Ok(())
    }

    /// The approvals that are waited for: where, and the question.
    pub fn approvals(&self) -> Vec<(Place, String)> {
        self.mailbox.questions.iter().map(|place| (*place, self.question(*place))).collect()
    }

    /// The question at a place that waits for an approval.
    pub(super) fn question(&self, place: Place) -> String {
        let Some(Action::Approval { question }) = self.action_of(place) else { return String::new() };
        match self.evaluate(question, Some(place)) {
            Ok(Value::String(text)) => text.to_string(),
            Ok(other) => other.to_json(),
            Err(failure) => failure.to_string(),
        }
    }

    /// Whether what a place waits for has come, and has only to be delivered.
    pub(super) fn is_answered(&self, place: Place) -> bool {
        match self.action_of(place) {
            Some(Action::Signal { name, .. }) => self.mailbox.mail.contains(name),
            _ => self.mailbox.answers.contains(&place),
        }
    }

    /// Whether something has come that only has to be delivered.
    pub(super) fn has_mail(&self) -> bool {
        !self.mailbox.mail.is_empty() || !self.mailbox.answers.is_empty()
    }

    /// How many accepted signals wait to be delivered.
    pub fn signals_waiting(&self) -> usize {
        self.mailbox.waiting
    }
}

impl Mailbox {
    fn sort(&mut self, name: &Arc<str>) {
        let has_mail = self.queues.get(name).is_some_and(|queue| !queue.is_empty());
        let has_listener = self.listeners.get(name).is_some_and(|listeners| !listeners.is_empty());
        if has_mail && has_listener {
            self.mail.insert(Arc::clone(name))
        } else {
            self.mail.remove(name)
        };
    }

    fn sort_question(&mut self, place: Place) {
        let answered = self.questions.contains(&place) && self.decisions.contains_key(&place);
        if answered {
            self.answers.insert(place)
        } else {
            self.answers.remove(&place)
        };
    }
}

/// The digest of what a signal says, whatever its payload looked like as text.
fn digest_of(name: &str, payload: &Value) -> Digest {
    Digest::of(format!("{name}\0{}", payload.to_canonical_json()).as_bytes())
}

fn digest_of_decision(place: Place, decision: Decision) -> Digest {
    Digest::of(format!("{}\0{:?}\0{decision:?}", place.step, place.item).as_bytes())
}
