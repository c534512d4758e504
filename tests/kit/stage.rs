//! Workflows played on a real worker, a real sandbox and a real store, with a clock that stands still until it is moved.
//!
//! A play is text, one act in a line; after each act the stage waits until nothing happens any more:
//!
//! | act | does |
//! | --- | --- |
//! | `start [INPUTS]` | starts a run, with inputs as JSON; runs are numbered from 1, sub-workflows among them |
//! | `signal RUN ID NAME [PAYLOAD]` | sends a signal |
//! | `approve RUN STEP`, `deny RUN STEP` | decides |
//! | `resolve RUN STEP done JSON`, `… failed`, `… retry` | decides about an unknown outcome |
//! | `cancel RUN`, `resume RUN` | asks for it |
//! | `advance MS` | moves the clock |
//! | `restart` | the worker stops in good order, and another takes over all runs |
//! | `kill` | the worker dies between two of its writes, and another takes over all runs |
//! | `orphan` | the worker dies, and another takes over what it is asked about |
//!
//! In the text of a workflow, `NOTE(line)` is a task that writes a line into a ledger, which stands for the world. An attempt at a
//! step whose name begins with `long` is not waited for, unless the run was cancelled.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::{Action, ParentEnds, Plan, WhenBusy};
use jackfield_flow::run::{Event, Millis, Ownership, Place, Reason, Receipt, Run, RunId, Status, WakeSource};
use jackfield_flow::types::{JsonLimits, Value};
use jackfield_store::{Durability, Family, Fault, FaultStore, ListQuery, LockQuery, MemoryStore, OpenMode, SqliteStore, Store, StoreError};
use jackfield_worker::{Ask, How, LoadedRun, Start, WorkerError, load_run};

use crate::clock::TestClock;
use crate::engine::Engine;

/// Noon of some day.
pub const NOON: Millis = Millis(1_700_000_000_000);

/// After so long an act hangs: no test waits for it for ever.
const HANGS: Duration = Duration::from_mins(5);

/// Where a play keeps its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In memory.
    Memory,
    /// In SQLite.
    Sqlite,
}

/// A worker and everything around it.
pub struct Stage {
    folder: tempfile::TempDir,
    text: String,
    clock: Arc<TestClock>,
    inner: Arc<dyn Store>,
    /// The store as the worker of now sees it.
    pub store: Arc<FaultStore>,
    /// The engine of now.
    pub engine: Engine,
    plan: Arc<Plan>,
    starts: usize,
    /// What was refused, as lines.
    refused: String,
}

