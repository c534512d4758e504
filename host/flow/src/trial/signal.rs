//! Signals, decisions and cancels that a test sends.

use super::world::{Due, World};
use crate::definition::{Code, Diagnostic, TrialSignal, TrialTarget};
use crate::run::{Approval, Decision, Input, Place, Signal, SignalRefusal};

impl World<'_> {
    /// Arranges for everything that the test sends.
    pub(super) fn expect_signals(&mut self) {
        for (number, signal) in self.trial.signals.iter().enumerate() {
            self.arrange(signal.after_ms, Due::Signal(number));
        }
        if let Some(after) = &self.trial.cancel_after_ms {
            self.arrange(after.value, Due::Cancel);
        }
    }

    /// A signal or a decision comes.
    pub(super) fn signal(&mut self, number: usize) {
        let signal = &self.trial.signals[number];
        let id = format!("test-{}", number + 1);
        let refusal = match &signal.to {
            TrialTarget::Signal { name, payload } => {
                let sent = Signal {
                    id: id.into(),
                    name: name.clone(),
                    payload: payload.to_json().into(),
                    by: signal.by.clone(),
                    note: signal.note.clone(),
                };
                self.send(sent)
            }
            TrialTarget::Approval { step, approved } => {
                let decision = if *approved { Decision::Approved } else { Decision::Denied };
                self.decide(signal, &step.value, decision, &id)
            }
        };
        if let Some(refusal) = refusal {
            let code = if matches!(refusal, SignalRefusal::WrongPayload { .. }) { Code::BadValue } else { Code::UnknownName };
            self.problem(Diagnostic::new(code, signal.span, format!("the signal is refused: {refusal}")));
        }
    }

    /// The first run that could wait for a signal gets it: the test's own before those of its sub-workflows.
    fn send(&mut self, signal: Signal) -> Option<SignalRefusal> {
        let mut refusal = None;
        for (index, playing) in self.runs.iter().enumerate() {
            match playing.run.check_signal(&signal) {
                Ok(_) => {
                    self.inbox.push_back((index, Input::Signal(signal)));
                    return None;
                }
                Err(SignalRefusal::Ended { .. }) if index > 0 => {}
                // The test's own run says best what there is; one that knows the signal says best what is wrong with it.
                Err(other) if refusal.is_none() || !matches!(other, SignalRefusal::UnknownName { .. }) => refusal = Some(other),
                Err(_) => {}
            }
        }
        refusal
    }

    /// The youngest run that has such a step gets a decision.
    fn decide(&mut self, signal: &TrialSignal, step: &str, decision: Decision, id: &str) -> Option<SignalRefusal> {
        let mut refusal = SignalRefusal::NoApproval;
        for (index, playing) in self.runs.iter().enumerate().rev() {
            let Some(place) = step.strip_prefix(&*playing.path.shown).and_then(|rest| place_of(playing, rest)) else { continue };
            let (id, by, note) = (id.into(), signal.by.clone(), signal.note.clone());
            let approval = Approval { id, place, decision, by, note };
            match playing.run.check_approval(&approval) {
                Ok(_) => {
                    self.inbox.push_back((index, Input::Approval(approval)));
                    return None;
                }
                Err(other) => refusal = other,
            }
        }
        Some(refusal)
    }

    /// Says of what comes too late that nobody heard it.
    pub(super) fn unheard(&mut self) {
        let late: Vec<_> = std::mem::take(&mut self.due).into_values().collect();
        for due in late {
            let span = match (due, &self.trial.cancel_after_ms) {
                (Due::Signal(number), _) => self.trial.signals[number].span,
                (Due::Cancel, Some(after)) => after.span,
                _ => continue,
            };
            let message = "this comes too late: the run had ended";
            self.problem(Diagnostic::new(Code::Unreachable, span, message).help("let it come earlier, or remove it"));
        }
    }
}

/// The place that `STEP` or `STEP[ITEM]` names in a run.
fn place_of(playing: &super::world::Playing, name: &str) -> Option<Place> {
    let (step, item) = match name.split_once('[') {
        Some((step, item)) => (step, Some(item.strip_suffix(']')?)),
        None => (name, None),
    };
    let index = playing.run.plan().step_named(step)?;
    let Some(item) = item else { return Some(Place::step(index)) };
    let contender = playing.run.items(index).into_iter().find(|view| view.name.as_deref() == Some(item));
    let item = contender.map(|view| view.item).or_else(|| item.parse().ok())?;
    Some(Place { item: Some(item), ..Place::step(index) })
}
