//! Commands that look: check, plan, graph, list, show, explain.

use expect_test::expect;
use kit::cli::finish;
use kit::world::World;
use serde_json::json;

use super::{GREETING, check, greeting};

/// A workflow with a mistake of each kind that people make.
fn mistaken() -> World {
    let world = World::new();
    world.workflow(
        "inputs: { name: string, spare: int }
steps:
  a: { task: probe.ehco, with: { value: 1 } }
  b: { task: probe.spin, with: { rounds: many }, retires: 3 }
  c: { task: prob.echo, with: { value: \"${ steps.bb }\" } }
  d: { task: probe.echo, with: { value: \"${ steps.e }\" } }
  e: { task: probe.echo, with: { value: \"${ steps.d }\" } }
  f: { task: probe.echo, needs: f, with: { value: \"${ inputs.nmae + 1 }\" } }
  g: { task: probe.read, with: { path: x } }
",
    );
    world
}

#[test]
fn check_shows_all_problems_each_at_its_place() {
    let world = mistaken();
    check(
        &world,
        &["check", "w.yaml"],
        expect![[r#"
            warning[W104]: nothing reads the input `name`
             --> w.yaml:4:11
              |
            4 | inputs: { name: string, spare: int }
              |           ^^^^
              |
              = help: remove it

            warning[W104]: nothing reads the input `spare`
             --> w.yaml:4:25
              |
            4 | inputs: { name: string, spare: int }
              |                         ^^^^^
              |
              = help: remove it

            error[E009]: the plugin `probe` has no task `ehco`
             --> w.yaml:6:14
              |
            6 |   a: { task: probe.ehco, with: { value: 1 } }
              |              ^^^^^^^^^^
              |
              = help: did you mean `probe.echo`?

            error[E010]: `probe.spin.rounds` wants int here: expected int, found string "many"
             --> w.yaml:7:42
              |
            7 |   b: { task: probe.spin, with: { rounds: many }, retires: 3 }
              |                                          ^^^^

            error[E002]: unknown key `retires` in a step
             --> w.yaml:7:50
              |
            7 |   b: { task: probe.spin, with: { rounds: many }, retires: 3 }
              |                                                  ^^^^^^^
              |
              = help: a step has: description, task, with, grant, flow, if-parent-ends, sleep, until, wait, value, for-each, max-parallel, on-item-error, repeat, choose, race, if, needs, timeout, retry, on-error, finally, compensate, cache, lock, rate, priority, effect

            error[E009]: no plugin is named `prob`
             --> w.yaml:8:14
              |
            8 |   c: { task: prob.echo, with: { value: "${ steps.bb }" } }
              |              ^^^^^^^^^
              |
              = help: did you mean `probe`?

            error[E009]: no step is named `bb`
             --> w.yaml:8:44
              |
            8 |   c: { task: prob.echo, with: { value: "${ steps.bb }" } }
              |                                            ^^^^^^^^
              |
              = help: did you mean `b`?

            error[E011]: steps wait for each other in a circle: e → d → e
              --> w.yaml:10:3
               |
             9 |   d: { task: probe.echo, with: { value: "${ steps.e }" } }
               |                                             ------- `d` reads the result of `e`
            10 |   e: { task: probe.echo, with: { value: "${ steps.d }" } }
               |   ^                                         ------- `e` reads the result of `d`
               |
               = help: remove one of these references, or one of the `needs`

            error[E011]: steps wait for each other in a circle: f → f
              --> w.yaml:11:3
               |
            11 |   f: { task: probe.echo, needs: f, with: { value: "${ inputs.nmae + 1 }" } }
               |   ^                             - `f` needs `f`
               |
               = help: remove one of these references, or one of the `needs`

            error[E009]: no input is named `nmae`
              --> w.yaml:11:55
               |
            11 |   f: { task: probe.echo, needs: f, with: { value: "${ inputs.nmae + 1 }" } }
               |                                                       ^^^^^^^^^^^
               |
               = help: did you mean `name`?
            --- stderr
            w.yaml: 8 errors, 2 warnings
            --- exit 2
        "#]],
    )
    .expect(2);
    assert!(!world.file(".jackfield").exists(), "looking makes nothing");
}

#[test]
fn check_for_programs_has_codes_and_places() {
    let world = mistaken();
    let answer = world.jackfield(&["check", "w.yaml", "--json"]).expect(2);
    let problems = answer.json();
    let problems = problems.as_array().expect("a list");
    let shown: String = problems
        .iter()
        .map(|one| {
            format!(
                "{} {} {}:{}-{}:{} {}\n",
                one["code"], one["severity"], one["line"], one["column"], one["end"]["line"], one["end"]["column"], one["file"]
            )
        })
        .collect();
    expect![[r#"
        "W104" "warning" 4:11-4:15 "w.yaml"
        "W104" "warning" 4:25-4:30 "w.yaml"
        "E009" "error" 6:14-6:24 "w.yaml"
        "E010" "error" 7:42-7:46 "w.yaml"
        "E002" "error" 7:50-7:57 "w.yaml"
        "E009" "error" 8:14-8:23 "w.yaml"
        "E009" "error" 8:44-8:52 "w.yaml"
        "E011" "error" 10:3-10:4 "w.yaml"
        "E011" "error" 11:3-11:4 "w.yaml"
        "E009" "error" 11:55-11:66 "w.yaml"
    "#]]
    .assert_eq(&shown);
}

#[test]
fn check_finds_no_fault_with_what_is_good() {
    check(
        &greeting(),
        &["check", "w.yaml"],
        expect![[r#"
        --- stderr
        w.yaml: 1 step, 1 plugin, no problems
        --- exit 0
    "#]],
    )
    .expect(0);
    assert_eq!(greeting().jackfield(&["check", "w.yaml", "--json"]).expect(0).json(), json!([]));
}

#[test]
fn check_names_plugins_that_are_none() {
    let world = World::new();
    world.write("text.wasm", "not wasm");
    world.write("w.yaml", "workflow: w\nplugins: { a: ./none.wasm, b: ./text.wasm, c: . }\nsteps:\n  a: { task: a.x }\n  b: { task: b.x }\n  c: { task: c.x }\n");
    check(
        &world,
        &["check", "w.yaml"],
        expect![[r#"
        error[E014]: WORLD/./none.wasm: No such file or directory (os error 2)
         --> w.yaml:2:15
          |
        2 | plugins: { a: ./none.wasm, b: ./text.wasm, c: . }
          |               ^^^^^^^^^^^

        error[E014]: WORLD/./text.wasm: this is not a WebAssembly component: it is text, not WebAssembly
         --> w.yaml:2:31
          |
        2 | plugins: { a: ./none.wasm, b: ./text.wasm, c: . }
          |                               ^^^^^^^^^^^

        error[E014]: WORLD/.: not a regular file
         --> w.yaml:2:47
          |
        2 | plugins: { a: ./none.wasm, b: ./text.wasm, c: . }
          |                                               ^
        --- stderr
        w.yaml: 3 errors, 0 warnings
        --- exit 2
    "#]],
    )
    .expect(2);
}

#[test]
fn plan_shows_types_grants_and_effects() {
    let world = World::new();
    world.workflow(
        "inputs: { path: { type: string, default: x, description: Where. } }\nsteps:\n  read: { task: probe.read, with: { path: \"${ inputs.path }\" }, grant: { files: [read data] } }\n  each: { for-each: [1, 2], max-parallel: 2, task: probe.echo, needs: read, with: { value: \"${ item }\" }, retry: 3, timeout: 90s }\noutputs: { each: \"${ steps.each }\" }\n",
    );
    check(
        &world,
        &["plan", "w.yaml"],
        expect![[r#"
        workflow w

        INPUT  TYPE    DEFAULT  MEANING
        path   string  "x"      Where.

        STEP  DOES                  NEEDS  EFFECT  GRANTS                   TIMEOUT  RETRY
        read  probe.read                   READS   files read data as data  30.0s    never
        each  each item, 2 at once  read   PURE                             1m 30s   3 attempts, 1.0s–1m 00s
              probe.echo                                                             doubling, full jitter

        read
          takes {path: string}
          gives string
        each
          takes {value: json}
          gives list<json>

        PLUGIN  DIGEST
        probe   DIGEST

        OUTPUT  TYPE
        each    list<json>
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    let plan = world.jackfield(&["plan", "w.yaml", "--json"]).expect(0).json();
    assert_eq!(
        (&plan["steps"][0]["effect"], &plan["steps"][1]["needs"], &plan["steps"][1]["timeout_ms"]),
        (&json!("READS"), &json!(["read"]), &json!(90_000))
    );
    assert!(plan["plugins"][0]["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")));
    check(&mistaken(), &["plan", "w.yaml", "--quiet", "--json"], expect![[r#"
        --- stderr
        {"error":{"code":"workflow","message":"w.yaml has 8 errors; nothing was run","exit":2,"problems":[{"code":"W104","severity":"warning","message":"nothing reads the input `name`","file":"w.yaml","line":4,"column":11,"end":{"line":4,"column":15},"help":"remove it"},{"code":"W104","severity":"warning","message":"nothing reads the input `spare`","file":"w.yaml","line":4,"column":25,"end":{"line":4,"column":30},"help":"remove it"},{"code":"E009","severity":"error","message":"the plugin `probe` has no task `ehco`","file":"w.yaml","line":6,"column":14,"end":{"line":6,"column":24},"help":"did you mean `probe.echo`?"},{"code":"E010","severity":"error","message":"`probe.spin.rounds` wants int here: expected int, found string \"many\"","file":"w.yaml","line":7,"column":42,"end":{"line":7,"column":46},"help":null},{"code":"E002","severity":"error","message":"unknown key `retires` in a step","file":"w.yaml","line":7,"column":50,"end":{"line":7,"column":57},"help":"a step has: description, task, with, grant, flow, if-parent-ends, sleep, until, wait, value, for-each, max-parallel, on-item-error, repeat, choose, race, if, needs, timeout, retry, on-error, finally, compensate, cache, lock, rate, priority, effect"},{"code":"E009","severity":"error","message":"no plugin is named `prob`","file":"w.yaml","line":8,"column":14,"end":{"line":8,"column":23},"help":"did you mean `probe`?"},{"code":"E009","severity":"error","message":"no step is named `bb`","file":"w.yaml","line":8,"column":44,"end":{"line":8,"column":52},"help":"did you mean `b`?"},{"code":"E011","severity":"error","message":"steps wait for each other in a circle: e → d → e","file":"w.yaml","line":10,"column":3,"end":{"line":10,"column":4},"help":"remove one of these references, or one of the `needs`"},{"code":"E011","severity":"error","message":"steps wait for each other in a circle: f → f","file":"w.yaml","line":11,"column":3,"end":{"line":11,"column":4},"help":"remove one of these references, or one of the `needs`"},{"code":"E009","severity":"error","message":"no input is named `nmae`","file":"w.yaml","line":11,"column":55,"end":{"line":11,"column":66},"help":"did you mean `name`?"}]}}
        --- exit 2
    "#]]).expect(2);
}

#[test]
fn graphs_are_drawn_in_three_ways() {
    let world = World::new();
    world.workflow("steps:\n  a: { task: probe.echo, with: { value: 1 } }\n  b: { task: probe.echo, with: { value: \"${ steps.a }\" } }\n  c: { task: probe.echo, with: { value: \"${ steps.a }\" } }\n");
    check(
        &world,
        &["graph", "w.yaml"],
        expect![[r#"
        w
                 ┌─────────────┐
                 │ a         ◇ │
                 │ probe.echo  │
                 └──────┬──────┘
               ╭────────┴────────╮
               ▼                 ▼
        ┌─────────────┐   ┌─────────────┐
        │ b         ◇ │   │ c         ◇ │
        │ probe.echo  │   │ probe.echo  │
        └─────────────┘   └─────────────┘

        ◇ pure
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["graph", "w.yaml", "--format", "mermaid"],
        expect![[r#"
        ---
        title: "w"
        ---
        flowchart TD
          s0("<b>a</b><br/>probe.echo"):::pure
          s1("<b>b</b><br/>probe.echo"):::pure
          s2("<b>c</b><br/>probe.echo"):::pure
          s0 --> s1
          s0 --> s2
          classDef pure fill:#f0fdfa,stroke:#0d9488,color:#0f172a
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    world.jackfield(&["graph", "w.yaml", "--format", "svg", "-o", "w.svg"]).expect(0);
    assert!(world.read("w.svg").starts_with("<svg ") && world.read("w.svg").contains("</svg>"));
    world.jackfield(&["graph", "w.yaml", "-o", "none/w.svg"]).expect(2);
    check(
        &world,
        &["graph", "7"],
        expect![[r#"
        --- stderr
        error: there are no runs in .jackfield: run a workflow first, or name another directory with `--data`
        --- exit 2
    "#]],
    )
    .expect(2);
    world.jackfield(&["run", "w.yaml"]).expect(0);
    let drawn = world.jackfield(&["graph", "1"]).expect(0).stdout;
    assert!(drawn.starts_with("w, run 1: done\n") && drawn.contains("│ ✓ b") && drawn.ends_with("◇ pure   ✓ 3 done\n"), "{drawn}");
}

#[test]
fn timelines_are_drawn_in_two_ways() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-i", "name=Ada"]).expect(0);
    let drawn = world.jackfield(&["runs", "show", "1", "--timeline"]).expect(0).stdout;
    assert!(drawn.starts_with("w, run 1: done, ") && drawn.contains("✓ greet") && drawn.contains('█'), "{drawn}");
    let ascii = finish(world.call(&["runs", "show", "1", "--timeline"]).env("LC_ALL", "C").spawn().expect("it starts")).expect(0).stdout;
    assert!(ascii.is_ascii() && ascii.contains("+ greet"), "{ascii}");
    world.jackfield(&["runs", "show", "1", "--timeline", "--svg", "t.svg"]).expect(0);
    assert!(world.read("t.svg").starts_with("<svg ") && world.read("t.svg").contains("greet: done"));
    let json = world.jackfield(&["runs", "show", "1", "--timeline", "--json"]).expect(0).json();
    assert_eq!(json["format"], "text");
    world.jackfield(&["runs", "show", "1", "--svg", "t.svg"]).expect(2);
    world.jackfield(&["runs", "show", "1", "--timeline", "--attempts"]).expect(2);
}

#[test]
fn runs_are_listed_and_shown() {
    let world = greeting();
    check(
        &world,
        &["runs", "list"],
        expect![[r#"
        --- stderr
        error: there are no runs in .jackfield: run a workflow first, or name another directory with `--data`
        --- exit 2
    "#]],
    )
    .expect(2);
    for name in ["Ada", "Grace", "Edsger"] {
        world.jackfield(&["run", "w.yaml", "-i", &format!("name={name}")]).expect(0);
    }
    check(
        &world,
        &["runs", "list"],
        expect![[r#"
        RUN  WORKFLOW  STATE  STEPS  BEGAN                 TOOK
        3    w         done   1/1    WHEN  TIME
        2    w         done   1/1    WHEN  TIME
        1    w         done   1/1    WHEN  TIME
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "list", "--limit", "1", "--before", "3"],
        expect![[r#"
        RUN  WORKFLOW  STATE  STEPS  BEGAN                 TOOK
        2    w         done   1/1    WHEN  TIME
        --- stderr
        older ones: jackfield runs list --before 2
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "list", "--state", "failed"],
        expect![[r#"
        --- stderr
        no runs
        --- exit 0
    "#]],
    )
    .expect(0);
    let listed = world.jackfield(&["runs", "list", "--workflow", "w", "--json", "--limit", "2"]).expect(0).json();
    assert_eq!((&listed["runs"][0]["run"], &listed["runs"][1]["status"], &listed["next"]), (&json!(3), &json!("done"), &json!(2)));
    check(
        &world,
        &["runs", "show", "2"],
        expect![[r#"
        ✓ run 2  w  done
          began WHEN, took TIME

        STEP   TASK        STATE  ATTEMPTS  ITEMS  TOOK
        greet  probe.echo  done   1  TIME

        inputs
        name: Grace

        outputs
        answer:
          {
            "hello": "Grace"
          }
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    let shown = world.jackfield(&["runs", "show", "2", "--attempts", "--json"]).expect(0).json();
    assert_eq!((&shown["attempts"][0]["outcome"], &shown["inputs"]), (&json!("done"), &json!({"name": "Grace"})));
    check(
        &world,
        &["runs", "why", "2"],
        expect![[r#"
        run 2 waits for nothing: it is done
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "show", "9"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "why", "9"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "logs", "9"],
        expect![[r#"
        --- stderr
        error: run 9 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "show", "-1"],
        expect![[r#"
        --- stderr
        error: unexpected argument '-1' found

          tip: to pass '-1' as a value, use '-- -1'

        Usage: jackfield runs show [OPTIONS] <RUN>

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    world.jackfield(&["runs", "show", "99999999999999999999"]).expect(2);
    world.jackfield(&["runs", "show", "18446744073709551615"]).expect(2);
}

#[test]
fn looking_at_nothing_makes_nothing() {
    let world = greeting();
    let words: [&[&str]; 14] = [
        &["runs", "retry", "1"],
        &["runs", "cancel", "--all", "--yes"],
        &["runs", "label", "1", "a=1"],
        &["runs", "prune", "--older-than", "0", "--yes"],
        &["runs", "diff", "1", "2"],
        &["runs", "export", "1", "-o", "x"],
        &["runs", "list"],
        &["runs", "show", "1"],
        &["runs", "logs", "1"],
        &["runs", "why", "1"],
        &["runs", "cancel", "1"],
        &["resume", "1"],
        &["runs", "rerun", "1", "--from", "a"],
        &["graph", "1"],
    ];
    for words in words {
        let answer = world.jackfield(words).expect(2);
        assert!(answer.stderr.contains("there are no runs in .jackfield"), "{words:?}: {}", answer.stderr);
    }
    world.jackfield(&["doctor"]).expect(0);
    assert!(!world.file(".jackfield").exists());
}

#[test]
fn codes_are_explained() {
    let world = World::new();
    check(
        &world,
        &["explain", "e006"],
        expect![[r#"
        E006 (error)

        A number, time or size outside of its range.

        The message says the range and the value seen. Times have units, `1h30m`; sizes have `KiB`, `MiB`, `GiB`.

        ```yaml
        # wrong
        poll: { timeout: 0s, task: shop.poll }
        # right
        poll: { timeout: 10s, task: shop.poll }
        ```

        Choose a value within the range.
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["explain", "E06"],
        expect![[r#"
        --- stderr
        error: no problem has the code `E06`; did you mean E006?
        --- exit 2
    "#]],
    )
    .expect(2);
    let all = world.jackfield(&["explain", "--json"]).expect(0).json();
    let all = all.as_array().expect("a list");
    let kinds: std::collections::BTreeSet<&str> = all.iter().filter_map(|one| one["severity"].as_str()).collect();
    assert!(all.len() > 60 && kinds == ["error", "failure", "warning"].into(), "{kinds:?}");
}

#[test]
fn the_doctor_finds_a_sound_store_sound() {
    let world = greeting();
    world.jackfield(&["run", "w.yaml"]).expect(0);
    let findings = world.jackfield(&["doctor", "--json"]).expect(0).json();
    let findings = findings.as_array().expect("a list");
    let state = |what: &str| findings.iter().find(|found| found["what"] == what).map(|found| found["state"].clone());
    assert_eq!((state("store"), state("engine")), (Some(json!("good")), Some(json!("good"))));
    assert!(findings.iter().all(|found| found["state"] != "bad"), "{findings:?}");
}

#[test]
fn completions_are_scripts() {
    let world = World::new();
    for (shell, part) in [("bash", "complete -F"), ("zsh", "#compdef jackfield"), ("fish", "complete -c jackfield")] {
        let script = world.jackfield(&["completions", shell]).expect(0).stdout;
        assert!(script.contains(part) && script.contains("rerun"), "{shell}");
    }
    world.jackfield(&["completions", "tcsh"]).expect(2);
}

#[test]
fn a_workflow_can_come_from_standard_input() {
    use std::io::Write as _;
    let world = greeting();
    let mut child = world.call(&["run", "-", "--json"]).stdin(std::process::Stdio::piped()).spawn().expect("it starts");
    let text = format!("workflow: piped\nplugins: {{ probe: {} }}\n{GREETING}", kit::guest("probe").display());
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("read");
    assert_eq!(kit::cli::finish(child).expect(0).json()["workflow"], "piped");
}
