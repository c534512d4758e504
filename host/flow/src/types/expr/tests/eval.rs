use super::{eval, eval_full, evaluates};
use crate::types::Value;

#[test]
fn literals() {
    evaluates(
        r#"
        1 => 1
        0x1F => 31
        0Xff => 255
        1u => 1
        42U => 42
        -9223372036854775808 => -9223372036854775808
        18446744073709551615 => 18446744073709551615
        1.5 => 1.5
        .5 => 0.5
        1e3 => 1000.0
        1.5E-3 => 0.0015
        1e+2 => 100.0
        -0.0 => -0.0
        true => true
        false => false
        null => null
        [] => []
        [1, 'a', null,] => [1,"a",null]
        {} => {}
        {'a': 1, "b": [2],} => {"a":1,"b":[2]}
        {name: 1} => {"Ada Lovelace":1}
        1 // and a comment => 1
        'a' => "a"
        "it's" => "it's"
        'say "hi"' => "say \"hi\""
        '' => ""
        '''a'b''' => "a'b"
        """a"b""" => "a\"b"
        '\a\b\f\n\r\t\v' => "\u0007\b\f\n\r\t\u000b"
        '\\ \? \" \' \`' => "\\ ? \" ' `"
        '\x41\X42\u0043\U00000044\105' => "ABCDE"
        '\u00e9\U0001F600' => "é😀"
        '\377' => "ÿ"
        r'\n\d' => "\\n\\d"
        R"a\"  => "a\\"
        b'abc' => "YWJj"
        b'\xff\000' => "/wA="
        b'é' => "w6k="
        rb'\x' => "XHg="
        Br"\n" => "XG4="
    "#,
    );
    assert_eq!(eval("'''a\nb'''"), r#""a\nb""#);
    assert_eq!(eval("1 +\n\t// why\n 2"), "3");
}

#[test]
fn arithmetic() {
    evaluates(
        r#"
        1 + 2 * 3 => 7
        (1 + 2) * 3 => 9
        7 - 2 - 1 => 4
        7 / 2 => 3
        -7 / 2 => -3
        7 % 3 => 1
        -7 % 3 => -1
        7 % -3 => 1
        2 * 3 % 4 => 2
        100 / 10 / 5 => 2
        - 3 => -3
        --3 => 3
        -n => -3
        -(1 + 2) => -3
        1.5 + 2.25 => 3.75
        3.0 / 2.0 => 1.5
        -1.5 * 2.0 => -3.0
        -f => -1.5
        9223372036854775807 + 1 => 9223372036854775808
        18446744073709551615 - 1 => 18446744073709551614
        big - 18446744073709551615 => 0
        18446744073709551615 + 1 => !expr.overflow
        -9223372036854775808 - 1 => !expr.overflow
        -(-9223372036854775808) => 9223372036854775808
        -big => !expr.overflow
        big * big => !expr.overflow
        4294967296 * 4294967295 => 18446744069414584320
        4294967296 * 4294967296 => !expr.overflow
        -9223372036854775808 / -1 => 9223372036854775808
        -9223372036854775808 % -1 => 0
        1 / 0 => !expr.divide-by-zero
        1 % 0 => !expr.divide-by-zero
        1.0 / 0.0 => !expr.divide-by-zero
        1e308 * 10.0 => !expr.overflow
        'a' + 'b' + 'c' => "abc"
        [1] + [2, 3] => [1,2,3]
        b'a' + b'b' => "YWI="
        'a' + 1 => !expr.type
        'a' - 'b' => !expr.type
        [1] * 2 => !expr.type
        null + 1 => !expr.type
        -'a' => !expr.type
        1.5 % 1.0 => !expr.type
    "#,
    );
}

#[test]
fn logic() {
    evaluates(
        r#"
        true && true => true
        true && false => false
        false || true => true
        false || false => false
        !true => false
        !!true => true
        yes && no || yes => true
        no && no || yes => true
        yes || no && no => true
        true ? 1 : 2 => 1
        false ? 1 : true ? 2 : 3 => 2
        true ? false ? 1 : 2 : 3 => 2
        false && 1 / 0 > 0 => false
        1 / 0 > 0 && false => false
        true || 1 / 0 > 0 => true
        1 / 0 > 0 || true => true
        1 / 0 > 0 && true => !expr.divide-by-zero
        1 / 0 > 0 || false => !expr.divide-by-zero
        w.gone && w.gone => !expr.missing
        true ? 1 : 1 / 0 => 1
        false ? 1 / 0 : 1 => 1
        1 / 0 > 0 ? 1 : 2 => !expr.divide-by-zero
        1 && true => !expr.type
        'x' && false => false
        !1 => !expr.type
        null ? 1 : 2 => !expr.type
    "#,
    );
}

#[test]
fn comparison() {
    evaluates(
        r#"
        1 == 1 => true
        1 != 1 => false
        1 == 1.0 => true
        9007199254740993 == 9007199254740992.0 => false
        1 < 2 => true
        2 <= 2 => true
        3 > 4 => false
        4 >= 4 => true
        big > 9223372036854775807 => true
        -1 < big => true
        1.5 < 1.6 => true
        'a' < 'b' => true
        'a' < 'aa' => true
        'Z' < 'a' => true
        'é' > 'z' => true
        b'\x01' < b'\x02' => true
        false < true => true
        'a' == 'a' => true
        'a' == 1 => false
        null == null => true
        null == 0 => false
        none == null => true
        [1, [2]] == [1, [2]] => true
        [1, 2] == [2, 1] => false
        [1] == [1, 2] => false
        {'a': 1, 'b': 2} == {'b': 2, 'a': 1} => true
        {'a': 1} == {'a': 2} => false
        {'a': 1} == {'b': 1} => false
        {'a': 1} != {} => true
        b'a' == b'a' => true
        1 < 'a' => !expr.type
        [1] < [2] => !expr.type
        null < 1 => !expr.type
        1 in [1, 2] => true
        3 in [1, 2] => false
        1.0 in [1] => true
        'a' in ['b'] => false
        [1] in [[1]] => true
        'one' in map => true
        'three' in map => false
        1 in map => false
        1 in 5 => !expr.type
        'a' in 'abc' => !expr.type
        !(1 in []) => true
    "#,
    );
}

#[test]
fn macros() {
    evaluates(
        r#"
        [1, 2, 3].all(x, x > 0) => true
        [1, 2, 3].all(x, x > 1) => false
        [].all(x, false) => true
        [1, 2, 3].exists(x, x == 2) => true
        [].exists(x, true) => false
        [1, 2, 2].exists_one(x, x == 2) => false
        [1, 2, 2].exists_one(x, x == 1) => true
        [1, 2, 3].filter(x, x % 2 == 1) => [1,3]
        [1, 2, 3].map(x, x * x) => [1,4,9]
        [1, 2, 3].map(x, x > 1, x * 10) => [20,30]
        map.all(k, k.size() == 3) => true
        map.map(k, k + '=' + string(map[k])) => ["one=1","two=2"]
        map.filter(k, map[k] > 1) => ["two"]
        [[1], [2, 3]].map(x, x.map(y, y + x[0])) => [[2],[4,5]]
        [1, 2].map(x, [3].map(x, x)) => [[3],[3]]
        [1, 2].map(x, n + x) => [4,5]
        [1].map(n, n) => [1]
        [1, 2].map(x, x) == [1, 2] && [5].exists(x, x == 5) => true
        [0, 1].exists(x, 1 / x == 1) => true
        [1, 0].exists(x, 1 / x == 1) => true
        [0].exists(x, 1 / x == 1) => !expr.divide-by-zero
        [0, 2].all(x, 1 / x == 1) => false
        [0, 1].all(x, 1 / x == 1) => !expr.divide-by-zero
        [0, 1].exists_one(x, 1 / x == 1) => !expr.divide-by-zero
        [1].filter(x, x) => !expr.type
        'abc'.map(x, x) => !expr.type
        order.lines.map(l, l.sku) => ["x","y"]
        order.lines.filter(l, l.count > 1).map(l, l.sku) => ["x"]
        order.lines.sortBy(l, l.count).map(l, l.sku) => ["y","x"]
        ['bb', 'a', 'cc'].sortBy(s, s.size()) => ["a","bb","cc"]
        [1, 'a'].sortBy(x, x) => !expr.type
    "#,
    );
}

#[test]
fn conversions() {
    evaluates(
        r#"
        int(3.9) => 3
        int(-3.9) => -3
        int('42') => 42
        int('-42') => -42
        int('18446744073709551615') => 18446744073709551615
        int('x') => !expr.convert
        int('') => !expr.convert
        int('1.5') => !expr.convert
        int(1e30) => !expr.convert
        int(true) => !expr.convert
        float(3) => 3.0
        double('1.5') => 1.5
        float('1e400') => !expr.convert
        float('nan') => !expr.convert
        string(1) => "1"
        string(1.0) => "1"
        string(1.5) => "1.5"
        string(1e300) => "1e300"
        string(-0.0) => "-0"
        string(true) => "true"
        string(b'abc') => "abc"
        string(b'\xff') => !expr.convert
        string('a') => "a"
        string(null) => !expr.convert
        string([1]) => !expr.convert
        bool('true') => true
        bool('f') => false
        bool('yes') => !expr.convert
        bytes('é') => "w6k="
        base64Encode(b'abc') => "YWJj"
        string(base64Decode('YWJj')) => "abc"
        base64Decode('!') => !expr.convert
        type(1) => "int"
        type(1.0) => "float"
        type('') => "string"
        type(null) => "null"
        type([]) => "list"
        type({}) => "map"
        type(big) => "int"
        type(b'') => "bytes"
        type(true) => "bool"
        dyn(1) => 1
        json('{"a": [1, 2.0]}') => {"a":[1,2.0]}
        json('{') => !expr.convert
        json('18446744073709551616') => !expr.convert
        to_json({'a': [1, 2.0, 'x']}) => "{\"a\":[1,2.0,\"x\"]}"
        json(to_json(w)) == w => true
        asInt(any.a[0]) + 1 => 2
        asInt(any.a[2]) => 3
        asInt(any.a[1]) => !expr.convert
        asInt(null) => !expr.convert
        asFloat(any.a[0]) => 1.0
        asString(any.a[1]) => "two"
        asString(any.a[0]) => !expr.convert
        asList(any.a).size() => 4
        asList(any) => !expr.convert
        asMap(any).keys() => ["a","deep"]
        asMap(any.a) => !expr.convert
        asBool(yes) => true
        asBool(n) => !expr.convert
        5.string() => "5"
    "#,
    );
}

#[test]
fn texts() {
    evaluates(
        r#"
        size('héé') => 3
        'abc'.size() => 3
        size(b'é') => 2
        'hello'.contains('ell') => true
        'hello'.contains('') => true
        contains('hello', 'z') => false
        'hello'.startsWith('he') => true
        'hello'.endsWith('lo') => true
        'abc123'.matches('[0-9]+$') => true
        'abc'.matches('^b') => false
        'é'.matches('^\\w$') => false
        'é'.matches('^\\pL$') => true
        'x'.matches(word) => false
        'eu-1'.matches(word) => true
        'a'.matches('(' + '') => !expr.argument
        'AbC é'.lowerAscii() => "abc é"
        'AbC é'.upperAscii() => "ABC é"
        '  a b '.trim() => "a b"
        'a,b,,c'.split(',') => ["a","b","","c"]
        'a,b,c'.split(',', 2) => ["a","b,c"]
        'a,b'.split(',', 0) => []
        'a,b'.split(',', -1) => ["a","b"]
        'héy'.split('') => ["h","é","y"]
        'héy'.split('', 2) => ["h","éy"]
        ''.split(',') => [""]
        ['a', 'b'].join('-') => "a-b"
        ['a', 'b'].join() => "ab"
        [].join(',') => ""
        [1].join() => !expr.type
        'banana'.replace('a', 'o') => "bonono"
        'banana'.replace('a', 'o', 2) => "bonona"
        'banana'.replace('a', 'o', 0) => "banana"
        'ab'.replace('', '-') => "-a-b-"
        'héllo'.substring(1) => "éllo"
        'héllo'.substring(1, 3) => "él"
        'abc'.substring(3) => ""
        'abc'.substring(4) => !expr.index
        'abc'.substring(-1) => !expr.argument
        'abc'.substring(2, 1) => !expr.argument
        'héllo'.indexOf('l') => 2
        'hello'.indexOf('l', 3) => 3
        'hello'.indexOf('z') => -1
        'hello'.indexOf('l', 9) => !expr.index
        'héllo'.lastIndexOf('l') => 3
        'héllo'.charAt(1) => "é"
        'abc'.charAt(3) => ""
        'abc'.charAt(4) => !expr.index
        'abc'.reverse() => "cba"
        '%s is %d'.format(['x', 5]) => "x is 5"
        '%s %s %s'.format([1.0, [1, 'a', {'b': null, 'a': b'x'}], true]) => "1 [1, a, {a: x, b: null}] true"
        '%.2f %f %.0f'.format([1.005, 2, 2.5]) => "1.00 2.000000 2"
        '%e'.format([12345.678]) => "1.234568e+04"
        '%.1e'.format([0.00012]) => "1.2e-04"
        '%x %X %o %b %b'.format([255, 255, 8, 5, true]) => "ff FF 10 101 1"
        '%x'.format(['hi']) => "6869"
        '%d'.format([-5]) => "-5"
        '%x'.format([-255]) => "-ff"
        '100%%'.format([]) => "100%"
        '%s'.format([]) => !expr.argument
        'x'.format([1]) => !expr.argument
        '%d'.format(['a']) => !expr.argument
        '%q'.format([1]) => !expr.argument
        '%'.format([1]) => !expr.argument
        '%.99f'.format([1.0]) => !expr.argument
        size(5) => !expr.type
        size(null) => !expr.type
    "#,
    );
}

#[test]
fn numbers_and_lists() {
    evaluates(
        r#"
        abs(-3) => 3
        abs(-9223372036854775808) => 9223372036854775808
        abs(-1.5) => 1.5
        round(2.5) => 3.0
        round(-2.5) => -3.0
        round(1.2345, 2) => 1.23
        round(1e300, 15) => 1e300
        round(1.5, 16) => !expr.argument
        floor(-1.5) => -2.0
        ceil(-1.5) => -1.0
        min(1, 2) => 1
        max('a', 'b') => "b"
        ints.min() => 1
        ints.max() => 3
        floats.min() => -0.5
        min([]) => !expr.argument
        min(1, 'a') => !expr.type
        ints.sum() => 6
        floats.sum() => 1.0
        sum([]) => 0
        sum([18446744073709551615, 1]) => !expr.overflow
        sum(['a']) => "a"
        range(3) => [0,1,2]
        range(2, 5) => [2,3,4]
        range(5, 2) => []
        range(-1) => []
        range(big) => !expr.argument
        ints.sort() => [1,2,3]
        texts.sort() => ["a","b","c"]
        [2.5, 1.5].sort() => [1.5,2.5]
        [1, 'a'].sort() => !expr.type
        [1, 2, 1, 1.0].distinct() => [1,2]
        [[1], [1], [2]].distinct() => [[1],[2]]
        [[1], [], [2, 3]].flatten() => [1,2,3]
        [1].flatten() => !expr.type
        ints.reverse() => [2,1,3]
        ints.slice(1, 3) => [1,2]
        ints.slice(2, 4) => !expr.index
        ints.slice(2, 1) => !expr.index
        ints.first() => 3
        ints.last() => 2
        [].first() => null
        map.keys() => ["one","two"]
        map.values() => [1,2]
        map.size() => 2
        empty.size() => 0
    "#,
    );
}

#[test]
fn what_is_shared_is_not_copied() {
    let Ok(Value::List(items)) = eval_full("[w, w]") else { panic!("a list") };
    match (&items[0], &items[1]) {
        (Value::Map(a), Value::Map(b)) => assert!(std::sync::Arc::ptr_eq(a, b)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn macros_with_two_variables_and_bindings() {
    evaluates(
        r#"
        ints.transformList(i, x, i * 10 + x) => [3,11,22]
        map.transformList(k, v, v > 1, k) => ["two"]
        map.transformMap(k, v, v * 2) => {"one":2,"two":4}
        texts.transformMapEntry(i, t, {t: i}) => {"b":0,"a":1,"c":2}
        texts.transformMapEntry(i, t, i != 1, {t: i, t + t: -i}) => {"b":0,"bb":0,"c":2,"cc":-2}
        texts.transformMapEntry(i, t, {'x': t}) => !expr.argument
        ints.all(i, x, i < 3 && x > 0) => true
        ints.exists_one(i, x, i == x) => false
        ints.map(x, ints.filter(y, y < x).transformList(i, y, i + x)) => [[3,4],[],[2]]
        cel.bind(x, n + 1, cel.bind(y, x * 2, [x, y])) => [4,8]
        cel.bind(math, 2, math) => 2
        none.optMap(x, 1 / 0) => null
        n.optMap(x, x + 1) => 4
        order.?note.optFlatMap(x, bare.?note) => null
        none.value() => !expr.missing
        w.?gone.deeper[3].x => null
        "#,
    );
}

#[test]
fn extensions_of_cel() {
    evaluates(
        r#"
        math.greatest(1, 5, 3) => 5
        math.least([2.5, -1.0]) => -1.0
        math.greatest([]) => !expr.argument
        math.bitXor(18446744073709551615, -1) => !expr.overflow
        math.bitNot(18446744073709551615) => !expr.overflow
        math.bitShiftLeft(1, 63) => -9223372036854775808
        math.bitShiftRight(-1, 0) => -1
        math.bitShiftRight(-1, 1) => 9223372036854775807
        math.bitShiftLeft(1, 18446744073709551615) => 0
        math.sqrt(-1) => !expr.argument
        math.sqrt(9) => 3.0
        math.sign(-0.0) => -0.0
        uint('-1') => !expr.convert
        uint(18446744073709551615) => 18446744073709551615
        'aXbXc'.lastIndexOf('X', 2) => 1
        'aXbXc'.lastIndexOf('X', 6) => !expr.index
        'é€é€'.lastIndexOf('€', 2) => 1
        base64.decode('aGk') == b'hi' => true
        optional.ofNonZeroValue(0) => null
        [].sum() => 0
        floats.filter(x, x > 9.0).sum().floor() => 0.0
        math.abs(floats.filter(x, x > 9.0).sum()) => 0
        asType(any.a[0], 'int') => 1
        asType(any.a, {'items': 'int'}) => !expr.convert
        asType(any.deep, {'fields': {'x': {'values': 'float'}}}) => {"x":{"y":1.0}}
        asType(none, {'type': 'int', 'optional': true}) => null
        timestamp('0001-01-01T00:00:00Z') - duration('1ns') => !expr.overflow
        timestamp(-62135596801) => !expr.convert
        "#,
    );
}
