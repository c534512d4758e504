use proptest::prelude::*;
use proptest::strategy::ValueTree;

use std::sync::Arc;

use super::{Budget, Env, Expr, Scope};
use crate::types::expr::{EvalCode, EvalError};
use crate::types::{Field, JsonLimits, RecordType, Type, Value, VariantType};

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

/// What is asked of a value before it is used, and the use.
fn guarded() -> impl Strategy<Value = String> {
    let question = prop::sample::select(vec![
        "w.o != null",
        "null == w.o",
        "w.o.hasValue()",
        "has(w.gone)",
        "w.?gone == null",
        "has(s.gone)",
        "w.opt != null",
        "has(w.opt.b)",
        "w.opt.?b != null",
        "has(w.v.some)",
        "w.n > 1",
        "w.recs[0].?b != null",
    ]);
    let question = question.prop_map(str::to_owned).prop_recursive(3, 8, 2, |inner| {
        let two = (inner.clone(), inner.clone(), prop::sample::select(vec!["&&", "||"]));
        prop_oneof![two.prop_map(|(a, b, op)| format!("({a} {op} {b})")), inner.prop_map(|a| format!("!({a})"))]
    });
    let usage =
        || prop::sample::select(vec!["w.o + 1", "w.gone + 1", "s.gone + 1", "w.opt.a", "w.opt.b + ''", "w.opt.a + w.o", "w.v.some + 1"]);
    let shape =
        prop::sample::select(vec!["{q} ? {u} : 0", "{q} ? 0 : {u}", "{q} && {u} == {v}", "{q} || {u} == {v}", "[1].map(x, {q}, {u})"]);
    (question, usage(), usage(), shape).prop_map(|(question, usage, other, shape)| {
        let made = shape.replace("{q}", &question).replace("{u}", usage).replace("{v}", other);
        kept(format!("({made})"), question)
    })
}

/// The larger expression if it passes the check, and otherwise the part of it that does.
fn kept(made: String, part: String) -> String {
    // Building a scope takes longer than all else.
    thread_local!(static SCOPE: Scope = scope());
    let passes = |source: &str| Expr::parse(source).is_ok_and(|expr| SCOPE.with(|scope| expr.check(scope).is_ok()));
    if passes(&made) { made } else { part }
}

/// Expressions that pass the check, of any type.
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
        "range(4)",
        "range(2, 5)",
        "'a,b'",
        "{'k': 'v', 'l': ['m']}",
        "{?'k': w.o, 'l': 2}",
        "[?w.o, 1]",
        "optional.none()",
        "w.v",
        "w.open",
        "w.open.?more",
        "w.opt",
        "w.opt.?a",
        "w.maps",
        "w.floats",
        "w.floats.sum()",
        "s.n",
        "s.?gone",
        "has(s.gone)",
    ])
    .prop_map(str::to_owned);
    prop_oneof![4 => leaf, 1 => guarded()].prop_recursive(5, 48, 3, |inner| {
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
            "value()",
            "or(w.o)",
            "optMap(y, y + 1)",
            "optMap(y, [y])",
            "optFlatMap(y, y.?a)",
            "transformList(i, y, i)",
            "transformList(i, y, i > 0, [y])",
            "transformMap(k, y, y)",
            "transformMap(k, y, k != 'k', [y])",
            "transformMapEntry(k, y, {string(k): y})",
            "all(k, y, y == y)",
            "exists_one(k, y, k == k)",
            "split(',')",
            "replace('a', 'bb')",
            "substring(1)",
            "lastIndexOf('a', 0)",
            "contains('a')",
            "startsWith('a')",
            "matches('^a.*[ab]{3}')",
            "slice(0, 1)",
            "last()",
            "floor()",
            "asType('int')",
            "asType({'items': 'json'})",
            "asType({'fields': {'a': 'int', 'x': {'type': 'json', 'optional': true}}})",
            "max()",
            "flatten()",
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
            "uint",
            "json",
            "range",
            "asBool",
            "asFloat",
            "optional.of",
            "optional.ofNonZeroValue",
            "math.greatest",
            "math.sign",
            "math.sqrt",
            "math.bitNot",
            "strings.quote",
            "base64.encode",
            "base64.decode",
        ]);
        let fold = prop::sample::select(vec!["map", "filter", "all", "exists", "exists_one", "sortBy"]);
        let body = prop::sample::select(vec![
            "x",
            "x > 1",
            "x == 'a'",
            "[x]",
            "x + x",
            "has(x.a)",
            "x.a",
            "x.?a",
            "x.b",
            "true",
            "w.map[x]",
            "x.size()",
            "string(x)",
            "x.v",
            "x.?v.orValue(x)",
            "x != null && x == 1",
            "has(x.b) && x.b != ''",
            "[[x], []]",
            "{'x': x}",
            "range(2).map(z, x)",
            "x.map(z, [z, x])",
        ]);
        prop::strategy::Union::new([
            (two.clone(), binary).prop_map(|((a, b), op)| kept(format!("({a} {op} {b})"), a)).boxed(),
            (inner.clone(), method).prop_map(|(a, method)| kept(format!("({a}).{method}"), a)).boxed(),
            (inner.clone(), function).prop_map(|(a, function)| kept(format!("{function}({a})"), a)).boxed(),
            (inner.clone(), fold, body).prop_map(|(a, fold, body)| kept(format!("({a}).{fold}(x, {body})"), a)).boxed(),
            (inner.clone(), two.clone()).prop_map(|(c, (a, b))| kept(format!("({c} ? {a} : {b})"), a)).boxed(),
            (inner.clone(), two.clone()).prop_map(|(c, (a, b))| kept(format!("({c} == null ? {a} : {b})"), a)).boxed(),
            (inner.clone(), inner.clone(), two.clone())
                .prop_map(|(c, d, (a, b))| kept(format!("({c} != null && {d} ? {a} : {b})"), a))
                .boxed(),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| kept(format!("cel.bind(x, {a}, [x, {b}])"), a)).boxed(),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| kept(format!("cel.bind(x, {a}, x.hasValue() || x == {b} ? x : {b})"), a))
                .boxed(),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| kept(format!("({a}).orValue({b})"), a)).boxed(),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| kept(format!("'%s-%s'.format([{a}, {b}])"), a)).boxed(),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| kept(format!("math.least({a}, {b})"), a)).boxed(),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| kept(format!("max({a}, {b})"), a)).boxed(),
            two.clone().prop_map(|(a, b)| kept(format!("[{a}, {b}]"), a)).boxed(),
            two.clone().prop_map(|(a, b)| kept(format!("{{'a': {a}, 'b': {b}}}"), a)).boxed(),
            two.prop_map(|(a, b)| kept(format!("({a})[{b}]"), a)).boxed(),
            inner.clone().prop_map(|a| kept(format!("({a}).?a"), a)).boxed(),
            inner.prop_map(|a| kept(format!("({a}).a"), a)).boxed(),
        ])
    })
}

