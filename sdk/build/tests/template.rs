//! The SDK's template, as an author gets it, becomes a component.

use std::fs;
use std::path::Path;

use jackfield_build::{BuildOptions, build_rust_plugin, target_dir};

/// How a component begins, as opposed to a core module.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// One small task, the whole of schemas and JSON included. Of this, a fifth is the names for backtraces; a standard
/// library that was built on the machine adds an adapter of a fifth.
const SIZE_BYTES_MAX: usize = 256 << 10;

#[test]
fn the_template_becomes_a_small_component() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let template = repository.join("sdk/rust/template");
    let dir = tempfile::tempdir().unwrap();
    let sdk = format!("path = {:?}", repository.join("sdk/rust").canonicalize().unwrap());
    for file in ["Cargo.toml", "src/lib.rs", "README.md"] {
        let text = fs::read_to_string(template.join(file)).unwrap().replace("NAME", "my-hello").replace("SDK", &sdk);
        fs::create_dir_all(dir.path().join("src")).unwrap();
        fs::write(dir.path().join(file), text).unwrap();
    }
    // Beside the other builds, so that only the first run of this test builds the dependencies.
    let target_dir = Some(target_dir(&repository).join("template"));
    let options = BuildOptions { target_dir, ..BuildOptions::default() };
    let mut told = Vec::new();
    let built = build_rust_plugin(dir.path(), &options, &mut |step| told.push(step.to_string()))
        .unwrap_or_else(|error| panic!("{error}\n{}", told.join("\n")));

    let [plugin] = built.as_slice() else { panic!("{built:?}") };
    assert_eq!((plugin.package.as_str(), plugin.path.file_name().unwrap().to_str()), ("my-hello", Some("my-hello.wasm")));
    let bytes = fs::read(&plugin.path).unwrap();
    assert!(bytes.starts_with(COMPONENT), "{:?}", &bytes[..8]);
    assert!(bytes.len() <= SIZE_BYTES_MAX, "{} bytes", bytes.len());
    // The contract's export is there although the SDK, which declares it, is only a library of the plugin.
    let export = b"jackfield:task/tasks@0.1.0";
    assert!(bytes.windows(export.len()).any(|window| window == export));
    assert!(told.iter().any(|line| line.starts_with("building my-hello with ")), "{told:?}");
}

#[test]
fn an_authors_mistake_is_shown_as_the_compiler_told_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("src")).unwrap();
    let manifest = "[package]\nname = \"broken\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n";
    fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
    fs::write(dir.path().join("src/lib.rs"), "fn broken() -> u32 {}").unwrap();
    let options = BuildOptions { target_dir: Some(dir.path().join("target")), ..BuildOptions::default() };
    let error = build_rust_plugin(dir.path(), &options, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("src/lib.rs:1") && error.contains("mismatched types"), "{error}");
}

#[test]
fn a_package_that_is_no_plugin_is_told_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("src")).unwrap();
    fs::write(dir.path().join("Cargo.toml"), "[package]\nname = \"plain\"\nedition = \"2024\"\n[workspace]\n").unwrap();
    fs::write(dir.path().join("src/lib.rs"), "").unwrap();
    let error = build_rust_plugin(dir.path(), &BuildOptions::default(), &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("crate-type = [\"cdylib\"]"), "{error}");
}
