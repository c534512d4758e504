//! The transition table: every edge of it is taken by some history, and nothing else is legal.

use std::cell::RefCell;
use std::collections::BTreeSet;

use expect_test::expect;

use super::super::state::{Fate, Slot, SlotEvent, SlotState};
use super::random::{plan, to_the_end};
use super::*;
use crate::types::Value;

type Edge = (&'static str, &'static str);

thread_local! {
    /// Edges that slots took on this thread.
    static TAKEN: RefCell<BTreeSet<Edge>> = const { RefCell::new(BTreeSet::new()) };
}

pub(in crate::run) fn taken(edge: Edge) {
    TAKEN.with_borrow_mut(|edges| edges.insert(edge));
}

pub(in crate::run) fn state_name(state: &SlotState) -> &'static str {
    match state {
        SlotState::Waiting => "waiting",
        SlotState::Locking => "locking",
        SlotState::Locked => "locked",
        SlotState::Rating => "rating",
        SlotState::Delayed(_) => "delayed",
        SlotState::Paused(_) => "paused",
        SlotState::Running => "running",
        SlotState::Retrying(_) => "retrying",
        SlotState::Sleeping(_) => "sleeping",
        SlotState::Listening => "listening",
        SlotState::Open => "open",
        SlotState::Undecided(_) => "undecided",
        SlotState::Broken(_) => "broken",
        SlotState::Handling(_) => "handling",
        SlotState::Done(_) => "done",
        SlotState::Failed(_) => "failed",
        SlotState::Cancelled => "cancelled",
    }
}

pub(in crate::run) fn event_name(event: &SlotEvent) -> &'static str {
    match event {
        SlotEvent::LockWanted => "lock wanted",
        SlotEvent::LockHeld => "lock held",
        SlotEvent::RateWanted => "rate wanted",
        SlotEvent::Delayed(_) => "delayed",
        SlotEvent::Paused(_) => "paused",
        SlotEvent::Started(_) => "started",
        SlotEvent::Sleeping(_) => "sleeping",
        SlotEvent::Listening => "listening",
        SlotEvent::Opened => "opened",
        SlotEvent::Closed(_) => "closed",
        SlotEvent::Done(..) => "done",
        SlotEvent::Settled(_) => "settled",
        SlotEvent::Signalled(_) => "signalled",
        SlotEvent::Again(..) => "tried again",
        SlotEvent::Failed(..) => "failed",
        SlotEvent::Unknown(..) => "unknown",
        SlotEvent::Broke(..) => "broke",
        SlotEvent::Caught => "caught",
        SlotEvent::Handled(_) => "handled",
        SlotEvent::HandlerFailed(_) => "handler failed",
        SlotEvent::Resolved(_) => "resolved",
        SlotEvent::GivenUp(_) => "given up",
        SlotEvent::OnceMore => "once more",
        SlotEvent::Lost => "lost",
        SlotEvent::Released => "released",
        SlotEvent::Cancelled => "cancelled",
    }
}

fn states() -> Vec<SlotState> {
    let failure = || Box::new(failure("x", FailureKind::Permanent));
    use SlotState::{Broken, Cancelled, Delayed, Done, Failed, Handling, Listening, Locked, Locking, Open, Paused, Rating};
    vec![
        SlotState::Waiting,
        Locking,
        Locked,
        Rating,
        Delayed(Millis(1)),
        Paused(Millis(1)),
        SlotState::Running,
        SlotState::Retrying(Millis(1)),
        SlotState::Sleeping(Millis(1)),
        Listening,
        Open,
        SlotState::Undecided(failure()),
        Broken(failure()),
        Handling(failure()),
        Done(Value::Null),
        Failed(failure()),
        Cancelled,
    ]
}

fn events(attempt: u32) -> Vec<SlotEvent> {
    let failure = || failure("x", FailureKind::Permanent);
    vec![
        SlotEvent::LockWanted,
        SlotEvent::LockHeld,
        SlotEvent::RateWanted,
        SlotEvent::Delayed(Millis(1)),
        SlotEvent::Paused(Millis(1)),
        SlotEvent::Started(attempt + 1),
        SlotEvent::Sleeping(Millis(1)),
        SlotEvent::Listening,
        SlotEvent::Opened,
        SlotEvent::Closed(Value::Null),
        SlotEvent::Done(attempt, Value::Null),
        SlotEvent::Settled(Value::Null),
        SlotEvent::Signalled(Value::Null),
        SlotEvent::Again(attempt, Millis(1)),
        SlotEvent::Failed(attempt, failure(), Fate::Final),
        SlotEvent::Unknown(attempt, failure()),
        SlotEvent::Broke(failure(), Fate::Final),
        SlotEvent::Caught,
        SlotEvent::Handled(Value::Null),
        SlotEvent::HandlerFailed(failure()),
        SlotEvent::Resolved(Value::Null),
        SlotEvent::GivenUp(Fate::Final),
        SlotEvent::OnceMore,
        SlotEvent::Lost,
        SlotEvent::Released,
        SlotEvent::Cancelled,
    ]
}

/// The full cross product of states and events.
fn legal() -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for state in states() {
        for event in events(4) {
            let mut slot = Slot { state: state.clone(), attempt: 4, ..Slot::default() };
            let before = slot.clone();
            let name = event_name(&event);
            match slot.next(event) {
                Some(()) => drop(edges.insert((state_name(&state), name))),
                None => assert_eq!(slot, before, "what is refused changes nothing"),
            }
        }
    }
    edges
}

#[test]
fn the_table_is_what_it_is_and_nothing_else_is_legal() {
    let mut text = String::new();
    for state in states() {
        let events: Vec<&str> = legal().into_iter().filter(|(from, _)| *from == state_name(&state)).map(|(_, event)| event).collect();
        text.push_str(&format!("{}: {}\n", state_name(&state), events.join(", ")));
    }
    expect![""].assert_eq(&text);
}

/// Attempts that are not the one that runs are refused.
#[test]
fn another_attempt_is_refused() {
    for attempt in [0, 3, 5, 6] {
        let running = Slot { state: SlotState::Running, attempt: 4, ..Slot::default() };
        for event in events(attempt) {
            let numbered = ["done", "tried again", "failed", "unknown"].contains(&event_name(&event));
            assert!(!numbered || running.clone().next(event).is_none());
        }
        let waiting = Slot { attempt: 4, ..Slot::default() };
        assert_eq!(waiting.clone().next(SlotEvent::Started(attempt)).is_some(), attempt == 5);
    }
}

#[test]
fn every_edge_of_the_table_is_taken_by_some_history() {
    TAKEN.with_borrow_mut(BTreeSet::clear);
    for seed in 0..400 {
        let whole = to_the_end(Bench::of(plan(seed), &super::random::behave));
        for batches in 1..=whole.batches.len() {
            let mut killed = whole.killed_after(batches);
            if (seed + batches as u64).is_multiple_of(3) {
                killed.input(Input::Cancel { reason: "enough".into() });
            }
            if (seed + batches as u64).is_multiple_of(5) {
                killed.input(Input::Released);
                killed.pending.clear();
            }
        }
    }
    let taken = TAKEN.with_borrow(BTreeSet::clone);
    let never: Vec<Edge> = legal().difference(&taken).copied().collect();
    assert_eq!(never, []);
}
