use super::*;
use crate::error::testing::assert_error;

fn parse(text: &str) -> Result<Value, ConvertError> {
    parse_yaml(text.into(), Documents::One).map(|parsed| parsed.value)
}

#[test]
fn scalars_are_those_of_the_core_schema() {
    for (text, value) in [
        ("", Value::Null),
        ("~", Value::Null),
        ("True", json!(true)),
        ("no", json!("no")),
        ("12:30", json!("12:30")),
        ("2026-01-31", json!("2026-01-31")),
        ("0o17", json!(15)),
        ("0xfF", json!(255)),
        ("017", json!(17)),
        ("+7", json!(7)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("18446744073709551615", json!(u64::MAX)),
        ("1.", json!(1.0)),
        (".5", json!(0.5)),
        ("-1e3", json!(-1000.0)),
        ("1e", json!("1e")),
        (".", json!(".")),
        ("1_000", json!("1_000")),
        ("'1'", json!("1")),
        ("!!str 1", json!("1")),
        ("!!float 1", json!(1)),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        (">-\n  a\n  b\n", json!("a b")),
    ] {
        assert_eq!(parse(text).unwrap(), value, "{text}");
    }
}

#[test]
fn structures_anchors_and_documents() {
    let value = parse("\u{feff}a: &x [1, {b: c}]\n? d\n: *x\n1: e\n").unwrap();
    assert_eq!(value, json!({"a": [1, {"b": "c"}], "d": [1, {"b": "c"}], "1": "e"}));
    let all = |text: &str| parse_yaml(text.into(), Documents::All).unwrap().value;
    assert_eq!(all("a\n---\n- 1\n...\n---\n"), json!(["a", [1], null]));
    assert_eq!(all(""), json!([]));
    assert_error(parse("a\n---\nb\n"), "bad-text", "second document");
}

#[test]
fn what_has_no_meaning_is_refused_with_its_place() {
    for (text, part) in [
        ("a: 1\na: 2\n", "line 2, column 1: the key `a` comes twice"),
        ("a: [1\n", "YAML, line"),
        ("<<: {a: 1}", "merge keys"),
        ("? [1]\n: 2\n", "a key is a text"),
        ("a: .nan", "`.nan`"),
        ("a: -.INF", "`-.INF`"),
        ("a: 1e999", "`1e999`"),
        ("a: 99999999999999999999", "64 bits"),
        ("a: !mine 1", "the tag"),
        ("a: !!int x", "the tag"),
        ("a: !!map [1]", "the tag"),
        ("a: &x [*x]", "inside of what it stands for"),
        ("a: *nobody", "YAML, line"),
    ] {
        assert_error(parse(text), "bad-text", part);
    }
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        laughs.push_str(&format!("a{level}: &a{level} [{}]\n", before.trim_end_matches(", ")));
    }
    assert_error(parse(&laughs), "too-much", "100000 values");
    assert!(parse(&"[".repeat(5_000)).is_err());
    assert_error(parse(&"- ".repeat(5_000)), "too-much", "64 levels");
    let mut chain = "- &a0 [1]\n".to_owned();
    (1..100).for_each(|level| chain.push_str(&format!("- &a{level} [*a{}]\n", level - 1)));
    assert_error(parse(&chain), "too-much", "64 levels");
    assert_error(parse(&format!("[{}]", "1,".repeat(100_001))), "too-much", "values");
}

#[test]
fn what_is_written_is_readable() {
    let value = json!({
        "a": [1, -2.5, true, null, "", [], {}],
        "b c": {"d": [[1, 2], [[3]], {"e": "f", "g": [1]}]},
        "1": "1", "yes": "no"
    });
    let text = write_yaml(value.clone()).text;
    assert!(
        text.starts_with("a:\n  - 1\n  - -2.5\n  - true\n  - null\n  - \"\"\n  - []\n  - {}\nb c:\n  d:\n    - - 1\n      - 2\n"),
        "{text}"
    );
    assert_eq!(parse(&text).unwrap(), value);
    assert_eq!(write_yaml(json!("x")).text, "x\n");
}

/// Any value comes back as it was: texts out of the pieces that mean something in YAML.
#[test]
fn any_value_comes_back() {
    let pieces = [
        ":", " ", "#", "-", "\n", "a", "1", "'", "\"", "{", "[", "&", "*", "!", "|", ">", "%", "@", "`", "\t", "~", ",", "?", "\u{85}",
        "\u{2028}", "\u{feff}", "é", "😀", "\u{7}", "null", "0x1", "1e5", "...", "---", "\\", "\r",
    ];
    let mut seed = 7_u64;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % limit
    };
    for _ in 0..2_000 {
        let mut text = || (0..below(5)).map(|_| pieces[below(pieces.len())]).collect::<String>();
        let value = json!({text(): [text(), {text(): text()}], text(): text()});
        let written = write_yaml(value.clone()).text;
        assert_eq!(parse(&written).map_err(|error| error.to_string()), Ok(value), "{written}");
    }
}
