use expect_test::{Expect, expect};

use super::*;
use crate::plan::Effect;
use crate::types::{Field, RecordType, Type, VariantType};

fn task(name: &str, input: Type, output: Type) -> TaskSignature {
    TaskSignature {
        name: name.into(),
        docs: "".into(),
        input,
        output,
        input_schema: "{}".into(),
        output_schema: "{}".into(),
        errors: Vec::new(),
        effect: Effect::Pure,
        asks: Vec::new(),
        annotations: Vec::new(),
    }
}

fn ask(name: &str, scope: &[&str], required: bool) -> Capability {
    Capability { name: name.into(), scope: scope.iter().map(|one| Arc::from(*one)).collect(), required, docs: "".into() }
}

#[expect(clippy::needless_pass_by_value, reason = "an expectation is written in place")]
fn check(old: &[TaskSignature], new: &[TaskSignature], expected: Expect) {
    let line = |change: &Change| format!("{:?} {} {} {}\n", change.weight, change.task, change.about, change.what);
    expected.assert_eq(&changes(old, new).iter().map(line).collect::<String>());
}

/// A field `a` of both types, once in the input and once in the output.
fn check_types(old: Type, new: Type, expected: Expect) {
    check_records(vec![Field::required("a", old)], vec![Field::required("a", new)], expected);
}

fn check_records(old: Vec<Field>, new: Vec<Field>, expected: Expect) {
    let both = |fields| task("t", Type::record(Vec::clone(fields)), Type::record(Vec::clone(fields)));
    check(&[both(&old)], &[both(&new)], expected);
}

fn variant(cases: &[(&str, Option<Type>)]) -> Type {
    Type::Variant(Arc::new(VariantType { cases: cases.iter().map(|(name, ty)| (Arc::from(*name), ty.clone())).collect() }))
}

#[test]
fn the_same_is_no_change() {
    let one = task("t", Type::record(vec![Field::required("a", Type::String)]), Type::list(Type::Int));
    assert_eq!(changes(std::slice::from_ref(&one), std::slice::from_ref(&one)), []);
}