impl Stage {
    /// A stage for a workflow, whose store fails as told.
    pub async fn open(text: &str, kept: Kept, fault: Option<Fault>) -> Self {
        let folder = tempfile::Builder::new().prefix("jackfield-stage-").tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("log")).expect("made");
        let inner: Arc<dyn Store> = match kept {
            Kept::Memory => Arc::new(MemoryStore::new()),
            Kept::Sqlite => {
                let mode = OpenMode::Engine { name: Arc::from("test"), durability: Durability::Normal };
                Arc::new(SqliteStore::open(&folder.path().join("data"), mode).expect("a store"))
            }
        };
        let clock = Arc::new(TestClock::at(NOON));
        let text = complete(text);
        let store = Arc::new(FaultStore::new(Arc::clone(&inner), fault));
        let engine = Engine::on(Arc::clone(&store) as Arc<dyn Store>, Arc::clone(&clock) as Arc<_>);
        let plan = engine.plan(&text).await;
        Self { folder, text, clock, inner, store, engine, plan, starts: 0, refused: String::new() }
    }

    /// Plays all acts; a worker that dies on the way is followed by another, and what was asked of it is asked again.
    pub async fn play(&mut self, play: &str) {
        for act in play.lines().map(str::trim).filter(|act| !act.is_empty()) {
            if tokio::time::timeout(HANGS, self.act(act)).await.is_err() {
                panic!("`{act}` never comes to rest; so far:\n{}", self.story(Detail::Steps).await);
            }
        }
    }

    async fn act(&mut self, act: &str) {
        let mut words = act.splitn(2, ' ');
        match (words.next().unwrap_or_default(), words.next().unwrap_or_default()) {
            ("restart", _) => self.next_worker(Ending::InGoodOrder).await,
            ("kill", _) => self.next_worker(Ending::Death).await,
            ("orphan", _) => return self.replace_worker(Ending::Death).await,
            ("advance", ms) => self.clock.advance(ms.parse().expect("milliseconds")),
            ("start", inputs) => {
                self.starts += 1;
                self.until_done(act, Wish::Start { number: self.starts, inputs }).await;
            }
            (word, words) => self.until_done(act, Wish::of(word, words)).await,
        }
        while !self.is_quiet().await {
            if self.store.is_down() {
                self.next_worker(Ending::Death).await;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn until_done(&mut self, act: &str, wish: Wish<'_>) {
        loop {
            let done = self.wish(&wish).await;
            if self.store.is_down() {
                self.next_worker(Ending::Death).await;
                continue;
            }
            // Who hears that the store is in trouble asks again.
            let passes = |error: &StoreError| !matches!(error, StoreError::NotFound { .. } | StoreError::KeyConflict { .. });
            if matches!(&done, Err(WorkerError::Store(error)) if passes(error)) {
                continue;
            }
            if let Err(error) = done {
                // Writing to a String cannot fail.
                let _ = writeln!(self.refused, "{act}: {error}");
            }
            return;
        }
    }

    async fn wish(&self, wish: &Wish<'_>) -> Result<(), WorkerError> {
        let worker = &self.engine.worker;
        match wish {
            Wish::Start { number, inputs } => {
                let inputs = if inputs.is_empty() { "{}" } else { inputs };
                let start = Start {
                    plan: Arc::clone(&self.plan),
                    inputs: Value::from_json(inputs, JsonLimits::default()).expect("JSON"),
                    directory: self.folder.path().into(),
                    client_key: Some(format!("start {number}").into()),
                    labels: Vec::new(),
                    priority: None,
                };
                worker.start(start).await.map(drop)
            }
            Wish::Ask { run, ask } => worker.ask(*run, ask.clone()).await,
            Wish::Resume { run } => {
                // Of a run that was blocked there is always news: that it goes on, or that it is blocked still.
                worker.resume(*run).await?.next().await;
                Ok(())
            }
        }
    }

    async fn next_worker(&mut self, ending: Ending) {
        self.replace_worker(ending).await;
        let (_, refused) = self.engine.worker.resume_all().await.expect("resumed");
        assert!(refused.is_empty(), "{refused:?}");
    }

    async fn replace_worker(&mut self, ending: Ending) {
        let store = Arc::new(FaultStore::new(Arc::clone(&self.inner), None));
        let next = Engine::on(Arc::clone(&store) as Arc<dyn Store>, Arc::clone(&self.clock) as Arc<_>);
        if ending == Ending::Death {
            self.store.take_down();
        }
        // A dead worker stops as well: nothing of it reaches the store.
        std::mem::replace(&mut self.engine, next).stop().await;
        self.store = store;
        self.plan = self.engine.plan(&self.text).await;
    }

    /// All runs, by number.
    pub async fn runs(&self) -> Vec<LoadedRun> {
        let mut query = ListQuery { family: Family::All, ..ListQuery::default() };
        let mut runs = Vec::new();
        loop {
            let page = self.inner.list(query.clone()).await.expect("listed");
            for row in page.rows {
                runs.push(load_run(self.inner.as_ref(), row.run).await.expect("readable"));
            }
            match page.next {
                Some(next) => query.before = Some(next),
                None => break,
            }
        }
        runs.reverse();
        runs
    }

    /// Whether nothing happens until something is done from outside.
    pub async fn is_quiet(&self) -> bool {
        let runs = self.runs().await;
        for loaded in &runs {
            for source in loaded.run.wake_sources() {
                if self.moves(&loaded.run, source, &runs).await {
                    return false;
                }
            }
        }
        // What ended has left, and whoever only waits for a message or a time far away is out of memory.
        let here = runs.iter().filter(|loaded| stays(&loaded.run)).count();
        if self.engine.worker.load().0 > here {
            return false;
        }
        // Whatever was looked at meanwhile belongs to these runs as they stand.
        let stand = |runs: &[LoadedRun]| runs.iter().map(|loaded| (loaded.row.run, loaded.row.seq)).collect::<Vec<_>>();
        stand(&runs) == stand(&self.runs().await)
    }

    /// Whether something that a run waits for comes by itself.
    async fn moves(&self, run: &Run, source: WakeSource, runs: &[LoadedRun]) -> bool {
        let blocked = run.blocked().is_some();
        match source {
            // A cancel interrupts it.
            WakeSource::Attempt(place) => !name_of(run, place).starts_with("long") || run.cancel_reason().is_some(),
            WakeSource::Child(place) => {
                let own = |child: &&Run| child.parent().is_some_and(|parent| parent.run == run.id() && parent.place == place);
                runs.iter().map(|loaded| &loaded.run).rfind(own).is_none_or(|child| child.status().is_end() || is_to_stop(run, child))
            }
            WakeSource::Timer(at) => at <= self.clock_now(),
            WakeSource::Signal(_) | WakeSource::Approval(_) | WakeSource::Decision => false,
            WakeSource::Lock(_) if blocked => false,
            WakeSource::Lock(_) => self.is_free(run).await,
            WakeSource::Rate(_) => true,
            // A run that is looked at from outside always says so: it is for whoever takes it over.
            WakeSource::AtOnce => false,
        }
    }

    /// Whether a lock that a run waits for is about to be given to somebody, or its holders are about to be cancelled.
    async fn is_free(&self, run: &Run) -> bool {
        for reason in run.why(Ownership::Worker) {
            let (name, permits, place) = match reason {
                Reason::Lock { name, step, item } => {
                    let step = run.plan().step_named(&step).expect("there");
                    let permits = run.plan().steps[step].lock.as_ref().map_or(1, |lock| lock.permits);
                    (name, permits, Some(Place { item, ..Place::step(step) }))
                }
                Reason::Concurrency { .. } if run.plan().concurrency.as_ref().is_some_and(|all| all.when_busy != WhenBusy::Queue) => {
                    return true;
                }
                Reason::Concurrency { key } => (key, run.plan().concurrency.as_ref().map_or(1, |all| all.limit), None),
                _ => continue,
            };
            let held = self.inner.locks(LockQuery::Name(name)).await.expect("listed");
            let permits = held.iter().map(|holder| holder.permits).fold(permits, u32::min);
            if held.len() < permits as usize || held.iter().any(|holder| (holder.run, holder.place) == (run.id(), place)) {
                return true;
            }
        }
        false
    }

    fn clock_now(&self) -> Millis {
        jackfield_worker::Clock::now(&*self.clock)
    }

    /// How it all stands: runs, refusals, the ledger.
    pub async fn story(&self, detail: Detail) -> String {
        let mut story = String::new();
        let runs = self.runs().await;
        for loaded in runs.iter().filter(|loaded| loaded.run.parent().is_none()) {
            tell_family(&mut story, &loaded.run.id().to_string(), loaded, &runs, detail);
        }
        if detail == Detail::Steps {
            story.push_str(&self.refused);
        }
        let ledger = self.ledger();
        if !ledger.is_empty() {
            let _ = writeln!(story, "ledger: {}", ledger.join(" "));
        }
        story
    }

    /// Starts so many runs in one moment.
    pub async fn start_at_once(&self, count: usize) {
        self.engine.start_all_in(&self.plan, self.path(), count).await;
    }

    /// How many attempts run, as far as is recorded.
    pub async fn attempts_running(&self) -> usize {
        let attempts =
            |loaded: &LoadedRun| loaded.run.wake_sources().iter().filter(|source| matches!(source, WakeSource::Attempt(_))).count();
        self.runs().await.iter().map(attempts).sum()
    }

    /// What the attempts that ended well used, run by run.
    pub async fn receipts(&self) -> Vec<Receipt> {
        let runs = self.runs().await;
        let events = runs.into_iter().flat_map(|loaded| loaded.batches).flat_map(|batch| batch.events);
        events.filter_map(|event| if let Event::Done { receipt, .. } = event { Some(receipt) } else { None }).collect()
    }

    /// What was written into the ledger.
    pub fn ledger(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("log/ledger")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Where relative paths of the workflow start.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The end of the play.
    pub async fn close(self) {
        self.engine.stop().await;
    }
}

/// How closely a story tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Runs and their steps, with attempts.
    Steps,
    /// How runs ended: what must not depend on when a worker died.
    Ends,
}

/// How a worker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    InGoodOrder,
    Death,
}

enum Wish<'a> {
    Start { number: usize, inputs: &'a str },
    Ask { run: RunId, ask: Ask },
    Resume { run: RunId },
}

impl Wish<'_> {
    fn of(word: &str, rest: &str) -> Self {
        let words: Vec<&str> = rest.split(' ').collect();
        let run = RunId(words[0].parse().expect("a run"));
        let text = |at: usize| words.get(at).copied().unwrap_or_default().to_owned();
        let tail = |at: usize| words.get(at..).unwrap_or_default().join(" ");
        let by = || "anna".to_owned();
        let ask = match word {
            "signal" => {
                let payload = if words.len() > 3 { tail(3) } else { "null".to_owned() };
                Ask::Signal { id: text(1), name: text(2), payload, by: by(), note: String::new() }
            }
            "approve" | "deny" => {
                let id = format!("{word} {}", text(1));
                Ask::Approve { id, step: text(1), approved: word == "approve", by: by(), note: "so be it".to_owned() }
            }
            "resolve" => {
                let how = match words[2] {
                    "done" => How::Done(tail(3)),
                    "failed" => How::Failed,
                    _ => How::Retry,
                };
                Ask::Resolve { step: text(1), how }
            }
            "cancel" => Ask::Cancel { reason: "enough".to_owned() },
            "resume" => return Self::Resume { run },
            other => panic!("no act is called {other}"),
        };
        Self::Ask { run, ask }
    }
}

