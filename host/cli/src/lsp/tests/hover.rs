//! What is said where.

use expect_test::{Expect, expect};
use lsp_types::HoverContents;

use super::kit;
use crate::lsp::document::Document;
use crate::lsp::hover::at;
use crate::lsp::known::Known;

fn said(document: &Document, known: &Known, byte: usize) -> String {
    let Some(hover) = at(document, known, byte) else { return "nothing\n".to_owned() };
    let HoverContents::Markup(markup) = hover.contents else { return String::new() };
    let range = hover.range.map(|range| kit::shown(document, range)).unwrap_or_default();
    format!("{range}\n{}\n", markup.value)
}

#[track_caller]
fn check(steps: &str, expected: Expect) {
    kit::check_steps(steps, said, expected);
}

const STEPS: &str = "  fetch:\n    description: The orders.\n    task: shop.list-orders\n    with: { region: eu }\n";

#[test]
fn keys_and_words() {
    check(
        "steps:\n  a:\n    fin$0ally: { value: 1 }\n",
        expect![[r#"
        8:4-8:11 "finally"
        `finally`: a mapping

        An action that runs once after the step, however it ended.
    "#]],
    );
    check(
        "steps:\n  a:\n    retry: { backoff: lin$0ear }\n",
        expect![[r#"
        8:22-8:28 "linear"
        `linear`: the wait grows by the first one each time
    "#]],
    );
    check(
        "step$0s: {}\n",
        expect![[r#"
        6:0-6:5 "steps"
        `steps`: names

        Names with steps.
    "#]],
    );
}

#[test]
fn tasks_steps_and_fields() {
    check(
        "steps:\n  a:\n    task: shop.list$0-orders\n",
        expect![[r#"
        8:10-8:26 "shop.list-orders"
        ```
        shop.list-orders({region: "eu" | "us", limit?: int, deep?: {flag?: bool}}) → {orders: list<{id: string, total: float}>, next?: option<string>}
        ```

        Lists orders.

        All of them.

        Asks for `http`.

        Errors:
        - `busy`: The shop is busy.
    "#]],
    );
    check(
        "steps:\n  a:\n    task: shop.list-orders\n    with: { reg$0ion: eu }\n",
        expect![[r#"
        9:12-9:18 "region"
        ```
        region: "eu" | "us"
        ```

        Where to look.
    "#]],
    );
    check(
        &format!("steps:\n{STEPS}").replace("fetch:", "fet$0ch:"),
        expect![[r#"
        7:2-7:7 "fetch"
        ```
        step fetch: {orders: list<{id: string, total: float}>, next?: option<string>}
        ```

        The orders.

        `shop.list-orders`: Lists orders.
    "#]],
    );
    check(
        &format!("steps:\n{STEPS}  b: {{ value: 1, needs: fe$0tch }}\n"),
        expect![[r#"
        11:24-11:29 "fetch"
        ```
        step fetch: {orders: list<{id: string, total: float}>, next?: option<string>}
        ```

        The orders.

        `shop.list-orders`: Lists orders.
    "#]],
    );
    check(
        "steps:\n  a:\n    task: shop.upsert\n    on-error: { bu$0sy: fail }\n",
        expect![[r#"
        9:16-9:20 "busy"
        `busy`: The shop is busy.
    "#]],
    );
    kit::check(
        "workflow: w\nplugins: { sh$0op: ./shop.wasm }\nsteps: {}\n",
        said,
        expect![[r#"
        1:11-1:15 "shop"
        plugin `shop`

        - `list-orders` Lists orders.
        - `upsert` Saves an order.
    "#]],
    );
    kit::check(
        "workflow: w\ninputs: { da$0ys: { type: int, default: 3, description: How many. } }\n",
        said,
        expect![[r#"
        1:10-1:14 "days"
        ```
        days?: int
        ```

        How many.
    "#]],
    );
}

#[test]
fn parts_of_expressions() {
    let check = |rest: &str, expected: Expect| check(&format!("steps:\n{STEPS}{rest}"), expected);
    check(
        "  b:\n    value: ${ size(steps.fe$0tch.orders) }\n",
        expect![[r#"
        12:25-12:30 "fetch"
        ```
        step fetch: {orders: list<{id: string, total: float}>, next?: option<string>}
        ```

        The orders.

        `shop.list-orders`: Lists orders.
    "#]],
    );
    check(
        "  b:\n    value: ${ size(steps.fetch.ord$0ers) }\n",
        expect![[r#"
        12:31-12:37 "orders"
        ```
        steps.fetch.orders: list<{id: string, total: float}>
        ```
    "#]],
    );
    check(
        "  b:\n    value: ${ si$0ze(steps.fetch.orders) }\n",
        expect![[r#"
        12:14-12:18 "size"
        How many characters, bytes, elements or names there are.

        ```cel
        size(string) → int
        size(bytes) → int
        size(list<T>) → int
        size(map<T>) → int
        ```
    "#]],
    );
    check(
        "  b:\n    value: \"${ inputs.max$0_count + 1 }\"\n",
        expect![[r#"
        12:22-12:31 "max_count"
        ```
        max-count: int
        ```
    "#]],
    );
    check(
        "  b:\n    value: ${ inputs.max_count $0+ 1 }\n",
        expect![[r#"
        12:13-12:35 " inputs.max_count + 1 "
        ```
        int
        ```
    "#]],
    );
    check(
        "  b:\n    value: ${ st$0eps.fetch }\n",
        expect![[r#"
        12:14-12:19 "steps"
        `steps`

        The results of steps; naming one makes this wait for it.
    "#]],
    );
    check(
        "  b:\n    value: ${ steps.fetch.orders.map(o, o.to$0tal) }\n",
        expect![[r#"
        12:42-12:47 "total"
        ```
        o.total: float
        ```
    "#]],
    );
    check(
        "outputs:\n  to$0tal: ${ size(steps.fetch.orders) }\n",
        expect![[r#"
        12:2-12:7 "total"
        ```
        output total: int
        ```
    "#]],
    );
    check(
        "  b:\n    value: ${ nobody.kno$0ws }\n",
        expect![[r#"
        nothing
    "#]],
    );
}
