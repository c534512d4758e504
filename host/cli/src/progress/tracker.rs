//! Compares a run before and after each event, so that whatever ends a step, its end is told; and puts what else an event
//! says into notices.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_flow::plan::{Role, StepKind};
use jackfield_flow::run::{Event, Failure, ItemCounts, Millis, Place, Reason, Run, RunId, Status};

use super::notice::Notice;

/// Lines about single items of one step that are told; after that they are only counted.
const ITEM_LINES_TOLD: u32 = 10;
/// Waits that are told of a run that waits already when somebody begins to watch it.
const WAITS_TOLD: usize = 20;

/// What a display needs to know of a run beside the run itself.
#[derive(Clone, Debug)]
pub(crate) struct Tracker {
    steps: Vec<StepTrack>,
    /// Steps of the file that have begun, or wait to begin, and have not ended.
    running: BTreeSet<usize>,
    /// How many steps of the file are known to have ended.
    ended: u32,
    /// Places that failed, and that something takes care of.
    caught: BTreeSet<Place>,
    /// The numbers of sub-workflows, as far as they were told.
    children: BTreeMap<Place, RunId>,
}

/// One step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepTrack {
    /// When it began.
    pub(crate) began: Option<Millis>,
    ended: Option<Millis>,
    /// Its items, iterations or contenders, when it has been opened.
    pub(crate) items: Option<ItemCounts>,
    /// The attempt that runs, of a step without items.
    pub(crate) attempt: u32,
    /// Whether and how it ended.
    pub(crate) status: Option<Status>,
    lines_told: u32,
}

impl StepTrack {
    fn took_ms(&self) -> u64 {
        self.began.zip(self.ended).map_or(0, |(began, ended)| ended.since(began))
    }
}

impl Tracker {
    /// What is known of a run that stands like this.
    pub(crate) fn new(run: &Run) -> Self {
        let mut tracker = Self {
            steps: Vec::new(),
            running: BTreeSet::new(),
            ended: run.progress().0,
            caught: BTreeSet::new(),
            children: BTreeMap::new(),
        };
        for (index, step) in run.steps().into_iter().enumerate() {
            let ended = step.status.is_end();
            if step.began.is_some() && !ended && run.plan().steps[index].is_main() {
                tracker.running.insert(index);
            }
            tracker.steps.push(StepTrack {
                began: step.began,
                ended: step.ended,
                items: run.counts(index),
                attempt: step.attempts,
                status: ended.then_some(step.status),
                lines_told: 0,
            });
        }
        tracker
    }

    /// A step.
    pub(crate) fn step(&self, index: usize) -> StepTrack {
        self.steps.get(index).copied().unwrap_or_default()
    }

    /// Steps that have begun and not ended.
    pub(crate) fn running(&self) -> impl Iterator<Item = usize> {
        self.running.iter().copied()
    }

    /// The number of the sub-workflow of a step, when it is known.
    pub(super) fn child_of(&self, step: usize) -> Option<RunId> {
        self.children.get(&Place::step(step)).copied()
    }

    /// A sub-workflow has a number. Says whether that was not known.
    pub(crate) fn child(&mut self, place: Place, run: RunId) -> bool {
        self.children.insert(place, run) != Some(run)
    }

    /// Notices that tell how many items of steps under way have ended, and what the run waits for.
    pub(super) fn so_far(&self, run: &Run, now: Millis) -> Vec<Notice> {
        let counted = |step: &usize| self.step(*step).items.is_some_and(|items| items.done + items.failed > 0);
        let items = self.running().filter(counted).map(|step| Notice::Items { step });
        let retries = |reason: &Reason| matches!(reason, Reason::Retry { .. } | Reason::Flow { .. });
        let waits = run.waiting_places().into_iter().filter(|(_, reason)| !retries(reason)).take(WAITS_TOLD);
        items.chain(waits.map(|(place, reason)| Notice::Waits { place: Some(place), reason, at: now })).collect()
    }

    /// What an event that became true at `at` tells, in order. The run is as it is after the event.
    pub(crate) fn event(&mut self, run: &Run, event: &Event, at: Millis) -> Vec<Notice> {
        let mut notices = self.told(run, event, at);
        self.look_around(run, event, at, &mut notices);
        notices
    }

