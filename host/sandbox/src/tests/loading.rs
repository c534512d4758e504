//! From bytes to a plugin, or a refusal.

use super::kit::{Guest, sandbox};
use crate::{LoadError, Measure, NotAComponent, Sandbox, SandboxConfig, TooLarge, digest_of};

const NOTHING: &str = "(call $ok (i32.const 0) (i32.const 0))";

fn load(bytes: &[u8]) -> LoadError {
    sandbox().load(&digest_of(bytes), bytes).expect_err("it must be refused")
}

fn too_large(core: &str) -> TooLarge {
    match load(&Guest::new(NOTHING).with_core(core).bytes()) {
        LoadError::TooLarge(too_large) => too_large,
        other => panic!("{other}"),
    }
}

#[test]
fn cut_off_anywhere() {
    let whole = Guest::new(NOTHING).bytes();
    for length in 0..whole.len() {
        let bytes = &whole[..length];
        let Err(error) = sandbox().load(&digest_of(bytes), bytes) else {
            // What was cut off is the names at the end, a custom section, which nobody needs.
            assert_eq!(whole[length], 0, "{length}");
            continue;
        };
        match length {
            0 => assert!(matches!(error, LoadError::NotAComponent(NotAComponent::Empty))),
            1..8 => assert!(matches!(error, LoadError::NotAComponent(NotAComponent::Truncated(_))), "{length}: {error}"),
            // Between two sections the rest may look whole; then something it needs is not there.
            _ => assert_ne!(error.code(), "install.too-large", "{length}: {error}"),
        }
    }
    let error = load(&whole[..whole.len() / 2]);
    assert_eq!(error.code(), "install.not-a-component", "{error}");
}

#[test]
fn flipped_bits_never_panic() {
    let whole = Guest::new(NOTHING).bytes();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        // Some flips change a name or a constant and leave a good component.
        let _ = sandbox().load(&digest_of(&bytes), &bytes);
    }
}

#[test]
fn machine_code_is_never_loaded() {
    let sandbox = sandbox();
    let component = wasmtime::component::Component::new(&sandbox.shared().engine, Guest::new(NOTHING).bytes()).unwrap();
    let compiled = component.serialize().unwrap();
    let error = load(&compiled);
    assert!(matches!(error, LoadError::NotAComponent(NotAComponent::Precompiled)), "{error}");
    assert!(error.to_string().contains("never loaded"), "{error}");
}

#[test]
fn the_digest_must_be_right() {
    let bytes = Guest::new(NOTHING).bytes();
    let wrong = digest_of(b"other");
    let error = sandbox().load(&wrong, &bytes).unwrap_err();
    assert_eq!(error.to_string(), format!("the bytes have the digest {}, not {wrong}", digest_of(&bytes)));
}

#[test]
fn imports_that_nobody_links() {
    let text = Guest::new(NOTHING).text();
    let with =
        |import: &str| wat::parse_str(text.replacen("(component", &format!("(component (import \"{import}\" (instance))"), 1)).unwrap();
    for import in [
        "acme:db/query@1.0.0",
        "wasi:cli/run@0.2.0",
        "wasi:clocks/monotonic-clock@0.3.0",
        "wasi:http/incoming-handler@0.2.0",
        "jackfield:task/more@0.1.0",
        "jackfield:task/log@0.2.0",
        "wasi:nn/graph@0.2.0",
    ] {
        let error = load(&with(import));
        assert!(matches!(&error, LoadError::UnknownImports(names) if names == &[import]), "{import}: {error}");
        assert!(error.to_string().contains(&format!("`{import}`")), "{error}");
    }
    for import in ["wasi:io/poll@0.2.0", "wasi:http/types@0.2.8", "wasi:config/store@0.2.0-rc.1", "jackfield:task/log@0.1.0"] {
        let bytes = with(import);
        let plugin = sandbox().load(&digest_of(&bytes), &bytes).unwrap_or_else(|error| panic!("{import}: {error}"));
        assert_eq!(plugin.imports(), [import, "jackfield:task/types@0.1.0"]);
    }
}

