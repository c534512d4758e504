//! Inputs as they are typed and as they are in files: by type, missing, wrong, unknown.

use std::io::Write as _;
use std::process::Stdio;

use expect_test::expect;
use kit::cli::{Answer, finish};
use kit::world::World;
use serde_json::json;

use super::check;

/// A workflow with inputs of many types, which answers them.
fn many() -> World {
    let world = World::new();
    let fields = ["text", "number", "share", "yes", "region", "ids", "any"];
    let values: String = fields.iter().map(|name| format!("{name}: \"${{ inputs.{name} }}\", ")).collect();
    world.workflow(&format!(
        "inputs:
  text: string
  number: {{ type: int, default: 1 }}
  share: {{ type: float, default: 0.5 }}
  \"yes\": {{ type: bool, default: false }}
  region: {{ type: string, enum: [eu, us], default: eu }}
  ids: {{ type: list, items: int, default: [] }}
  any: {{ type: json, default: null }}
steps:
  a: {{ task: probe.echo, with: {{ value: {{ {values} }} }} }}
outputs: {{ all: \"${{ steps.a }}\" }}
"
    ));
    world
}

fn run(world: &World, words: &[&str]) -> Answer {
    world.jackfield(&[&["run", "w.yaml", "--json", "--quiet"], words].concat())
}

#[test]
fn typed_values_are_of_the_declared_types() {
    let world = many();
    let words = [
        "-i",
        "text=42",
        "-i",
        "number=9007199254740993",
        "-i",
        "share=1e3",
        "-i",
        "yes=true",
        "-i",
        "region=us",
        "-i",
        "ids=[1, 2]",
        "-i",
        "any={\"a\": [null]}",
    ];
    assert_eq!(
        run(&world, &words).expect(0).json()["outputs"]["all"],
        json!({"text": "42", "number": 9_007_199_254_740_993_u64, "share": 1000.0, "yes": true, "region": "us", "ids": [1, 2], "any": {"a": [null]}})
    );
}

#[test]
fn values_come_from_files_too_and_what_was_typed_goes_first() {
    let world = many();
    world.write("text", "two\nlines\n");
    world.write("ids.json", "[7]\n");
    world.write("rest.json", "{\"text\": \"from the file\", \"region\": \"us\", \"number\": 3}");
    let report = run(&world, &["-i", "text=@text", "-i", "ids=@ids.json", "--inputs-file", "rest.json"]).expect(0).json();
    let all = &report["outputs"]["all"];
    assert_eq!((&all["text"], &all["ids"], &all["region"], &all["number"]), (&json!("two\nlines\n"), &json!([7]), &json!("us"), &json!(3)));
    assert_eq!(run(&world, &["-i", "text=@@at"]).expect(0).json()["outputs"]["all"]["text"], "@at");
}

#[test]
fn inputs_come_from_standard_input() {
    let world = many();
    let mut call = world.call(&["run", "w.yaml", "--json", "--inputs-file", "-"]);
    let mut child = call.stdin(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("piped").write_all(b"{\"text\": \"piped\"}").expect("read");
    assert_eq!(finish(child).expect(0).json()["outputs"]["all"]["text"], "piped");
}

#[test]
fn inputs_that_do_not_fit_are_refused_all_at_once() {
    let world = many();
    check(
        &world,
        &["run", "w.yaml"],
        expect![[r#"
        --- stderr
        error: the input `text` (string) is missing: give it with `--input text=VALUE`
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "tetx=a", "-i", "number=1.5", "-i", "region=asia"],
        expect![[r#"
        --- stderr
        error: the workflow `w` has no input `tetx`: did you mean `text`?
          the input `text` (string) is missing: give it with `--input text=VALUE`
          the input `number` must be int: expected int, found float 1.5; a fraction is never dropped without being asked for
          the input `region` must be "eu" | "us": expected "eu" | "us", found string "asia"
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "text=a", "-i", "number=many"],
        expect![[r#"
        --- stderr
        error: --input number: it must be int, written as JSON: this is not JSON: expected a value, found 'm' (line 1, column 1)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "text=a", "-i", "ids=[1, \"2\"]"],
        expect![[r#"
        --- stderr
        error: the input `ids` must be list<int>: `[1]`: expected int, found string "2"
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "text=a", "-i", "text=b"],
        expect![[r#"
        --- stderr
        error: the input `text` is given twice
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "text"],
        expect![[r#"
        --- stderr
        error: invalid value 'text' for '--input <NAME=VALUE>': write NAME=VALUE

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "text=@nothing-here"],
        expect![[r#"
        --- stderr
        error: nothing-here: No such file or directory (os error 2)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "-i", "text=@."],
        expect![[r#"
        --- stderr
        error: .: Is a directory (os error 21)
        --- exit 2
    "#]],
    )
    .expect(2);
    assert_eq!(world.jackfield(&["runs", "list", "--json"]).json()["runs"], json!([]), "nothing was started");
}

#[test]
fn files_of_inputs_that_are_none_are_refused() {
    let world = many();
    world.write("list.json", "[1]");
    world.write("half.json", "{\"text\": ");
    world.write("twice.json", "{\"text\": \"a\", \"text\": \"b\"}");
    world.write("binary.json", b"{\"text\": \"\xff\"}");
    for (file, part) in [
        ("list.json", "inputs are a JSON object"),
        ("half.json", "half.json: "),
        ("twice.json", "twice.json: "),
        ("binary.json", "not UTF-8 text: byte 10"),
        ("none.json", "none.json: No such file"),
        (".", ".: Is a directory"),
        ("-", "standard input: "),
    ] {
        let answer = world.jackfield(&["run", "w.yaml", "--inputs-file", file]).expect(2);
        assert!(answer.stderr.contains(part), "{file}: {}", answer.stderr);
    }
    check(
        &world,
        &["run", "-", "--inputs-file", "-"],
        expect![[r#"
        --- stderr
        error: standard input can be the workflow or the inputs, not both
        --- exit 2
    "#]],
    )
    .expect(2);
}