    /// What the event itself says.
    fn told(&mut self, run: &Run, event: &Event, at: Millis) -> Vec<Notice> {
        match event {
            // What these do to steps is seen by looking at the steps.
            Event::Began { .. } | Event::Adopted { .. } | Event::ItemAdopted { .. } | Event::Skipped { .. } | Event::Closed { .. } => {
                vec![]
            }
            Event::Prioritized { .. } => vec![],
            Event::Admitted { .. } | Event::RateWanted { .. } | Event::LockHeld { .. } | Event::ChildLeft { .. } => vec![],
            Event::ItemsOpened { step, .. } | Event::Opened { step, .. } => self.opened(run, *step as usize),
            Event::Queued { .. } => {
                let concurrency = |reason: &Reason| matches!(reason, Reason::Concurrency { .. });
                let queued = run.why(jackfield_flow::run::Ownership::Worker).into_iter().find(concurrency);
                queued.map(|reason| Notice::Waits { place: None, reason, at }).into_iter().collect()
            }
            Event::Delayed { until, .. } if *until <= at => vec![],
            Event::LockWanted { place, .. }
            | Event::Delayed { place, .. }
            | Event::Paused { place, .. }
            | Event::Sleeping { place, .. }
            | Event::Listening { place } => self.waits(run, *place, at),
            Event::Started { place, attempt } => self.started(run, *place, *attempt, at),
            Event::Done { place, .. } | Event::Settled { place, .. } | Event::Signalled { place, .. } => self.done(run, *place),
            Event::AttemptFailed { place, attempt, failure, retry_at, .. } => {
                let wait_ms = retry_at.map(|due| due.since(at));
                let notice = Notice::AttemptFailed { place: *place, attempt: *attempt, failure: failure.clone(), wait_ms };
                if retry_at.is_none() { self.failed(run, *place, notice) } else { self.limited(run, *place, notice) }
            }
            Event::PlaceFailed { place, failure } => {
                self.failed(run, *place, Notice::PlaceFailed { place: *place, failure: failure.clone() })
            }
            Event::StepFailed { step, failure } => {
                let place = Place { step: *step, item: None };
                // A step that ends by it says so itself.
                let ended = run.status_of(place.index()).is_end();
                if ended { vec![] } else { self.failed(run, place, Notice::PlaceFailed { place, failure: failure.clone() }) }
            }
            Event::Caught { place, handler } => {
                self.caught.remove(place);
                self.limited(run, *place, Notice::Caught { place: *place, handler: *handler as usize })
            }
            other => of_run(other),
        }
    }

    fn opened(&mut self, run: &Run, step: usize) -> Vec<Notice> {
        match run.plan().steps.get(step).map(|planned| &planned.kind) {
            Some(StepKind::ForEach { .. } | StepKind::Race(_)) => {
                let count = run.counts(step).map_or(0, |counts| counts.total);
                vec![Notice::PartsOpened { step, count }]
            }
            Some(StepKind::Choose(_)) => vec![Notice::Branch { step, branch: run.step(step).branch }],
            _ => vec![],
        }
    }

    fn waits(&mut self, run: &Run, place: Place, at: Millis) -> Vec<Notice> {
        let Some(reason) = run.waits_at(place) else { return vec![] };
        if run.plan().steps[place.index()].is_main() {
            self.running.insert(place.index());
        }
        self.limited(run, place, Notice::Waits { place: Some(place), reason, at })
    }

    fn started(&mut self, run: &Run, place: Place, attempt: u32, at: Millis) -> Vec<Notice> {
        let planned = &run.plan().steps[place.index()];
        if planned.is_main() {
            if place.item.is_some() {
                return vec![];
            }
            if let Some(track) = self.steps.get_mut(place.index()) {
                track.began.get_or_insert(at);
                track.attempt = attempt;
            }
            self.running.insert(place.index());
            return vec![Notice::Started { place, attempt }];
        }
        match (planned.role, attempt) {
            // Who takes care has been told.
            (Role::Handler { .. }, 1) => vec![],
            _ => self.limited(run, place, Notice::Started { place, attempt }),
        }
    }

    fn done(&mut self, run: &Run, place: Place) -> Vec<Notice> {
        if self.caught.remove(&place) {
            return self.limited(run, place, Notice::Rescued { place });
        }
        match run.plan().steps[place.index()].role {
            Role::Compensate { .. } => vec![Notice::Undone { place }],
            // The end of the step it belongs to tells it.
            Role::Main | Role::Handler { .. } | Role::Finally { .. } => vec![],
        }
    }

    /// A place failed for good, or something takes care of it.
    fn failed(&mut self, run: &Run, place: Place, notice: Notice) -> Vec<Notice> {
        if run.place_status(place).is_some_and(|status| !status.is_end()) {
            self.caught.insert(place);
        }
        self.limited(run, place, notice)
    }

