//! What is asked of a run that nobody has while an engine runs others, or leaves: recorded, and never executed by that engine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::thread::JoinHandle;

use expect_test::expect;
use kit::world::World;
use rustix::process::Signal;
use serde_json::json;

use super::many::listed;
use super::{ENDLESS, Live, check};

/// A step that asks, and one that must not run for as long as nobody has the run.
const ASKING: &str = "workflow: v
steps:
  ask: { wait: { approval: Ship it? } }
  ship: { value: \"${ steps.ask.by }\" }
outputs: { by: \"${ steps.ship }\" }
";

/// Something done that is undone when the run is cancelled, and a step that asks.
const BOOKED: &str = "workflow: v
plugins: { probe: PROBE }
steps:
  book: { value: 1, compensate: { task: probe.echo, with: { value: 2 } } }
  ask: { wait: { approval: Ship it? }, needs: book }
";

/// A project with a run that waits for an approval and that nobody has, because its process was killed.
fn killed(text: &str) -> World {
    let world = World::new();
    world.write("v.yaml", text.replace("PROBE", &kit::guest("probe").display().to_string()));
    let mut live = Live::start(&world, &["run", "v.yaml"]);
    live.until("runs approve");
    live.signal(Signal::KILL);
    live.end();
    world
}

/// The same, with another run that is alive.
fn beside(text: &str) -> (World, Live) {
    let world = killed(text);
    world.workflow(ENDLESS);
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step spin: started");
    (world, live)
}

fn give_back(live: Live) {
    live.signal(Signal::INT);
    live.end().expect(5);
}

#[test]
fn a_decision_about_a_run_that_the_live_engine_does_not_have_is_recorded() {
    let (world, live) = beside(ASKING);
    check(
        &world,
        &["runs", "approve", "1", "ask", "--by", "anna"],
        expect![[r#"
            --- stderr
            run 1: ask approved
            nobody runs it now; it goes on with: jackfield resume 1
            --- exit 0
        "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "why", "1"],
        expect![[r#"
            nobody runs it; it goes on with: jackfield resume 1
            --- stderr
            --- exit 0
        "#]],
    )
    .expect(0);
    let again = world.jackfield(&["runs", "approve", "1", "ask", "--deny"]).expect(3);
    assert!(again.stderr.contains("decided before: approved"), "{}", again.stderr);
    assert_eq!(listed(&world, &["--state", "running"]), [2, 1]);
    give_back(live);
    let report = world.jackfield(&["resume", "1", "--json"]).expect(0).json();
    assert_eq!(report["outputs"], json!({"by": "anna"}));
}

#[test]
fn programs_are_told_that_nobody_heard_it() {
    let (world, live) = beside("workflow: v\nsteps:\n  a: { wait: { signal: go } }\n  b: { wait: { approval: x } }\n");
    for _ in 0..2 {
        let told = world.jackfield(&["runs", "signal", "1", "go", "--id", "one", "--json"]).expect(0).json();
        assert_eq!(told, json!({"run": 1, "accepted": true, "heard": false, "status": "running"}));
    }
    give_back(live);
}

#[test]
fn a_cancelled_run_that_nobody_has_ends_at_once_when_nothing_is_left_to_do() {
    let (world, live) = beside(ASKING);
    check(
        &world,
        &["runs", "cancel", "1", "--reason", "enough"],
        expect![[r#"
            --- stderr
            run 1: cancelled
            --- exit 0
        "#]],
    )
    .expect(0);
    assert_eq!(listed(&world, &["--state", "cancelled"]), [1]);
    give_back(live);
}

#[test]
fn a_cancelled_run_that_nobody_has_is_wound_down_by_whoever_resumes_it() {
    let (world, live) = beside(BOOKED);
    check(
        &world,
        &["runs", "cancel", "1"],
        expect![[r#"
            --- stderr
            run 1: to be cancelled
            nobody runs it now; it goes on with: jackfield resume 1
            --- exit 0
        "#]],
    )
    .expect(0);
    let many = world.jackfield(&["runs", "cancel", "--workflow", "v", "--yes", "--json"]).expect(0).json();
    assert_eq!(many["runs"], json!([{"run": 1, "status": "running"}]));
    give_back(live);
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
            --- stderr
            run 1: resumed
            run 1: what was done is undone
            step book: is being undone
            step book: undone
            – run 1 cancelled in TIME
            cancelled: cancelled from the command line
            --- exit 1
        "#]],
    )
    .expect(1);
}

#[test]
fn a_blocked_sub_workflow_of_a_run_that_is_alive_goes_on_where_that_is() {
    let world = World::new();
    world.workflow("steps:\n  pay: { task: probe.spin-forever, timeout: 1h, effect: at-most-once }\n");
    world.write("v.yaml", "workflow: v\nsteps:\n  below: { flow: ./w.yaml, timeout: 1h }\n");
    let mut live = Live::start(&world, &["run", "v.yaml"]);
    live.until("step below");
    while !world.jackfield(&["runs", "show", "2", "--json"]).stdout.contains("\"attempts\":1") {}
    live.signal(Signal::KILL);
    live.end();
    let live = Live::start(&world, &["resume", "1"]);
    while listed(&world, &["--all", "--state", "blocked"]) != [2] {}
    let told = world.jackfield(&["runs", "resolve", "2", "pay", "--as", "done", "--result", "0", "--json"]).expect(0).json();
    assert_eq!(told["heard"], json!(true));
    live.end().expect(0);
}

/// An engine that is leaving: it hangs up, after it has refused if it is to.
fn leaving(world: &World, says: &'static str) -> JoinHandle<()> {
    let path = world.file(".jackfield/engine.sock");
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(path).expect("bound");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("asked");
        BufReader::new(&stream).read_line(&mut String::new()).expect("a line");
        stream.write_all(says.as_bytes()).expect("heard");
    })
}

#[test]
fn what_a_leaving_engine_no_longer_takes_is_recorded() {
    for says in ["{\"error\":{\"kind\":\"run.not-active\",\"message\":\"no\",\"exit\":3}}\n", ""] {
        let world = killed(ASKING);
        let engine = leaving(&world, says);
        check(
            &world,
            &["runs", "approve", "1", "ask", "--by", "anna"],
            expect![[r#"
                --- stderr
                run 1: ask approved
                nobody runs it now; it goes on with: jackfield resume 1
                --- exit 0
            "#]],
        )
        .expect(0);
        engine.join().expect("it was asked");
        let engine = leaving(&world, says);
        world.jackfield(&["runs", "label", "1", "team=red"]).expect(0);
        engine.join().expect("it was asked");
        let engine = leaving(&world, says);
        world.jackfield(&["runs", "cancel", "1"]).expect(0);
        engine.join().expect("it was asked");
        assert_eq!(listed(&world, &["--label", "team=red", "--state", "cancelled"]), [1]);
    }
}