fn world_type() -> Type {
    let rec = Type::record(vec![Field::required("a", Type::Int), Field::optional("b", Type::String)]);
    let case = |name: &str, ty: Option<Type>| (Arc::from(name), ty);
    let cases = [case("none", None), case("some", Some(Type::Int)), case("list", Some(Type::list(Type::String)))];
    let open = RecordType { fields: vec![Field::required("a", Type::Int)], open: true };
    Type::record(vec![
        Field::required("n", Type::Int),
        Field::required("f", Type::Float),
        Field::required("s", Type::String),
        Field::required("list", Type::list(Type::Int)),
        Field::required("map", Type::map(Type::Int)),
        Field::required("o", Type::option(Type::Int)),
        Field::optional("gone", Type::Int),
        Field::required("recs", Type::list(rec.clone())),
        Field::required("at", Type::Timestamp),
        Field::required("j", Type::Json),
        Field::required("e", Type::one_of(["a", "b"])),
        Field::required("v", Type::Variant(Arc::new(VariantType { cases: cases.into() }))),
        Field::required("open", Type::Record(Arc::new(open))),
        Field::required("opt", Type::option(rec)),
        Field::required("floats", Type::list(Type::Float)),
        Field::required("maps", Type::map(Type::map(Type::option(Type::Int)))),
    ])
}

/// The same as places for names: what `steps` is to a workflow.
fn scope() -> Scope {
    let Type::Record(members) = world_type() else { panic!("the world is a record") };
    Scope::new().value("w", world_type()).members("s", members)
}

/// Values of the world's type, each unlike the others where the type leaves it open.
fn worlds() -> [Value; 3] {
    let texts = [
        r#"{"n": 3, "f": 0.5, "s": "text", "list": [1, 2, 3], "map": {"k": 1}, "o": null, "gone": 4, "recs": [{"a": 1}, {"a": 2, "b": "z"}],
            "at": "2024-01-01T00:00:00Z", "j": {"x": [1, "a"]}, "e": "a", "v": "none", "open": {"a": 1, "more": [1.5]}, "opt": null,
            "maps": {"k": {"l": 1, "m": null}}, "floats": [0.5, -2.0]}"#,
        r#"{"n": 18446744073709551615, "f": -0.0, "s": "", "list": [], "map": {}, "o": 7, "gone": 9, "recs": [], "at": "9999-01-01T00:00:00Z",
            "j": null, "e": "b", "v": {"some": 4}, "open": {"a": -9223372036854775808, "more": null}, "opt": {"a": 5}, "maps": {}, "floats": []}"#,
        r#"{"n": 0, "f": 1e308, "s": "a,b", "list": [9223372036854775807], "map": {"k": -1, "l": 0}, "o": 0, "recs": [{"a": 0, "b": ""}],
            "at": "0001-01-01T00:00:00Z", "j": [1, {"a": "x"}, "1", 2.5, true], "e": "a", "v": {"list": ["a"]}, "open": {"a": 2},
            "opt": {"a": 0, "b": "a"}, "maps": {"a": {}, "b": {"c": 3}}, "floats": [1e308, 1e308]}"#,
    ];
    texts.map(|text| {
        let value = Value::from_json(text, JsonLimits::default()).expect("good JSON");
        world_type().check(&value).expect("the world is of its type")
    })
}

