use super::{Budget, Env, Expr, world};
use crate::types::expr::EvalCode;
use crate::types::{Scope, Type, Value};

/// Parses, checks and evaluates on a small stack; answers how far it came.
fn on_a_small_stack(source: String) -> Result<(), String> {
    #[expect(clippy::disallowed_types, reason = "a thread is how a test gets a small stack")]
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
        let expr = Expr::parse(&source).map_err(|error| error.message)?;
        let _ = expr.check(&Scope::new().value("x", Type::list(Type::Int)));
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
