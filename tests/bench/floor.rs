//! The floor: bare wasmtime calls on fresh instances and bare SQLite commits.

use std::time::Instant;

use jackfield_store::Durability;
use rusqlite::Connection;
use wasmtime::component::{Component, InstancePre, Linker, TypedFunc};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

use crate::ours::{Shape, Workload};

/// A component that answers its text: the canonical ABI both ways, and nothing else.
const ECHO: &str = r#"
(component
  (core module $m
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $p i32)
      (local.set $p (global.get $top))
      (global.set $top (i32.add (global.get $top) (local.get 3)))
      (local.get $p))
    (func (export "run") (param $ptr i32) (param $len i32) (result i32)
      (i32.store (i32.const 16) (local.get $ptr))
      (i32.store (i32.const 20) (local.get $len))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "run") (param "input" string) (result string)
    (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
"#;

/// How many steps one transaction takes where steps do not wait for each other.
const GROUP: usize = 256;

struct Guest {
    engine: Engine,
    instance: InstancePre<()>,
}

impl Guest {
    fn new() -> Self {
        let mut config = Config::new();
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(64).total_core_instances(64).total_memories(64).total_tables(64).max_memory_size(16 << 20);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let engine = Engine::new(&config).expect("an engine");
        let component = Component::new(&engine, wat::parse_str(ECHO).expect("WAT")).expect("a component");
        let instance = Linker::new(&engine).instantiate_pre(&component).expect("no imports");
        Self { engine, instance }
    }

    fn call(&self, input: &str) -> String {
        let mut store = Store::new(&self.engine, ());
        let instance = self.instance.instantiate(&mut store).expect("an instance");
        let run: TypedFunc<(&str,), (String,)> = instance.get_typed_func(&mut store, "run").expect("exported");
        run.call(&mut store, (input,)).expect("it answers").0
    }
}

fn open(path: &std::path::Path, durability: Durability) -> Connection {
    let connection = Connection::open(path).expect("a database");
    let synchronous = if durability == Durability::Full { "FULL" } else { "NORMAL" };
    let setup = format!(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};
         CREATE TABLE run(id INTEGER PRIMARY KEY, next INTEGER NOT NULL, out TEXT);
         CREATE TABLE step(run INTEGER NOT NULL, idx INTEGER NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL, PRIMARY KEY(run, idx)) WITHOUT ROWID;"
    );
    connection.execute_batch(&setup).expect("set up");
    connection
}

fn record(connection: &Connection, run: i64, step: i64, input: &str, output: &str) {
    let insert = "INSERT INTO step(run,idx,input,output) VALUES(?,?,?,?)";
    connection.prepare_cached(insert).expect("prepared").execute((run, step, input, output)).expect("inserted");
    let update = "UPDATE run SET next=?, out=? WHERE id=?";
    connection.prepare_cached(update).expect("prepared").execute((step + 1, output, run)).expect("updated");
}

/// One measurement, in the workload's unit.
pub(crate) fn measure(workload: Workload, durability: Durability) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let guest = Guest::new();
    guest.call("{\"v\":0}");
    let connection = open(&folder.path().join("floor.db"), durability);
    let start = Instant::now();
    match (workload.runs, workload.shape) {
        (1, Shape::Chain) => chain(&guest, &connection, workload.steps),
        (1, Shape::FanOut) => fan_out(&guest, &connection, workload.steps),
        _ => many(&guest, &connection, workload),
    }
    workload.rate(start.elapsed().as_secs_f64())
}

fn transaction(connection: &Connection, work: impl FnOnce()) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
    work();
    connection.execute_batch("COMMIT").expect("committed");
}

fn number(count: usize) -> i64 {
    i64::try_from(count).expect("few")
}

/// One commit per step: the next step needs the result of the one before.
fn chain(guest: &Guest, connection: &Connection, steps: usize) {
    connection.execute("INSERT INTO run VALUES(1,0,NULL)", ()).expect("inserted");
    let mut value = "{\"v\":0}".to_owned();
    for step in 0..steps {
        let output = guest.call(&value);
        transaction(connection, || record(connection, 1, number(step), &value, &output));
        value = output;
    }
}

fn fan_out(guest: &Guest, connection: &Connection, steps: usize) {
    connection.execute("INSERT INTO run VALUES(1,0,NULL)", ()).expect("inserted");
    let all: Vec<usize> = (0..steps).collect();
    for group in all.chunks(GROUP) {
        transaction(connection, || {
            for step in group {
                let input = format!("{{\"v\":{step}}}");
                record(connection, 1, number(*step), &input, &guest.call(&input));
            }
        });
    }
}

/// All runs are live at once; a step of a run starts only after its step before is committed.
fn many(guest: &Guest, connection: &Connection, workload: Workload) {
    transaction(connection, || {
        for run in 0..workload.runs {
            connection.prepare_cached("INSERT INTO run VALUES(?,0,NULL)").expect("prepared").execute((number(run),)).expect("inserted");
        }
    });
    let all: Vec<usize> = (0..workload.runs).collect();
    for group in all.chunks(GROUP) {
        for step in 0..workload.steps {
            transaction(connection, || {
                for run in group {
                    let input = format!("{{\"v\":{step}}}");
                    record(connection, number(*run), number(step), &input, &guest.call(&input));
                }
            });
        }
    }
}
