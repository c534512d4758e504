//! `runs diff`.

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::{check, greeting};

#[test]
fn runs_that_are_the_same_have_no_difference() {
    let world = greeting();
    for _ in 0..2 {
        world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    }
    check(
        &world,
        &["runs", "diff", "1", "2"],
        expect![[r#"
                      A                        B
            workflow  w                        w
            state     done                     done
            plan      DIGEST  DIGEST
            run       1                        2
            took TIME

            STEP   STATE  ATTEMPTS  TOOK  RESULT
            greet  done   1         TIME same
            --- stderr
            no difference
            --- exit 0
        "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "diff", "1", "1", "--quiet"],
        expect![[r#"
                      A                        B
            workflow  w                        w
            state     done                     done
            plan      DIGEST  DIGEST
            run       1                        1
            took TIME

            STEP   STATE  ATTEMPTS  TOOK  RESULT
            greet  done   1         TIME same
            --- stderr
            --- exit 0
        "#]],
    )
    .expect(0);
    assert_eq!(world.jackfield(&["runs", "diff", "1", "2", "--json"]).expect(0).json()["equal"], true);
}

#[test]
fn what_is_different_is_told_by_its_place() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    world.jackfield(&["run", "w.yaml", "-q", "-i", "name=Grace\u{1b}[2J"]).expect(0);
    check(
        &world,
        &["runs", "diff", "1", "2"],
        expect![[r#"
                      A                        B
            workflow  w                        w
            state     done                     done
            plan      DIGEST  DIGEST
            run       1                        2
            took TIME

            STEP   STATE  ATTEMPTS  TOOK  RESULT
            greet  done   1         TIME differs in 1 place

            inputs
              - /name "Ada"
              + /name "Grace\u001b[2J"

            result of greet
              - /hello "Ada"
              + /hello "Grace\u001b[2J"

            outputs
              - /answer/hello "Ada"
              + /answer/hello "Grace\u001b[2J"
            --- stderr
            --- exit 1
        "#]],
    )
    .expect(1);
    let diff = world.jackfield(&["runs", "diff", "1", "2", "--json"]).expect(1).json();
    assert_eq!(
        diff["inputs"],
        json!({"told": [{"path": "/name", "left": {"value": "Ada"}, "right": {"value": "Grace\u{1b}[2J"}}], "more": 0})
    );
    assert_eq!((&diff["equal"], &diff["steps"][0]["results"]["told"][0]["path"]), (&json!(false), &json!("/hello")));
    assert_eq!(diff["steps"][0]["attempts"], json!({"left": 1, "right": 1}));
}

#[test]
fn other_plans_are_told_by_plugin_and_step() {
    let world = World::new();
    world.workflow("steps:\n  a: { task: probe.echo, with: { value: 1 } }\n  b: { task: probe.read, with: { path: data/x }, needs: a, grant: { files: [read data] } }\n");
    world.write("data/y", "");
    world.jackfield(&["run", "w.yaml", "-q"]).expect(1);
    let (probe, noop) = (kit::guest("probe"), kit::guest("noop"));
    let plugins = format!("{{ probe: {}, other: {} }}", noop.display(), probe.display());
    let steps = "  a: { task: probe.inc, with: { v: 1 } }\n  c: { task: other.echo, needs: a, with: { value: 1 } }\n";
    world.write("v.yaml", format!("workflow: v\nplugins: {plugins}\nsteps:\n{steps}"));
    world.jackfield(&["run", "v.yaml", "-q"]).expect(0);
    let shown = check(
        &world,
        &["runs", "diff", "1", "2"],
        expect![[r#"
                          A                        B
            workflow      w                        v
            state         failed                   done
            plan          DIGEST  DIGEST
            plugin probe  DIGEST  DIGEST
            plugin other  none                     DIGEST
            run           1                        2
            took TIME

            STEP  STATE       ATTEMPTS  TOOK  RESULT
            a     done        1         TIME differs in 1 place
            b     failed → –  1 → –     TIME only in A
            c     – → done    – → 1     – → TIME only in B

            result of a
              - 1
              + {"v":2}

            failure of b
              - io: No such file or directory (os error 44)

            result of c
              + 1

            outputs
              + {}
            --- stderr
            --- exit 1
        "#]],
    )
    .expect(1);
    assert!(!shown.stdout.contains('\x1b'));
    let coloured =
        kit::cli::finish(world.call(&["runs", "diff", "1", "2", "--color", "always"]).env_remove("NO_COLOR").spawn().expect("it starts"));
    assert!(coloured.expect(1).stdout.contains('\x1b'));
}

#[test]
fn p06_what_cannot_be_compared() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    check(
        &world,
        &["runs", "diff", "1", "9"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "diff", "1", "9", "--json"],
        expect![[r#"
        --- stderr
        {"error":{"code":"run.absent","message":"run 9 does not exist in this store","exit":2}}
        --- exit 2
    "#]],
    )
    .expect(2);
    world.jackfield(&["runs", "diff", "1"]).expect(2);
    for columns in ["1", "20"] {
        let child = world.call(&["runs", "diff", "1", "1"]).env("COLUMNS", columns).spawn().expect("it starts");
        kit::cli::finish(child).expect(0);
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    kit::cli::finish(world.call(&["runs", "diff", "1", "1"]).stdout(writer).spawn().expect("it starts")).expect(0);
}
