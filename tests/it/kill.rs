//! kill -9 at random moments, and on it goes: the real binary, a real disk, what is seen from outside.
//!
//! `JACKFIELD_KILLS=N` kills N times a test instead of the usual number; `JACKFIELD_SEED=N` begins with another seed. A failure names its seed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::run::{Event, Place, RunId, Status};
use jackfield_store::{OpenMode, SqliteStore};
use jackfield_worker::{LoadedRun, load_run};
use kit::world::World;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// SplitMix64: a moment for each seed.
fn moment(seed: u64, below: Duration) -> Duration {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let micros = u64::try_from(below.as_micros()).expect("a short time");
    Duration::from_micros((z ^ (z >> 31)) % micros)
}

/// What another process reads of the run, if it was ever recorded.
fn recorded(world: &World) -> Option<LoadedRun> {
    let store = SqliteStore::open(&world.file("data"), OpenMode::Reader).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(load_run(&store, RunId(1))).ok()
}

/// Starts the workflow, kills it after a moment, and says what was recorded then.
fn start_and_kill(world: &World, workflow: &str, after: Duration) -> Option<LoadedRun> {
    let mut child = world.start(&["run", workflow, "--data", "data", "--quiet"]);
    std::thread::sleep(after);
    child.kill().expect("killed, or ended before");
    child.wait().expect("it is gone");
    recorded(world)
}

/// Ends a killed run: resumed when it was recorded and has not ended, started when it was not.
fn go_on(world: &World, workflow: &str, killed: Option<&LoadedRun>) -> Option<Duration> {
    match killed {
        None => {
            world.jackfield(&["run", workflow, "--data", "data", "--quiet"]).expect(0);
            None
        }
        Some(killed) if killed.run.status() == Status::Done => None,
        Some(_) => {
            let wall = std::time::SystemTime::now();
            world.jackfield(&["resume", "1", "--data", "data", "--quiet"]).expect(0);
            first_start_after(world, killed?.batches.len())
                .map(|at| at.saturating_sub(wall.duration_since(std::time::UNIX_EPOCH).expect("after 1970")))
        }
    }
}

/// When the first attempt after the kill was recorded as started, if any was left to start.
fn first_start_after(world: &World, batches: usize) -> Option<Duration> {
    let run = recorded(world)?;
    let starts = |batch: &&Batch| batch.events.iter().any(|event| matches!(event, Event::Started { .. }));
    let at = run.batches.get(batches..)?.iter().find(starts)?.at;
    u64::try_from(at.0).ok().map(Duration::from_millis)
}

/// When to kill: every other time at any moment of the process, else while it had the run.
struct Moments {
    process: Duration,
    until_run: Duration,
    run: Duration,
}

impl Moments {
    /// From one undisturbed call, with some room at its end.
    fn of(whole: &World, words: &[&str]) -> Self {
        let (start, wall) = (Instant::now(), std::time::SystemTime::now());
        whole.jackfield(words).expect(0);
        let process = start.elapsed().mul_f64(1.1);
        let run = recorded(whole).expect("recorded").run;
        let wall = wall.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let began = Duration::from_millis(u64::try_from(run.began().0).expect("after 1970"));
        let took = Duration::from_millis(run.ended().expect("done").since(run.began()).max(1));
        Self { process, until_run: began.saturating_sub(wall), run: took }
    }

    fn at(&self, seed: u64) -> Duration {
        if seed.is_multiple_of(2) { moment(seed, self.process) } else { self.until_run + moment(seed, self.run) }
    }
}

fn done(run: &LoadedRun) -> BTreeMap<Place, u32> {
    let events = run.batches.iter().flat_map(|batch| &batch.events);
    events
        .filter_map(|event| match event {
            Event::Done { place, attempt, .. } => Some((*place, *attempt)),
            _ => None,
        })
        .collect()
}

/// In the whole history, nothing starts after it was recorded, and nothing is recorded twice.
fn check_history(run: &LoadedRun, seed: u64) {
    let mut ended: BTreeMap<Place, u32> = BTreeMap::new();
    for event in run.batches.iter().flat_map(|batch| &batch.events) {
        match event {
            Event::Started { place, .. } => assert!(!ended.contains_key(place), "seed {seed}: {place:?} started after it was recorded"),
            Event::Done { place, attempt, .. } => assert_eq!(ended.insert(*place, *attempt), None, "seed {seed}: {place:?} recorded twice"),
            _ => {}
        }
    }
    assert_eq!(run.run.status(), Status::Done, "seed {seed}");
}

/// An example in a folder of its own, with the plugins where they are.
fn copy_of(world: &World, example: &str, data: &[&str]) {
    let example = format!("plugins/examples/{example}");
    let text = fs::read_to_string(kit::file(&format!("{example}/workflow.yaml"))).expect("there");
    let build = kit::plugin("csv").parent().expect("a folder").to_string_lossy().into_owned();
    world.write("workflow.yaml", text.replace("../../build", &build));
    for name in data {
        world.write(&format!("data/{name}"), fs::read(kit::file(&format!("{example}/data/{name}"))).expect("there"));
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.map(|path| (name(&path), fs::read(&path).expect("readable"))).collect()
}

/// Which file is behind each name: an atomic write always brings a new one.
fn inodes(folder: &Path) -> BTreeMap<String, u64> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let entries = entries.map(|entry| entry.expect("an entry"));
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.metadata().expect("there").ino())).collect()
}