#[test]
fn components_without_tasks_or_with_others() {
    let empty = wat::parse_str("(component)").unwrap();
    assert!(load(&empty).to_string().contains("exports nothing"), "{}", load(&empty));
    let other = wat::parse_str(r#"(component (instance $i) (export "acme:csv/parse@1.0.0" (instance $i)))"#).unwrap();
    assert!(load(&other).to_string().contains("`acme:csv/parse@1.0.0`"), "{}", load(&other));
    let wrong = wat::parse_str(r#"(component (instance $i) (export "jackfield:task/tasks@0.1.0" (instance $i)))"#).unwrap();
    assert_eq!(load(&wrong).code(), "install.contract");
}

#[test]
fn bombs_in_core_modules() {
    let repeated = |what: &str, times: usize| what.repeat(times);
    for (core, measure, seen) in [
        (repeated("(func)", 100_000), Measure::Functions, None),
        (repeated("(type (func (param i32)))", 50_000), Measure::Types, None),
        (format!("(func {})", repeated("(drop (i64.const 0x7fffffffffffffff))", 250_000)), Measure::BodyBytes, None),
        (format!("(func (local {}))", repeated("i32 ", 50_000)), Measure::Locals, Some(50_000)),
        (format!("(func (block (br_table {} (i32.const 0))))", repeated("0 ", 100_000)), Measure::BranchTargets, None),
        (format!("(func {} {})", repeated("(block ", 6_000), repeated(")", 6_000)), Measure::BlockDepth, Some(5_001)),
        (repeated("(global i32 (i32.const 0))", 100_001), Measure::Globals, None),
        (format!("(table 1 funcref) (func $f) (elem func {})", repeated("$f ", 1_000_001)), Measure::Elements, Some(1_000_001)),
    ] {
        let refused = too_large(&core);
        assert_eq!((refused.measure, refused.limit), (measure, measure.limit()));
        assert!(refused.seen > refused.limit && seen.is_none_or(|seen| refused.seen == seen), "{refused}");
    }
}

#[test]
fn bombs_in_components() {
    let component = |inside: &str| load(&wat::parse_str(format!("(component {inside})")).unwrap());
    for (inside, measure) in [
        ("(component)".repeat(1_000), Measure::NestedComponents),
        ("(core module)".repeat(1_000), Measure::Modules),
        (format!("{}{}", "(component ".repeat(20), ")".repeat(20)), Measure::ComponentDepth),
        ("(type u8)".repeat(50_000), Measure::Types),
        (format!("(component $c){}", "(instance (instantiate $c))".repeat(3_000)), Measure::Instances),
        (
            format!(r#"(import "a" (instance $i (export "f" (func)))){}"#, r#"(alias export $i "f" (func))"#.repeat(60_000)),
            Measure::Aliases,
        ),
    ] {
        match component(&inside) {
            LoadError::TooLarge(refused) => assert_eq!(refused.measure, measure, "{refused}"),
            other => panic!("{measure}: {other}"),
        }
    }
    let mut doubling = r#"(type $t0 (tuple u8 u8))"#.to_owned();
    for level in 1..40 {
        doubling.push_str(&format!("(type $t{level} (tuple $t{0} $t{0}))", level - 1));
    }
    let guest = Guest::new(NOTHING).text().replacen("(component", &format!("(component {doubling}"), 1);
    let error = load(&wat::parse_str(guest).unwrap());
    assert!(matches!(&error, LoadError::Invalid(reason) if reason.contains("type size")), "{error}");
}

#[test]
fn names_and_custom_sections() {
    let name = "n".repeat(90_000);
    let exports: String = (0..200).map(|at| format!(r#"(func (export "{name}{at}"))"#)).collect();
    assert_eq!(too_large(&exports).measure, Measure::NameBytes);
    let mut bytes = Guest::new(NOTHING).bytes();
    // Section 0, its length, the length of its name, no name.
    let body = vec![0_u8; 50 << 20];
    bytes.push(0);
    let mut length = body.len() + 1;
    while length > 0x7f {
        bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.push(0);
    bytes.extend(body);
    assert!(matches!(load(&bytes), LoadError::TooLarge(TooLarge { measure: Measure::CustomBytes, .. })));
    bytes.resize(65 << 20, 0);
    let error = load(&bytes).to_string();
    assert!(error.contains("its size of the file in bytes is 68157440, the limit is 67108864"), "{error}");
}

#[tokio::test]
async fn a_sandbox_with_metering_counts() {
    let sandbox = Sandbox::new(SandboxConfig { metering: crate::Metering::Fuel, ..SandboxConfig::default() }).unwrap();
    let end = Guest::new(NOTHING).run_in(&sandbox, |_| {}).await;
    let used = end.receipt.fuel.unwrap();
    assert!((1..1_000).contains(&used), "{used}");
    let again = Guest::new(NOTHING).run_in(&sandbox, |_| {}).await;
    assert_eq!(again.receipt.fuel, Some(used), "fuel is the same every time");
    let end = Guest::new("(loop $l (br $l)) (unreachable)").run_in(&sandbox, |attempt| attempt.limits.fuel = Some(10_000)).await;
    assert_eq!(super::kit::code(&end), "limit.time");
    assert!(super::kit::failure(&end).message.contains("fuel"));
    // It describes no task, which is seen only when its time was enough.
    assert!(matches!(Guest::new(NOTHING).load(&sandbox).describe().await, Err(crate::DescribeError::NoTasks)));
}