    /// A notice about an item, unless so many have been told of its step that more would only hide the rest.
    fn limited(&mut self, run: &Run, place: Place, notice: Notice) -> Vec<Notice> {
        let step = main_of(run, place.index());
        let (true, Some(track)) = (place.item.is_some(), self.steps.get_mut(step)) else { return vec![notice] };
        track.lines_told = track.lines_told.saturating_add(1);
        match track.lines_told {
            told if told <= ITEM_LINES_TOLD => vec![notice],
            told if told == ITEM_LINES_TOLD + 1 => vec![Notice::LinesCounted { step }],
            _ => vec![],
        }
    }

    /// What became of steps by an event: of the one it is about, and when more have ended, of all.
    fn look_around(&mut self, run: &Run, event: &Event, at: Millis, notices: &mut Vec<Notice>) {
        if let Some(place) = event.place() {
            self.look(run, main_of(run, place.index()), event, at, notices);
        }
        if self.ended != run.progress().0 {
            for step in self.running.clone() {
                self.look(run, step, event, at, notices);
            }
            self.ended = run.progress().0;
        }
        if run.status().is_end() {
            self.running.clear();
        }
    }

    fn look(&mut self, run: &Run, step: usize, event: &Event, at: Millis, notices: &mut Vec<Notice>) {
        let Some(track) = self.steps.get_mut(step).filter(|track| track.status.is_none()) else { return };
        let status = run.status_of(step);
        if status == Status::Waiting {
            return;
        }
        track.began.get_or_insert(at);
        let counts = run.counts(step);
        let moved = ended_parts(track.items) != ended_parts(counts) && track.items.is_some();
        let repeated = matches!(run.plan().steps[step].kind, StepKind::Repeat { .. }) && track.items != counts;
        track.items = counts;
        if !status.is_end() {
            self.running.insert(step);
            notices.extend((moved || repeated).then_some(Notice::Items { step }));
            return;
        }
        (track.status, track.ended) = (Some(status), Some(at));
        let took_ms = track.took_ms();
        self.running.remove(&step);
        self.ended += 1;
        notices.push(match (status, event) {
            (Status::Done, Event::Adopted { .. }) => Notice::Adopted { step },
            (Status::Done, _) => Notice::StepDone { step, took_ms },
            (Status::Failed, _) => {
                let failure = run.step(step).failure.filter(|failure| !tells(notices, failure));
                Notice::StepFailed { step, took_ms, failure }
            }
            (Status::Cancelled, _) => Notice::StepCancelled { step, took_ms },
            _ => Notice::Skipped { step },
        });
    }
}

/// The step of the file that a step is, or belongs to.
pub(super) fn main_of(run: &Run, step: usize) -> usize {
    match run.plan().steps.get(step).map(|planned| planned.role) {
        Some(Role::Handler { of } | Role::Finally { of } | Role::Compensate { of }) => of,
        _ => step,
    }
}

fn ended_parts(counts: Option<ItemCounts>) -> (u32, u32) {
    counts.map_or((0, 0), |counts| (counts.done, counts.failed))
}

/// Whether a failure has been told just now.
fn tells(notices: &[Notice], wanted: &Failure) -> bool {
    notices.iter().any(|notice| match notice {
        Notice::AttemptFailed { failure, .. } | Notice::PlaceFailed { failure, .. } => failure == wanted,
        _ => false,
    })
}

/// What events about the run as a whole say, or about what people decide.
fn of_run(event: &Event) -> Vec<Notice> {
    let notice = match event {
        Event::OutcomeUnknown { place, attempt, failure, .. } => {
            Notice::OutcomeUnknown { place: *place, attempt: *attempt, failure: failure.clone() }
        }
        Event::Resolved { place, how } => Notice::Resolved { place: *place, how: how.clone() },
        Event::Lost { places } if !places.is_empty() => Notice::Lost { attempts: places.len() },
        Event::Released { places } if !places.is_empty() => Notice::Released { attempts: places.len() },
        Event::SignalAccepted { name, by, note, .. } => Notice::Signal { name: name.clone(), by: by.clone(), note: note.clone() },
        Event::Decided { place, decision, by, note, .. } => {
            Notice::Decided { place: *place, decision: *decision, by: by.clone(), note: note.clone() }
        }
        Event::CancelRequested { reason } => Notice::CancelRequested { reason: reason.clone() },
        Event::Failing { failure } => Notice::Failing { failure: failure.clone() },
        Event::CompensationBegan => Notice::Undoing,
        Event::Blocked { .. } => Notice::Blocked,
        Event::Unblocked => Notice::Unblocked,
        Event::RunDone { .. } | Event::RunFailed { .. } | Event::RunCancelled => Notice::Ended,
        _ => return vec![],
    };
    vec![notice]
}
