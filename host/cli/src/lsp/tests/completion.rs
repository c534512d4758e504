//! What is offered where.

use expect_test::{Expect, expect};
use lsp_types::CompletionTextEdit;

use super::kit;
use crate::lsp::completion::at;
use crate::lsp::document::Document;
use crate::lsp::known::Known;

/// One line for each offer: its label, its detail, and in brackets what is written where that is something else. Functions are
/// left out.
fn offers(document: &Document, known: &Known, byte: usize) -> String {
    let mut lines = String::new();
    for item in at(document, known, byte) {
        let Some(CompletionTextEdit::Edit(edit)) = item.text_edit else { continue };
        let detail = item.detail.map(|detail| format!(" · {detail}")).unwrap_or_default();
        let replaced = &document.text[document.byte(edit.range.start)..document.byte(edit.range.end)];
        let written = if edit.new_text == item.label { String::new() } else { format!(" [{replaced:?} → {:?}]", edit.new_text) };
        if !edit.new_text.ends_with('(') {
            lines.push_str(&format!("{}{detail}{written}\n", item.label));
        }
    }
    lines
}

#[track_caller]
fn check(steps: &str, expected: Expect) {
    kit::check_steps(steps, offers, expected);
}

/// The same for long lists: the labels in one line.
#[track_caller]
fn check_labels(text: &str, expected: Expect) {
    let labels = |document: &Document, known: &Known, byte: usize| {
        let labels: Vec<String> = at(document, known, byte).into_iter().map(|item| item.label).collect();
        labels.join(" ")
    };
    kit::check(text, labels, expected);
}

#[test]
fn keys_of_the_language() {
    check_labels(
        "$0",
        expect!["workflow description labels inputs plugins on flows concurrency priority retention defaults steps outputs"],
    );
    check_labels(
        "workflow: w\n$0\nsteps: {}\n",
        expect!["description labels inputs plugins on flows concurrency priority retention defaults outputs"],
    );
    check_labels(
        "workflow: w\nsteps:\n  a:\n    $0",
        expect![
            "description task flow sleep until wait value for-each repeat choose race if needs timeout on-error finally compensate lock rate priority"
        ],
    );
    check_labels(
        "workflow: w\nsteps:\n  a:\n    task: t.x\n    $0\n    with: {}\n  b: {}\n",
        expect![
            "description grant for-each repeat choose race if needs timeout retry on-error finally compensate cache lock rate priority effect"
        ],
    );
    check_labels("workflow: w\nsteps:\n  a:\n    task: t.x\n    retry: { att$0 }\n", expect!["attempts backoff first max jitter on"]);
    check_labels("workflow: w\nsteps:\n  a:\n    choose:\n      - $0", expect!["if task flow sleep until wait value"]);
    check_labels("workflow: w\nsteps:\n  a:\n    choose:\n      - if: ${ true }\n        $0", expect!["task flow sleep until wait value"]);
    check_labels("workflow: w\nsteps:\n  a:\n    race:\n      fast: { $0", expect!["task flow sleep until wait value"]);
    check_labels(
        "workflow: w\nsteps:\n  a:\n    task: t.x\n    on-error:\n      any:\n        $0",
        expect!["task flow sleep until wait value timeout fail"],
    );
    check_labels(
        "workflow: w\ninputs:\n  a: { type: list, $0",
        expect!["default description enum items values fields properties open optional"],
    );
    check_labels(
        "workflow: w\ninputs:\n  a: { type: list, items: { $0",
        expect!["type description enum items values fields properties open optional"],
    );
    check_labels("workflow: w\nflows:\n  f:\n    steps:\n      a:\n        wait: { $0", expect!["signal approval"]);
    check_labels(
        "{\"workflow\": \"w\", \"steps\": {\"a\": {\"task\": \"t.x\", \"ret$0",
        expect![
            "description with grant for-each repeat choose race if needs timeout retry on-error finally compensate cache lock rate priority effect"
        ],
    );
}

