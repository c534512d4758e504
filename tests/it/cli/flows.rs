//! Files of sub-workflows: found beside the file that names them, circles and mistakes told.

use kit::world::World;

/// What `check` says of `w.yaml`, and how it ends.
fn check(world: &World, code: i32) -> String {
    let answer = world.jackfield(&["check", "w.yaml"]).expect(code);
    format!("{}{}", answer.stdout, answer.stderr)
}

#[test]
fn a_flow_is_found_beside_the_file_that_names_it() {
    let world = World::new();
    world.write("w.yaml", "workflow: w\nsteps: { a: { flow: ./sub/one.yaml, with: { n: 1 } } }\noutputs: { n: \"${ steps.a.n + 1 }\" }\n");
    world.write(
        "sub/one.yaml",
        "workflow: one\ninputs: { n: int }\nsteps: { a: { flow: ../two.yaml, with: { n: \"${ inputs.n }\" } } }\noutputs: { n: \"${ steps.a.n }\" }\n",
    );
    world.write(
        "two.yaml",
        "workflow: two\ninputs: { n: int }\nsteps: { a: { value: \"${ inputs.n * 2 }\" } }\noutputs: { n: \"${ steps.a }\" }\n",
    );
    check(&world, 0);
}

#[test]
fn what_is_wrong_with_a_flow_is_told_where_it_is_named() {
    let world = World::new();
    world.write(
        "w.yaml",
        "workflow: w\nflows: { round: ./round.yaml, bad: ./bad.yaml, none: ./none.yaml, folder: . }\nsteps: { a: { flow: round }, b: { flow: bad }, c: { flow: none }, d: { flow: folder } }\n",
    );
    world.write("round.yaml", "workflow: round\nsteps: { a: { flow: ./again.yaml } }\n");
    world.write("again.yaml", "workflow: again\nsteps: { a: { flow: ./round.yaml } }\n");
    world.write("bad.yaml", "workflow: bad\nsteps: { a: { vlaue: 1 }, b: { slep: 1s } }\n");
    let said = check(&world, 2);
    for part in
        ["it starts itself: round.yaml → again.yaml → round.yaml", "bad.yaml:2:10: error[E004]", "and 3 more", "none.yaml", "not a file"]
    {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn a_flow_that_names_the_file_it_is_named_by_is_told() {
    let world = World::new();
    world.write("w.yaml", "workflow: w\nsteps: { a: { flow: ./w.yaml } }\n");
    let said = check(&world, 2);
    assert!(said.contains("it starts itself: w.yaml → w.yaml"), "{said}");
}
