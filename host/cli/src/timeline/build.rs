//! Stored events → rows and spans.

use std::collections::BTreeMap;

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::plan::{Action, OnItemError, Plan, PlanStep, StepKind};
use jackfield_flow::run::{Event, Millis, Place, Resolution, Status};

use super::model::{End, Row, RowKind, Span, Timeline, What, grouped};
use crate::graph::label::{elide, plain};

/// Items that get rows of their own. More are shown as one bar of how many worked at a time.
const ITEMS_SHOWN: usize = 6;

/// How much is shown of the reason of a cancel.
const REASON_COLUMNS: usize = 60;

impl Timeline {
    /// What was done when, as the batches tell. What has not ended goes on until `now`.
    pub(crate) fn of(plan: &Plan, batches: &[Batch], now: Millis) -> Self {
        let mut builder = Builder::new(plan, batches.first().map_or(now, |first| first.at));
        for batch in batches {
            batch.events.iter().for_each(|event| builder.event(batch.at, event));
        }
        builder.finish(now)
    }
}

/// What is known so far.
struct Builder<'a> {
    plan: &'a Plan,
    tracks: Vec<Track>,
    began: Millis,
    /// How and when the run ended.
    ended: Option<(Millis, Status)>,
    blocked: Lane,
    cancelled: Option<(Millis, String)>,
}

/// What is known of a step.
#[derive(Default)]
struct Track {
    /// For the step, or for each of its items.
    lanes: BTreeMap<Option<u32>, Lane>,
    /// How many items it has.
    items: Option<u32>,
    /// Without any attempt: skipped, failed before the first, taken over.
    settled: Option<(Status, String)>,
    /// How the step ended, where its lanes do not say it: a loop that is over, a race that is won, a deadline.
    over: Option<(Status, String)>,
}

/// One attempt after the other.
#[derive(Default)]
struct Lane {
    spans: Vec<Span>,
    /// What goes on, and since when.
    open: Option<(Millis, What)>,
    attempts: u32,
    /// The code of the failure that was the last.
    failure: Option<String>,
    is_done: bool,
}

impl Lane {
    fn open(&mut self, at: Millis, what: What) {
        self.close(at, End::Done);
        self.open = Some((at, what));
    }

    fn close(&mut self, at: Millis, end: End) {
        if let Some((from, what)) = self.open.take() {
            self.spans.push(Span { from, to: at.max(from), what, end });
        }
    }

    fn status(&self) -> Status {
        match self.spans.last().map(|last| last.end) {
            _ if self.failure.is_some() => Status::Failed,
            _ if self.is_done => Status::Done,
            Some(End::Open) => Status::Running,
            Some(End::Cancelled) => Status::Cancelled,
            _ => Status::Waiting,
        }
    }
}

impl<'a> Builder<'a> {
    fn new(plan: &'a Plan, began: Millis) -> Self {
        let tracks = plan.steps.iter().map(|_| Track::default()).collect();
        Self { plan, tracks, began, ended: None, blocked: Lane::default(), cancelled: None }
    }

    /// One kind of event is one arm. A kind that is not listed changes nothing in the picture.
    fn event(&mut self, at: Millis, event: &Event) {
        match event {
            Event::Adopted { step, .. } => self.settle(*step, Status::Done, "taken over from an earlier run"),
            Event::Skipped { step } => self.settle(*step, Status::Skipped, "skipped"),
            Event::ItemsOpened { step, count } => {
                if let Some(track) = self.track(*step) {
                    track.items = Some(*count);
                }
            }
            Event::Started { place, attempt } => self.start(at, *place, *attempt),
            Event::Done { place, .. } | Event::Settled { place, .. } | Event::Signalled { place, .. } => self.done(at, *place),
            Event::Sleeping { place, .. } | Event::Delayed { place, .. } | Event::Paused { place, .. } => self.wait(at, *place, What::Time),
            Event::Listening { place } => self.wait(at, *place, self.listens(*place)),
            Event::LockWanted { place, .. } => self.wait(at, *place, What::Lock),
            Event::LockHeld { place, .. } => self.interrupt(at, &[*place], End::Done),
            Event::Closed { step } => self.over(at, *step, Status::Done, ""),
            Event::PlaceFailed { place, failure } | Event::OutcomeUnknown { place, failure, .. } => self.failed(at, *place, &failure.code),
            Event::Caught { place, .. } => {
                if let Some(lane) = self.lane(*place) {
                    lane.failure = None;
                }
            }
            Event::Resolved { place, how } => match how {
                Resolution::Done(_) => self.done(at, *place),
                Resolution::Failed | Resolution::Retry => {}
            },
            Event::AttemptFailed { place, failure, retry_at, .. } => {
                if let Some(lane) = self.lane(*place) {
                    lane.close(at, End::Failed);
                    match retry_at {
                        Some(_) => lane.open(at, What::Retry),
                        None => lane.failure = Some(plain(&failure.code)),
                    }
                }
            }
            Event::StepFailed { step, failure } => match self.track(*step) {
                Some(track) if !track.lanes.is_empty() => self.over(at, *step, Status::Failed, &plain(&failure.code)),
                _ => self.settle(*step, Status::Failed, &plain(&failure.code)),
            },
            Event::Lost { places } => self.interrupt(at, places, End::Lost),
            Event::Released { places } => self.interrupt(at, places, End::Released),
            Event::CancelRequested { reason } => {
                self.cancelled.get_or_insert((at, elide(&plain(reason), REASON_COLUMNS)));
            }
            Event::Blocked { .. } => self.blocked.open(at, What::Blocked),
            Event::Unblocked => self.blocked.close(at, End::Done),
            Event::RunDone { .. } => self.ended = Some((at, Status::Done)),
            Event::RunFailed { .. } => self.ended = Some((at, Status::Failed)),
            Event::RunCancelled => self.ended = Some((at, Status::Cancelled)),
            // That a run began is seen from its first batch.
            _ => {}
        }
    }

