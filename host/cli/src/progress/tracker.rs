//! Counts what events tell, so that nothing has to be counted again for each of a hundred thousand items.

use jackfield_flow::run::{Event, Millis, Place, Run, Status};

use super::notice::Notice;

/// Failed attempts of one step's items that are told one by one; after that they are only counted.
const ITEM_FAILURES_TOLD: u32 = 10;

/// What a display needs to know of a run beside the run itself.
#[derive(Clone, Debug)]
pub(crate) struct Tracker {
    steps: Vec<StepTrack>,
}

/// One step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepTrack {
    /// When it began.
    pub(crate) began: Option<Millis>,
    ended: Option<Millis>,
    /// Its items, when it has been opened.
    pub(crate) items: Option<Items>,
    /// The attempt that runs, of a step without items.
    pub(crate) attempt: u32,
    /// Whether and how it ended.
    pub(crate) status: Option<Status>,
    failures_told: u32,
}

impl StepTrack {
    fn took_ms(&self) -> u64 {
        self.began.zip(self.ended).map_or(0, |(began, ended)| ended.since(began))
    }
}

/// Items of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Items {
    /// All of them.
    pub(crate) total: u32,
    /// Those that ended well.
    pub(crate) done: u32,
    /// Those that ended badly.
    pub(crate) failed: u32,
}

impl Tracker {
    /// What is known of a run that stands like this.
    pub(crate) fn new(run: &Run) -> Self {
        let track = |step: jackfield_flow::run::StepView| StepTrack {
            began: step.began,
            ended: step.ended,
            items: step.items.map(|items| Items { total: items.total, done: items.done, failed: items.failed }),
            attempt: step.attempts,
            status: step.status.is_end().then_some(step.status),
            failures_told: 0,
        };
        Self { steps: run.steps().into_iter().map(track).collect() }
    }

    /// What is known of so many steps before the first event.
    #[cfg(test)]
    pub(super) fn waiting(steps: usize) -> Self {
        Self { steps: vec![StepTrack::default(); steps] }
    }

    /// A step.
    pub(crate) fn step(&self, index: usize) -> StepTrack {
        self.steps.get(index).copied().unwrap_or_default()
    }

    /// Steps that have begun and not ended.
    pub(crate) fn running(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().enumerate().filter(|(_, step)| step.began.is_some() && step.status.is_none()).map(|(at, _)| at)
    }

    /// Notices that tell how many items of steps under way have ended.
    pub(super) fn items_so_far(&self) -> Vec<Notice> {
        let counted = |step: &usize| self.step(*step).items.is_some_and(|items| items.done + items.failed > 0);
        self.running().filter(counted).map(|step| Notice::Items { step }).collect()
    }

    /// What an event that became true at `at` tells, in order.
    pub(crate) fn event(&mut self, event: &Event, at: Millis) -> Vec<Notice> {
        match event {
            Event::Began { .. } => Vec::new(),
            Event::Adopted { step, output: Some(_) } => self.end(*step as usize, Status::Done, at, |step, _| Notice::Adopted { step }),
            Event::Adopted { step, output: None } | Event::Skipped { step } => {
                self.end(*step as usize, Status::Skipped, at, |step, _| Notice::Skipped { step })
            }
            Event::ItemsOpened { step, count } => self.open(*step as usize, *count, at),
            Event::Started { place, attempt } => self.started(*place, *attempt, at),
            Event::Done { place, .. } => self.done(*place, at),
            Event::AttemptFailed { place, attempt, failure, retry_at, .. } => {
                let mut notices = Vec::new();
                if self.tells_failure(*place) {
                    let wait_ms = retry_at.map(|due| due.since(at));
                    notices.push(Notice::AttemptFailed { place: *place, attempt: *attempt, failure: failure.clone(), wait_ms });
                } else if self.step(place.index()).failures_told == ITEM_FAILURES_TOLD {
                    notices.push(Notice::FailuresCounted { step: place.index() });
                }
                self.count_failure(*place);
                if retry_at.is_none() {
                    notices.extend(self.failed(*place, at));
                }
                notices
            }
            Event::StepFailed { step, failure } => {
                let failure = failure.clone();
                self.end(*step as usize, Status::Failed, at, |step, took_ms| Notice::StepFailed { step, took_ms, failure: Some(failure) })
            }
            Event::Lost { places } => given_back(places.len(), |attempts| Notice::Lost { attempts }),
            Event::Released { places } => given_back(places.len(), |attempts| Notice::Released { attempts }),
            Event::CancelRequested { reason } => vec![Notice::CancelRequested { reason: reason.clone() }],
            Event::Blocked { .. } => vec![Notice::Blocked],
            Event::Unblocked => vec![Notice::Unblocked],
            Event::RunDone { .. } | Event::RunFailed { .. } | Event::RunCancelled => vec![Notice::Ended],
            _ => Vec::new(),
        }
    }

    fn open(&mut self, step: usize, count: u32, at: Millis) -> Vec<Notice> {
        let Some(track) = self.steps.get_mut(step) else { return Vec::new() };
        track.began = Some(at);
        track.items = Some(Items { total: count, ..Items::default() });
        let mut notices = vec![Notice::ItemsOpened { step, count }];
        if count == 0 {
            notices.extend(self.end(step, Status::Done, at, |step, took_ms| Notice::StepDone { step, took_ms }));
        }
        notices
    }

    fn started(&mut self, place: Place, attempt: u32, at: Millis) -> Vec<Notice> {
        let Some(track) = self.steps.get_mut(place.index()) else { return Vec::new() };
        track.began.get_or_insert(at);
        if place.item.is_some() {
            return Vec::new();
        }
        track.attempt = attempt;
        vec![Notice::Started { step: place.index(), attempt }]
    }

    fn done(&mut self, place: Place, at: Millis) -> Vec<Notice> {
        let step = place.index();
        if let (Some(track), Some(_)) = (self.steps.get_mut(step), place.item) {
            let items = track.items.get_or_insert_default();
            items.done += 1;
            if items.done < items.total {
                return vec![Notice::Items { step }];
            }
        }
        self.end(step, Status::Done, at, |step, took_ms| Notice::StepDone { step, took_ms })
    }

    fn failed(&mut self, place: Place, at: Millis) -> Vec<Notice> {
        let step = place.index();
        if let (Some(track), Some(_)) = (self.steps.get_mut(step), place.item) {
            let items = track.items.get_or_insert_default();
            items.failed += 1;
            // The first failed item fails the step; others may follow it that were running.
            if items.failed > 1 {
                return vec![Notice::Items { step }];
            }
        }
        self.end(step, Status::Failed, at, |step, took_ms| Notice::StepFailed { step, took_ms, failure: None })
    }

    fn end(&mut self, step: usize, status: Status, at: Millis, notice: impl FnOnce(usize, u64) -> Notice) -> Vec<Notice> {
        let Some(track) = self.steps.get_mut(step) else { return Vec::new() };
        track.status = Some(status);
        track.ended = Some(at);
        vec![notice(step, track.took_ms())]
    }

    fn tells_failure(&self, place: Place) -> bool {
        place.item.is_none() || self.step(place.index()).failures_told < ITEM_FAILURES_TOLD
    }

    fn count_failure(&mut self, place: Place) {
        if let Some(track) = self.steps.get_mut(place.index()) {
            track.failures_told = track.failures_told.saturating_add(1);
        }
    }
}

fn given_back(attempts: usize, notice: impl FnOnce(usize) -> Notice) -> Vec<Notice> {
    if attempts == 0 { Vec::new() } else { vec![notice(attempts)] }
}
