use super::{checked, has_types};

#[test]
fn types_of_expressions() {
    has_types(
        r#"
        1 => int
        'a' => "a"
        [1, 2] => list<int>
        [] => list<nothing>
        [1, 'a'] => list<json>
        [1, 2.0] => list<json>
        ['a', 'b'] => list<"a" | "b">
        [s, 'b'] => list<string>
        [null, 1] => list<option<int>>
        [o, 1] => list<option<int>>
        [[], [1]] => list<list<int>>
        [{'a': 1}, {'a': 2, 'b': 's'}] => list<{a: int, b?: "s"}>
        {'a': 1, 'b': [s]} => {a: int, b: list<string>}
        {s: 1, 'b': 2} => map<int>
        {?'a': o} => {a?: int}
        [?o] => list<int>
        n + 1 => int
        f * 2.0 => float
        s + 'x' => string
        'x' + 'y' => string
        at + span => timestamp
        at - at => duration
        span - span => duration
        -span => duration
        ints + [1] => list<int>
        [] + ints => list<int>
        n > 1 && !(s == 'x') || b => bool
        b ? 1 : 2 => int
        b ? 'x' : 'y' => "x" | "y"
        b ? 1 : null => option<int>
        b ? 1 : 'a' => json
        b ? {'a': 1} : {'b': 2} => {a?: int, b?: int}
        n == 1 => bool
        region == 'eu' => bool
        region != s => bool
        region < 'm' => bool
        region in ['eu', 'de'] => bool
        o == null => bool
        o == 1 => bool
        j == 1 => bool
        j == 'a' => bool
        1 in ints => bool
        'a' in map => bool
        'id' in order => bool
        order.id => int
        order['id'] => int
        order.lines => list<{sku: string, count?: int}>
        order.lines[0].sku => string
        order.parent => option<{id: int}>
        order.?parent => option<{id: int}>
        order.?parent.id => option<int>
        order.parent.?id => option<int>
        order.?note => option<string>
        order.?note.orValue('') => string
        order.?note.orValue(null) => option<string>
        o.orValue(1) => int
        o.orValue(null) => option<int>
        ints[?0] => option<int>
        ints[0] => int
        map['a'] => int
        map.a => int
        map.?a => option<int>
        order[s] => json
        {'a': 1, 'b': 2}[s] => int
        j.a.b[0]['c'] => json
        j.?a => option<json>
        j.?a.orValue(1) => json
        asInt(j.a) + 1 => int
        asString(j[0]) => string
        asList(j).map(x, asInt(x)) => list<int>
        asMap(j) => map<json>
        asMap(j).map(k, k) => list<string>
        int(j) => int
        open.id => int
        open.?more => option<json>
        v.?ok => option<int>
        has(v.ok) ? v.ok : 0 => int
        v == 'none' => bool
        steps.fetch.id => int
        steps['list-orders'] => int
        steps.`list-orders` + 1 => int
        has(steps.maybe) ? steps.maybe : 0 => int
        ints.map(x, x * 2) => list<int>
        ints.map(x, x > 1, string(x)) => list<string>
        ints.filter(x, x > 1) => list<int>
        ints.all(x, x > 1) => bool
        map.map(k, map[k]) => list<int>
        order.lines.sortBy(l, l.sku) => list<{sku: string, count?: int}>
        [].map(x, x.y.z + 1) => list<int>
        ints.sum() => int
        [1.5].sum() => float
        ints.max() => int
        min('a', s) => string
        min(1, 2) => int
        ints.sort() => list<int>
        ints.first() => option<int>
        [ints, ints].flatten() => list<int>
        map.keys() => list<string>
        order.keys() => list<string>
        {'a': 1, 'b': 2}.values() => list<int>
        s.split(',') => list<string>
        texts.join(',') => string
        ['a', 'b'].join(',') => string
        '%s %d'.format([s, 1]) => string
        size(s) + size(ints) + size(map) + size(order) + size(raw) => int
        at.getFullYear() + at.getHours('+01:00') => int
        timestamp(s) < at => bool
        type(j) => string
        dyn(1) => json
        [dyn(1), 2] => list<json>
        json(s) => json
        to_json(order) => string
        s.matches('^a') => bool
        range(3) => list<int>
        range(3).map(i, ints[i]) => list<int>
    "#,
    );
}

