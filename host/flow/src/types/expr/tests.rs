mod access;
mod check;
mod conformance;
mod cost;
mod eval;
mod hostile;
mod property;
mod times;

use std::sync::Arc;

use super::{Budget, Env, Expr, Scope};
use crate::types::{Field, JsonLimits, RecordType, Type, Value, VariantType};

/// A value from JSON text.
fn json(text: &str) -> Value {
    Value::from_json(text, JsonLimits::default()).expect("the test's JSON is good")
}

/// What the tests' expressions see.
fn world() -> Value {
    json(
        r#"{
            "n": 3, "m": -7, "big": 18446744073709551615, "f": 1.5, "yes": true, "no": false, "none": null,
            "name": "Ada Lovelace", "word": "eu", "empty": [], "ints": [3, 1, 2], "floats": [1.5, -0.5],
            "texts": ["b", "a", "c"], "map": {"one": 1, "two": 2}, "a-b": {"c-d": 5},
            "order": {"id": 7, "note": "hi", "lines": [{"sku": "x", "count": 2}, {"sku": "y", "count": 1}]},
            "bare": {"id": 8, "lines": []}, "any": {"a": [1, "two", 3.0, null], "deep": {"x": {"y": 1}}}
        }"#,
    )
}

/// The result as JSON text, or `!` and the code of the error.
fn eval(source: &str) -> String {
    match eval_full(source) {
        Ok(value) => value.to_json(),
        Err(error) => error,
    }
}

fn eval_full(source: &str) -> Result<Value, String> {
    let expr = Expr::parse(source).map_err(|error| format!("parse: {}", error.message))?;
    let world = world();
    let members = |name: &str| world.get("order").filter(|_| name == "fetch");
    let Value::Map(fields) = &world else { panic!("the world is a map") };
    let mut env = Env::new().value("w", &world).members("steps", &members);
    for (name, value) in fields.iter() {
        env = env.value(name, value);
    }
    expr.eval(&env, &mut Budget::default()).map_err(|error| format!("!{}", error.code.as_str()))
}

/// Each line: an expression, `=>`, and its result as JSON text or `!code`.
fn evaluates(table: &str) {
    let mut cases = 0;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (source, expected) = line.split_once(" => ").expect("a line has ` => `");
        assert_eq!(eval(source.trim()), expected.trim(), "{source}");
        cases += 1;
    }
    assert!(cases > 0, "the table is empty");
}

/// The types of what the tests' expressions see.
fn scope() -> Scope {
    let line = || Type::record(vec![Field::required("sku", Type::String), Field::optional("count", Type::Int)]);
    let order = || {
        vec![
            Field::required("id", Type::Int),
            Field::optional("note", Type::String),
            Field::required("lines", Type::list(line())),
            Field::required("parent", Type::option(Type::record(vec![Field::required("id", Type::Int)]))),
        ]
    };
    let open = Type::Record(Arc::new(RecordType { fields: vec![Field::required("id", Type::Int)], open: true }));
    let case = |name: &str, ty: Option<Type>| (Arc::from(name), ty);
    let cases = vec![case("ok", Some(Type::Int)), case("none", None)];
    let steps = RecordType {
        fields: vec![
            Field::required("fetch", Type::record(order())),
            Field::required("list-orders", Type::Int),
            Field::optional("maybe", Type::Int),
        ],
        open: false,
    };
    Scope::new()
        .value("n", Type::Int)
        .value("f", Type::Float)
        .value("s", Type::String)
        .value("b", Type::Bool)
        .value("at", Type::Timestamp)
        .value("span", Type::Duration)
        .value("raw", Type::Bytes)
        .value("region", Type::one_of(["eu", "us"]))
        .value("ints", Type::list(Type::Int))
        .value("texts", Type::list(Type::String))
        .value("map", Type::map(Type::Int))
        .value("j", Type::Json)
        .value("o", Type::option(Type::Int))
        .value("order", Type::record(order()))
        .value("open", open)
        .value("v", Type::Variant(Arc::new(VariantType { cases })))
        .members("steps", Arc::new(steps))
}

