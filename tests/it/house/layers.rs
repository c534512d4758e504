//! Who may depend on whom.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// For each crate of the engine, the crates of ours it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("jackfield-flow", &[]),
    ("jackfield-store", &["jackfield-flow"]),
    ("jackfield-sandbox", &["jackfield-flow"]),
    ("jackfield-registry", &["jackfield-flow"]),
    ("jackfield-worker", &["jackfield-flow", "jackfield-store", "jackfield-sandbox", "jackfield-registry"]),
    (
        "jackfield-cli",
        &[
            "jackfield-flow",
            "jackfield-store",
            "jackfield-sandbox",
            "jackfield-registry",
            "jackfield-worker",
            "jackfield-build",
        ],
    ),
    ("jackfield-build", &[]),
    ("jackfield-sdk", &["jackfield-sdk-macros"]),
    ("jackfield-sdk-macros", &[]),
];

/// Crates that only one of ours may see, directly.
const ROOMS: &[(&str, &str)] = &[("wasmtime", "jackfield-sandbox"), ("rusqlite", "jackfield-store"), ("clap", "jackfield-cli")];

/// What the pure core must not even be able to do.
const IMPURE: &[&str] = &["tokio", "getrandom", "rand", "reqwest", "hyper", "rusqlite", "wasmtime", "indexmap", "hashbrown"];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().manifest_path(kit::repository().join("Cargo.toml")).no_deps().exec().expect("cargo metadata");
    let of = |package: &cargo_metadata::Package| {
        let kept = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        kept.map(|dependency| dependency.name.clone()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), of(package))).collect()
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