/// The workflow with the guests it uses.
fn complete(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find("NOTE(") {
        let mut depth = 0;
        let closes = |c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ')' && depth == 0
        };
        let end = at + text[at..].find(closes).expect("closed");
        let line = text[at + 5..end].to_owned();
        let task = format!("task: probe.append-line, with: {{ path: log/ledger, line: {line} }}, grant: {{ files: [\"write log\"] }}");
        text.replace_range(at..=end, &task);
    }
    let used = ["probe", "noop"].into_iter().filter(|name| text.contains(&format!("{name}.")));
    let plugins: Vec<String> = used.map(|name| format!("{name}: {}", crate::guest(name).display())).collect();
    let plugins = if plugins.is_empty() { String::new() } else { format!("plugins: {{ {} }}\n", plugins.join(", ")) };
    format!("workflow: w\n{plugins}{text}")
}

/// Whether a worker keeps a run in memory: for an attempt, a lock, or a time that is near.
fn stays(run: &Run) -> bool {
    run.wake_sources().iter().any(|source| matches!(source, WakeSource::Attempt(_) | WakeSource::Lock(_) | WakeSource::Timer(_)))
}

fn name_of(run: &Run, place: Place) -> String {
    let name = run.plan().steps[place.index()].name.to_string();
    place.item.map_or_else(|| name.clone(), |item| format!("{name}[{item}]"))
}

