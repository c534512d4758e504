use super::{Budget, Env, Expr, world};
use crate::types::expr::EvalCode;
use crate::types::{Scope, Type, Value};

/// Parses, checks and evaluates on a small stack; answers how far it came.
fn on_a_small_stack(source: String) -> Result<(), String> {
    #[expect(clippy::disallowed_types, reason = "a thread is how a test gets a small stack")]
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
        let expr = Expr::parse(&source).map_err(|error| error.message)?;
        let _ = expr.check(&Scope::new().value("x", Type::list(Type::Int)));
        let _ = expr.worst_cost(&Scope::new().value("x", Type::list(Type::Int)));
        let value = Value::list([Value::Int(1)]);
        let _ = expr.eval(&Env::new().value("x", &value), &mut Budget::default());
        let _ = expr.references();
        Ok(())
    });
    thread.unwrap().join().expect("no stack overflow, no panic")
}

#[test]
fn no_source_exhausts_the_stack() {
    let nested = |open: &str, middle: &str, close: &str, depth: usize| format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
    let shapes = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{'a': ", "1", "}"),
        ("!", "true", ""),
        ("- ", "x", ""),
        ("size(", "x", ")"),
        ("true ? 1 : ", "1", ""),
        ("x.map(y, ", "y", ")"),
        ("x[", "0", "]"),
        ("1 + (", "1", ")"),
        ("x.all(y, [", "y", "].size() > 0)"),
        ("has(x.", "y", ")"),
        ("asType(", "x", ", 'json')"),
        ("cel.bind(y, ", "x", ", y)"),
        ("math.abs(", "x", ")"),
        ("x.transformList(i, y, ", "y", ")"),
        ("optional.of(", "x", ").optMap(y, y)"),
    ];
    for (open, middle, close) in shapes {
        // As deep as it goes, and then too deep.
        let deepest = (1..=64).rev().find(|depth| Expr::parse(&nested(open, middle, close, *depth)).is_ok());
        if let Some(depth) = deepest {
            assert!(depth <= Expr::DEPTH_MAX, "{open} goes {depth} deep");
            on_a_small_stack(nested(open, middle, close, depth)).unwrap();
        }
        for depth in [64, 16 * 1024 / (open.len() + close.len() + 1)] {
            let _ = on_a_small_stack(nested(open, middle, close, depth));
        }
    }
    let deep = on_a_small_stack("(".repeat(64)).unwrap_err();
    assert_eq!(deep, "parts of the expression lie deeper in each other than 48");
}

#[test]
fn long_chains_are_flat() {
    for link in [" + 1", ".y", "['y']", " && true", " == 1 || true", " * 2 - 3"] {
        let source = format!("x{}", link.repeat(200));
        assert_eq!(on_a_small_stack(source), Ok(()), "{link}");
    }
    // What cannot be flat is bounded like any depth.
    for link in [".size()", "[0]", ".?y"] {
        assert!(on_a_small_stack(format!("x{}", link.repeat(200))).unwrap_err().contains("deeper"), "{link}");
    }
}

#[test]
fn sizes_are_bounded() {
    let long = format!("'{}'", "a".repeat(16 * 1024));
    assert!(on_a_small_stack(long).unwrap_err().contains("has 16386 bytes, and the limit is 16384"));
    let wide = format!("[{}1]", "1,".repeat(2_000));
    assert_eq!(on_a_small_stack(wide).unwrap_err(), "the expression has more than 2000 parts");
}

#[test]
fn values_are_no_deeper_than_the_stack() {
    // Each macro puts more lists around what the one before it made.
    let link = |depth: usize| format!(".map(y, {}y{})", "[".repeat(depth), "]".repeat(depth));
    let chain = |links: usize, depth: usize| format!("x{}", link(depth).repeat(links));
    assert!(on_a_small_stack(chain(11, 2)).is_ok() && on_a_small_stack(chain(40, 20)).unwrap_err().contains("deeper"));
    let (deep, other) = (chain(11, 3), chain(11, 3).replace('x', "[2]"));
    for use_of in
        [format!("{deep} == {other}"), format!("'%s'.format([{deep}])"), format!("to_json({deep})"), format!("[{deep}] + [{other}]")]
    {
        assert_eq!(on_a_small_stack(use_of.clone()), Ok(()), "{use_of}");
    }
    let bound = format!("{}y{}", "cel.bind(y, [[[[x]]]], [[[[y]]]].map(x, ".repeat(10), "))".repeat(10));
    assert!(on_a_small_stack(bound).unwrap_err().contains("deeper"));
}

#[test]
fn patterns_are_counted() {
    let many = |count: usize| vec!["''.matches('\\\\d{5}')"; count].join(" || ");
    assert!(Expr::parse(&many(32)).is_ok());
    assert_eq!(Expr::parse(&many(33)).unwrap_err().message, "the expression has more than 32 patterns");
}

