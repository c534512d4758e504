//! Files that are no plugin, by the binary: refused with what they are.

use handwritten::{hostile, noop, not_components, unknown_import};
use kit::world::World;

/// What must be said of each file of [`not_components`], beside its name.
const FOUND: [(&str, &str); 11] = [
    ("empty", "the file is empty"),
    ("magic only", "cut off after 4 bytes"),
    ("truncated", "cut off"),
    ("bit flipped", "not valid"),
    ("other version", "unknown encoding"),
    ("core module", "core WebAssembly module"),
    ("text", "WebAssembly text"),
    ("elf", "ELF"),
    ("zip", "zip archive"),
    ("precompiled", "is"),
    ("noise", "no format known here"),
];

/// Writes a file as `x.wasm`; what `plugin check` says of it.
fn plugin_check(bytes: &[u8], code: i32) -> String {
    let world = World::new();
    world.write("x.wasm", bytes);
    let answer = world.jackfield(&["plugin", "check", "x.wasm"]).expect(code);
    assert!(answer.stderr.contains("x.wasm"), "it says where: {}", answer.stderr);
    answer.stderr
}

#[test]
fn h26_what_is_no_component_is_refused_with_what_it_is() {
    for (name, bytes) in not_components() {
        let (_, words) = FOUND.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("nothing is expected of `{name}`"));
        let said = plugin_check(&bytes, 2);
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn h26_a_workflow_that_names_one_is_refused_at_its_line() {
    for (name, bytes) in not_components() {
        let world = World::new();
        world.write("x.wasm", &bytes);
        world.write("w.yaml", "workflow: w\nplugins:\n  x: x.wasm\nsteps:\n  s:\n    task: x.go\n    with: { v: 1 }\n");
        let check = world.jackfield(&["check", "w.yaml"]).expect(2);
        assert!(check.stdout.contains("w.yaml:3:"), "{name}: {}", check.stdout);
        world.jackfield(&["run", "w.yaml", "--quiet"]).expect(2);
    }
}

#[test]
fn h26_machine_code_is_never_loaded() {
    let mut config = wasmtime::Config::new();
    config.wasm_component_model(true);
    let engine = wasmtime::Engine::new(&config).expect("an engine");
    let code = engine.precompile_component(&noop()).expect("machine code");
    let said = plugin_check(&code, 2);
    assert!(said.contains("compiled machine code (.cwasm), which is never loaded"), "{said}");
}

#[test]
fn h26_a_folder_or_nothing_is_no_plugin() {
    let world = World::new();
    std::fs::create_dir(world.file("x.wasm")).expect("made");
    for name in ["x.wasm", "missing.wasm"] {
        let answer = world.jackfield(&["plugin", "check", name]).expect(2);
        assert!(answer.stderr.contains(name), "{}", answer.stderr);
    }
}

#[test]
fn h26_every_cut_of_a_component_is_refused() {
    let whole = noop();
    let sandbox = jackfield_sandbox::Sandbox::new(jackfield_sandbox::SandboxConfig::default()).expect("a sandbox");
    for length in (0..whole.len()).step_by(13) {
        let part = &whole[..length];
        let refused = sandbox.load(&jackfield_sandbox::digest_of(part), part);
        assert!(refused.is_err(), "cut after {length} bytes");
    }
}

#[test]
fn h05_an_import_that_nobody_offers_is_named() {
    let said = plugin_check(&unknown_import(), 2);
    assert!(said.contains("acme:door/open@1.0.0") && said.contains("build it without"), "{said}");
    let world = World::new();
    world.write("x.wasm", unknown_import());
    world.write("w.yaml", "workflow: w\nplugins:\n  x: x.wasm\nsteps:\n  s:\n    task: x.inc\n    with: { v: 1 }\n");
    let check = world.jackfield(&["check", "w.yaml"]).expect(2);
    assert!(check.stdout.contains("acme:door/open@1.0.0"), "{}", check.stdout);
}

#[test]
fn h25_what_would_cost_the_compiler_too_much_is_refused_with_the_measure() {
    let repeated = |text: &str, times: usize| text.repeat(times);
    for (core, words) in [
        (repeated("(func)", 100_000), "number of functions"),
        (repeated("(type (func (param i32)))", 50_000), "number of types"),
        (format!("(func (local {}))", repeated("i64 ", 50_000)), "number of locals of one function is 50000, the limit is 20000"),
        (format!("(func (block (br_table {} (i32.const 0))))", repeated("0 ", 100_000)), "br_table targets"),
        ("(memory 65536)".to_owned(), "initial size of a memory in bytes is 4294967296"),
        ("(table 10000000 funcref)".to_owned(), "initial size of a table in elements is 10000000"),
    ] {
        let bytes = wat::parse_str(format!("(component (core module {core}))")).expect("text");
        let said = plugin_check(&bytes, 3);
        assert!(said.contains(words) && said.contains("the limit is"), "{said}");
    }
}

#[test]
fn h12_a_plugin_that_cannot_describe_itself_is_refused_with_why() {
    for (name, words) in [
        ("describe traps", "cannot describe itself"),
        ("same name twice", "describes the task `go` twice"),
        ("name is a path", "`../go`"),
        ("schema is no JSON", "input schema of the task `go`"),
    ] {
        let guest = hostile().into_iter().find(|guest| guest.name == name).expect("there");
        let said = plugin_check(&guest.bytes, 2);
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn h26_errors_are_json_for_programs() {
    let world = World::new();
    world.write("x.wasm", b"PK\x03\x04zip");
    let answer = world.jackfield(&["plugin", "check", "x.wasm", "--json"]).expect(2);
    let errors: Vec<serde_json::Value> =
        [&answer.stdout, &answer.stderr].into_iter().filter_map(|text| serde_json::from_str(text.trim()).ok()).collect();
    assert!(errors.iter().any(|error| error.to_string().contains("zip archive")), "{answer:?}");
}
