use super::*;

fn render(source: &str, values: Value, escape: Escape) -> Result<String, TemplateError> {
    let Value::Object(values) = values else { panic!("values are an object") };
    fill(source.to_owned(), values, escape).map(|text| text.text)
}

fn plain(source: &str, values: Value) -> Result<String, TemplateError> {
    render(source, values, Escape::None)
}

#[test]
fn fills_in_values() {
    let source = "{% for o in orders if o.sum > 1 %}{{ loop.index }}. {{ o.name|upper }}\n{% else %}none{% endfor %}\n";
    assert_eq!(plain(source, json!({"orders": [{"name": "a", "sum": 5}, {"name": "b", "sum": 0}]})).unwrap(), "1. A\n\n");
    assert_eq!(plain(source, json!({"orders": []})).unwrap(), "none\n");
    assert_eq!(plain("plain {# no #}text", json!({})).unwrap(), "plain text");
}

#[test]
fn names_keep_their_order() {
    let source = "{% for name, value in o|items %}{{ name }}={{ value }};{% endfor %}";
    assert_eq!(plain(source, json!({"o": {"z": 1, "a": 2}})).unwrap(), "z=1;a=2;");
}

#[test]
fn whole_numbers_stay_exact() {
    assert_eq!(
        plain("{{ n }} {{ m }}", json!({"n": u64::MAX, "m": 9_007_199_254_740_993_i64})).unwrap(),
        "18446744073709551615 9007199254740993"
    );
}

#[test]
fn undefined_names_are_errors_with_their_line() {
    for source in ["a\n{{ nope }}", "a\n{{ o.nope }}", "\n{% for x in nope %}{% endfor %}", "\n{% if nope %}{% endif %}"] {
        let error = plain(source, json!({"o": {}})).unwrap_err();
        assert!(matches!(error, TemplateError::Undefined { line: 2, .. }), "{source}: {error}");
    }
    let error = plain("{{ a }}{{ a.b }}", json!({"a": {}})).unwrap_err().to_string();
    assert!(error.contains("`a.b`"), "{error}");
    assert_eq!(plain("{{ nope|default('-') }}{% if nope is defined %}x{% endif %}", json!({})).unwrap(), "-");
}

#[test]
fn bad_templates_are_told_with_their_line() {
    for source in ["\n{% for %}", "\n{{ a", "\n{{ 1|nope }}", "\n{% include 'x' %}", "\n{{ nope() }}", "\n{{ 1 is nope }}"] {
        let error = plain(source, json!({})).unwrap_err();
        assert!(
            matches!(error, TemplateError::BadTemplate { line: 2, .. } | TemplateError::Undefined { line: 2, .. }),
            "{source}: {error}"
        );
    }
}

#[test]
fn values_that_do_not_fit_are_told() {
    let error = plain("{{ a + b }}", json!({"a": 1, "b": {}})).unwrap_err();
    assert!(matches!(error, TemplateError::Failed { line: 1, .. }), "{error}");
}

#[test]
fn values_are_never_templates() {
    assert_eq!(plain("{{ a }}", json!({"a": "{{ b }}<&>"})).unwrap(), "{{ b }}<&>");
}

#[test]
fn escapes_when_asked() {
    assert_eq!(render("<b>{{ a }}</b>", json!({"a": "<&\"'"}), Escape::Html).unwrap(), "<b>&lt;&amp;&quot;&#x27;</b>");
    assert_eq!(render("{{ a|safe }}", json!({"a": "<i>"}), Escape::Html).unwrap(), "<i>");
    assert_eq!(render(r#"{"x": {{ a }}}"#, json!({"a": "q\"", "b": 1}), Escape::Json).unwrap(), r#"{"x": "q\""}"#);
}

#[test]
fn endless_recursion_is_an_error() {
    assert!(plain("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", json!({})).is_err());
}
