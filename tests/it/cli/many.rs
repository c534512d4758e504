//! Finding runs by filters and labels, and forgetting them.

use expect_test::expect;
use kit::cli::{Answer, finish};
use kit::world::World;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{ENDLESS, Live, check, greeting};

/// A project with three runs that are done: of Ada, Grace and Edsger, each with labels.
pub(super) fn three() -> World {
    let world = greeting();
    for (name, team) in [("Ada", "red"), ("Grace", "blue"), ("Edsger", "red")] {
        world.jackfield(&["run", "w.yaml", "-q", "-i", &format!("name={name}"), "--label", &format!("team={team}")]).expect(0);
    }
    world
}

pub(super) fn sql(world: &World, statements: &str) {
    let conn = Connection::open(world.file(".jackfield/jackfield.db")).expect("it opens");
    conn.execute_batch(statements).expect("done");
}

/// The numbers of the runs that a list has.
#[track_caller]
pub(super) fn listed(world: &World, words: &[&str]) -> Vec<u64> {
    let list = world.jackfield(&[&["runs", "list", "--json"], words].concat()).expect(0).json();
    list["runs"].as_array().expect("a list").iter().filter_map(|run| run["run"].as_u64()).collect()
}

/// The answer of a call whose talk and words are a terminal, with this typed into it.
fn at_terminal(world: &World, words: &[&str], typed: &str) -> Option<Answer> {
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let mut call = std::process::Command::new("script");
    call.current_dir(world.path()).args(["-qec", &format!("'{}' {line}", kit::cli::binary().display()), "/dev/null"]);
    call.env_remove("JACKFIELD_DATA").env("NO_COLOR", "1").env("TERM", "dumb").env("COLUMNS", "100");
    call.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = call.spawn().ok()?;
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), typed.as_bytes()).expect("read");
    Some(finish(child))
}

