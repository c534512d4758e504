use super::{Budget, Expr, scope};
use crate::types::expr::Cost;

/// Each line: an expression, `=>`, and operations and bytes, or `?`.
fn costs(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (source, expected) = line.split_once(" => ").expect("a line has ` => `");
        let worst = Expr::parse(source.trim()).unwrap_or_else(|error| panic!("{source}: {error}")).worst_cost(&scope());
        let found = worst.map_or("?".to_owned(), |Cost { ops, bytes }| format!("{ops} {bytes}"));
        assert_eq!(found, expected.trim(), "{source}");
    }
}

#[test]
fn costs_add_up_where_sizes_are_known() {
    costs(
        r#"
        1 => 1 0
        n + 1 => 3 0
        'ab' + 'cd' => 3 4
        [1, 2, 3] => 7 48
        b ? 'a' + 'b' : 'c' => 5 2
        range(10) => 12 160
        range(10).map(i, i + 1) => 53 320
        range(10).map(i, range(i)) => 133 1760
        range(3).map(i, range(4).map(k, i * k)) => 78 480
        range(10).map(i, 'x').join(',') => 45 340
        region + 'x' => 3 3
        region == 'eu' => 4 0
        'ab'.size() => 2 0
        range('abc'.size()) => 6 48
        [3, 1].sort() => 22 64
        'a-b'.split('-') => 7 67
        'aaaa'.matches('a{40}') => 7 0
        {'a': 1, 'b': 2}.all(k, v, v > 0) => 18 96
        cel.bind(x, range(5), x + x) => 21 240
        order.id + 1 => 4 0
        steps.fetch.id => 3 0
        steps.?maybe.orValue(0) => 4 0
        o.optMap(x, x + 1) => 5 0
        to_json([1, 2]) => 18 228
    "#,
    );
}

#[test]
fn costs_are_unknown_where_sizes_are() {
    costs(
        r#"
        s + 'x' => ?
        ints.map(i, i) => ?
        range(n) => ?
        j.a == j.b => ?
        map.size() > 0 => 4 0
        s.size() => ?
        ints.size() => 2 0
        texts[0] => 3 0
        s => 1 0
        asList(j).size() => 3 0
        asList(j).map(x, x) => ?
        s.matches('a') => ?
        'a'.matches(s) => ?
        j == 1 => 4 0
        json('[1]') => ?
        asType(j, 'int') => ?
    "#,
    );
}

#[test]
fn what_no_budget_pays_for_is_refused_before_it_runs() {
    let affordable = |source: &str, budget: &Budget| {
        let expr = Expr::parse(source).unwrap();
        expr.affordable(&scope(), budget).map_err(|error| format!("{} [{}]", error.message, &source[error.span.start..error.span.end]))
    };
    let whole = Budget::default();
    assert_eq!(affordable("range(1000).map(i, i * n)", &whole), Ok(()));
    assert_eq!(affordable("ints.map(i, range(1000))", &whole), Ok(()));
    assert_eq!(
        affordable("range(1000).map(i, range(1000).map(k, n))", &whole).unwrap_err(),
        "the expression can take 3005003 operations, and its budget is 100000 [range(1000).map(i, range(1000).map(k, n))]"
    );
    assert_eq!(affordable("range(9000).map(i, 'x'.replace('', region))", &whole), Ok(()));
    let long = format!("range(5000).map(i, '{}' + region)", "x".repeat(198));
    assert!(affordable(&long, &whole).unwrap_err().starts_with("the expression can take 1160000 bytes, and its budget is 1048576"));
    assert!(affordable("range(9223372036854775807).map(i, range(9223372036854775807))", &whole).is_err());
    assert!(affordable("n + 1", &Budget::new(2, 100)).is_err() && affordable("n + 1", &Budget::new(3, 0)).is_ok());
}
