use super::{Budget, Env, Expr, evaluates};

#[test]
fn fields_and_indexes() {
    evaluates(
        r#"
        order.id => 7
        order.lines[0].sku => "x"
        order.lines[1]['count'] => 1
        order["id"] => 7
        w.order.lines[n - 2].sku => "y"
        w['a-b'].`c-d` => 5
        w.`a-b`['c-d'] => 5
        steps.fetch.id => 7
        steps['fetch'].lines[0].count => 2
        map['one'] => 1
        map.two => 2
        map['on' + 'e'] => 1
        {'a': {'b': 1}}.a.b => 1
        [1, 2][0] => 1
        [[1, 2], [3]][1][0] => 3
        (order).id => 7
        order . id => 7
        order.lines[2] => !expr.index
        order.lines[-1] => !expr.index
        ints[big] => !expr.index
        order.gone => !expr.missing
        map['gone'] => !expr.missing
        gone => !expr.missing
        steps.gone => !expr.missing
        steps => !expr.type
        n.x => !expr.missing
        none.x => !expr.missing
        ints['a'] => !expr.missing
        map[0] => !expr.missing
        name[0] => !expr.missing
        any.deep.x.y => 1
        any.deep.x.z => !expr.missing
    "#,
    );
}

#[test]
fn what_may_be_absent() {
    evaluates(
        r#"
        has(order.note) => true
        has(bare.note) => false
        has(w.none) => false
        has(w.gone) => false
        has(none.x) => false
        has(steps.fetch) => true
        has(steps.gone) => false
        has(steps.fetch.note) => true
        has(order['note']) => true
        has(order.lines[0].count) => true
        has(word.x) => false
        has(n.x) => false
        has(w.gone.deeper) => !expr.missing
        has(w.?gone.deeper) => false
        order.?note => "hi"
        bare.?note => null
        bare.?note.orValue('-') => "-"
        order.?note.orValue('-') => "hi"
        none.?x => null
        n.?x => null
        n[?0] => null
        ints[?'a'] => null
        none.?x.y.z => null
        bare.?note.?deeper => null
        w.?order.id => 7
        w.?order.gone => null
        w.?gone.?x.orValue(1) => 1
        ints[?0] => 3
        ints[?9] => null
        ints[?9].orValue(0) => 0
        map[?'gone'] => null
        map[?'one'] => 1
        w.?gone[0] => null
        w.?gone[?0] => null
        w.?lines[?0].sku => null
        w[?'gone'].x => null
        none.orValue(5) => 5
        none.or(none).orValue(5) => 5
        none.hasValue() => false
        n.hasValue() => true
        [1, ?none, 2] => [1,2]
        [?none] => []
        [?order.?note, ?bare.?note] => ["hi"]
        {'a': 1, ?'b': none, ?'c': n} => {"a":1,"c":3}
        {'a' + '': 1, 'a': 2} => !expr.argument
        {n: 1} => !expr.type
        order.lines.map(l, l.?gone.orValue(0)) => [0,0]
    "#,
    );
}

#[test]
fn errors_point_at_what_is_wrong() {
    let world = super::world();
    let cases = [
        ("1 + w.order.iid", "iid", "there is no field `iid`: did you mean `id`?"),
        ("w.ints[1 + 5]", "1 + 5", "there is no element 6 in a list of 3 (they count from 0)"),
        ("[1].map(x, 2 / (x - 1))", "2 / (x - 1)", "2 / 0 has no value"),
        ("'a' + int('x' + 'y')", "int('x' + 'y')", "string \"xy\" is not a whole number from -9223372036854775808 to 18446744073709551615"),
        ("w.n && true", "w.n", "a condition is true or false, not int 3"),
        ("gone.x", "gone", "there is no `gone` here"),
        (
            "size(w.n)",
            "size(w.n)",
            "`size` does not take (int): it is size(string) → int, size(bytes) → int, size(list<T>) → int, size(map<T>) → int",
        ),
    ];
    for (source, at, message) in cases {
        let env = Env::new().value("w", &world);
        let error = Expr::parse(source).unwrap().eval(&env, &mut Budget::default()).unwrap_err();
        assert_eq!((&source[error.span.start..error.span.end], error.message.as_str()), (at, message), "{source}");
    }
}