/// Whether a sub-workflow has still to hear that it is to stop.
fn is_to_stop(run: &Run, child: &Run) -> bool {
    let Some(parent) = child.parent() else { return false };
    let unwanted = run.cancel_reason().is_some() || run.failure().is_some() || !run.is_running(parent.place, parent.attempt);
    let cancels = matches!(run.action_of(parent.place), Some(Action::Flow { parent_ends: ParentEnds::Cancel, .. }));
    unwanted && cancels && child.cancel_reason().is_none()
}

/// A run and its sub-workflows, by the places that started them: their numbers depend on who came first.
fn tell_family(story: &mut String, name: &str, loaded: &LoadedRun, runs: &[LoadedRun], detail: Detail) {
    tell(story, name, loaded, detail);
    let mut children: Vec<(Place, u32, &LoadedRun)> = Vec::new();
    for child in runs {
        if let Some(parent) = child.run.parent().filter(|parent| parent.run == loaded.run.id()) {
            children.push((parent.place, parent.attempt, child));
        }
    }
    children.sort_by_key(|(place, attempt, _)| (*place, *attempt));
    for (place, attempt, child) in children {
        let tries = if attempt > 1 { format!("#{attempt}") } else { String::new() };
        tell_family(story, &format!("{name}/{}{tries}", name_of(&loaded.run, place)), child, runs, detail);
    }
}

