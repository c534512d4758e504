//! What cannot be a task, and why.

use super::kit::{component, load};
use super::signatures::{reason, table};
use crate::{LoadError, digest_of};

#[test]
fn reasons_name_the_type() {
    let world = |function: &str| {
        format!("interface i {{ resource thing {{ }} record holder {{ t: thing }} f: {function}; }} world w {{ export i; }}")
    };
    for (function, expected) in [
        ("func() -> thing", "its result has the type `thing`, a resource, and a task keeps no resources between calls"),
        ("func(x: borrow<thing>)", "its parameter `x` has the type `borrow<thing>`, a borrowed resource, and nobody here owns one to lend"),
        ("func() -> option<holder>", "its result has the type `thing`, a resource, and a task keeps no resources between calls"),
        ("func(a: u8, x: future<u8>)", "its parameter `x` has the type `future<u8>`, which is for async functions"),
        ("func() -> stream<string>", "its result has the type `stream<string>`, which is for async functions"),
        (
            "func(x: option<option<u8>>)",
            "its parameter `x` has the type `option<option<u8>>`, an option of an option, which JSON cannot tell from an option",
        ),
        ("async func()", "it is an async function, which cannot be called yet"),
    ] {
        assert_eq!(reason(&world(function)), expected, "{function}");
    }
    let methods = table("interface i { resource thing { constructor(); get: func() -> u8; } } world w { export i; }", &[]);
    assert_eq!(methods.refused.len(), 2);
    assert!(methods.refused.iter().all(|refused| refused.reason.contains("a function of a resource")), "{:?}", methods.refused);
    assert_eq!(methods.refused[1].function, "acme:test/i@1.0.0#[method]thing.get");
}

#[test]
fn types_too_deep_and_too_many() {
    let deep = (0..40).fold("u32".to_owned(), |ty, _| format!("list<{ty}>"));
    assert!(reason(&format!("world w {{ export f: func(x: {deep}); }}")).contains("nested more than 32 deep"));
    let mut doubling = "record r0 { a: u8, b: u8 }".to_owned();
    for level in 1..20 {
        doubling.push_str(&format!(" record r{level} {{ a: r{0}, b: r{0} }}", level - 1));
    }
    assert!(reason(&format!("interface i {{ {doubling} f: func(x: r19); }} world w {{ export i; }}")).contains("more than 2000 parts"));
}

#[test]
fn names_that_cannot_be_told_apart() {
    let found = table(
        "interface a-b { c: func(); } interface a { b-c: func(); c: func(); } world w { export a-b; export a; export a-b-c: func(); }",
        &[],
    );
    let names: Vec<&str> = found.tasks.iter().map(|task| task.info.name.as_str()).collect();
    assert_eq!(names, ["b-c", "a-c"]);
    assert!(found.refused.iter().all(|refused| refused.reason.contains("`a-b-c`")), "{:?}", found.refused);
}

#[test]
fn a_component_without_any_task_is_not_installed() {
    let error = load(&component(
        "",
        "(func (export \"f\") (param i32 i32 i32))",
        r#"(func (export "first") (param "x" (option (option u8))) LIFT f) (func (export "second") (param "y" (option (option u8))) LIFT f)"#,
    ))
    .unwrap_err();
    assert_eq!(error.code(), "install.no-tasks");
    let text = error.to_string();
    assert!(text.contains("\n  `first`: its parameter `x` has the type") && text.contains("\n  `second`: its parameter `y`"), "{text}");
}

#[test]
fn a_newer_contract_is_named() {
    for export in ["jackfield:task/tasks@0.9.0", "jackfield:task/tasks@0.10.0", "jackfield:task/tasks@1.0.0"] {
        let bytes = wat::parse_str(format!(
            r#"(component (import "jackfield:task/context@0.9.0" (instance)) (instance $i) (export "{export}" (instance $i)))"#
        ))
        .unwrap();
        let error = super::kit::load(&bytes).unwrap_err();
        assert!(matches!(&error, LoadError::NewerContract(name) if name == export), "{error}");
        assert_eq!(error.code(), "install.newer-contract");
    }
}

#[test]
fn bytes_of_strangers_never_panic() {
    let whole = component(
        r#"(type $p (record (field "x-axis" s32) (field "y" (option f64)))) (import "point" (type $point (eq $p)))"#,
        r#"(func (export "f") (param i32 i32 f64))"#,
        r#"(func (export "f") (param "p" $point) LIFT f)"#,
    );
    assert!(load(&whole).is_ok());
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let _ = crate::tests::kit::sandbox().load(&digest_of(&bytes), &bytes);
        let _ = load(&whole[..at]);
    }
    // Deeper than any stack: refused before anybody walks down.
    let mut deep = "(type $t0 (list u8))".to_owned();
    for level in 1..19_000 {
        deep.push_str(&format!("(type $t{level} (list $t{}))", level - 1));
    }
    let bytes = wat::parse_str(format!(r#"(component {deep} (import "f" (func (param "x" $t18999))) (export "g" (func 0)))"#)).unwrap();
    assert!(load(&bytes).is_err());
}