#[test]
fn what_a_condition_tells() {
    has_types(
        r#"
        has(order.note) ? order.note : '' => string
        has(order.note) && order.note.size() > 1 => bool
        !has(order.note) || order.note == 'x' => bool
        !has(order.note) ? '' : order.note => string
        has(order.note) && b ? order.note : '' => string
        order.parent != null ? order.parent.id : 0 => int
        null != order.parent ? order.parent.id : 0 => int
        order.parent == null ? 0 : order.parent.id => int
        order.parent == null || order.parent.id > 1 => bool
        order.parent.hasValue() ? order.parent.id : 0 => int
        order.?note != null ? order.note : '' => string
        o != null ? o + 1 : 0 => int
        order.lines.map(l, has(l.count) ? l.count : 1).sum() => int
        order.lines.filter(l, has(l.count) && l.count > 1) => list<{sku: string, count?: int}>
        order.lines.map(l, has(l.count), l.count) => list<int>
        has(open.more) ? asInt(open.more) : 0 => int
    "#,
    );
    let refused = [
        "has(order.note) || order.note == 'x'",
        "has(order.note) ? '' : order.note",
        "!has(order.note) ? order.note : ''",
        "(has(order.note) || b) ? order.note : ''",
        "order.parent == null ? order.parent.id : 0",
        "(has(order.note) ? 1 : 2) == 1 && order.note == ''",
        "order.lines.map(l, has(l.count)).size() > 0 && order.lines.all(l, l.count > 0)",
    ];
    for source in refused {
        assert!(checked(source).is_err(), "{source}");
    }
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let cases = [
        ("gone", "there is no `gone` here | there is: n, f, s, b, at, span, raw, region, ints, texts, map, j, … [gone]"),
        ("sttps.fetch", "there is no `sttps` here | did you mean `steps`? [sttps]"),
        ("steps", "`steps` is no value by itself | name one of its members: fetch, list-orders, maybe [steps]"),
        ("steps.fetsh.id", "`steps` has no `fetsh` | did you mean `fetch`? [fetsh]"),
        ("steps.list", "`steps` has no `list` | a name with `-` is written in brackets: [\"list-orders\"] [list]"),
        ("order.lnies", "there is no field `lnies` | did you mean `lines`? [lnies]"),
        ("order.zzz", "there is no field `zzz` | there is: id, note, lines, parent [zzz]"),
        (
            "order.note.size()",
            "`note` may be absent | give it a value with `order.?note.orValue(...)`, or ask first: `has(order.note) ? ... : ...` [note]",
        ),
        (
            "order.parent.id",
            "`order.parent` may be nothing (it is option<{id: int}>), and nothing has no field `id` | write `order.parent.?id`, which is nothing of nothing, or ask first: `order.parent != null ? ... : ...` [id]",
        ),
        ("o + 1", "`+` does not take option<int> and int | it may be nothing: give it a value with `.orValue(...)` [o + 1]"),
        (
            "n + f",
            "`+` does not take int and float | whole numbers and doubles do not mix: write `1.0`, or use `float(...)` or `int(...)` [n + f]",
        ),
        ("n + s", "`+` does not take int and string | make the other one a text with `string(...)` [n + s]"),
        ("1 + 2 + b", "`+` does not take int and bool [1 + 2 + b]"),
        (
            "j.x + 1",
            "`+` does not take json and int | its type is not known: convert it with `asInt(...)`, `asFloat(...)`, `asString(...)` and the like [j.x + 1]",
        ),
        ("f % 2.0", "`%` does not take float and float [f % 2.0]"),
        ("ints + texts", "`+` does not take list<int> and list<string> [ints + texts]"),
        ("n == s", "`==` does not compare int with string [n == s]"),
        ("n == 1.0", "`==` does not compare int with float | write the number with a point, or use `float(...)` [n == 1.0]"),
        ("n == null", "`==` does not compare int with null | int is never null [n == null]"),
        (
            "region == 'uss'",
            "`==` does not compare \"eu\" | \"us\" with \"uss\" | \"uss\" is none of these texts: did you mean \"us\"? [region == 'uss']",
        ),
        (
            "at > '2024-01-01'",
            "`>` does not compare timestamp with \"2024-01-01\" | make the text an instant with `timestamp(...)` [at > '2024-01-01']",
        ),
        (
            "j < 1",
            "`<` takes values that have an order, and this is json | its type is not known: convert it with `asInt(...)`, `asFloat(...)`, `asString(...)` and the like [j < 1]",
        ),
        ("ints < ints", "`<` takes values that have an order, and this is list<int> [ints < ints]"),
        ("'a' in s", "`in` takes a list or a map, and this is string | write `text.contains(part)` [s]"),
        ("s in ints", "`in` never finds string with int [s in ints]"),
        ("n ? 1 : 2", "a condition is true or false, and this is int | compare it: `x != 0` [n]"),
        ("b && j", "a condition is true or false, and this is json | convert it with `asBool(...)`, or compare it with something [j]"),
        ("!ints", "a condition is true or false, and this is list<int> | ask for its size: `x.size() > 0` [ints]"),
        ("-s", "`-` takes a number, and this is string [-s]"),
        (
            "size(n)",
            "`size` does not take (int) | it is size(string) → int, size(bytes) → int, size(list<T>) → int, size(map<T>) → int [size(n)]",
        ),
        ("size()", "`size` does not take 0 arguments"),
        ("o.size()", "; it may be nothing: give it a value with `.orValue(...)` [o.size()]"),
        ("o.orValue('a')", "`orValue` does not take (option<int>, \"a\")"),
        ("n.map(x, x)", "only lists and maps have elements, and this is int [n]"),
        ("j.map(x, x)", "only lists and maps have elements, and this is json | convert it with `asList(...)` or `asMap(...)` [j]"),
        ("ints.sortBy(x, [x])", "values of type list<int> have no order [[x]]"),
        ("ints['a']", "list<int> has no fields, so there is no `a`"),
        ("ints[s]", "list<int> is indexed by int, and this is string [s]"),
        ("map[n]", "map<int> is indexed by string, and this is int [n]"),
        ("s[0]", "string has no elements | a character is `x.charAt(0)`, a part `x.substring(0, 2)` [0]"),
        ("n.x", "int has no fields, so there is no `x` [x]"),
        ("order.lines.sku", "has no fields, so there is no `sku` | an element is `x[0]`; a field of each is `x.map(e, e.field)` [sku]"),
        ("at.hours", "timestamp has no fields, so there is no `hours` | its parts are functions, such as `x.getHours()` [hours]"),
        ("v.ok", "`ok` may be absent"),
        ("v.?none", "the case `none` has no value | compare it: `x == \"none\"` [none]"),
        ("v.?okk", "there is no case `okk` | did you mean `ok`? [okk]"),
        ("{n: 1}", "the names of a map are texts, and this is int | make it a text with `string(...)` [n]"),
        ("[?n]", "`?` leaves out what is nothing, and this is always there: it is int | write it without `?` [n]"),
        ("open.more", "`more` may be absent"),
        ("texts.transformMap(i, t, t)", "a list has no names to keep: this is list<string> | write `transformList`"),
        ("texts.transformMapEntry(i, t, t)", "an entry is a map such as {name: value}, and this is string [t]"),
        ("j.transformList(i, x, x)", "convert it with `asList(...)` or `asMap(...)` [j]"),
        ("ints.all(i, x, x)", "a condition is true or false, and this is int | compare it: `x != 0` [x]"),
        ("n.optMap(x, x)", "this is never nothing: it is int | write `cel.bind(x, value, body)` [n]"),
        ("o.optFlatMap(x, x + 1)", "what `optFlatMap` makes may be nothing, and this is int | write `optMap` [x + 1]"),
        ("o.optMap(x, x) + 1", "`+` does not take option<int> and int | it may be nothing"),
        ("order.?parent.id + 1", "`+` does not take option<int> and int"),
        ("math.greatest(n, f)", "`math.greatest` does not take (list<json>)"),
        ("math.sqrt(s)", "`math.sqrt` does not take (string)"),
        ("asType(o, 'int')", "`asType` makes int of what is there, and this is option<int> | it may be nothing"),
        ("asType(n, 'string')", "this is never string: it is int [n]"),
        ("asType(order, {'fields': {'id': 'string'}})", "this is never {id: string}: it is {id: int"),
    ];
    for (source, expected) in cases {
        let found = checked(source).expect_err(source);
        assert!(found.contains(expected), "{source}\n  found: {found}\n  wanted: {expected}");
    }
}