/// The type, or each error as `message | help` with the text it points at.
fn checked(source: &str) -> Result<String, String> {
    let expr = Expr::parse(source).map_err(|error| format!("parse: {} [{}]", error.message, &source[error.span.start..error.span.end]))?;
    expr.check(&scope()).map(|ty| ty.to_string()).map_err(|errors| {
        let lines = errors.iter().map(|error| {
            let help = error.help.as_ref().map(|help| format!(" | {help}")).unwrap_or_default();
            format!("{}{help} [{}]", error.message, &source[error.span.start..error.span.end])
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// Each line: an expression, `:`, and its type.
fn has_types(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (source, expected) = line.split_once(" => ").expect("a line has ` => `");
        assert_eq!(checked(source.trim()).as_deref(), Ok(expected.trim()), "{source}");
    }
}

#[test]
fn an_expression_is_its_source() {
    let expr = Expr::parse(" a.b + 1 ").unwrap();
    assert_eq!(expr.source(), " a.b + 1 ");
    assert_eq!(serde_json::to_string(&expr).unwrap(), "\" a.b + 1 \"");
    assert_eq!(serde_json::from_str::<Expr>("\" a.b + 1 \"").unwrap(), expr);
    assert_ne!(Expr::parse("a.b + 1").unwrap(), expr);
    assert!(serde_json::from_str::<Expr>("\"1 +\"").unwrap_err().to_string().contains("expected a value"));
    assert_eq!(format!("{expr} {expr:?}"), " a.b + 1  Expr(\" a.b + 1 \")");
}

#[test]
fn references_are_the_longest_constant_paths() {
    let cases = [
        ("steps.fetch.orders", "steps.fetch.orders"),
        ("steps['list-orders'].x[0].y", "steps.list-orders.x"),
        ("steps.`list-orders`.x", "steps.list-orders.x"),
        ("size(steps.a.b) + item.n - steps.c", "steps.a.b item.n steps.c"),
        ("steps.a.map(x, x.v + item.w)", "steps.a item.w"),
        ("steps.a.map(item, item.v)", "steps.a"),
        ("has(steps.a.b) ? steps.?c.d : inputs", "steps.a.b steps.c.d inputs"),
        ("has(steps.a)", "steps.a"),
        ("steps.a[inputs.i].z", "steps.a inputs.i"),
        ("{'a': x.y, z: [t]}", "x.y z t"),
        ("a.b.orValue(c.d)", "a.b c.d"),
        ("1 + 2", ""),
    ];
    for (source, expected) in cases {
        let Ok(expr) = Expr::parse(source) else { panic!("{source}") };
        let text =
            |reference: super::Reference| reference.path.iter().fold(reference.root.to_string(), |all, name| format!("{all}.{name}"));
        let found: Vec<String> = expr.references().into_iter().map(text).collect();
        assert_eq!(found.join(" "), expected, "{source}");
    }
    let source = "1 + steps.a . b['c'] * x";
    let references = Expr::parse(source).unwrap().references();
    let spans: Vec<&str> = references.iter().map(|reference| &source[reference.span.start..reference.span.end]).collect();
    assert_eq!(spans, ["steps.a . b['c'", "x"]);
}

#[test]
fn every_function_has_a_line_of_help_and_a_name_of_its_own() {
    let all: Vec<_> = super::functions().collect();
    for (at, help) in all.iter().enumerate() {
        assert!(help.doc.ends_with('.') && help.doc.len() < 140, "{}", help.name);
        assert!(!help.signatures.is_empty(), "{}", help.name);
        assert!(all[..at].iter().all(|other| other.name != help.name), "{} stands twice", help.name);
    }
    let signatures = |name: &str| all.iter().find(|help| help.name == name).map(|help| help.signatures.join("; "));
    assert_eq!(signatures("split").as_deref(), Some("split(string, string) → list<string>; split(string, string, int) → list<string>"));
    assert_eq!(signatures("orValue").as_deref(), Some("orValue(option<T>, T) → T"));
}
