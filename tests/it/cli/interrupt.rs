//! Ctrl-C, and how it goes on afterwards (exit 5), also when the file changed or the plugin is gone (exit 4).

use std::path::PathBuf;
use std::process::Command;

use expect_test::expect;
use kit::cli::{Answer, finish};
use kit::world::World;
use rustix::process::Signal;
use serde_json::json;

use super::{Live, SLOW, check, frozen, interrupt, interrupted};

#[test]
fn p06_an_interrupted_run_says_how_to_resume_and_resume_finishes_it() {
    let world = World::new();
    world.workflow(SLOW);
    let answer = interrupted(&world);
    assert_eq!(answer.stdout, "");
    expect![[r#"
        run 1: w
        step slow: started
        stopping; once more ends at once
        interrupted; run 1 stands where it was, go on with: jackfield resume 1
    "#]]
    .assert_eq(&frozen(&world, &answer.stderr));
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
    assert_eq!(world.jackfield(&["runs", "list", "--json"]).json()["runs"][0]["status"], "running");
    let resumed = world.jackfield(&["resume", "1", "--json"]).expect(0);
    expect![[r#"
        run 1: resumed
        step slow: attempt 2 started
        step slow: done in TIME
        step after: started
        step after: done in TIME
        ✓ run 1 done in TIME
    "#]]
    .assert_eq(&frozen(&world, &resumed.stderr));
    let report = resumed.json();
    assert_eq!((&report["status"], &report["outputs"]["answer"]), (&json!("done"), &json!(true)));
    let attempts = world.jackfield(&["runs", "show", "1", "--attempts", "--json"]).json();
    let outcomes: Vec<_> =
        attempts["attempts"].as_array().expect("a list").iter().map(|one| (one["step"].clone(), one["outcome"].clone())).collect();
    assert_eq!(outcomes, [(json!("slow"), json!("released")), (json!("slow"), json!("done")), (json!("after"), json!("done"))]);
}

#[test]
fn p06_sigterm_is_a_wish_too_and_programs_get_the_run_as_it_stands() {
    let world = World::new();
    world.workflow(SLOW);
    let mut live = Live::start(&world, &["run", "w.yaml", "--json"]);
    live.until("step slow: started");
    live.signal(Signal::TERM);
    let answer = live.end().expect(5);
    assert_eq!((&answer.json()["run"], &answer.json()["status"], &answer.json()["outputs"]), (&json!(1), &json!("running"), &json!(null)));
    let last = answer.stderr.lines().last().expect("a line");
    let error: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!((&error["error"]["code"], &error["error"]["exit"]), (&json!("interrupted"), &json!(5)));
}

#[test]
fn d22_a_run_goes_on_by_the_plan_it_began_with() {
    let world = World::new();
    let file = world.workflow(SLOW);
    interrupted(&world);
    std::fs::write(file, "workflow: another\nsteps: {}\n").expect("written");
    let report = world.jackfield(&["resume", "1", "--json"]).expect(0).json();
    assert_eq!((&report["workflow"], &report["outputs"]["answer"]), (&json!("w"), &json!(true)));
}

/// A project with an interrupted run, and a call in it that knows no compiled code of other projects.
struct Pinned {
    world: World,
}

impl Pinned {
    fn new() -> Self {
        let world = World::new();
        world.workflow(SLOW);
        let pinned = Self { world };
        interrupt(pinned.call(&["run", "w.yaml"]));
        // Compiled code of the pinned bytes is as good as the bytes; here it is gone too.
        std::fs::remove_dir_all(pinned.world.file("cache/compiled")).expect("it was there");
        pinned
    }

    fn call(&self, words: &[&str]) -> Command {
        let mut call = self.world.call(words);
        call.env("JACKFIELD_CACHE", self.world.file("cache"));
        call
    }

    fn jackfield(&self, words: &[&str]) -> Answer {
        finish(self.call(words).spawn().expect("it starts"))
    }

    /// The component that the run needs.
    fn component(&self) -> PathBuf {
        let kept = std::fs::read_dir(self.world.file(".jackfield/plugins")).expect("it is there");
        kept.map(|entry| entry.expect("an entry").path())
            .find(|path| path.extension().is_some_and(|end| end == "wasm"))
            .expect("a component")
    }
}

#[test]
fn d22_a_pinned_plugin_that_is_gone_blocks_the_run_until_it_is_put_back() {
    let pinned = Pinned::new();
    let component = pinned.component();
    let name = component.file_stem().expect("a name").to_string_lossy().replace('-', ":");
    std::fs::remove_file(component).expect("it was there");
    let blocked = pinned.jackfield(&["resume", "1"]).expect(4);
    assert!(blocked.stderr.contains(&name), "{name}: {}", blocked.stderr);
    // The engine's own warning comes from another thread, at any moment.
    let told: String = blocked.stderr.split_inclusive('\n').filter(|line| !line.starts_with("WARN")).collect();
    expect![[r#"
        run 1: resumed
        step slow: attempt 2 started
        run 1: blocked: it needs the plugin DIGEST, whose component is no longer there: `jackfield check` on a workflow that uses it installs it again
        ! run 1 blocked
        run 1 is blocked: it needs the plugin DIGEST, whose component is no longer there: `jackfield check` on a workflow that uses it installs it again
        to let it go on: jackfield resume 1
    "#]].assert_eq(&frozen(&pinned.world, &told));
    let report = pinned.jackfield(&["runs", "show", "1", "--json"]).expect(0).json();
    assert!(report["status"] == "blocked" && report["blocked"].as_str().is_some_and(|why| why.contains(&name)), "{report}");
    let why = pinned.jackfield(&["runs", "why", "1", "--json"]).expect(0).json();
    assert!(why["status"] == "blocked" && why["reasons"].to_string().contains(&name), "{why}");
    check(
        &pinned.world,
        &["runs", "list", "--state", "blocked"],
        expect![[r#"
        RUN  WORKFLOW  STATE    STEPS  BEGAN                 TOOK
        1    w         blocked  0/2    WHEN
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    pinned.jackfield(&["resume", "1"]).expect(4);
    // What the message advises.
    pinned.jackfield(&["check", "w.yaml"]).expect(0);
    let report = pinned.jackfield(&["resume", "1", "--json"]).expect(0).json();
    assert_eq!((&report["status"], &report["outputs"]["answer"]), (&json!("done"), &json!(true)));
}

#[test]
fn d22_a_pinned_plugin_with_other_bytes_is_never_run() {
    let pinned = Pinned::new();
    // A sound component, and not the one that the run began with.
    std::fs::copy(kit::guest("noop"), pinned.component()).expect("written");
    let answer = pinned.jackfield(&["resume", "1"]);
    assert!([4, 74].contains(&answer.code), "{answer:?}");
    assert!(answer.stderr.contains("sha256") && !answer.stderr.contains("run 1 done"), "{}", answer.stderr);
    assert_ne!(pinned.jackfield(&["runs", "list", "--json"]).json()["runs"][0]["status"], "done");
}

#[test]
fn an_interrupted_run_can_be_cancelled_by_whoever_comes_next() {
    let world = World::new();
    world.workflow(SLOW);
    interrupted(&world);
    check(
        &world,
        &["runs", "cancel", "1", "--reason", "no longer\nwanted"],
        expect![[r#"
        --- stderr
        run 1: cancelled
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "show", "1"],
        expect![[r#"
        – run 1  w  cancelled
          began WHEN, took TIME
          cancelled: no longer\nwanted

        STEP   TASK        STATE      ATTEMPTS  ITEMS  TOOK
        slow   probe.spin  cancelled  1  TIME
        after  probe.echo  cancelled
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
        --- stderr
        error: run 1 is already cancelled; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        --- exit 3
    "#]],
    )
    .expect(3);
}