    fn track(&mut self, step: u32) -> Option<&mut Track> {
        self.tracks.get_mut(usize::try_from(step).ok()?)
    }

    fn lane(&mut self, place: Place) -> Option<&mut Lane> {
        self.track(place.step).map(|track| track.lanes.entry(place.item).or_default())
    }

    fn start(&mut self, at: Millis, place: Place, attempt: u32) {
        let what = self.plan.steps.get(place.index()).map_or(What::Work, what_of);
        if let Some(lane) = self.lane(place) {
            lane.open(at, what);
            lane.attempts = lane.attempts.max(attempt);
        }
    }

    fn wait(&mut self, at: Millis, place: Place, what: What) {
        if let Some(lane) = self.lane(place) {
            lane.open(at, what);
        }
    }

    /// What a place that listens waits for.
    fn listens(&self, place: Place) -> What {
        let step = self.plan.steps.get(place.index());
        let decides = step.is_some_and(|step| step.actions().iter().any(|action| matches!(action, Action::Approval { .. })));
        if decides { What::Approval } else { What::Signal }
    }

    fn done(&mut self, at: Millis, place: Place) {
        // A result in place of a failure.
        if let Some(track) = self.track(place.step) {
            track.over = None;
            track.settled = None;
        }
        if let Some(lane) = self.lane(place) {
            lane.close(at, End::Done);
            lane.is_done = true;
            lane.failure = None;
        }
        // The first contender that succeeds ends the race for the others.
        if self.plan.steps.get(place.index()).is_some_and(|step| matches!(step.kind, StepKind::Race(_))) {
            self.over(at, place.step, Status::Done, "");
        }
    }

    fn failed(&mut self, at: Millis, place: Place, code: &str) {
        if let Some(lane) = self.lane(place) {
            lane.close(at, End::Failed);
            lane.failure = Some(plain(code));
        }
    }

    /// A step is over: what still went on in it is cut off.
    fn over(&mut self, at: Millis, step: u32, status: Status, note: &str) {
        if let Some(track) = self.track(step) {
            track.lanes.values_mut().for_each(|lane| lane.close(at, End::Cancelled));
            track.over = Some((status, note.to_owned()));
        }
    }

    fn interrupt(&mut self, at: Millis, places: &[Place], end: End) {
        for place in places {
            if let Some(lane) = self.lane(*place) {
                lane.close(at, end);
            }
        }
    }

    fn settle(&mut self, step: u32, status: Status, note: &str) {
        if let Some(track) = self.track(step) {
            track.settled = Some((status, note.to_owned()));
        }
    }

    fn finish(mut self, now: Millis) -> Timeline {
        let (until, end) = self.ended.map_or((now.max(self.began), End::Open), |(at, _)| (at, End::Cancelled));
        let lanes = self.tracks.iter_mut().flat_map(|track| track.lanes.values_mut());
        lanes.chain([&mut self.blocked]).for_each(|lane| lane.close(until, end));
        let is_blocked = self.blocked.spans.last().is_some_and(|last| last.end == End::Open);
        let status = self.ended.map_or(if is_blocked { Status::Blocked } else { Status::Running }, |(_, status)| status);
        let mut groups: Vec<Vec<Row>> = self.tracks.into_iter().zip(&self.plan.steps).map(|(track, step)| rows_of(track, step)).collect();
        // The sort is stable: what begins at once keeps the order of the plan.
        groups.sort_by_key(|rows| rows.first().and_then(|row| row.time).map_or(i64::MAX, |(from, _)| from.0));
        let mut rows: Vec<Row> = groups.into_iter().flatten().collect();
        if !self.blocked.spans.is_empty() {
            let spans = self.blocked.spans;
            rows.insert(0, Row { name: "(run)".to_owned(), kind: RowKind::Run, status, time: time_of(&spans), spans, note: String::new() });
        }
        Timeline { title: plain(&self.plan.workflow), began: self.began, until, status, cancelled: self.cancelled, rows }
    }
}

