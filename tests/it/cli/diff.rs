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
    check(&world, &["runs", "diff", "1", "2"], expect![[r#""#]]).expect(0);
    check(&world, &["runs", "diff", "1", "1", "--quiet"], expect![[r#""#]]).expect(0);
    assert_eq!(world.jackfield(&["runs", "diff", "1", "2", "--json"]).expect(0).json()["equal"], true);
}

#[test]
fn what_is_different_is_told_by_its_place() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    world.jackfield(&["run", "w.yaml", "-q", "-i", "name=Grace\u{1b}[2J"]).expect(0);
    check(&world, &["runs", "diff", "1", "2"], expect![[r#""#]]).expect(1);
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
    world.write(
        "v.yaml",
        format!(
            "workflow: v\nplugins: {{ probe: {}, other: {} }}\nsteps:\n  a: {{ task: probe.echo, with: {{ value: 1 }} }}\n  c: {{ task: other.noop, needs: a }}\n",
            kit::guest("noop").display(),
            kit::guest("noop").display()
        )
        .replace("task: probe.echo, with: { value: 1 }", "task: probe.noop"),
    );
    world.jackfield(&["run", "v.yaml", "-q"]).expect(0);
    let shown = check(&world, &["runs", "diff", "1", "2"], expect![[r#""#]]).expect(1);
    assert!(!shown.stdout.contains('\x1b'));
    let coloured =
        kit::cli::finish(world.call(&["runs", "diff", "1", "2", "--color", "always"]).env_remove("NO_COLOR").spawn().expect("it starts"));
    assert!(coloured.expect(1).stdout.contains('\x1b'));
}

#[test]
fn p06_what_cannot_be_compared() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    check(&world, &["runs", "diff", "1", "9"], expect![[r#""#]]).expect(2);
    check(&world, &["runs", "diff", "1", "9", "--json"], expect![[r#""#]]).expect(2);
    world.jackfield(&["runs", "diff", "1"]).expect(2);
    for columns in ["1", "20"] {
        let child = world.call(&["runs", "diff", "1", "1"]).env("COLUMNS", columns).spawn().expect("it starts");
        kit::cli::finish(child).expect(0);
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    kit::cli::finish(world.call(&["runs", "diff", "1", "1"]).stdout(writer).spawn().expect("it starts")).expect(0);
}
