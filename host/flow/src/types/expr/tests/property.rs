use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::{Budget, Env, Expr, Scope};
use crate::types::expr::EvalCode;
use crate::types::{Field, JsonLimits, Type, Value};

/// Pieces that make up something close to an expression.
const PIECES: &[&str] = &[
    "1",
    "-1",
    "0",
    "2.5",
    "1e3",
    "18446744073709551615",
    "-9223372036854775808",
    "'a'",
    "\"b\"",
    "'é'",
    "b'x'",
    "r'\\'",
    "true",
    "false",
    "null",
    "w",
    "w.n",
    "w.list",
    "w.map",
    "w.o",
    "x",
    "y",
    "in",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "!",
    "?",
    ":",
    ".",
    ".?",
    "[",
    "[?",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ".map(x, ",
    ".filter(y, ",
    ".all(x, ",
    ".sortBy(x, ",
    "has(w.n)",
    "size(",
    "int(",
    "string(",
    "timestamp(",
    "duration('1s')",
    ".split('')",
    ".substring(1)",
    ".format([",
    "range(",
    ".sum()",
    ".orValue(",
    ".matches(",
    "to_json(",
    "json('[1]')",
    ".first()",
    "[0]",
    "['n']",
    "'\\",
    "`n`",
    "//",
    " ",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// Expressions that often pass the check, of any type.
fn typed() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-3",
        "18446744073709551615",
        "2.5",
        "'a'",
        "'1'",
        "true",
        "null",
        "[]",
        "[1, 2]",
        "['b', 'a']",
        "w.n",
        "w.f",
        "w.s",
        "w.list",
        "w.map",
        "w.o",
        "w.?gone",
        "w.recs",
        "w.recs[0].a",
        "w.at",
        "w.j",
        "w.j.x",
        "duration('1s')",
        "{'k': 1}",
        "w.e",
        "w.map.k",
        "b'x'",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 48, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        let binary = prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "in", "&&", "||"]);
        let method = prop::sample::select(vec![
            "size()",
            "keys()",
            "values()",
            "sum()",
            "min()",
            "sort()",
            "distinct()",
            "flatten()",
            "first()",
            "reverse()",
            "trim()",
            "upperAscii()",
            "getHours()",
            "getFullYear()",
            "orValue(1)",
            "orValue('x')",
            "orValue([])",
            "hasValue()",
            "abs()",
            "round()",
            "join('-')",
            "join()",
        ]);
        let function = prop::sample::select(vec![
            "int",
            "float",
            "string",
            "bool",
            "bytes",
            "timestamp",
            "duration",
            "type",
            "dyn",
            "asInt",
            "asString",
            "asList",
            "asMap",
            "to_json",
            "size",
        ]);
        let fold = prop::sample::select(vec!["map", "filter", "all", "exists", "exists_one", "sortBy"]);
        let body = prop::sample::select(vec![
            "x", "x > 1", "x == 'a'", "[x]", "x + x", "has(x.a)", "x.a", "x.?a", "x.b", "true", "w.map[x]", "x.size()",
        ]);
        prop_oneof![
            (two.clone(), binary).prop_map(|((a, b), op)| format!("({a} {op} {b})")),
            (inner.clone(), method).prop_map(|(a, method)| format!("({a}).{method}")),
            (inner.clone(), function).prop_map(|(a, function)| format!("{function}({a})")),
            (inner.clone(), fold, body).prop_map(|(a, fold, body)| format!("({a}).{fold}(x, {body})")),
            (inner.clone(), two.clone()).prop_map(|(c, (a, b))| format!("({c} ? {a} : {b})")),
            (inner.clone(), two.clone()).prop_map(|(c, (a, b))| format!("({c} == null ? {a} : {b})")),
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            two.clone().prop_map(|(a, b)| format!("{{'a': {a}, 'b': {b}}}")),
            two.prop_map(|(a, b)| format!("({a})[{b}]")),
            inner.clone().prop_map(|a| format!("({a}).?a")),
            inner.prop_map(|a| format!("({a}).a")),
        ]
    })
}