#[test]
fn all_mistakes_are_told_each_once() {
    let found = checked("gone.x + order.zzz > n ? s + 1 : [n == s, size(2)]").expect_err("mistakes");
    let lines: Vec<&str> = found.lines().map(|line| line.split(" |").next().unwrap_or_default()).collect();
    let expected = [
        "there is no `gone` here",
        "there is no field `zzz`",
        "`+` does not take string and int",
        "`==` does not compare int with string [n == s]",
        "`size` does not take (int)",
    ];
    assert_eq!(lines, expected);
    let many = format!("[{}]", vec!["gone"; 100].join(", "));
    assert_eq!(checked(&many).expect_err("mistakes").lines().count(), 16);
}

#[test]
fn syntax_errors_say_what_is_wrong_and_where() {
    let cases = [
        ("", "there is no expression []"),
        ("  ", "there is no expression []"),
        ("1 +", "expected a value, found the end of the expression []"),
        ("1 2", "expected an operator or the end of the expression, found int 2 [2]"),
        ("(1", "expected `)`, found the end of the expression []"),
        ("[1, 2", "expected `,` or `]`, found the end of the expression []"),
        ("{'a' 1}", "expected `:` and the value of this name, found int 1 [1]"),
        ("{1: 2}", "the names of a map are texts; this is int [1]"),
        ("{'a': 1, 'a': 2}", "the name \"a\" stands twice in this map ['a']"),
        ("b ? 1", "expected `:` and the value for when the condition is false, found the end of the expression []"),
        ("a = b", "'=' cannot stand in an expression [=]"),
        ("a & b", "'&' cannot stand in an expression [&]"),
        ("$x", "'$' cannot stand in an expression [$]"),
        ("a < b < c", "comparisons cannot be chained [<]"),
        ("a.", "expected the name of a field, found the end of the expression []"),
        ("a.1", "expected an operator or the end of the expression, found float 0.1 [.1]"),
        ("a.b.(c)", "expected the name of a field, found `(` [(]"),
        ("'abc", "the text has no ' at its end ['abc]"),
        ("'a\nb'", "the text has no ' at its end ['a]"),
        ("'\\q'", "there is no escape `\\q` [\\q]"),
        ("'\\x4'", "expected 2 hexadecimal digits after this [\\x]"),
        ("'\\ud800'", "there is no character of this number"),
        ("'\\'", "the text has no ' at its end"),
        ("b'\\u0041'", "there is no escape `\\u` [\\u]"),
        ("'\\400'", "there is no escape `\\4` [\\4]"),
        ("`a", "the name has no backtick at its end [`a]"),
        ("``", "there is no name between the backticks [``]"),
        ("5m", "`5m` is not a number [5m]"),
        ("1.5x", "`1.5x` is not a number [1.5x]"),
        ("0x", "a whole number has at least one digit and is at most 18446744073709551615 [0x]"),
        ("18446744073709551616", "a whole number has at least one digit and is at most 18446744073709551615"),
        ("-9223372036854775809", "the least whole number is -9223372036854775808"),
        ("1e999", "the number is beyond the largest double [1e999]"),
        ("in", "`in` stands between an element and a list"),
        ("foo(1)", "there is no function `foo` [foo]"),
        ("x.sise()", "there is no function `sise` [sise]"),
        ("has(1)", "`has` asks for a field, and this is none [1]"),
        ("has(a)", "`has` asks for a field, and this is none [a]"),
        ("a.has(b)", "`has` is written in front"),
        ("all(x, y)", "`all` is written behind a list or a map [all]"),
        ("x.all(1, y)", "expected the name of a variable, found int 1 [1]"),
        ("x.all(y)", "expected `,` and what to compute with the variable, found `)` [)]"),
        ("x.matches('(')", "the pattern is no regular expression: unclosed group ['(']"),
        ("x.matches('\\\\w{1000}{1000}')", "the pattern, compiled, is larger than 131072 bytes: repeat less"),
        ("‘a’", "'‘' cannot stand in an expression [‘]"),
        ("a.é", "'é' cannot stand in an expression [é]"),
    ];
    for (source, expected) in cases {
        let found = checked(source).expect_err(source);
        assert!(
            found.strip_prefix("parse: ").is_some_and(|found| found.contains(expected)),
            "{source}\n  found: {found}\n  wanted: {expected}"
        );
    }
}