/// What an attempt of a step does with its time.
fn what_of(step: &PlanStep) -> What {
    let mut all = step.actions().into_iter().map(|action| match action {
        Action::Sleep(_) | Action::Until(_) => What::Time,
        Action::Signal { .. } => What::Signal,
        Action::Approval { .. } => What::Approval,
        _ => What::Work,
    });
    // Which branch is taken, or which contender is meant, is not known: it is a wait only when all are.
    let first = all.next().unwrap_or(What::Work);
    if all.all(|what| what == first) { first } else { What::Work }
}

/// The row of a step, and those of its items when they are few.
fn rows_of(track: Track, step: &PlanStep) -> Vec<Row> {
    let name = plain(&step.name);
    let Track { mut lanes, items, settled, over } = track;
    // A race and a loop have places for their contenders and iterations.
    let places = lanes.keys().flatten().count();
    let items = items.or_else(|| u32::try_from(places).ok().filter(|places| *places > 0));
    let row = |kind, status, spans: Vec<Span>, note| Row { name: name.clone(), kind, status, time: time_of(&spans), spans, note };
    if let Some((status, note)) = settled {
        return vec![row(RowKind::Step, status, Vec::new(), note)];
    }
    let Some(total) = items else {
        let lane = lanes.remove(&None).unwrap_or_default();
        // What belongs to other steps is only told of when it came into play.
        if lane.spans.is_empty() && !step.is_main() {
            return Vec::new();
        }
        let (status, note) = over.unwrap_or_else(|| (lane.status(), note(&lane)));
        return vec![row(RowKind::Step, status, lane.spans, note)];
    };
    let (status, note_of_all) = tally(&lanes, total, step);
    let status = over.map_or(status, |(status, _)| status);
    let spans = lanes.values().flat_map(|lane| lane.spans.iter().copied()).collect();
    let mut rows = vec![row(RowKind::Items, status, spans, note_of_all)];
    if lanes.len() <= ITEMS_SHOWN {
        for (item, lane) in lanes {
            let name = item.map_or_else(|| name.clone(), |item| format!("{name}[{item}]"));
            let (status, note) = (lane.status(), note(&lane));
            rows.push(Row { name, kind: RowKind::Item, status, time: time_of(&lane.spans), spans: lane.spans, note });
        }
    }
    rows
}

/// How the items stand as a whole, and how many of them stand how.
fn tally(lanes: &BTreeMap<Option<u32>, Lane>, total: u32, step: &PlanStep) -> (Status, String) {
    let count = |status: Status| lanes.values().filter(|lane| lane.status() == status).count();
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let what = match step.kind {
        StepKind::Race(_) => "contenders",
        StepKind::Repeat { .. } => "iterations",
        _ => "items",
    };
    let mut words = vec![format!("{} {what}", grouped(total))];
    let all = [Status::Done, Status::Failed, Status::Running, Status::Cancelled];
    let counts = all.map(|status| (status, count(status)));
    let told = counts.iter().filter(|(_, items)| *items > 0).map(|(status, items)| format!("{} {status}", grouped(*items)));
    words.push(told.collect::<Vec<_>>().join(", "));
    words.retain(|word| !word.is_empty());
    let [(_, done), (_, failed), (_, running), (_, cancelled)] = counts;
    let fails = !matches!(step.kind, StepKind::ForEach { on_item_error: OnItemError::Collect | OnItemError::Skip, .. });
    let status = match () {
        () if running > 0 => Status::Running,
        () if failed > 0 && fails => Status::Failed,
        () if cancelled > 0 => Status::Cancelled,
        () if done + failed == total => Status::Done,
        () => Status::Running,
    };
    (status, words.join(": "))
}

fn note(lane: &Lane) -> String {
    let attempts = (lane.attempts > 1).then(|| format!("{} attempts", lane.attempts));
    attempts.into_iter().chain(lane.failure.clone()).collect::<Vec<_>>().join(", ")
}

fn time_of(spans: &[Span]) -> Option<(Millis, Millis)> {
    let from = spans.iter().map(|span| span.from).min()?;
    Some((from, spans.iter().map(|span| span.to).max()?))
}