#[test]
fn lists_are_filtered() {
    let world = three();
    assert_eq!(listed(&world, &[]), [3, 2, 1]);
    assert_eq!(listed(&world, &["--label", "team=red"]), [3, 1]);
    assert_eq!(listed(&world, &["--label", "team=red", "--label", "team=blue"]), [0; 0]);
    assert_eq!(listed(&world, &["--state", "done,failed", "--state", "blocked"]), [3, 2, 1]);
    assert_eq!(listed(&world, &["--state", "failed,running"]), [0; 0]);
    assert_eq!(listed(&world, &["--workflow", "v"]), [0; 0]);
    assert_eq!(listed(&world, &["--since", "1h"]), [3, 2, 1]);
    assert_eq!(listed(&world, &["--until", "1h"]), [0; 0]);
    sql(&world, "UPDATE runs SET created_at = 1772331300000 WHERE id = 1; UPDATE runs SET parent = 2 WHERE id = 3");
    assert_eq!(listed(&world, &["--until", "2026-03-01T02:15:00.001Z"]), [1]);
    assert_eq!(listed(&world, &["--since", "2026-03-01T02:15:00Z"]), [2, 1]);
    assert_eq!(listed(&world, &["--since", "2026-03-01T02:15:00.001Z"]), [2]);
    assert_eq!(listed(&world, &["--children-of", "2"]), [3]);
    assert_eq!(listed(&world, &["--children-of", "3"]), [0; 0]);
    assert_eq!(listed(&world, &["--all"]), [3, 2, 1]);
    check(
        &world,
        &["runs", "list", "--all", "--label", "team=red", "--limit", "1"],
        expect![[r#"
            RUN  WORKFLOW  STATE  STEPS  BEGAN                 TOOK  PARENT  LABELS
            3    w         done   1/1    WHEN  TIME  2       team=red
            --- stderr
            older ones: jackfield runs list --label 'team=red' --all --before 3
            --- exit 0
        "#]],
    )
    .expect(0);
    let row = world.jackfield(&["runs", "list", "--all", "--limit", "1", "--json"]).expect(0).json()["runs"][0].clone();
    assert_eq!((&row["parent"], &row["labels"], &row["wake"]), (&json!(2), &json!({"team": "red"}), &Value::Null));
}

#[test]
fn pages_of_a_filtered_list_follow_on_each_other() {
    let world = three();
    let page = world.jackfield(&["runs", "list", "--label", "team=red", "--limit", "1", "--json"]).expect(0).json();
    assert_eq!((&page["runs"][0]["run"], &page["next"]), (&json!(3), &json!(3)));
    assert_eq!(listed(&world, &["--label", "team=red", "--limit", "1", "--before", "3"]), [1]);
    assert_eq!(listed(&world, &["--label", "team=red", "--before", "1"]), [0; 0]);
}

#[test]
fn p06_filters_that_mean_nothing_are_refused() {
    let world = three();
    let calls: [(&[&str], &str); 9] = [
        (&["--since", "yesterday"], "write a span of time that is over"),
        (&["--since=-2d"], "write a span of time that is over"),
        (&["--until", "2026-03-01"], "or an instant such as"),
        (&["--since", "1h", "--until", "2h"], "no run can be meant"),
        (&["--state", "ready"], "possible values: waiting, running"),
        (&["--label", "team"], "write NAME=VALUE"),
        (&["--children-of", "9"], "run 9 does not exist"),
        (&["--children-of", "1", "--all"], "cannot be used with"),
        (&["--limit", "1000000000"], "is not in 1..=100000"),
    ];
    for (words, part) in calls {
        let answer = world.jackfield(&[&["runs", "list"], words].concat()).expect(2);
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
}

#[test]
fn labels_are_given_and_taken_away() {
    let world = three();
    check(
        &world,
        &["runs", "label", "1", "ticket=47=11", "note=a\u{1b}[2J b", "--remove", "team"],
        expect![[r#"
        note=a\x1b[2J b
        ticket=47=11
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "label", "1", "--json"],
        expect![[r#"
        {"run":1,"labels":{"note":"a\u001b[2J b","ticket":"47=11"}}
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "label", "1", "--remove", "note", "--remove", "ticket", "--remove", "never"],
        expect![[r#"
        --- stderr
        run 1 has no labels
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "label", "1", "Team=x"],
        expect![[r#"
        --- stderr
        error: label `Team` refused: a key is made of a-z, 0-9 and -._/
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "label", "1", "a=1", "a=2"],
        expect![[r#"
        --- stderr
        error: the label `a` is given twice
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "label", "1", "a=1", "--remove", "a"],
        expect![[r#"
        --- stderr
        error: the label `a` is given and removed at once
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "label", "9", "a=1"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    let many: Vec<String> = (0..33).map(|at| format!("l{at}=")).collect();
    let words: Vec<&str> = ["runs", "label", "1"].into_iter().chain(many.iter().map(String::as_str)).collect();
    check(
        &world,
        &words,
        expect![[r#"
        --- stderr
        error: the number of labels of a run of 33 refused: the limit is 32
        --- exit 3
    "#]],
    )
    .expect(3);
    assert_eq!(world.jackfield(&["runs", "label", "1", "--json"]).expect(0).json()["labels"], json!({}));
}

#[test]
fn a_run_with_bad_labels_does_not_start() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "--label", "Team=x"]).expect(3);
    world.jackfield(&["run", "w.yaml", "--label", "a=1", "--label", "a=2"]).expect(2);
    assert_eq!(listed(&world, &[]), [0; 0]);
}

#[test]
fn an_engine_in_another_process_labels_its_runs_and_prunes() {
    let world = three();
    world.workflow(ENDLESS);
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step spin: started");
    check(
        &world,
        &["runs", "label", "4", "team=green"],
        expect![[r#"
        team=green
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "label", "9", "team=green"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "label", "4", "Team=green"],
        expect![[r#"
        --- stderr
        error: label `Team` refused: a key is made of a-z, 0-9 and -._/
        --- exit 3
    "#]],
    )
    .expect(3);
    let pruned = world.jackfield(&["runs", "prune", "--older-than", "0", "--yes", "--json"]).expect(0).json();
    assert_eq!((&pruned["found"], &pruned["forgotten"]), (&json!(3), &json!(3)));
    assert_eq!(listed(&world, &["--label", "team=green"]), [4]);
    assert_eq!(listed(&world, &[]), [4]);
    check(
        &world,
        &["runs", "cancel", "--label", "team=green", "--yes"],
        expect![[r#"
        – run 4: cancelled
        --- stderr
        RUN  WORKFLOW  STATE    STEPS  BEGAN                 TOOK  LABELS
        4    w         running  0/1    WHEN        team=green
        --- exit 0
    "#]],
    )
    .expect(0);
    live.end().expect(1);
}

#[test]
fn prune_says_what_it_does_and_asks() {
    let world = three();
    check(
        &world,
        &["runs", "prune", "--older-than", "1d"],
        expect![[r#"
        --- stderr
        no runs to forget
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "prune", "--older-than", "0", "--dry-run"],
        expect![[r#"
        --- stderr
        3 runs that ended before WHEN, each with the runs below it:
        WORKFLOW  RUNS
        w         3
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "prune", "--older-than", "0"],
        expect![[r#"
        --- stderr
        3 runs that ended before WHEN, each with the runs below it:
        WORKFLOW  RUNS
        w         3
        error: nothing was changed: this is not a terminal, so nobody can be asked; to go on, say `--yes`
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "prune"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <--older-than <SPAN>|--expired>

        Usage: jackfield runs prune <--older-than <SPAN>|--expired>

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "prune", "--older-than", "30"],
        expect![[r#"
        --- stderr
        error: invalid value '30' for '--older-than <SPAN>': write a number and a unit, such as 30d, 12h or 1h30m

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "prune", "--expired", "--yes", "--json"],
        expect![[r#"
        {"found":0,"more":false,"workflows":{},"forgotten":null,"bytes":null}
        --- stderr
        no runs to forget
        --- exit 0
    "#]],
    )
    .expect(0);
    sql(&world, "UPDATE runs SET retain_ms = 1, expires_at = ended_at + 1 WHERE id = 2");
    let pruned = world.jackfield(&["runs", "prune", "--expired", "--yes", "--json"]).expect(0).json();
    assert_eq!((&pruned["forgotten"], &pruned["workflows"]), (&json!(1), &json!({"w": 1})));
    assert_eq!(listed(&world, &[]), [3, 1]);
    world.jackfield(&["runs", "prune", "--older-than", "0", "--workflow", "v", "--yes"]).expect(0);
    assert_eq!(listed(&world, &[]), [3, 1]);
    check(
        &world,
        &["runs", "prune", "--older-than", "0", "--workflow", "w", "--yes"],
        expect![[r#"
        --- stderr
        2 runs that ended before WHEN, each with the runs below it:
        WORKFLOW  RUNS
        w         2
        2 runs forgotten, 0 B given back
        --- exit 0
    "#]],
    )
    .expect(0);
    assert_eq!(listed(&world, &[]), [0; 0]);
}

#[test]
fn what_waits_for_its_children_stays() {
    let world = three();
    sql(&world, "UPDATE runs SET parent = 1, state = 1, ended_at = NULL WHERE id = 2");
    let pruned = world.jackfield(&["runs", "prune", "--older-than", "0", "--yes", "--json"]).expect(0).json();
    assert_eq!((&pruned["found"], &pruned["forgotten"]), (&json!(2), &json!(1)));
    assert_eq!(listed(&world, &["--all"]), [2, 1]);
}

#[test]
fn p06_at_a_terminal_it_is_asked() {
    let world = three();
    let Some(no) = at_terminal(&world, &["runs", "prune", "--older-than", "0"], "n\n") else { return };
    assert!(no.stdout.contains("Forget 3 runs for good? [y/N]") && no.stdout.contains("nothing was changed"), "{}", no.stdout);
    assert_eq!((no.code, listed(&world, &[]).len()), (3, 3));
    let nothing = at_terminal(&world, &["runs", "prune", "--older-than", "0"], "\x04").expect("it is there");
    assert_eq!((nothing.code, listed(&world, &[]).len()), (3, 3), "{}", nothing.stdout);
    let yes = at_terminal(&world, &["runs", "prune", "--older-than", "0"], "y\n").expect("it is there");
    assert!(yes.stdout.contains("3 runs forgotten"), "{}", yes.stdout);
    assert_eq!((yes.code, listed(&world, &[]).len()), (0, 0));
}

#[test]
fn d30_nobody_reading_what_came_of_them_is_no_error() {
    let world = three();
    let calls: [&[&str]; 4] = [
        &["runs", "rerun", "--label", "team=red", "--from", "greet", "--yes"],
        &["runs", "label", "1"],
        &["runs", "list", "--json"],
        &["runs", "prune", "--older-than", "0", "--yes", "--json"],
    ];
    for words in calls {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let answer = finish(world.call(words).stdout(writer).spawn().expect("it starts")).expect(0);
        assert!(!answer.stderr.contains("internal error"), "{words:?}: {}", answer.stderr);
    }
}