#[test]
fn what_an_input_may_do_an_output_may_not() {
    check_types(
        Type::one_of(["x", "y"]),
        Type::one_of(["x", "z"]),
        expect![[r#"
        Breaking t input `a` is never "y" any more
        Additive t input `a` may be "z"
        Additive t output `a` is never "y" any more
        Breaking t output `a` may be "z"
    "#]],
    );
    check_types(
        Type::one_of(["x"]),
        Type::String,
        expect![[r#"
        Additive t input `a` was "x", is string
        Breaking t output `a` was "x", is string
    "#]],
    );
    check_types(
        Type::list(Type::Int),
        Type::list(Type::Float),
        expect![[r#"
        Breaking t input `a[]` was int, is float
        Breaking t output `a[]` was int, is float
    "#]],
    );
    check_types(
        Type::map(Type::Int),
        Type::map(Type::Json),
        expect![[r#"
        Additive t input `a[*]` was int, is json
        Breaking t output `a[*]` was int, is json
    "#]],
    );
    check_types(
        Type::option(Type::Int),
        Type::Int,
        expect![[r#"
        Breaking t input `a` was option<int>, is int
        Additive t output `a` was option<int>, is int
    "#]],
    );
    check_types(
        variant(&[("a", None), ("b", Some(Type::Int)), ("d", Some(Type::Int))]),
        variant(&[("a", Some(Type::Int)), ("c", None), ("d", Some(Type::String))]),
        expect![[r#"
            Breaking t input `a` is never `b` any more
            Additive t input `a` may be `c`
            Breaking t input `a.a` has a value now: int
            Breaking t input `a.d` was int, is string
            Additive t output `a` is never `b` any more
            Breaking t output `a` may be `c`
            Breaking t output `a.a` has a value now: int
            Breaking t output `a.d` was int, is string
        "#]],
    );
}

#[test]
fn fields_come_and_go() {
    let a = || Field::required("a", Type::String);
    check_records(
        vec![a()],
        vec![a(), Field::required("b", Type::Int)],
        expect![[r#"
        Breaking t input `b` is new and must be given: int
        Additive t output `b` is new: int
    "#]],
    );
    check_records(
        vec![a()],
        vec![a(), Field::optional("b", Type::Int)],
        expect![[r#"
        Additive t input `b` is new: int
        Additive t output `b` is new: int
    "#]],
    );
    check_records(
        vec![a()],
        vec![],
        expect![[r#"
        Breaking t input `a` is gone
        Breaking t output `a` is gone
    "#]],
    );
    check_records(
        vec![a()],
        vec![Field::optional("a", Type::String)],
        expect![[r#"
        Additive t input `a` may be left out
        Breaking t output `a` may be left out
    "#]],
    );
    let open = Type::Record(Arc::new(RecordType { fields: vec![a()], open: true }));
    check_types(
        open.clone(),
        Type::record(vec![a()]),
        expect![[r#"
        Breaking t input `a` has no other fields any more
        Breaking t output `a` has no other fields any more
    "#]],
    );
    check_types(
        Type::record(vec![a()]),
        open,
        expect![[r#"
        Additive t input `a` may have other fields
        Additive t output `a` may have other fields
    "#]],
    );
}

#[test]
fn tasks_come_and_go() {
    let mut new = task("new", Type::Json, Type::Json);
    new.asks = vec![ask("http", &["GET https://a.example/*"], true)];
    check(
        &[task("old", Type::Json, Type::Json)],
        &[new],
        expect![[r#"
        Breaking old task is gone
        Additive new task is new
        Asks new capability asks for http GET https://a.example/*
    "#]],
    );
}

#[test]
fn effects_and_errors() {
    let error = |code: &str| ErrorInfo { code: code.into(), docs: "".into() };
    let (mut old, mut new) = (task("t", Type::Json, Type::Json), task("t", Type::Json, Type::Json));
    old.errors = vec![error("gone"), error("both")];
    new.errors = vec![error("both"), error("more")];
    new.effect = Effect::Effects;
    check(
        std::slice::from_ref(&old),
        std::slice::from_ref(&new),
        expect![[r#"
        Breaking t effect was pure, is effects
        Breaking t error `gone` is gone
        Additive t error `more` is new
    "#]],
    );
    check(
        &[new],
        &[old],
        expect![[r#"
        Additive t effect was effects, is pure
        Breaking t error `more` is gone
        Additive t error `gone` is new
    "#]],
    );
}

#[test]
fn what_is_newly_asked_for_stands_out() {
    let (mut old, mut new) = (task("t", Type::Json, Type::Json), task("t", Type::Json, Type::Json));
    old.asks = vec![
        ask("http", &["GET https://a.example/*"], false),
        ask("secrets", &["token"], true),
        ask("memory", &["1000"], false),
        ask("config", &["region"], false),
        ask("files-read", &[], false),
    ];
    new.asks = vec![
        ask("http", &["GET https://a.example/*", "POST https://b.example/*"], true),
        ask("memory", &["2000"], false),
        ask("config", &[], false),
        ask("files-read", &["data"], false),
        ask("scratch", &[], false),
    ];
    check(
        std::slice::from_ref(&old),
        std::slice::from_ref(&new),
        expect![[r#"
        Asks t capability newly asks for http POST https://b.example/*
        Breaking t capability needs http, and could do without
        Asks t capability newly asks for memory 2000 bytes
        Asks t capability newly asks for config anything that a workflow grants
        Additive t capability no longer asks for files-read anything that a workflow grants
        Asks t capability newly asks for scratch
        Additive t capability no longer asks for secrets token
    "#]],
    );
    check(
        &[new],
        &[old],
        expect![[r#"
        Additive t capability no longer asks for http POST https://b.example/*
        Additive t capability can do without http
        Asks t capability newly asks for secrets token
        Additive t capability no longer asks for memory 2000 bytes
        Additive t capability no longer asks for config anything that a workflow grants
        Asks t capability newly asks for files-read anything that a workflow grants
        Additive t capability no longer asks for scratch
    "#]],
    );
}