/// Evaluates in a world.
fn run(expr: &Expr, world: &Value, budget: &mut Budget) -> Result<Value, EvalError> {
    let members = |name: &str| world.get(name);
    expr.eval(&Env::new().value("w", world).members("s", &members), budget)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(source in soup()) {
        if let Ok(expr) = Expr::parse(&source) {
            let _ = expr.check(&scope());
            let _ = expr.worst_cost(&scope());
            let [world, ..] = worlds();
            let first = run(&expr, &world, &mut Budget::new(10_000, 1 << 16));
            let again = run(&expr, &world, &mut Budget::new(10_000, 1 << 16));
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
        let Ok(ty) = expr.check(&scope()) else { return Ok(()) };
        for world in worlds() {
            match run(&expr, &world, &mut Budget::default()) {
                Ok(value) => prop_assert!(is_of(&ty, &value), "{source}: {ty} is not the type of {value}"),
                Err(error) => prop_assert!(error.code != EvalCode::Type, "{source}: {error}"),
            }
        }
    }

    #[test]
    fn what_is_asked_for_is_there(source in guarded()) {
        let Ok(expr) = Expr::parse(&source) else { return Ok(()) };
        let Ok(ty) = expr.check(&scope()) else { return Ok(()) };
        for world in worlds() {
            match run(&expr, &world, &mut Budget::default()) {
                Ok(value) => prop_assert!(is_of(&ty, &value), "{source}: {ty} is not the type of {value}"),
                // A list may be shorter; a name that was asked for is there.
                Err(error) => prop_assert!(error.code == EvalCode::Index || error.code == EvalCode::Overflow, "{source}: {error}"),
            }
        }
    }

    #[test]
    fn the_worst_cost_is_never_passed(source in typed()) {
        let Ok(expr) = Expr::parse(&source) else { return Ok(()) };
        let (Ok(_), Some(worst)) = (expr.check(&scope()), expr.worst_cost(&scope())) else { return Ok(()) };
        for world in worlds() {
            let mut budget = Budget::new(10_000_000, 1 << 28);
            let _ = run(&expr, &world, &mut budget);
            let (ops, bytes) = (budget.ops_used(), budget.bytes_used());
            prop_assert!(ops <= worst.ops && bytes <= worst.bytes, "{source}: {ops} operations, {bytes} bytes, and at most {worst:?}");
        }
    }

    #[test]
    fn what_is_assignable_is_checked(source in typed(), target in typed()) {
        let of = |source: &str| {
            let expr = Expr::parse(source).ok()?;
            let ty = expr.check(&scope()).ok()?;
            let value = run(&expr, &worlds()[0], &mut Budget::default()).ok();
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

/// Whether a value is of a type as it is: what `Type::check` would have to convert is of another one.
fn is_of(ty: &Type, value: &Value) -> bool {
    match (ty, value) {
        // A sum of no doubles.
        (Type::Float, Value::Int(0)) => true,
        (Type::Int, Value::Float(_)) | (Type::Float, Value::Int(_) | Value::UInt(_)) => false,
        (Type::Bytes | Type::Timestamp | Type::Duration, Value::String(_)) => false,
        (Type::Never, _) => false,
        (Type::List(items), Value::List(values)) => values.iter().all(|value| is_of(items, value)),
        (Type::Map(values), Value::Map(fields)) => fields.iter().all(|(_, value)| is_of(values, value)),
        (Type::Record(record), Value::Map(fields)) => {
            let known = |(name, value): (&Arc<str>, &Value)| match record.field(name) {
                Some(field) => is_of(&field.ty, value) || (!field.required && *value == Value::Null),
                None => record.open,
            };
            ty.check(value).is_ok() && fields.iter().all(known)
        }
        (Type::Option(some), value) => *value == Value::Null || is_of(some, value),
        _ => ty.check(value).is_ok(),
    }
}

#[test]
fn generated_expressions_often_pass_the_check() {
    // A property over what is never accepted would say nothing.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let scope = scope();
    let (mut passed, mut bounded) = (0, 0);
    for _ in 0..500 {
        let source = typed().new_tree(&mut runner).expect("a tree").current();
        let Ok(expr) = Expr::parse(&source) else { continue };
        let known = expr.check(&scope).is_ok();
        passed += usize::from(known);
        bounded += usize::from(known && expr.worst_cost(&scope).is_some());
    }
    assert!(passed > 490 && bounded > 100, "only {passed} of 500 pass, and {bounded} have a known cost");
}
