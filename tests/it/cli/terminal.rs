//! Terminals, pipes and typing errors (P06, D30).

use std::process::Stdio;

use expect_test::expect;
use kit::cli::finish;
use kit::world::World;

use super::{check, greeting};

#[test]
fn p06_typing_errors_are_usage_errors() {
    let world = greeting();
    check(
        &world,
        &["runn", "w.yaml"],
        expect![[r#"
        --- stderr
        error: unrecognized subcommand 'runn'

          tip: some similar subcommands exist: 'runs', 'run'

        Usage: jackfield [OPTIONS] <COMMAND>

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "--imput", "a=1"],
        expect![[r#"
        --- stderr
        error: unexpected argument '--imput' found

          tip: a similar argument exists: '--input'

        Usage: jackfield run --input <NAME=VALUE> <FILE>

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <FILE>

        Usage: jackfield run <FILE>

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "show", "first"],
        expect![[r#"
        --- stderr
        error: invalid value 'first' for '<RUN>': a run is a number, as `jackfield runs list` shows it

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "list", "--limit", "0"],
        expect![[r#"
        --- stderr
        error: invalid value '0' for '--limit <COUNT>': 0 is not in 1..=100000

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["graph", "w.yaml", "--format", "png"],
        expect![[r#"
        --- stderr
        error: invalid value 'png' for '--format <FORMAT>'
          [possible values: text, mermaid, svg]

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "--allow-network", "localhost"],
        expect![[r#"
        --- stderr
        error: --allow-network: `localhost` is not a network: write it as ADDRESS/BITS, such as 10.0.0.0/8 or fd00::/8
        --- exit 2
    "#]],
    )
    .expect(2);
    world.jackfield(&[]).expect(2);
    assert!(!world.file(".jackfield").exists());
}

#[test]
fn p06_files_that_cannot_be_read() {
    let world = greeting();
    world.write("utf16.yaml", [0xff, 0xfe, b'w', 0, b'o', 0]);
    world.write("binary.yaml", b"\0asm\x0d\0\x01\0");
    world.write("empty.yaml", "");
    world.write("huge.yaml", "#".repeat(5_000_000));
    check(
        &world,
        &["run", "none.yaml"],
        expect![[r#"
        --- stderr
        error: none.yaml: No such file or directory (os error 2)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "."],
        expect![[r#"
        --- stderr
        error: .: Is a directory (os error 21)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "-"],
        expect![[r#"
        --- stderr
        error[E001]: the file is empty
         --> standard input:1:1
          |
        1 |
          | ^
          |
          = help: a workflow begins with `workflow: NAME` and `steps:`
        error: standard input has 1 error; nothing was run
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["check", "utf16.yaml"],
        expect![[r#"
        --- stderr
        error: utf16.yaml is not UTF-8 text: byte 0 is wrong
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["check", "binary.yaml"],
        expect![[r#"
        error[E001]: a control character: this is not a text file
         --> binary.yaml:1:1
          |
        1 | ␀asm␍␀␁␀
          | ^
        --- stderr
        binary.yaml: 1 error, 0 warnings
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["check", "empty.yaml"],
        expect![[r#"
        error[E001]: the file is empty
         --> empty.yaml:1:1
          |
        1 |
          | ^
          |
          = help: a workflow begins with `workflow: NAME` and `steps:`
        --- stderr
        empty.yaml: 1 error, 0 warnings
        --- exit 2
    "#]],
    )
    .expect(2);
    let huge = world.jackfield(&["check", "huge.yaml"]).expect(2);
    assert!(huge.stdout.contains("the file has 5000000 bytes") && huge.stdout.len() < 20_000, "{}", huge.stdout.len());
    assert!(!world.file(".jackfield").exists());
}

#[test]
fn p06_errors_for_programs_are_json() {
    let world = greeting();
    world.write("bad.yaml", "workflow: w\nstpes: {}\n");
    let calls: [(&[&str], i32, &str); 10] = [
        (&["runn", "--json"], 2, "usage"),
        (&["run", "--json"], 2, "usage"),
        (&["run", "none.yaml", "--json"], 2, "file"),
        (&["run", ".", "--json"], 2, "file"),
        (&["run", "bad.yaml", "--json"], 2, "workflow"),
        (&["plan", "bad.yaml", "--json"], 2, "workflow"),
        (&["runs", "show", "1", "--json"], 2, "store.absent"),
        (&["runs", "show", "x", "--json"], 2, "usage"),
        (&["explain", "X1", "--json"], 2, "usage"),
        (&["run", "w.yaml", "--json", "-i", "nmae=a"], 2, "inputs"),
    ];
    for (words, code, kind) in calls {
        let answer = world.jackfield(words).expect(code);
        assert_eq!(answer.stdout, "", "{words:?}");
        let error: serde_json::Value =
            serde_json::from_str(&answer.stderr).unwrap_or_else(|error| panic!("{words:?}: {error}: {}", answer.stderr));
        assert_eq!((error["error"]["code"].as_str(), error["error"]["exit"].as_i64()), (Some(kind), Some(i64::from(code))), "{words:?}");
        assert!(error["error"]["message"].as_str().is_some_and(|message| !message.is_empty() && !message.contains('\x1b')), "{error}");
    }
    let answer = world.jackfield(&["run", "bad.yaml", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&answer.stderr).expect("JSON");
    assert_eq!(error["error"]["problems"][0]["line"], 1);
}

#[test]
fn p06_twenty_columns_break_nothing() {
    let world = greeting();
    world.write("bad.yaml", "workflow: w\nstpes: { a_rather_long_name_of_a_step: { task: nothing.at-all } }\n");
    world.jackfield(&["run", "w.yaml"]).expect(0);
    let calls: [(&[&str], i32); 13] = [
        (&["check", "bad.yaml"], 2),
        (&["plan", "w.yaml"], 0),
        (&["graph", "w.yaml"], 0),
        (&["graph", "1"], 0),
        (&["runs", "list"], 0),
        (&["runs", "show", "1", "--attempts"], 0),
        (&["runs", "show", "1", "--timeline"], 0),
        (&["runs", "why", "1"], 0),
        (&["explain"], 0),
        (&["doctor"], 0),
        (&["--help"], 0),
        (&["run", "w.yaml"], 0),
        (&["plugin", "describe", "none"], 2),
    ];
    for (words, code) in calls {
        for columns in ["1", "20", "0", "-3", "99999999999999999999"] {
            let child = world.call(words).env("COLUMNS", columns).spawn().expect("it starts");
            let answer = finish(child).expect(code);
            assert!(!answer.stderr.contains("internal error"), "{words:?} at {columns}: {}", answer.stderr);
        }
    }
    let narrow = finish(world.call(&["runs", "list", "--limit", "1"]).env("COLUMNS", "20").spawn().expect("it starts")).expect(0);
    expect![[r#"
        RUN 6
        WORKFLOW w
        STATE done
        STEPS 1/1
        BEGAN WHEN
        TOOK TIME
    "#]]
    .assert_eq(&super::frozen(&world, &narrow.stdout));
}

#[test]
fn p06_colours_are_for_terminals_or_on_request() {
    let world = greeting();
    world.write("bad.yaml", "workflow: w\nstpes: {}\n");
    let coloured = |words: &[&str], no_color: bool| {
        let mut call = world.call(words);
        if !no_color {
            call.env_remove("NO_COLOR");
        }
        let answer = finish(call.spawn().expect("it starts"));
        answer.stdout.contains('\x1b') || answer.stderr.contains('\x1b')
    };
    for words in [&["check", "bad.yaml"][..], &["run", "w.yaml"], &["runs", "list"], &["run", "none.yaml"], &["runn"]] {
        assert!(!coloured(words, false), "{words:?} in a pipe");
        assert!(!coloured(words, true), "{words:?} with NO_COLOR");
        assert!(!coloured(&[words, &["--color", "never"]].concat(), false), "{words:?} --color never");
        assert!(coloured(&[words, &["--color", "always"]].concat(), false), "{words:?} --color always");
    }
}

#[test]
fn d30_nobody_reading_is_no_error() {
    let world = greeting();
    for words in
        [&["explain"][..], &["--help"], &["completions", "bash"], &["run", "w.yaml"], &["run", "w.yaml", "--json"], &["check", "w.yaml"]]
    {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let answer = finish(world.call(words).stdout(writer).spawn().expect("it starts")).expect(0);
        assert!(!answer.stderr.contains("panic") && !answer.stderr.contains("internal error"), "{words:?}: {}", answer.stderr);
    }
    assert_eq!(world.jackfield(&["runs", "list", "--json"]).json()["runs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn d30_talk_that_nobody_hears_changes_nothing() {
    let world = greeting();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let answer = finish(world.call(&["run", "w.yaml"]).stderr(writer).spawn().expect("it starts")).expect(0);
    assert!(answer.stdout.contains("Ada"), "{}", answer.stdout);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("there");
    finish(world.call(&["run", "w.yaml"]).stderr(full).stdin(Stdio::null()).spawn().expect("it starts")).expect(0);
}

#[test]
fn help_and_version_are_answers() {
    let world = World::new();
    for words in [&["--help"][..], &["-h"], &["--version"], &["runs", "--help"], &["task", "call", "--help"]] {
        let answer = world.jackfield(words).expect(0);
        assert!(!answer.stdout.is_empty() && answer.stderr.is_empty(), "{words:?}");
    }
    let help = world.jackfield(&["--help"]).stdout;
    assert!(help.contains("74  storage") && help.contains("JACKFIELD_DATA"), "{help}");
}
