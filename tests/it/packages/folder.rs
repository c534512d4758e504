//! A folder as the registry.

use super::{Team, copy, locked_digest, stamped};

/// A team whose folder `shared` has some versions of a package, and a workflow that wants one of them.
fn team() -> Team {
    let team = Team::new();
    team.publish("file:shared/acme/tool", &["1.0.0", "1.1.0", "2.0.0"]);
    team.workflow("file:shared/acme/tool:^1");
    team
}

#[test]
fn a_package_is_locked_when_it_is_first_used_and_stays_what_it_is() {
    let team = team();
    let said = team.jackfield(&["check", "w.yaml"]).expect(0);
    assert!(said.stderr.contains("locked acme/tool 1.1.0 from file:shared/acme/tool"), "{}", said.stderr);
    let lock = team.lock();
    team.publish("file:shared/acme/tool", &["1.2.0"]);
    let ran = team.jackfield(&["run", "w.yaml", "--json"]).expect(0);
    assert_eq!(ran.json()["outputs"]["n"], 2);
    assert_eq!(team.lock(), lock);
    let listed = team.jackfield(&["plugin", "list", "file:shared/acme/tool"]).expect(0);
    assert_eq!(listed.stdout, "2.0.0\n1.2.0\n1.1.0\n1.0.0\n");
    let found = team.jackfield(&["plugin", "search", "file:shared", "too"]).expect(0);
    assert_eq!(found.stdout, "file:shared/acme/tool\n");
}

#[test]
fn another_team_runs_the_same_bytes() {
    let (one, other) = (team(), Team::new());
    one.jackfield(&["lock", "w.yaml"]).expect(0);
    one.publish("file:shared/acme/tool", &["1.2.0"]);
    for name in ["w.yaml", "jackfield.lock", "shared"] {
        copy(&one.world.file(name), &other.world.file(name));
    }
    other.jackfield(&["run", "w.yaml", "--locked"]).expect(0);
    assert_eq!(other.lock(), one.lock());
    let digest = locked_digest(&one.lock());
    assert!(other.files(".jackfield/plugins").contains(&format!("sha256-{digest}.wasm")));
}

#[test]
fn what_is_not_locked_is_not_used_where_nobody_would_see_it() {
    let team = team();
    let check = |team: &Team, words: &[&str]| {
        let refused = team.jackfield(words).expect(2);
        let all = refused.stdout + &refused.stderr;
        assert!(all.contains("file:shared/acme/tool:^1 is not in ") && all.contains("add it with `jackfield lock`"), "{all}");
        assert!(!team.world.file("jackfield.lock").exists());
    };
    check(&team, &["check", "w.yaml", "--locked"]);
    check(&team, &["run", "w.yaml", "--locked"]);
    let team = team.with("CI", "true");
    check(&team, &["check", "w.yaml"]);
    team.jackfield(&["lock", "w.yaml"]).expect(0);
    team.jackfield(&["check", "w.yaml"]).expect(0);
}

#[test]
fn s08_everything_works_without_the_registry_once_it_is_here() {
    let team = team();
    team.jackfield(&["lock", "w.yaml"]).expect(0);
    std::fs::rename(team.world.file("shared"), team.world.file("gone")).unwrap();
    team.jackfield(&["run", "w.yaml", "--locked", "--offline"]).expect(0);
    // A new data directory has it from what all projects of this person share.
    team.jackfield(&["--data", "other", "run", "w.yaml", "--locked", "--offline"]).expect(0);
    std::fs::remove_dir_all(team.world.file("cache")).unwrap();
    let refused = team.jackfield(&["--data", "third", "run", "w.yaml", "--locked"]).expect(2);
    assert!(refused.stderr.contains("there is no version with the manifest"), "{}", refused.stderr);
}

#[test]
fn a_project_brings_its_packages_with_it() {
    let (one, other) = (team(), Team::new());
    one.jackfield(&["lock", "w.yaml"]).expect(0);
    one.jackfield(&["vendor"]).expect(0);
    for name in ["w.yaml", "jackfield.lock", "jackfield.vendor"] {
        copy(&one.world.file(name), &other.world.file(name));
    }
    other.jackfield(&["run", "w.yaml", "--locked", "--offline"]).expect(0);
    // And it is what is locked, not what happens to lie there.
    let third = Team::new();
    for name in ["w.yaml", "jackfield.lock", "jackfield.vendor"] {
        copy(&one.world.file(name), &third.world.file(name));
    }
    let component = format!("jackfield.vendor/sha256-{}.wasm", locked_digest(&one.lock()));
    third.world.write(&component, stamped("9.9.9"));
    let refused = third.jackfield(&["run", "w.yaml", "--locked", "--offline"]).expect(2);
    assert!(refused.stderr.contains("does not have the digest it is named by"), "{}", refused.stderr);
}