/// One run, and what must be true of every run.
fn tell(story: &mut String, name: &str, loaded: &LoadedRun, detail: Detail) {
    let run = &loaded.run;
    let end = match (run.status(), run.failure(), run.blocked()) {
        (Status::Done, ..) => run.outputs().map(Value::to_canonical_json).unwrap_or_default(),
        (_, _, Some(reason)) => format!("{reason:?}").split(' ').next().unwrap_or_default().to_owned(),
        (_, Some((step, failure)), _) => {
            let step = step.map_or_else(|| "run".to_owned(), |step| run.plan().steps[step].name.to_string());
            format!("{step}: {}", failure.code)
        }
        _ => String::new(),
    };
    let _ = writeln!(story, "{}", format!("{name} {} {end}", run.status()).trim_end());
    for step in run.steps().iter().filter(|step| detail == Detail::Steps && (step.of.is_none() || step.attempts > 0)) {
        let mut line = format!("  {} {}", step.name, step.status);
        let _ = step.items.map(|items| write!(line, " {}/{}", items.done, items.total));
        if step.attempts > 1 {
            let _ = write!(line, " ×{}", step.attempts);
        }
        if let Some(failure) = &step.failure {
            let _ = write!(line, " {}", failure.code);
        }
        let _ = writeln!(story, "{line}");
    }
    check_history(loaded);
}

/// Nothing is recorded twice, nothing starts after it was recorded, and an unfinished run is never without something that wakes it.
fn check_history(loaded: &LoadedRun) {
    let mut done = std::collections::BTreeSet::new();
    for event in loaded.batches.iter().flat_map(|batch| &batch.events) {
        match event {
            Event::Done { place, .. } | Event::Settled { place, .. } | Event::Signalled { place, .. } => {
                assert!(done.insert(*place), "run {}: {place:?} was recorded twice", loaded.run.id());
            }
            Event::Started { place, .. } => assert!(!done.contains(place), "run {}: {place:?} starts again", loaded.run.id()),
            _ => {}
        }
    }
    if !loaded.run.status().is_end() {
        assert!(!loaded.run.wake_sources().is_empty(), "nothing wakes run {}", loaded.run.id());
        assert!(!loaded.run.why(Ownership::Worker).is_empty(), "nobody knows what run {} waits for", loaded.run.id());
    }
}
