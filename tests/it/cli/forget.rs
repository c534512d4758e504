//! Ctrl-C while runs are forgotten: what is forgotten is gone whole, the rest is as it was, and goes with the next prune.

use std::process::Child;
use std::sync::Arc;

use jackfield_flow::run::{RunId, RunUid};
use jackfield_store::{Durability, OpenMode, SqliteStore, Store as _};
use kit::world::World;
use rusqlite::Connection;
use rustix::process::Signal;
use tokio::task::JoinSet;

use super::many::listed;
use super::{Live, greeting};

/// More than two bites.
const RUNS: u64 = 450;

/// A project with many runs that are done: one, and copies of it under other names.
fn many() -> World {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    let mode = OpenMode::Engine { name: "copies".into(), durability: Durability::Normal };
    let store = Arc::new(SqliteStore::open(&world.file(".jackfield"), mode).expect("it opens"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let one = store.export(RunId(1)).await.expect("exported");
        let mut copies = JoinSet::new();
        for copy in 1..RUNS {
            let (mut run, store) = (one.clone(), Arc::clone(&store));
            run.uid = RunUid((u128::from(copy)).to_be_bytes());
            copies.spawn(async move { store.import(run).await.map(drop) });
        }
        copies.join_all().await.into_iter().collect::<Result<Vec<()>, _>>().expect("imported");
    });
    world
}

/// Whether a process hears Ctrl-C by itself.
fn hears_interrupts(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
    u64::from_str_radix(caught.trim(), 16).is_ok_and(|caught| caught & (1 << (Signal::INT.as_raw() - 1)) != 0)
}

#[test]
fn an_interrupted_prune_leaves_the_rest_as_it_was_and_the_next_one_takes_it() {
    let world = many();
    assert_eq!(listed(&world, &["--limit", "1000"]).len() as u64, RUNS);
    // For as long as somebody else writes, the first bite waits; so the wish is there before it is over.
    let other = Connection::open(world.file(".jackfield/jackfield.db")).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody writes");
    let live = Live::start(&world, &["runs", "prune", "--older-than", "0", "--yes"]);
    while !hears_interrupts(&live.child) {}
    live.signal(Signal::INT);
    other.execute_batch("ROLLBACK").expect("nothing was written");
    drop(other);
    let answer = live.end().expect(5);
    assert!(answer.stderr.ends_with("stopped; 200 runs are forgotten, the others are as they were\n"), "{}", answer.stderr);
    let rest = listed(&world, &["--limit", "1000"]);
    assert_eq!(rest.len() as u64, RUNS - 200);
    world.jackfield(&["doctor"]).expect(0);
    world.jackfield(&["runs", "show", &rest[0].to_string(), "--attempts"]).expect(0);
    let done = world.jackfield(&["runs", "prune", "--older-than", "0", "--yes", "--json"]).expect(0).json();
    assert_eq!(done["forgotten"], RUNS - 200);
    assert_eq!(listed(&world, &[]), [0; 0]);
    world.jackfield(&["doctor"]).expect(0);
}
