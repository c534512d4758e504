//! Repeating runs: from a step, single items, what failed, with other inputs. And labels.

use expect_test::expect;
use kit::world::World;

use super::{check, frozen};

/// Whoever reads `name` and whoever does not; a list of which one item fails when `bad` is that item.
const BODY: &str = r#"inputs: { name: { type: string, default: Ada }, bad: { type: int, default: 1 } }
steps:
  greet: { task: probe.echo, with: { value: "${ inputs.name }" } }
  plain: { task: probe.echo, with: { value: 1 } }
  each:
    for-each: [0, 1, 2]
    max-parallel: 1
    needs: plain
    on-item-error: fail
    task: probe.spin
    with: { rounds: "${ inputs.bad == item ? 1 / (item - inputs.bad) : item }" }
outputs: { greeting: "${ steps.greet }", each: "${ size(steps.each) }" }
"#;

fn world() -> World {
    let world = World::new();
    world.workflow(BODY);
    world.jackfield(&["run", "w.yaml", "--label", "team=sales", "--label", "ticket=1"]).expect(1);
    world
}

/// What a call told, in the order of the alphabet.
fn told(world: &World, words: &[&str]) -> String {
    let answer = world.jackfield(words);
    let text = frozen(world, &answer.stderr);
    // How many items have a line depends on the time they take.
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.ends_with("/3 items")).collect();
    lines.sort_unstable();
    format!("{}\nexit {}\n", lines.join("\n"), answer.code)
}

#[test]
fn what_failed_is_done_again_and_nothing_else() {
    expect![[r#"
          1 / 0 has no value in `inputs.bad == item ? 1 / (item - inputs.bad) : item`
        failed at step each: expr.divide-by-zero
        from there on:   jackfield runs rerun 2 --from each
        run 2: repeats run 1, what was not done
        step each: failed after TIME
        step each: started, 3 items
        step each[1]: attempt 1 failed, expr.divide-by-zero: 1 / 0 has no value in `inputs.bad == item ? 1 / (item - inputs.bad) : item`; it is not tried again
        step greet: result taken over from run 1
        step plain: result taken over from run 1
        what it logged:  jackfield runs logs 2 --step each
        ✗ run 2 failed in TIME
        exit 1
    "#]].assert_eq(&told(&world(), &["runs", "rerun", "1", "--failed"]));
}

#[test]
fn other_inputs_are_checked_and_what_reads_them_is_done_again() {
    let world = world();
    expect![[r#"
        run 2: repeats run 1 with other inputs
        step each: done in TIME
        step each: started, 3 items
        step greet: result taken over from run 1
        step plain: result taken over from run 1
        ✓ run 2 done in TIME
        exit 0
    "#]]
    .assert_eq(&told(&world, &["runs", "rerun", "1", "--input", "bad=7"]));
    expect![[r#"
        run 3: repeats run 2 with other inputs
        step each: result taken over from run 2
        step greet: done in TIME
        step greet: started
        step plain: result taken over from run 2
        ✓ run 3 done in TIME
        exit 0
    "#]]
    .assert_eq(&told(&world, &["runs", "rerun", "2", "-i", "name=Grace"]));
    check(
        &world,
        &["runs", "rerun", "2", "-i", "nmae=Grace"],
        expect![[r#"
        --- stderr
        error: the workflow `w` has no input `nmae`: did you mean `name`?
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "rerun", "2", "-i", "bad=x"],
        expect![[r#"
        --- stderr
        error: --input bad: it must be int, written as JSON: this is not JSON: expected a value, found 'x' (line 1, column 1)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "rerun", "2", "--failed"],
        expect![[r#"
        --- stderr
        error: run 2: it is done, and nothing of it failed; `--from STEP` says what to do again
        --- exit 3
    "#]],
    )
    .expect(3);
}

#[test]
fn single_items_are_done_again() {
    let world = world();
    world.jackfield(&["runs", "rerun", "1", "--input", "bad=7"]).expect(0);
    expect![[r#"
        run 3: repeats run 2 from each, items 1
        step each: done in TIME
        step each: started, 3 items
        step greet: result taken over from run 2
        step plain: result taken over from run 2
        ✓ run 3 done in TIME
        exit 0
    "#]]
    .assert_eq(&told(&world, &["runs", "rerun", "2", "--from", "each", "--item", "1"]));
    let attempts = world.jackfield(&["runs", "show", "3", "--attempts", "--json"]).expect(0).json();
    let items: Vec<_> = attempts["attempts"].as_array().expect("a list").iter().map(|one| one["item"].clone()).collect();
    assert_eq!(items, [1]);
    check(
        &world,
        &["runs", "rerun", "2", "--from", "each", "--item", "3"],
        expect![[r#"
        --- stderr
        error: run 2: the step `each` has no item 3; it had 3, the first is 0
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "rerun", "2", "--from", "greet", "--item", "0"],
        expect![[r#"
        --- stderr
        error: run 2: the step `greet` has no items: it is no `for-each`
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "rerun", "2", "--from", "greet", "--from", "each", "--item", "0"],
        expect![[r#"
        --- stderr
        error: items are those of one step: give `--from` once
        --- exit 2
    "#]],
    )
    .expect(2);
    world.jackfield(&["runs", "rerun", "2"]).expect(2);
    world.jackfield(&["runs", "rerun", "2", "--item", "1"]).expect(2);
    world.jackfield(&["runs", "rerun", "2", "--from", "each", "--failed"]).expect(2);
}

#[test]
fn labels_are_named_once_each() {
    let world = world();
    check(
        &world,
        &["run", "w.yaml", "--label", "a=1", "--label", "a=2"],
        expect![[r#"
        --- stderr
        error: the label `a` is given twice
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["run", "w.yaml", "--label", "A B=1"],
        expect![[r#"
        --- stderr
        error: label `A B` refused: a key is made of a-z, 0-9 and -._/
        --- exit 3
    "#]],
    );
}

#[test]
fn a_run_is_given_a_priority_and_what_repeats_it_has_the_same() {
    let world = super::greeting();
    let refused = world.jackfield(&["run", "w.yaml", "--priority", "101"]).expect(2);
    assert!(refused.stderr.contains("101 is not in -100..=100"), "{}", refused.stderr);
    assert_eq!(world.jackfield(&["run", "w.yaml", "--priority", "-50", "--json"]).expect(0).json()["priority"], -50);
    world.jackfield(&["runs", "rerun", "1", "--from", "greet", "-q"]).expect(0);
    let shown = world.jackfield(&["runs", "show", "2"]).expect(0).stdout;
    assert!(shown.contains("\n  repeats run 1\n  priority -50\n"), "{shown}");
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    assert!(!world.jackfield(&["runs", "show", "3"]).expect(0).stdout.contains("priority"));
}