#[test]
fn keys_say_what_they_take() {
    check(
        "steps:\n  a:\n    task: shop.upsert\n    retry:\n      b$0\n",
        expect![[r#"
        attempts · 1 to 1000 ["b" → "attempts: "]
        backoff · exponential | linear | fixed ["b" → "backoff: "]
        first · a duration ["b" → "first: "]
        max · a duration ["b" → "max: "]
        jitter · full | equal | none ["b" → "jitter: "]
        on · a code, or a list ["b" → "on: "]
    "#]],
    );
}

#[test]
fn words_and_names() {
    check(
        "steps:\n  a:\n    task: shop.upsert\n    retry: { jitter: $0",
        expect![[r#"
        full
        equal
        none
    "#]],
    );
    check(
        "steps:\n  a: { value: 1 }\n  b: { value: 2 }\n  c:\n    value: 1\n    needs: [a, $0]\n",
        expect![[r#"
        b
    "#]],
    );
    check(
        "steps:\n  a:\n    task: shop.li$0\n",
        expect![[r#"
        shop.list-orders · Lists orders.
        shop.upsert · Saves an order.
    "#]],
    );
    check(
        "steps:\n  a:\n    task: $0\n",
        expect![[r#"
        shop.list-orders · Lists orders.
        shop.upsert · Saves an order.
    "#]],
    );
    check(
        "flows:\n  notify: ./notify.yaml\n  tidy: { steps: { a: { value: 1 } } }\nsteps:\n  a:\n    flow: n$0\n",
        expect![[r#"
        notify · ./notify.yaml
        tidy · a workflow written in place
    "#]],
    );
    check(
        "steps:\n  a:\n    task: shop.upsert\n    cache: $0\n",
        expect![[r#"
        false
        true
    "#]],
    );
    check_labels(
        "workflow: w\ninputs:\n  a: $0\nsteps: {}",
        expect!["string int float bool timestamp duration bytes list map record json"],
    );
    check_labels(
        &format!("{}steps:\n  a:\n    task: shop.upsert\n    on-error:\n      $0\n", kit::HEAD),
        expect![
            "busy any limit.time limit.total-time limit.children limit.memory limit.result-size limit.input-size limit.stack limit.host-calls guest.trap guest.exit guest.abi value.input value.output host.internal host.lost host.cancelled plugin.no-task denied.files expr.argument expr.budget expr.convert expr.divide-by-zero expr.index expr.missing expr.overflow expr.type wait.timeout approval.denied repeat.max flow.failed flow.cancelled"
        ],
    );
    check_labels(
        &format!("{}steps:\n  a:\n    task: shop.upsert\n    retry:\n      on: [b$0\n", kit::HEAD),
        expect![
            "busy limit.time limit.total-time limit.children limit.memory limit.result-size limit.input-size limit.stack limit.host-calls guest.trap guest.exit guest.abi value.input value.output host.internal host.lost host.cancelled plugin.no-task denied.files expr.argument expr.budget expr.convert expr.divide-by-zero expr.index expr.missing expr.overflow expr.type wait.timeout approval.denied repeat.max flow.failed flow.cancelled"
        ],
    );
}

#[test]
fn fields_of_the_input_of_a_task() {
    check(
        "steps:\n  a:\n    task: shop.list-orders\n    with:\n      $0\n",
        expect![[r#"
        region · "eu" | "us" ["" → "region: "]
        limit · ?int ["" → "limit: "]
        deep · ?{flag?: bool} ["" → "deep: "]
        ${ … } · {region: "eu" | "us", limit?: int, deep?: {flag?: bool}} ["" → "${  }"]
    "#]],
    );
    check(
        "steps:\n  a:\n    task: shop.list-orders\n    with: { region: $0 }\n",
        expect![[r#"
        eu
        us
        ${ … } · "eu" | "us" ["" → "${  }"]
    "#]],
    );
    check(
        "steps:\n  a:\n    task: shop.list-orders\n    with: { region: eu, deep: { $0 } }\n",
        expect![[r#"
        flag · ?bool ["" → "flag: "]
    "#]],
    );
    check(
        "steps:\n  a:\n    choose:\n      - task: shop.upsert\n        with:\n          o$0\n",
        expect![[r#"
        order · {id: string, total: float} ["o" → "order: "]
    "#]],
    );
    check(
        "flows:\n  tidy:\n    inputs: { days: { type: int, default: 3 }, who: string }\n    steps: { a: { value: 1 } }\nsteps:\n  a:\n    flow: tidy\n    with: { $0 }\n",
        expect![[r#"
            who · string ["" → "who: "]
            days · ?int ["" → "days: "]
        "#]],
    );
}

const TWO: &str = "steps:\n  list-all: { task: shop.list-orders, with: { region: eu } }\n";

#[test]
fn names_in_expressions() {
    let check = |rest: &str, expected: Expect| check(&format!("{TWO}{rest}"), expected);
    check(
        "  b:\n    task: shop.upsert\n    with: { order: \"${ $0\" }\n",
        expect![[r#"
            inputs
            steps
            run · {key: string, workflow: string, started_at: timestamp, scheduled_at: option<timestamp>}
        "#]],
    );
    check(
        "  b:\n    task: shop.upsert\n    with: { order: \"${ steps.$0\" }\n",
        expect![[r#"
        list_all · {orders: list<{id: string, total: float}>, next?: option<string>}
    "#]],
    );
    check(
        "  b:\n    task: shop.upsert\n    with: { order: ${ steps.list_all.or$0 } }\n",
        expect![[r#"
        orders · list<{id: string, total: float}>
        next · option<string>
    "#]],
    );
    check(
        "  b:\n    if: ${ inputs.$0\n",
        expect![[r#"
        region · "eu" | "us"
        max_count · int
    "#]],
    );
    check(
        "  b:\n    value: |\n      ${\n        run.$0\n      }\n",
        expect![[r#"
            key · string
            workflow · string
            started_at · timestamp
            scheduled_at · option<timestamp>
        "#]],
    );
    check(
        "  b:\n    value: ${ steps[\"li$0\n",
        expect![[r#"
        list_all · {orders: list<{id: string, total: float}>, next?: option<string>}
    "#]],
    );
    check("  b:\n    value: ${ 'steps.$0\n", expect![""]);
    check(
        "  b:\n    value: ${ steps.list_all.orders.map(o, o.$0) }\n",
        expect![[r#"
        id · string
        total · float
    "#]],
    );
    check("  b:\n    value: text $0\n", expect![""]);
}

#[test]
fn names_that_structures_give() {
    let check = |rest: &str, expected: Expect| check(&format!("{TWO}{rest}"), expected);
    let each = "  b:\n    for-each: ${ steps.list_all.orders }\n    task: shop.upsert\n";
    check(
        &format!("{each}    with: {{ order: \"${{ item.$0 }}\" }}\n"),
        expect![[r#"
        id · string
        total · float
    "#]],
    );
    check(
        &format!("{each}    if: ${{ it$0 }}\n"),
        expect![[r#"
            inputs
            steps
            run · {key: string, workflow: string, started_at: timestamp, scheduled_at: option<timestamp>}
        "#]],
    );
    check(
        &format!("{each}    compensate: {{ value: \"${{ output.$0 }}\" }}\n"),
        expect![[r#"
        id · int
    "#]],
    );
    check(
        &format!("{each}    on-error: {{ any: {{ value: \"${{ error.$0 }}\" }} }}\n"),
        expect![[r#"
        code · string
        message · string
        data · option<json>
    "#]],
    );
    check(
        &format!("{each}    finally: {{ value: \"${{ outcome.$0 }}\" }}\n"),
        expect![[r#"
        status · "done" | "failed" | "cancelled"
        code · option<string>
    "#]],
    );
    check(
        "  c:\n    repeat: { start: { n: 1 }, until: \"${ carry.$0 }\" }\n    value: { n: 2 }\n",
        expect![[r#"
        n · int
    "#]],
    );
    check(
        "outputs:\n  all: ${ $0\n",
        expect![[r#"
            inputs
            steps
            run · {key: string, workflow: string, started_at: timestamp, scheduled_at: option<timestamp>}
        "#]],
    );
    check(
        "labels:\n  all: ${ $0\n",
        expect![[r#"
            inputs
            run · {key: string, workflow: string, started_at: timestamp, scheduled_at: option<timestamp>}
        "#]],
    );
}

#[test]
fn functions_are_offered_where_they_fit() {
    check_labels(
        &format!("{}{TWO}  b:\n    value: ${{ inputs.max_count.$0 }}\n", kit::HEAD),
        expect![
            "int uint float double string timestamp asInt abs math.greatest math.least math.abs math.sign math.sqrt math.bitAnd math.bitOr math.bitXor math.bitNot math.bitShiftLeft math.bitShiftRight range"
        ],
    );
    check_labels(
        &format!("{}{TWO}  b:\n    value: ${{ steps.list_all.next.$0 }}\n", kit::HEAD),
        expect!["orValue or hasValue value optional.ofNonZeroValue"],
    );
    check_labels(
        &format!("{}{TWO}  b:\n    value: ${{ steps.list_all.orders.$0 }}\n", kit::HEAD),
        expect![
            "all exists exists_one existsOne filter map sortBy transformList transformMapEntry asList size join min max math.greatest math.least sum sort distinct flatten reverse slice first last"
        ],
    );
}

/// Lines that are not whole are what an editor asks about.
#[test]
fn half_a_file_is_enough() {
    check(
        &format!("{TWO}  b:\n    with: {{ n: \"${{ steps.$0\n  c:\n    task: [\n  d: }}\n"),
        expect![[r#"
        list_all · {orders: list<{id: string, total: float}>, next?: option<string>}
        c
        d
    "#]],
    );
    check(
        &format!("{TWO}  b:\n    task: shop.$0\n   wrong: indent\n\tand: a tab\n"),
        expect![[r#"
        shop.list-orders · Lists orders.
        shop.upsert · Saves an order.
    "#]],
    );
    check(&format!("{TWO}  list-all: twice\n  e$0"), expect![""]);
}

#[test]
fn other_files_are_left_alone() {
    check_labels("services:\n  web:\n    $0", expect![""]);
    check_labels("workflow: ./w.yaml\ntests:\n  $0", expect![""]);
}