#[test]
fn other_names_of_functions_are_known() {
    let help = |source: &str| super::Expr::parse(source).expect_err(source).help.unwrap_or_default();
    assert_eq!(help("len(x)"), "did you mean `size`?");
    assert_eq!(help("x.toLowerCase()"), "did you mean `lowerAscii`?");
    assert_eq!(help("x.lowerAsci()"), "did you mean `lowerAscii`?");
    assert_eq!(help("x.exits(y, true)"), "did you mean `exists`?");
    assert_eq!(help("a = b"), "equality is `==`");
}

#[test]
fn macros_and_options_have_types() {
    has_types(
        r#"
        ints.transformList(i, x, i + x) => list<int>
        map.transformList(k, v, v > 1, k) => list<string>
        map.transformMap(k, v, float(v)) => map<float>
        order.transformMap(k, v, 1) => map<int>
        texts.transformMapEntry(i, t, {t: i}) => map<int>
        ints.exists(i, x, i == x) => bool
        cel.bind(x, order.id, [x]) => list<int>
        cel.bind(x, o, x != null ? x : 0) => int
        o.optMap(x, x + 1) => option<int>
        order.parent.optMap(p, p.id) => option<int>
        j.?a.optFlatMap(x, x.?b) => option<json>
        o.value() => int
        optional.of(n) => option<int>
        optional.of(o) => option<int>
        optional.none() => null
        optional.none().orValue(1) => int
        order.?parent.id.orValue(0) => int
        math.greatest(1, n, 3) => int
        math.least([f]) => float
        math.sqrt(4) => float
        asType(j, 'int') => int
        j.asType({'items': {'fields': {'id': 'int'}}}) => list<{id: int}>
        asType(j.?a, {'type': 'int', 'optional': true}) => option<int>
        asType(asList(j), {'items': 'int'}) => list<int>
        "#,
    );
}

#[test]
fn a_type_is_written_out() {
    let cases = [
        ("asType(j, s)", "parse: the type must be written out [s]"),
        ("asType(j)", "parse: `asType` takes a value and a type [asType(j)]"),
        ("asType(j, 'itn')", "parse: there is no type `itn`"),
        ("asType(j, {'fields': {'a': {'items': 'x'}}})", "there is no type `x`"),
    ];
    for (source, expected) in cases {
        let found = checked(source).expect_err(source);
        assert!(found.contains(expected), "{source}: {found}");
    }
}