#[test]
fn s01_tampering_is_refused_and_changes_nothing() {
    let spoil = |what: &dyn Fn(&Team), expected: &str| {
        let team = team();
        team.jackfield(&["lock", "w.yaml"]).expect(0);
        // Somebody else has it nowhere yet.
        for folder in ["cache", ".jackfield"] {
            drop(std::fs::remove_dir_all(team.world.file(folder)));
        }
        what(&team);
        let lock = team.lock();
        let refused = team.jackfield(&["run", "w.yaml"]).expect(2);
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
        assert_eq!(team.lock(), lock);
        let kept: Vec<String> = [team.files("cache/packages"), team.files(".jackfield/plugins")]
            .concat()
            .into_iter()
            .filter(|name| name.ends_with(".wasm"))
            .collect();
        assert_eq!(kept, [""; 0]);
    };
    let blob = |team: &Team| team.world.file(&format!("shared/acme/tool/blobs/sha256/{}", locked_digest(&team.lock())));
    spoil(&|team| std::fs::write(blob(team), stamped("1.1.X")).unwrap(), "should be sha256:");
    spoil(&|team| std::fs::write(blob(team), b"short").unwrap(), "bytes, and has 5");
    spoil(
        &|team| {
            let digest = locked_digest(&team.lock());
            let edited = team.lock().replace(&digest, &"0".repeat(64));
            drop(team.world.write("jackfield.lock", edited));
        },
        "should be sha256:0000",
    );
    spoil(&|team| drop(team.world.write("jackfield.lock", team.lock().replace("size = ", "size = 1"))), "should be sha256:");
    spoil(
        &|team| drop(team.world.write("jackfield.lock", team.lock().replace("version = \"1.1.0\"", "version = \"1.0.0\""))),
        "says itself that it is 1.1.0",
    );
    spoil(&|team| drop(team.world.write("jackfield.lock", "format = 2")), "this version of jackfield reads 1");
}

#[test]
fn h26_what_is_no_plugin_is_neither_published_nor_locked() {
    let team = team();
    let file = team.world.write("bad.wasm", "text");
    team.jackfield(&["plugin", "push", &file.display().to_string(), "file:shared/acme/bad:1.0.0"]).expect(2);
    assert!(!team.world.file("shared/acme/bad").exists());
    let refused = team.jackfield(&["plugin", "push", "bad.wasm", "file:shared/acme/bad:^1"]).expect(2);
    assert!(refused.stderr.contains("names no single version"), "{}", refused.stderr);
}

#[test]
fn h28_a_version_is_published_once() {
    let team = team();
    let other = team.component("other").display().to_string();
    let refused = team.jackfield(&["plugin", "push", &other, "file:shared/acme/tool:1.0.0"]).expect(3);
    assert!(refused.stderr.contains("version 1.0.0 already has digest sha256:"), "{}", refused.stderr);
    let same = team.component("1.0.0").display().to_string();
    let again = team.jackfield(&["plugin", "push", &same, "file:shared/acme/tool:1.0.0", "--json"]).expect(0);
    assert_eq!(again.json()["known"], true);
}

#[test]
fn p02_a_reference_that_is_none_is_a_problem_of_the_file() {
    let team = Team::new();
    team.workflow("oci://registry.example/acme/tool:1");
    let refused = team.jackfield(&["check", "w.yaml"]).expect(2);
    assert!(refused.stdout.contains("E014") && refused.stdout.contains("`1` is half a version: write `^1`"), "{}", refused.stdout);
    assert!(!team.world.file("jackfield.lock").exists());
}

#[test]
fn the_lock_file_beside_the_workflow_holds_for_its_flows_too() {
    let team = team();
    std::fs::create_dir(team.world.file("flows")).unwrap();
    copy(&team.world.file("w.yaml"), &team.world.file("flows/part.yaml"));
    team.world.write("flows/part.yaml", team.world.read("flows/part.yaml").replace("file:shared", "file:../shared"));
    team.world.write("w.yaml", "workflow: w\nflows: { part: ./flows/part.yaml }\nsteps: { a: { flow: part } }\n");
    team.jackfield(&["run", "w.yaml"]).expect(0);
    assert!(team.lock().contains("/flows/../shared/acme/tool\""), "{}", team.lock());
    assert!(!team.world.file("flows/jackfield.lock").exists());
}