#[test]
fn large_values_are_paid_for_wherever_they_are_looked_at() {
    let (text, names) = ("a".repeat(1 << 20), (0..200).map(|n| (format!("{n}{}", "n".repeat(1000)), Value::Int(n))));
    let (text, map) = (Value::string(text), Value::map(names));
    let list = Value::list((0..150_000).map(Value::Int));
    let bombs = [
        "range(5000).all(i, big.startsWith(big))",
        "range(5000).all(i, big.endsWith(big))",
        "range(5000).all(i, !(big in map))",
        "range(5000).all(i, map[?big] == null)",
        "range(5000).all(i, big + 'b' > big)",
        "range(5000).all(i, big.contains('b') || big.indexOf('b') < 0)",
        "big.matches('[ab]*a[ab]{300}z')",
        "range(5000).all(i, big.matches('^a'))",
        "list.sort().size() > 0",
        "list.slice(0, 150000).size() > 0",
        "list.reverse().size() > 0",
        "list.all(i, list.size() > 0 && list.first() == 0)",
        "strings.quote(big)",
        "[big, big, big].join()",
        "list.transformList(i, x, i)",
        "list.transformMapEntry(i, x, {string(i): x})",
        "cel.bind(a, big + 'x', cel.bind(b, a + a, b))",
    ];
    for source in bombs {
        let env = Env::new().value("big", &text).value("map", &map).value("list", &list);
        let Err(error) = Expr::parse(source).unwrap().eval(&env, &mut Budget::default()) else { panic!("{source} has a result") };
        assert_eq!(error.code, EvalCode::Budget, "{source}: {error}");
    }
    let expr = Expr::parse("range(5000).all(i, map.nnnnn == 1)").unwrap();
    let error = expr.eval(&Env::new().value("map", &map), &mut Budget::default()).unwrap_err();
    assert!(error.message.len() < 200, "{error}");
    let error = Expr::parse("map + 1").unwrap().eval(&Env::new().value("map", &map), &mut Budget::default()).unwrap_err();
    assert!(error.message.len() < 200, "{error}");
}

#[test]
fn bombs_stop_at_the_budget() {
    let world = world();
    let bombs = [
        "range(1000).map(a, range(1000).map(b, range(1000)))",
        "range(100000000)",
        "range(9223372036854775807)",
        "range(40000).map(x, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' + string(x))",
        "range(300).map(a, range(300).map(b, a == b))",
        "range(20000).distinct()",
        "range(2000).map(x, 'a').join('0123456789012345678901234567890123456789'.replace('', '0123456789012345678901234567890123456789'))",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
        "[range(1000)].map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a])",
        "to_json([range(1000)].map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]))",
        "'%s%s'.format([[range(1000)].map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]), 1])",
        "[range(1000)].map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a]).map(a, [[a, a, a, a, a, a, a, a], [a, a, a, a, a, a, a, a]]).map(a, a[0] == a[1])",
        "range(1000).map(x, ('a' + string(x)).matches('a' + string(x)))",
        "range(30000).sortBy(x, 0 - x).size() > 0 && range(30000).sort().size() > 0",
        "range(30000).exists(x, false) || range(30000).exists(x, false) || range(30000).exists(x, false)",
        "range(1000).all(a, range(1000).all(b, 1 / 0 == 1))",
        "range(1000).transformList(i, a, range(1000).transformList(j, b, i + j))",
        "cel.bind(a, range(9000), cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, d + d))))",
        "cel.bind(a, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', range(9000).map(i, a + a + a + a)).join(',')",
        "range(3000).map(i, strings.quote('\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n')).map(t, strings.quote(t)).map(t, strings.quote(t)).map(t, strings.quote(t))",
        "math.greatest(range(60000)) + math.least(range(60000))",
        "range(50000).flatten() == []",
        "'%s'.format([range(900).map(a, range(900))])",
        "range(20000).map(i, '%.20f'.format([1e300]))",
        "range(400).map(i, 'a'.matches('[ab]{' + string(i) + '}'))",
    ];
    for source in bombs {
        let expr = Expr::parse(source).unwrap();
        let Err(error) = expr.eval(&Env::new().value("w", &world), &mut Budget::default()) else { panic!("{source} has a result") };
        assert_eq!(error.code, EvalCode::Budget, "{source}: {error}");
        assert!(error.message.contains("budget of") || error.message.contains("more than"), "{error}");
    }
}

#[test]
fn a_budget_counts_down_and_can_be_larger() {
    let expr = Expr::parse("range(100).map(x, x + 1).sum()").unwrap();
    let mut budget = Budget::default();
    assert_eq!(expr.eval(&Env::new(), &mut budget), Ok(Value::Int(5050)));
    let (ops, bytes) = (budget.ops_used(), budget.bytes_used());
    assert!((400..1_000).contains(&ops) && (3_200..6_400).contains(&bytes), "{ops} {bytes}");
    assert_eq!(expr.eval(&Env::new(), &mut Budget::new(ops, bytes)), Ok(Value::Int(5050)));
    assert_eq!(expr.eval(&Env::new(), &mut Budget::new(ops - 1, bytes)).unwrap_err().code, EvalCode::Budget);
    assert_eq!(expr.eval(&Env::new(), &mut Budget::new(ops, bytes - 1)).unwrap_err().code, EvalCode::Budget);
    let error = expr.eval(&Env::new(), &mut Budget::new(10, 1_000_000)).unwrap_err();
    assert_eq!(error.to_string(), "expr.budget: the expression takes more than its budget of 10 operations: let a task do this");
}

#[test]
fn what_is_passed_on_as_it_is_costs_nothing() {
    let large = Value::list((0..200_000).map(Value::Int));
    let expr = Expr::parse("large").unwrap();
    assert_eq!(expr.eval(&Env::new().value("large", &large), &mut Budget::new(10, 10)), Ok(large));
}