fn world_type() -> Type {
    let rec = Type::record(vec![Field::required("a", Type::Int), Field::optional("b", Type::String)]);
    Type::record(vec![
        Field::required("n", Type::Int),
        Field::required("f", Type::Float),
        Field::required("s", Type::String),
        Field::required("list", Type::list(Type::Int)),
        Field::required("map", Type::map(Type::Int)),
        Field::required("o", Type::option(Type::Int)),
        Field::optional("gone", Type::Int),
        Field::required("recs", Type::list(rec)),
        Field::required("at", Type::Timestamp),
        Field::required("j", Type::Json),
        Field::required("e", Type::one_of(["a", "b"])),
    ])
}

fn world() -> Value {
    let text = r#"{"n": 3, "f": 0.5, "s": "text", "list": [1, 2, 3], "map": {"k": 1}, "o": null, "recs": [{"a": 1}, {"a": 2, "b": "z"}],
        "at": "2024-01-01T00:00:00Z", "j": {"x": [1, "a"]}, "e": "a"}"#;
    let value = Value::from_json(text, JsonLimits::default()).expect("good JSON");
    world_type().check(&value).expect("the world is of its type")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(source in soup()) {
        if let Ok(expr) = Expr::parse(&source) {
            let _ = expr.check(&Scope::new().value("w", world_type()));
            let world = world();
            let mut budget = Budget::new(10_000, 1 << 16);
            let first = expr.eval(&Env::new().value("w", &world), &mut budget);
            let again = expr.eval(&Env::new().value("w", &world), &mut Budget::new(10_000, 1 << 16));
            prop_assert_eq!(first, again);
            for reference in expr.references() {
                prop_assert!(source.get(reference.span.start..reference.span.end).is_some());
            }
        }
    }

    #[test]
    fn errors_lie_within_the_source(source in "\\PC{0,40}") {
        if let Err(error) = Expr::parse(&source) {
            prop_assert!(source.get(error.span.start..error.span.end).is_some(), "{error:?}");
        }
    }

    #[test]
    fn what_is_checked_has_no_type_errors(source in typed()) {
        let Ok(expr) = Expr::parse(&source) else { return Ok(()) };
        let Ok(ty) = expr.check(&Scope::new().value("w", world_type())) else { return Ok(()) };
        let world = world();
        match expr.eval(&Env::new().value("w", &world), &mut Budget::default()) {
            Ok(value) => prop_assert!(ty.check(&value).is_ok(), "{source}: {ty} is not the type of {value}"),
            Err(error) => prop_assert!(error.code != EvalCode::Type, "{source}: {error}"),
        }
    }

    #[test]
    fn what_is_assignable_is_checked(source in typed(), target in typed()) {
        let of = |source: &str| {
            let expr = Expr::parse(source).ok()?;
            let ty = expr.check(&Scope::new().value("w", world_type())).ok()?;
            let value = expr.eval(&Env::new().value("w", &world()), &mut Budget::default()).ok();
            Some((ty, value))
        };
        let (Some((from, Some(value))), Some((to, _))) = (of(&source), of(&target)) else { return Ok(()) };
        let joined = from.join(&to);
        prop_assert!(joined.assignable(&from).is_ok(), "{joined} is not above {from}");
        prop_assert!(joined.check(&value).is_ok(), "{joined} does not take {value}");
        if to.assignable(&from).is_ok() {
            prop_assert!(to.check(&value).is_ok(), "{to} takes {from}, and not {value}");
        }
        prop_assert!(from.assignable(&from).is_ok());
    }
}

#[test]
fn generated_expressions_often_pass_the_check() {
    // A property over what is never accepted would say nothing.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let scope = Scope::new().value("w", world_type());
    let passed = (0..500).filter(|_| {
        let source = typed().new_tree(&mut runner).expect("a tree").current();
        Expr::parse(&source).is_ok_and(|expr| expr.check(&scope).is_ok())
    });
    let passed = passed.count();
    assert!(passed > 25, "only {passed} of 500 pass");
}
