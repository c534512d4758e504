//! Where problems of expressions are told to be: the line and column in the file, however the scalar is written.

use expect_test::expect;

use super::{check, problems, step};

#[test]
fn expressions_on_one_line() {
    check(
        &step("with: { n: \"${ 1 + }\" }"),
        expect![[r#"
        w.yaml:5:24: error[E008]: expected a value, found the end of the expression
    "#]],
    );
    check(
        &step("with: { é: '${ ö }', ü: \"${ (1 }\" }"),
        expect![[r#"
        w.yaml:5:20: error[E008]: 'ö' cannot stand in an expression
        w.yaml:5:36: error[E008]: expected `)`, found the end of the expression
    "#]],
    );
    check(
        &step("if: ${ steps. }"),
        expect![[r#"
        w.yaml:5:19: error[E008]: expected the name of a field, found the end of the expression
    "#]],
    );
    check(
        &step("for-each: ${ }"),
        expect![[r#"
        w.yaml:5:18: error[E008]: there is no expression (write a value, such as `inputs.region`)
    "#]],
    );
    check(
        &step("with: { a: [1, { b: \"${ 'x }\" }] }"),
        expect![[r#"
        w.yaml:5:29: error[E008]: the text has no ' at its end (a text over several lines stands in three quotes)
    "#]],
    );
}

#[test]
fn expressions_in_blocks() {
    check(
        &step("with:\n      n: |\n        ${ 1 + @ }"),
        expect![[r#"
        w.yaml:7:16: error[E008]: '@' cannot stand in an expression
    "#]],
    );
    check(
        &step("with:\n      n: |\n        ${\n          1 +\n          2 @ 3\n        }"),
        expect![[r#"
        w.yaml:9:13: error[E008]: '@' cannot stand in an expression
    "#]],
    );
    check(
        &step("with:\n      n: >-\n        ${ 1 +\n        2 +\n        ) }\n      m: 1"),
        expect![[r#"
        w.yaml:9:9: error[E008]: expected a value, found `)`
    "#]],
    );
}

#[test]
fn expressions_over_many_lines_in_quotes_and_plain() {
    check(
        &step("with:\n      n: \"${ 1 +\n        2 @ }\""),
        expect![[r#"
        w.yaml:7:11: error[E008]: '@' cannot stand in an expression
    "#]],
    );
    check(
        &step("with:\n      n: ${ 1 +\n        2 @ }"),
        expect![[r#"
        w.yaml:7:11: error[E008]: '@' cannot stand in an expression
    "#]],
    );
    check(
        &step("with:\r\n      n: |\r\n        ${\r\n          2 @ 3\r\n        }"),
        expect![[r#"
        w.yaml:8:13: error[E008]: '@' cannot stand in an expression
    "#]],
    );
}

#[test]
fn where_the_text_was_unescaped_the_whole_scalar_is_told() {
    check(
        &step("with: { n: \"${ \\u0031 @ }\" }"),
        expect![[r#"
        w.yaml:5:16: error[E008]: '@' cannot stand in an expression
    "#]],
    );
    check(
        &step("with: { n: '${ ''a'' @ }' }"),
        expect![[r#"
        w.yaml:5:16: error[E008]: '@' cannot stand in an expression
    "#]],
    );
}

#[test]
fn an_expression_beside_other_text_is_a_warning() {
    check(
        &step("with: { n: \"id-${ inputs.id }\", m: \"${ 1 } and ${ 2 }\", o: \"$${\" }"),
        expect![[r#"
        w.yaml:5:16: warning[W102]: `${ inputs.id }` is taken as it stands: only a value that is wholly `${ … }` is an expression (build the text inside: "${ 'id-' + string(inputs.id) }")
        w.yaml:5:46: error[E008]: expected an operator or the end of the expression, found `}`
        w.yaml:5:64: warning[W102]: `${` is taken as it stands: only a value that is wholly `${ … }` is an expression (build the text inside: "${ 'id-' + string(inputs.id) }")
    "#]],
    );
}

#[test]
fn an_alias_is_told_where_it_is_used() {
    let (_, problems) = problems(&step("with: { a: &x \"${ 1 + }\", b: *x }"));
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].starts_with("w.yaml:5:34:"), "{problems:?}");
}
