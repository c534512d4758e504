//! Parts of expressions at a place.

use super::*;

#[track_caller]
fn wished(before: &str, expected: &str) {
    let wish = wish(before);
    let shown = wish.map(|wish| format!("{:?} {:?} {:?}", wish.of.unwrap_or("-"), wish.prefix, wish.form));
    assert_eq!(shown.unwrap_or_default(), expected, "{before}");
}

#[test]
fn what_is_about_to_be_named() {
    wished("", r#""-" "" Word"#);
    wished(" st", r#""-" "st" Word"#);
    wished("steps.", r#""steps" "" Word"#);
    wished("1 + steps.fetch.or", r#""steps.fetch" "or" Word"#);
    wished("size(steps.fetch[0].a.?b", r#""steps.fetch[0].a" "b" Word"#);
    wished("a.map(x, x.y).", r#""a.map(x, x.y)" "" Word"#);
    wished("f(a, b).c", r#""f(a, b)" "c" Word"#);
    wished("[1, 2].", r#""[1, 2]" "" Word"#);
    wished("steps[\"fe", r#""steps" "fe" Quoted"#);
    wished("a == 'x", "");
    wished("12", "");
    wished(".", "");
    wished(").", "");
    wished("a ? b : c.", r#""c" "" Word"#);
}

#[test]
fn what_stands_at_a_place() {
    let text = "size(steps.fetch.orders) + item";
    assert_eq!(named(text, 2), Some((Named::Function("size"), Span::new(0, 4))));
    assert_eq!(named(text, 12), Some((Named::Value("steps.fetch"), Span::new(11, 16))));
    assert_eq!(named(text, 23), Some((Named::Value("steps.fetch.orders"), Span::new(17, 23))));
    assert_eq!(named(text, 25), None);
}

#[test]
fn members_in_all_their_forms() {
    let text = "steps.a + steps.?b + steps['c-d'] + steps.`e-f` + x.steps.no + steps[0]";
    let names: Vec<&str> = members(text, "steps")
        .iter()
        .map(|(name, span)| {
            assert_eq!(&text[span.start..span.end], *name);
            *name
        })
        .collect();
    assert_eq!(names, ["a", "b", "c-d", "e-f"]);
}

#[test]
fn variables_of_functions_around() {
    let item = Type::record(vec![jackfield_flow::types::Field::required("id", Type::Int)]);
    let scope = Scope::new().value("list", Type::list(item));
    let (_, found) = with_variables(scope, "list.filter(o, o.id > 1).map(p, [1].all(q, p.");
    let found: Vec<String> = found.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    assert_eq!(found, ["p: {id: int}", "q: int"]);
}
