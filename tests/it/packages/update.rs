//! `jackfield update`: forward only, and only as far as somebody agrees.

use super::{Team, stamped};

fn team(versions: &[&str]) -> Team {
    let team = Team::new();
    team.publish("file:shared/acme/tool", versions);
    team.workflow("file:shared/acme/tool:^1");
    team.jackfield(&["lock", "w.yaml"]).expect(0);
    team
}

#[test]
fn an_update_takes_the_newest_that_still_fits() {
    let team = team(&["1.0.0"]);
    team.publish("file:shared/acme/tool", &["1.1.0", "2.0.0"]);
    let updated = team.jackfield(&["update"]).expect(0);
    assert_eq!(updated.stdout, "acme/tool  1.0.0 → 1.1.0\n");
    assert!(team.lock().contains("version = \"1.1.0\""));
    let again = team.jackfield(&["update", "tool"]).expect(0);
    assert!(again.stdout.is_empty() && again.stderr.contains("everything is as new as it may be"), "{}", again.stderr);
    team.jackfield(&["update", "other"]).expect(2);
    team.jackfield(&["run", "w.yaml", "--locked"]).expect(0);
}

#[test]
fn s03_an_update_never_goes_back_unless_it_is_told_to() {
    let team = team(&["1.0.0", "1.1.0"]);
    let lock = team.lock();
    team.jackfield(&["plugin", "yank", "file:shared/acme/tool:1.1.0"]).expect(0);
    let refused = team.jackfield(&["update"]).expect(3);
    assert!(refused.stderr.contains("the newest that is offered now is acme/tool 1.0.0; nothing was changed"), "{}", refused.stderr);
    assert_eq!(team.lock(), lock);
    // Who has the withdrawn version locked still runs it.
    team.jackfield(&["run", "w.yaml", "--locked"]).expect(0);
    team.jackfield(&["update", "--allow-downgrade"]).expect(0);
    assert!(team.lock().contains("version = \"1.0.0\""));
}

#[test]
fn s03_a_version_that_has_become_another_is_refused() {
    let team = team(&["1.0.0"]);
    let lock = team.lock();
    // Somebody who can write into the registry begins it anew.
    std::fs::remove_dir_all(team.world.file("shared")).unwrap();
    let file = team.world.write("other.wasm", stamped("other")).display().to_string();
    team.jackfield(&["plugin", "push", &file, "file:shared/acme/tool:1.0.0"]).expect(0);
    let refused = team.jackfield(&["update"]).expect(3);
    assert!(refused.stderr.contains("a published version never changes, so nothing was changed here either"), "{}", refused.stderr);
    assert_eq!(team.lock(), lock);
    team.jackfield(&["run", "w.yaml", "--locked"]).expect(0);
}

#[test]
fn an_update_that_asks_for_more_waits_for_a_yes() {
    let team = team(&["1.0.0"]);
    let lock = team.lock();
    let probe = kit::guest("probe").display().to_string();
    team.jackfield(&["plugin", "push", &probe, "file:shared/acme/tool:1.1.0"]).expect(0);
    let held = team.jackfield(&["update"]).expect(4);
    assert!(held.stderr.contains("acme/tool 1.1.0 newly asks for ") && held.stderr.contains("`--approve`"), "{}", held.stderr);
    assert_eq!(team.lock(), lock);
    team.jackfield(&["update", "--approve"]).expect(0);
    assert!(team.lock().contains("version = \"1.1.0\""));
}
