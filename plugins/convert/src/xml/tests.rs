use super::*;
use crate::error::testing::assert_error;

fn parse(text: &str) -> Result<Value, ConvertError> {
    parse_xml(text.into(), vec!["always".into()]).map(|parsed| parsed.value)
}

fn write(value: Value, layout: Layout) -> Result<String, ConvertError> {
    let written = write_xml(serde_json::from_value(value).unwrap(), layout)?.text;
    Ok(written.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap().to_owned())
}

#[test]
fn elements_are_objects_or_texts() {
    for (text, value) in [
        ("<a/>", json!({"a": ""})),
        ("\u{feff}<?xml version='1.0'?>\n<!-- x --><a> b &lt;&#65;<![CDATA[<c>]]> </a>", json!({"a": " b <A<c> "})),
        ("<a b='1' c='&quot;'/>", json!({"a": {"@b": "1", "@c": "\""}})),
        ("<a>\n  <b>1</b>\n  <b/>\n  <c>2</c>\n</a>", json!({"a": {"b": ["1", ""], "c": "2"}})),
        ("<a x='1'>t</a>", json!({"a": {"@x": "1", "#text": "t"}})),
        ("<a>one <b>two</b> three</a>", json!({"a": {"b": "two", "#text": "one  three"}})),
        ("<a><always>1</always></a>", json!({"a": {"always": ["1"]}})),
        (
            "<s:a xmlns:s='u:s' xmlns='u:d'><b s:c='1' xml:lang='de'/><d xmlns='u:o'/></s:a>",
            json!({"s:a": {"@xmlns:s": "u:s", "@xmlns": "u:d", "b": {"@s:c": "1", "@xml:lang": "de"}, "d": {"@xmlns": "u:o"}}}),
        ),
    ] {
        assert_eq!(parse(text).unwrap(), value, "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, part) in [
        ("<a>\n<b></a>", "XML, line 2, column 4"),
        ("", "XML, line"),
        ("<a/><b/>", "XML, line 1"),
        ("<a b='1' b='2'/>", "XML, line 1"),
        ("<a>&nbsp;</a>", "nbsp"),
        ("<p:a/>", "p"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        ("<!DOCTYPE a SYSTEM 'http://127.0.0.1/x'><a/>", "document type"),
    ] {
        assert_error(parse(text), "bad-text", part);
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(parse(&nested(64)).is_ok());
    assert_error(parse(&nested(65)), "too-much", "64 levels");
    assert_error(parse(&nested(200_000)), "too-much", "64 levels");
    assert_error(parse(&format!("<a>{}</a>", "<b/>".repeat(100_001))), "too-much", "100000 values");
    assert_error(parse(&format!("<a>{}</a>", "<b/>".repeat(500_000))), "too-much", "100000 values");
    assert!(parse(&format!("<a>{}</a>", "<b/>".repeat(10_000))).is_ok());
}

#[test]
fn what_is_written_is_readable() {
    let value = json!({"o": {"@id": "7", "@s": "a\"b\n<", "item": ["a", "b & c", {"@x": "1", "#text": "\tt"}], "e": "", "n": {"m": "1"}}});
    for layout in [Layout::Compact, Layout::Pretty] {
        assert_eq!(parse(&write(value.clone(), layout).unwrap()).unwrap(), value, "{layout:?}");
    }
    let pretty = write(json!({"a": {"@x": 1, "b": {"c": [true, null]}, "d": "x"}}), Layout::Pretty).unwrap();
    assert_eq!(pretty, "<a x=\"1\">\n  <b>\n    <c>true</c>\n    <c/>\n  </b>\n  <d>x</d>\n</a>\n");
}

#[test]
fn what_xml_cannot_say_is_refused() {
    for (value, part) in [
        (json!({}), "0 fields"),
        (json!({"a": 1, "b": 2}), "2 fields"),
        (json!({"a": [1]}), "one root"),
        (json!({"a": {"1b": 1}}), "`1b` is no name"),
        (json!({"a": {"b c": 1}}), "is no name"),
        (json!({"a": {"@b\"": 1}}), "is no name"),
        (json!({"a": {"b": [[1]]}}), "at `/a/b/0`"),
        (json!({"a": {"@b": [1]}}), "at `/a/@b`"),
        (json!({"a": "\u{0}"}), "U+0000"),
    ] {
        assert_error(write(value, Layout::Compact), "cannot-say", part);
    }
    let mut deep = json!("x");
    (0..70).for_each(|_| deep = json!({ "a": deep.clone() }));
    assert_error(write(deep, Layout::Compact), "too-much", "64 levels");
}
