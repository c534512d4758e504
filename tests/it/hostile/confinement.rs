//! What a task finds around it when nothing is granted: nothing.

use std::collections::BTreeMap;

use jackfield_sandbox::SandboxConfig;
use kit::world::World;
use serde_json::{Value, json};

use super::rig::Rig;

fn configured() -> Rig {
    let config = [("region", "eu"), ("password", "hidden")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    Rig::under(SandboxConfig { config: BTreeMap::from(config), ..SandboxConfig::default() })
}

#[tokio::test]
async fn n09_there_are_no_variables_arguments_or_input() {
    let seen = Rig::closed().task("surroundings", &json!({})).run().await.answer();
    assert_eq!((&seen["variables"], &seen["stdin"]), (&json!([]), &json!("")));
    assert!(seen["arguments"].as_array().is_some_and(Vec::is_empty), "{seen}");
    let directory = seen["directory"].to_string();
    assert!(directory.starts_with("[\"error:"), "no directory can be listed: {directory}");
}

#[test]
fn n09_variables_of_the_engine_are_not_those_of_the_task() {
    let world = World::new();
    world.workflow("steps:\n  s:\n    task: probe.surroundings\n    with: {}\noutputs:\n  seen: ${ steps.s }\n");
    let mut call = world.call(&["run", "w.yaml", "--json", "--quiet"]);
    call.env("JACKFIELD_CANARY", "seen").env("AWS_SECRET_ACCESS_KEY", "seen");
    let answer = kit::cli::finish(call.spawn().expect("it starts")).expect(0);
    assert_eq!(answer.json()["outputs"]["seen"]["variables"], json!([]), "{}", answer.stdout);
}

#[tokio::test]
async fn configuration_is_seen_by_grant_alone() {
    let rig = configured();
    let value = async |key: &str| rig.task("config-value", &json!({ "key": key })).config("region").config("unset").run().await.answer();
    assert_eq!(value("region").await, json!("eu"));
    for key in ["password", "unset", "REGION", "region ", "", "*", "../password"] {
        assert_eq!(value(key).await, Value::Null, "{key:?}");
    }
}

#[tokio::test]
async fn configuration_without_a_grant_is_not_seen() {
    let ended = configured().task("config-value", &json!({ "key": "region" })).run().await;
    assert_eq!(ended.answer(), Value::Null);
}

#[test]
fn a_required_capability_without_a_grant_is_refused_before_anything_runs() {
    for (task, with, line) in [
        ("append-line", "{ path: x, line: y }", "files: [\"write DIRECTORY\"]"),
        ("send-secret", "{ url: x, name: y }", "http: [\"GET https://HOST/PATH*\"]"),
        ("send-secret", "{ url: x, name: y }", "secrets: [\"NAME\"]"),
    ] {
        let world = World::new();
        world.workflow(&format!("steps:\n  s:\n    task: probe.{task}\n    with: {with}\n"));
        let check = world.jackfield(&["check", "w.yaml"]).expect(2);
        assert!(check.stdout.contains(line) && check.stdout.contains("w.yaml:"), "{task}: {}", check.stdout);
        world.jackfield(&["run", "w.yaml", "--quiet"]).expect(2);
        world.jackfield(&["runs", "show", "1"]).expect(2);
    }
}

#[test]
fn a_grant_that_was_never_asked_for_gives_nothing() {
    let world = World::new();
    world.write("box/f", "inside");
    // `echo` asks for nothing, so the directory is not there for it.
    world.workflow(
        "steps:\n  s:\n    task: probe.surroundings\n    with: {}\n    grant: { files: [\"read box as .\"] }\noutputs:\n  seen: ${ steps.s }\n",
    );
    let answer = world.jackfield(&["run", "w.yaml", "--json", "--quiet"]).expect(0);
    assert!(answer.json()["outputs"]["seen"]["directory"].to_string().starts_with("[\"error:"), "{}", answer.stdout);
    assert!(world.jackfield(&["check", "w.yaml"]).stdout.contains("files"), "and `check` says so");
}
