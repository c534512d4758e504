//! Who may depend on whom.

use std::collections::BTreeMap;
use std::process::Command;

/// For each crate of the engine, the crates of ours it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("jackfield-flow", &[]),
    ("jackfield-store", &["jackfield-flow"]),
    ("jackfield-sandbox", &["jackfield-flow"]),
    ("jackfield-registry", &["jackfield-flow"]),
    ("jackfield-worker", &["jackfield-flow", "jackfield-store", "jackfield-sandbox", "jackfield-registry"]),
    (
        "jackfield-cli",
        &["jackfield-flow", "jackfield-store", "jackfield-sandbox", "jackfield-registry", "jackfield-worker", "jackfield-build"],
    ),
    ("jackfield-build", &[]),
    ("jackfield-sdk", &["jackfield-sdk-macros"]),
    ("jackfield-sdk-macros", &[]),
];

/// Crates that only one of ours may see, directly.
const ROOMS: &[(&str, &str)] = &[("wasmtime", "jackfield-sandbox"), ("rusqlite", "jackfield-store"), ("clap", "jackfield-cli")];

/// What the pure core must not even be able to do.
const IMPURE: &[&str] = &["tokio", "getrandom", "rand", "reqwest", "hyper", "rusqlite", "wasmtime", "indexmap", "hashbrown"];

/// What each crate of ours needs to be built, as cargo says it.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut metadata = Command::new(cargo);
    metadata.current_dir(kit::repository()).args(["metadata", "--no-deps", "--format-version", "1"]);
    let answer = metadata.output().expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&answer.stdout).expect("JSON");
    let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    let of = |package: &serde_json::Value| {
        // Dependencies of tests and build scripts have a kind.
        let kept = package["dependencies"].as_array().expect("a list").iter().filter(|dependency| dependency["kind"].is_null());
        kept.map(name).collect()
    };
    metadata["packages"].as_array().expect("a list").iter().map(|package| (name(package), of(package))).collect()
}

#[test]
fn crates_depend_only_on_the_layers_below_them() {
    let dependencies = dependencies();
    for (name, used) in &dependencies {
        let ours: Vec<&String> = used.iter().filter(|used| used.starts_with("jackfield-")).collect();
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| layer == name) else {
            assert!(["jackfield-tests", "handwritten", "xtask"].contains(&name.as_str()), "{name} has no layer: give it one");
            continue;
        };
        for used in ours {
            assert!(allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
    assert!(LAYERS.iter().all(|(layer, _)| dependencies.contains_key(*layer)), "a layer without its crate");
}

#[test]
fn each_great_library_is_seen_in_one_room() {
    for (name, used) in dependencies().iter().filter(|(name, _)| name.as_str() != "jackfield-tests") {
        for (library, room) in ROOMS {
            assert!(!used.iter().any(|used| used == library) || name == room, "{name} sees {library}, which belongs to {room}");
        }
    }
}

#[test]
fn the_core_cannot_wait_read_or_roll_dice() {
    let used = dependencies().remove("jackfield-flow").expect("there");
    for library in IMPURE {
        assert!(!used.iter().any(|used| used == library), "flow must not depend on {library}");
    }
}
