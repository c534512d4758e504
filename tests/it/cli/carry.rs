//! `runs export` and `runs import`.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use expect_test::expect;
use kit::cli::finish;
use kit::world::World;
use serde_json::json;

use super::{SLOW, check, greeting, interrupted};

/// A project with a run that is done and has logs, exported as `run.jackfield`.
fn exported() -> World {
    let world = World::new();
    world.workflow(
        "inputs: { name: { type: string, default: Ada } }
steps:
  talk: { task: probe.log-lines, with: { lines: 3, message: hello } }
  greet: { task: probe.echo, needs: talk, with: { value: { hello: \"${ inputs.name }\" } } }
outputs: { answer: \"${ steps.greet }\" }
",
    );
    world.jackfield(&["run", "w.yaml", "-q", "--label", "team=red"]).expect(0);
    world.jackfield(&["runs", "export", "1", "-o", "run.jackfield", "-q"]).expect(0);
    world
}

#[test]
fn a_run_that_was_carried_elsewhere_is_the_same() {
    let world = exported();
    check(
        &world,
        &["runs", "export", "1", "-o", "again.jackfield"],
        expect![[r#"
            --- stderr
            run 1: written to again.jackfield (SIZE)
            --- exit 0
        "#]],
    )
    .expect(0);
    assert_eq!(fs::read(world.file("run.jackfield")).expect("there"), fs::read(world.file("again.jackfield")).expect("there"));
    check(
        &world,
        &["--data", "there", "runs", "import", "run.jackfield"],
        expect![[r#"
        --- stderr
        run 1: imported, w done
        --- exit 0
    "#]],
    )
    .expect(0);
    for words in [
        &["runs", "show", "1", "--attempts", "--json"][..],
        &["runs", "logs", "1"],
        &["runs", "label", "1"],
        &["graph", "1"],
        &["runs", "list"],
    ] {
        let there = [&["--data", "there"], words].concat();
        let (here, there) = (world.jackfield(words).expect(0), world.jackfield(&there).expect(0));
        assert_eq!((&here.stdout, here.stdout.is_empty()), (&there.stdout, false), "{words:?}");
    }
    // Once.
    check(
        &world,
        &["--data", "there", "runs", "import", "run.jackfield"],
        expect![[r#"
        --- stderr
        error: run 1 of this store has the same uid already: a run is started or imported once
        --- exit 3
    "#]],
    )
    .expect(3);
    check(&world, &["runs", "import", "run.jackfield", "--json"], expect![[r#"
        --- stderr
        {"error":{"code":"store.conflict","message":"run 1 of this store has the same uid already: a run is started or imported once","exit":3}}
        --- exit 3
    "#]]).expect(3);
    let sound = world.jackfield(&["--data", "there", "doctor", "--json"]).expect(0).json();
    assert!(sound.as_array().is_some_and(|found| found.iter().all(|one| one["state"] != "bad")), "{sound}");
}

#[test]
fn a_run_that_was_interrupted_goes_on_elsewhere() {
    let world = World::new();
    world.workflow(SLOW);
    interrupted(&world);
    world.jackfield(&["runs", "export", "1", "-o", "run.jackfield"]).expect(0);
    check(
        &world,
        &["--data", "there", "runs", "import", "run.jackfield"],
        expect![[r#"
            --- stderr
            run 1: imported, w running
            its plugins are not in this data directory; `jackfield check` on its workflow installs them: probe DIGEST
            --- exit 0
        "#]],
    )
    .expect(0);
    check(
        &world,
        &["--data", "there", "runs", "why", "1"],
        expect![[r#"
        nobody runs it; it goes on with: jackfield --data there resume 1
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    let there = |words: &[&str]| {
        // With no compiled code of its plugins either.
        let mut call = world.call(&[&["--data", "there"], words].concat());
        finish(call.env("JACKFIELD_CACHE", world.file("cache")).spawn().expect("it starts"))
    };
    there(&["resume", "1"]).expect(4);
    // What the message advises.
    there(&["check", "w.yaml"]).expect(0);
    let report = there(&["resume", "1", "--json"]).expect(0).json();
    assert_eq!((&report["status"], &report["outputs"]["answer"]), (&json!("done"), &json!(true)));
}

#[test]
fn p06_pipes_carry_runs() {
    let world = exported();
    let file = fs::read(world.file("run.jackfield")).expect("there");
    let child = world.call(&["runs", "export", "1"]).stderr(Stdio::null()).spawn().expect("it starts");
    let piped = child.wait_with_output().expect("it ends");
    assert!(piped.status.success() && piped.stdout == file);
    let mut child = world.call(&["--data", "there", "runs", "import", "-", "--json"]).stdin(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("piped").write_all(&file).expect("read");
    let imported = finish(child).expect(0).json();
    assert_eq!((&imported["run"], &imported["status"], &imported["workflow"]), (&json!(1), &json!("done"), &json!("w")));
    assert!(imported["missing_plugins"][0].as_str().is_some_and(|digest| digest.starts_with("sha256:")), "{imported}");
    check(
        &world,
        &["runs", "export", "1", "--json"],
        expect![[r#"
        --- stderr
        {"error":{"code":"usage","message":"an exported run is no text: name a file with `-o FILE`","exit":2}}
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "export", "9", "-o", "x"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    assert!(!world.file("x").exists());
    world.jackfield(&["runs", "export", "1", "-o", "none/x"]).expect(2);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    finish(world.call(&["runs", "export", "1"]).stdout(writer).spawn().expect("it starts")).expect(0);
    let written = world.jackfield(&["runs", "export", "1", "-o", "run.jackfield", "--json"]).expect(0).json();
    assert_eq!(written["bytes"], json!(file.len()));
    assert_eq!(
        fs::read_dir(world.path())
            .expect("a folder")
            .filter(|one| one.as_ref().is_ok_and(|one| one.file_name().to_string_lossy().starts_with(".tmp")))
            .count(),
        0
    );
}

#[test]
fn what_is_no_exported_run_is_refused_and_nothing_is_made() {
    let world = exported();
    let file = fs::read(world.file("run.jackfield")).expect("there");
    let mut newer = file.clone();
    newer[17] = 9;
    let mut flipped = file.clone();
    flipped[file.len() / 2] ^= 1;
    world.write("newer", &newer);
    world.write("flipped", &flipped);
    world.write("cut", &file[..file.len() - 1]);
    world.write("longer", [&file[..], b"\n"].concat());
    world.write("empty", "");
    let there = |name: &str| vec!["--data".to_owned(), "there".to_owned(), "runs".to_owned(), "import".to_owned(), name.to_owned()];
    let mut refused = String::new();
    for name in ["newer", "flipped", "cut", "longer", "empty", "w.yaml", ".jackfield/jackfield.db", ".", "none"] {
        let words = there(name);
        let answer = world.jackfield(&words.iter().map(String::as_str).collect::<Vec<_>>());
        refused.push_str(&format!("{} {}", answer.code, answer.stderr));
        assert!(answer.stdout.is_empty() && !world.file("there").exists(), "{name}");
    }
    expect![[r#"
        3 error: newer: this is an exported run of version 9, newer than 1, the newest this program knows: use the newer program; nothing was written
        2 error: flipped: this is an exported run that is damaged: its checksum does not match: transfer it again; nothing was written
        2 error: cut: this is an exported run of which the end is missing: it has LESS bytes and should have ALL: transfer it again; nothing was written
        2 error: longer: this is an exported run with 1 bytes after its end: transfer it again; nothing was written
        2 error: empty: this is not a run that `jackfield runs export` wrote: it is an empty file; nothing was written
        2 error: w.yaml: this is not a run that `jackfield runs export` wrote: it is a workflow file, which `jackfield run` takes; nothing was written
        2 error: .jackfield/jackfield.db: this is not a run that `jackfield runs export` wrote: it is an SQLite database; nothing was written
        2 error: .: Is a directory (os error 21)
        2 error: none: No such file or directory (os error 2)
    "#]].assert_eq(&refused.replace(&file.len().to_string(), "ALL").replace(&(file.len() - 1).to_string(), "LESS"));
    let error = world.jackfield(&["--data", "there", "runs", "import", "newer", "--json"]).expect(3);
    let error: serde_json::Value = serde_json::from_str(&error.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "archive.newer");
}

#[test]
fn nothing_is_imported_into_a_directory_that_is_in_use() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    world.jackfield(&["runs", "export", "1", "-o", "run.jackfield"]).expect(0);
    let other = World::new();
    other.workflow(super::ENDLESS);
    let mut live = super::Live::start(&other, &["run", "w.yaml"]);
    live.until("step spin: started");
    let file = world.file("run.jackfield");
    let answer = other.jackfield(&["runs", "import", &file.display().to_string()]).expect(3);
    assert!(answer.stderr.contains("is in use by"), "{}", answer.stderr);
    live.signal(rustix::process::Signal::INT);
    live.end().expect(5);
    other.jackfield(&["runs", "import", &file.display().to_string()]).expect(0);
    assert_eq!(other.jackfield(&["runs", "list", "--json"]).expect(0).json()["runs"].as_array().map(Vec::len), Some(2));
}