/// The file that a step writes, when the step was recorded.
fn written_by(run: &LoadedRun) -> Vec<String> {
    let plan = run.run.plan();
    let of = |place: &Place| {
        let output = run.run.result(place.index())?;
        let output = match (output, place.item) {
            (jackfield_flow::types::Value::List(items), Some(item)) => items.get(item as usize)?.clone(),
            (output, _) => output.clone(),
        };
        match output.get("path")? {
            jackfield_flow::types::Value::String(path) => Some(path.trim_start_matches("out/").to_owned()),
            _ => None,
        }
    };
    done(run).keys().filter(|place| plan.steps[place.index()].name.starts_with("save-")).filter_map(of).collect()
}

#[test]
fn the_main_example_killed_at_random_moments_ends_the_same_byte_for_byte() {
    let files = killed_at_random_moments("weather", &["weather.csv"], 200);
    assert_eq!(files, 7);
}

#[test]
fn two_tables_killed_at_random_moments_come_into_step_byte_for_byte() {
    let files = killed_at_random_moments("two-tables", &["base.csv", "office.csv", "archive.csv"], 30);
    assert_eq!(files, 4);
}

/// Kills runs of an example and goes on with them. Every one ends with the same files in `out` as one that nobody disturbed; how many
/// there are.
fn killed_at_random_moments(example: &str, data: &[&str], kills: u64) -> usize {
    let whole = World::new();
    copy_of(&whole, example, data);
    whole.jackfield(&["check", "workflow.yaml", "--data", "data"]).expect(0);
    let moments = Moments::of(&whole, &["run", "workflow.yaml", "--data", "data", "--quiet"]);
    let expected = files(&whole.file("out"));
    let mut begins = Vec::new();
    let first = setting("JACKFIELD_SEED", 1);
    for seed in first..first + setting("JACKFIELD_KILLS", kills) {
        let world = World::new();
        copy_of(&world, example, data);
        let killed = start_and_kill(&world, "workflow.yaml", moments.at(seed));
        let kept = killed.as_ref().map(written_by).unwrap_or_default();
        let before = inodes(&world.file("out"));
        begins.extend(go_on(&world, "workflow.yaml", killed.as_ref()));
        let after = inodes(&world.file("out"));
        for file in kept {
            assert_eq!(before.get(&file), after.get(&file), "seed {seed}: {file} was recorded, and written again");
        }
        assert_eq!(files(&world.file("out")), expected, "seed {seed}");
        check_history(&recorded(&world).expect("recorded"), seed);
    }
    report(&mut begins);
    expected.len()
}

/// From the start of the process `resume` to its first attempt, for whoever reads along with `--nocapture`.
#[expect(clippy::print_stderr, reason = "a figure for people; nothing is asserted of it")]
fn report(begins: &mut [Duration]) {
    begins.sort();
    if let (Some(median), Some(worst)) = (begins.get(begins.len() / 2), begins.last()) {
        let late = begins.iter().filter(|begin| **begin > Duration::from_millis(200)).count();
        eprintln!("{} resumes started work, after {median:?} (median), {worst:?} at most; {late} after more than 200ms", begins.len());
    }
}

/// A chain, and items side by side, each of which writes a line to a file that the engine knows nothing of.
fn ledger() -> String {
    let mut text = String::from("steps:\n");
    for step in 0..8 {
        let needs = if step == 0 { String::new() } else { format!(", needs: s{}", step - 1) };
        text.push_str(&format!("  s{step}: {{ task: probe.append-line, with: {{ path: log/ledger, line: s{step} }}, grant: {{ files: [\"write log\"] }}{needs} }}\n"));
    }
    text.push_str("  each: { for-each: \"${ range(0, 24) }\", max-parallel: 6, task: probe.append-line, needs: s3, with: { path: log/ledger, line: \"${ 'each-' + string(item) }\" }, grant: { files: [\"write log\"] } }\n");
    text
}

#[test]
fn what_was_recorded_never_runs_again_as_a_ledger_outside_shows() {
    let plain = World::new();
    plain.workflow(&ledger());
    plain.jackfield(&["check", "w.yaml", "--data", "data"]).expect(0);
    let moments = Moments::of(&plain, &["run", "w.yaml", "--data", "data", "--quiet"]);
    let mut begins = Vec::new();
    let first = setting("JACKFIELD_SEED", 1);
    for seed in first..first + setting("JACKFIELD_KILLS", 60) {
        let world = World::new();
        world.workflow(&ledger());
        let killed = start_and_kill(&world, "w.yaml", moments.at(seed));
        let before: BTreeMap<Place, u32> = killed.as_ref().map(done).unwrap_or_default();
        let lines = |world: &World| fs::read_to_string(world.file("log/ledger")).map(|text| text.lines().count()).unwrap_or(0);
        let written = lines(&world);
        begins.extend(go_on(&world, "w.yaml", killed.as_ref()));
        let run = recorded(&world).expect("recorded");
        check_history(&run, seed);
        // Every line after the kill comes from work that was not recorded: one for each, no more.
        let left = 8 + 24 - before.len();
        assert_eq!(lines(&world) - written, left, "seed {seed}: {} were recorded when it was killed", before.len());
        for name in (0..8).map(|step| format!("s{step}")).chain((0..24).map(|item| format!("each-{item}"))) {
            assert!(world.read("log/ledger").lines().any(|line| line.contains(&name)), "seed {seed}: {name} never ran");
        }
    }
    report(&mut begins);
}
