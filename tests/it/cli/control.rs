//! What other processes see and do while an engine runs a run.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::{ENDLESS, Live, check};

/// A project in which a run computes without end.
fn endless() -> (World, Live) {
    let world = World::new();
    world.workflow(ENDLESS);
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step spin: started");
    (world, live)
}

#[test]
fn a_running_run_is_seen_and_cancelled_from_another_process() {
    let (world, live) = endless();
    assert_eq!(world.jackfield(&["runs", "list", "--state", "running", "--json"]).expect(0).json()["runs"][0]["run"], 1);
    check(
        &world,
        &["runs", "why", "1"],
        expect![[r#"
            attempt 1 of spin is running since WHEN (for TIME)
            --- stderr
            --- exit 0
        "#]],
    )
    .expect(0);
    let why = world.jackfield(&["runs", "why", "1", "--json"]).expect(0).json();
    assert!(why["engine"].as_str().is_some_and(|engine| engine.starts_with("jackfield-")), "{why}");
    assert_eq!(world.jackfield(&["runs", "show", "1", "--json"]).expect(0).json()["steps"][0]["status"], "running");
    let pid = format!("process {}", live.child.id());
    assert!(world.jackfield(&["doctor"]).expect(0).stdout.contains(&pid));
    check(
        &world,
        &["runs", "cancel", "2"],
        expect![[r#"
        --- stderr
        error: run 2 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
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
    let answer = live.end().expect(1);
    assert!(answer.stderr.contains("run 1 cancelled") && answer.stderr.contains("cancelled: enough"), "{}", answer.stderr);
    assert!(!world.file(".jackfield/engine.sock").exists(), "the socket goes with its engine");
    check(
        &world,
        &["runs", "cancel", "1"],
        expect![[r#"
        --- stderr
        error: run 1 is already cancelled; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        --- exit 3
    "#]],
    )
    .expect(3);
}

#[test]
fn d12_a_second_engine_is_refused_and_told_who_is_there() {
    let (world, live) = endless();
    let calls: [&[&str]; 3] = [&["run", "w.yaml"], &["resume", "1"], &["runs", "rerun", "1", "--from", "spin"]];
    for words in calls {
        let answer = world.jackfield(words).expect(3);
        assert!(answer.stderr.contains(&format!("(process {} on ", live.child.id())), "{words:?}: {}", answer.stderr);
    }
    let error = world.jackfield(&["run", "w.yaml", "--json"]).expect(3);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&error.stderr).expect("JSON")["error"]["code"], "store.locked");
    // Another directory is another world.
    world.write(
        "v.yaml",
        format!(
            "workflow: v\nplugins: {{ probe: {} }}\nsteps: {{ a: {{ task: probe.echo, with: {{ value: 1 }} }} }}\n",
            kit::guest("probe").display()
        ),
    );
    world.jackfield(&["run", "v.yaml", "--data", "other"]).expect(0);
    live.signal(rustix::process::Signal::INT);
    live.end().expect(5);
}

#[test]
fn the_lock_ends_with_its_process_however_that_ends() {
    let (world, live) = endless();
    live.signal(rustix::process::Signal::KILL);
    assert_eq!(live.end().code, 128 + 9);
    assert!(world.file(".jackfield/engine.sock").exists(), "nobody removed it");
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
    world.jackfield(&["runs", "cancel", "1"]).expect(0);
    assert_eq!(world.jackfield(&["runs", "list", "--json"]).json()["runs"][0]["status"], "cancelled");
}

/// One line to the engine's socket, and the line that it answers.
fn talk(world: &World, line: &[u8]) -> serde_json::Value {
    let mut stream = UnixStream::connect(world.file(".jackfield/engine.sock")).expect("it listens");
    // It may hang up before all of a line that is too long was written.
    let _ = stream.write_all(line);
    let mut answer = String::new();
    let _ = BufReader::new(stream).read_line(&mut answer);
    serde_json::from_str(&answer).unwrap_or(serde_json::Value::Null)
}

#[test]
fn the_socket_answers_nonsense_with_an_error_and_goes_on() {
    let (world, live) = endless();
    let mode = std::fs::metadata(world.file(".jackfield/engine.sock")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for line in [
        "\n",
        "nonsense\n",
        "{}\n",
        "[]\n",
        "{\"cancel\": {\"run\": -1, \"reason\": \"\"}}\n",
        "{\"cancel\": {\"run\": 1}}\n",
        "{\"stop\": {}}\n",
        "{\"status\": {\"x\": 1}}\n",
        "\0\u{feff}\n",
    ] {
        let answer = talk(&world, line.as_bytes());
        assert_eq!(answer["error"]["kind"], "usage", "{line:?}: {answer}");
    }
    assert_eq!(talk(&world, &[b'x'; 4 << 20])["ok"], json!(null));
    assert_eq!(talk(&world, b"\xff\xfe\n")["error"]["kind"], "usage");
    assert_eq!(talk(&world, b"{\"cancel\": {\"run\": 99, \"reason\": \"\"}}\n")["error"]["kind"], "run.absent");
    assert_eq!(talk(&world, b"{\"status\": {}}\n")["ok"]["pid"], live.child.id());
    live.signal(rustix::process::Signal::INT);
    live.end().expect(5);
}
