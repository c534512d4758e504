//! At least one test for each kind of problem that is found once the plugins are known.

use expect_test::expect;

use super::kit::{expect_places, expect_problems};

#[test]
fn e009_unknown_names() {
    expect_problems(
        r#"inputs: { region: string }
steps:
  fetch: { task: t.numbers }
  a: { value: "${ inputs.regin }" }
  b: { value: "${ steps.fecth }" }
  c: { value: "${ region }" }
  d: { value: "${ fetch }" }
  e: { value: "${ input.region }" }
  f: { value: "${ sise(steps.fetch) }" }
  g: { value: 1, needs: [fetchh, b-c] }
  h: { wait: { signal: x, type: strin } }
  i: { value: "${ steps }" }
  j: { value: "${ run.names }" }
"#,
        expect![[r#"
            w.yaml:3:11: warning[W104]: nothing reads the input `region` (remove it)
            w.yaml:6:19: error[E009]: no input is named `regin` (did you mean `region`?)
            w.yaml:7:19: error[E009]: no step is named `fecth` (did you mean `fetch`?)
            w.yaml:8:19: error[E009]: there is no `region` here (did you mean `inputs.region`?)
            w.yaml:9:19: error[E009]: there is no `fetch` here (did you mean `steps.fetch`?)
            w.yaml:10:19: error[E009]: there is no `input` here (did you mean `inputs`?)
            w.yaml:11:19: error[E008]: there is no function `sise` (did you mean `size`?)
            w.yaml:12:26: error[E009]: no step is named `fetchh` (did you mean `fetch`?)
            w.yaml:12:34: error[E009]: no step is named `b-c`
            w.yaml:13:33: error[E005]: there is no type `strin`: the types are string, int, integer, float, number, bool, boolean, timestamp, duration, bytes, list, map, record, json, array, object (did you mean `string`?)
            w.yaml:14:19: error[E010]: `steps` is no value by itself (name one of its members: fetch, a, b, c, d, e, g, i, j)
            w.yaml:15:23: error[E010]: there is no field `names` (there is: key, workflow, started_at, scheduled_at)"#]],
    );
}

#[test]
fn e010_types_and_where_they_come_from() {
    expect_places(
        r#"inputs: { n: int, list: { type: list, items: string } }
steps:
  all: { task: t.orders, with: { region: eu } }
  maybe: { if: "${ inputs.n > 1 }", task: t.inc, with: { n: 1 } }
  a: { task: t.inc, with: { n: "${ steps.all }" } }
  b: { task: t.inc, with: { n: "${ steps.maybe }" } }
  c: { for-each: "${ steps.all }", value: 1 }
  d: { for-each: "${ inputs.list }", task: t.inc, with: { n: "${ item }" } }
  e: { if: "${ inputs.list }", value: 1 }
  f: { sleep: "${ inputs.n }" }
  g: { until: "${ steps.all }" }
  h: { wait: { approval: "${ inputs.n }" } }
  i: { value: 1, lock: "${ inputs.n }" }
  j: { task: t.poll, repeat: { until: "${ carry }" } }
  k: { value: "${ steps.all.orders[0].totl + inputs.n }" }
  l: { choose: [{ if: 1, value: 1 }] }
"#,
        expect![[r#"
            w.yaml:7:32: error[E010]: `t.inc.n` wants int, and this is {orders: list<{id: string, total: float}>}: expected int, found {orders: list<{id: string, total: float}>}
                5:10 `task`: `steps.all` is what `t.orders` gives: {orders: list<{id: string, total: float}>}
            w.yaml:8:32: error[E010]: `t.inc.n` wants int, and this is option<{n: int}>: expected int, found option<{n: int}> (it may be nothing: give it a value with `.orValue(...)`)
                6:37 `task`: `steps.maybe` is what `t.inc` gives, or nothing when it is skipped: option<{n: int}>
            w.yaml:9:18: error[E010]: `for-each` needs a list; this is {orders: list<{id: string, total: float}>}
                5:10 `task`: `steps.all` is what `t.orders` gives: {orders: list<{id: string, total: float}>}
            w.yaml:10:62: error[E010]: `t.inc.n` wants int, and this is string: expected int, found string
            w.yaml:11:12: error[E010]: `if` needs true or false; this is list<string> (compare it with something: there is no truth in other values)
                3:19 `list`: `inputs.list` is list<string>
            w.yaml:12:15: error[E010]: `sleep` wants duration, and this is int: expected duration, found int
                3:11 `n`: `inputs.n` is int
            w.yaml:13:15: error[E010]: `until` wants timestamp, and this is {orders: list<{id: string, total: float}>}: expected timestamp, found {orders: list<{id: string, total: float}>}
                5:10 `task`: `steps.all` is what `t.orders` gives: {orders: list<{id: string, total: float}>}
            w.yaml:14:26: error[E010]: `approval` wants string, and this is int: expected string, found int
                3:11 `n`: `inputs.n` is int
            w.yaml:15:24: error[E010]: `lock` wants string, and this is int: expected string, found int
                3:11 `n`: `inputs.n` is int
            w.yaml:16:39: error[E010]: `until` needs true or false; this is {done: bool} (compare it with something: there is no truth in other values)
            w.yaml:17:39: error[E010]: there is no field `totl` (did you mean `total`?)
                5:10 `task`: `steps.all` is what `t.orders` gives: {orders: list<{id: string, total: float}>}
                3:11 `n`: `inputs.n` is int
            w.yaml:18:23: error[E010]: `if` needs true or false; this is int (compare it with something: there is no truth in other values)
        "#]],
    );
}

#[test]
fn e011_circles_and_why() {
    expect_places(
        r#"steps:
  a: { value: "${ steps.c }" }
  b: { task: t.any, needs: a }
  c: { value: 1, finally: { value: "${ steps.b }" } }
  d: { task: t.any, compensate: { task: t.any, with: { value: "${ steps.e }" } } }
  e: { value: "${ steps.d }" }
"#,
        expect![[r#"
            w.yaml:5:3: error[E011]: steps wait for each other in a circle: b → c → a → b (remove one of these references, or one of the `needs`)
                6:40 `steps.b`: `finally` of `c` reads the result of `b`, which `c` therefore waits for
                4:19 `steps.c`: `a` reads the result of `c`
                5:28 `a`: `b` needs `a`
            w.yaml:8:3: error[E011]: steps wait for each other in a circle: e → d → e (remove one of these references, or one of the `needs`)
                7:67 `steps.e`: `compensate` of `d` reads the result of `e`, which `d` therefore waits for
                8:19 `steps.d`: `e` reads the result of `d`
        "#]],
    );
}

#[test]
fn e012_grants_of_every_action() {
    expect_problems(
        r#"steps:
  a: { choose: [{ task: t.get, with: { url: x } }] }
  b: { race: { x: { task: t.get, with: { url: x } } } }
  c: { sleep: 1s, finally: { task: t.save }, compensate: { task: t.get, with: { url: x } } }
"#,
        expect![[r#"
            w.yaml:4:25: error[E012]: branch 1 of step `a` does not grant `http`, which `t.get` needs (add beside the task: `grant: { http: ["GET https://HOST/PATH*"] }`)
            w.yaml:5:27: error[E012]: contender `x` of step `b` does not grant `http`, which `t.get` needs (add beside the task: `grant: { http: ["GET https://HOST/PATH*"] }`)
            w.yaml:6:36: error[E012]: `finally` of step `c` does not grant `files-write`, which `t.save` needs (add beside the task: `grant: { files: ["write DIRECTORY"] }`)
            w.yaml:6:66: error[E012]: `compensate` of step `c` does not grant `http`, which `t.get` needs (add beside the task: `grant: { http: ["GET https://HOST/PATH*"] }`)"#]],
    );
}

#[test]
fn e022_names_that_mean_nothing_here() {
    expect_problems(
        r#"steps:
  a: { value: "${ [item, index, carry, error, output, outcome] }" }
  b: { for-each: "${ [item] }", value: "${ [carry] }" }
  c: { repeat: { start: "${ carry }", until: "${ item }" }, value: "${ [item] }" }
  d:
    value: 1
    if: ${ output == 1 }
    lock: ${ error.code }
    on-error: { any: { value: "${ steps.d + output }" } }
    finally: { value: "${ [steps.d, error, output] }" }
    compensate: { value: "${ [steps.d, outcome] }" }
  e: { for-each: [1], if: "${ item > 0 }", lock: "${ string(item) }", value: 1, finally: { value: "${ item }" } }
  f: { repeat: { until: "${ carry > 0 }" }, value: 1, on-error: { any: { value: "${ carry }" } } }
outputs: { a: "${ item }" }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:4:20: error[E022]: there is no `item` here (`item` is the element within `for-each`)
            w.yaml:4:26: error[E022]: there is no `index` here (`index` is the number of the element within `for-each`, and of the iteration within `repeat`)
            w.yaml:4:33: error[E022]: there is no `carry` here (`carry` is the value carried within `repeat`)
            w.yaml:4:40: error[E022]: there is no `error` here (`error` is the failure in the handlers of `on-error`)
            w.yaml:4:47: error[E022]: there is no `output` here (`output` is the result of what is undone, in `compensate`; the result of a step is `steps.NAME`)
            w.yaml:4:55: error[E022]: there is no `outcome` here (`outcome` is how the step ended, in `finally`)
            w.yaml:5:23: error[E022]: there is no `item` here (`item` is the element within `for-each`)
            w.yaml:5:45: error[E022]: there is no `carry` here (`carry` is the value carried within `repeat`; here there is `item`, `index`)
            w.yaml:6:29: error[E022]: there is no `carry` here (`carry` is the value carried within `repeat`)
            w.yaml:6:50: error[E022]: there is no `item` here (`item` is the element within `for-each`; here there is `carry`, `index`)
            w.yaml:6:73: error[E022]: there is no `item` here (`item` is the element within `for-each`; here there is `carry`, `index`)
            w.yaml:9:12: error[E022]: there is no `output` here (`output` is the result of what is undone, in `compensate`; the result of a step is `steps.NAME`)
            w.yaml:10:14: error[E022]: there is no `error` here (`error` is the failure in the handlers of `on-error`)
            w.yaml:11:35: error[E022]: `on-error` of step `d` reads `steps.d`, the result of the step it belongs to (there is no such result here; there is: `error`, and the results of other steps)
            w.yaml:11:45: error[E022]: there is no `output` here (`output` is the result of what is undone, in `compensate`; the result of a step is `steps.NAME`; here there is `error`)
            w.yaml:12:28: error[E022]: `finally` of step `d` reads `steps.d`, the result of the step it belongs to (there is no such result here; there is: `outcome`, and the results of other steps)
            w.yaml:12:37: error[E022]: there is no `error` here (`error` is the failure in the handlers of `on-error`; here there is `outcome`)
            w.yaml:12:44: error[E022]: there is no `output` here (`output` is the result of what is undone, in `compensate`; the result of a step is `steps.NAME`; here there is `outcome`)
            w.yaml:13:31: error[E022]: `compensate` of step `d` reads `steps.d`, the result of the step it belongs to (there is no such result here; there is: `output`, and the results of other steps)
            w.yaml:13:40: error[E022]: there is no `outcome` here (`outcome` is how the step ended, in `finally`; here there is `output`)
            w.yaml:14:31: error[E022]: there is no `item` here (`item` is the element within `for-each`)
            w.yaml:14:61: error[E022]: there is no `item` here (`item` is the element within `for-each`)
            w.yaml:14:103: error[E022]: there is no `item` here (`item` is the element within `for-each`; here there is `outcome`)
            w.yaml:15:85: error[E022]: there is no `carry` here (`carry` is the value carried within `repeat`; here there is `error`)
            w.yaml:16:19: error[E022]: there is no `item` here (`item` is the element within `for-each`)"#]],
    );
}

#[test]
fn e023_before_anything_runs() {
    expect_problems(
        r#"inputs: { n: int, s: string }
labels: { a: "${ steps.x }", b: "${ run.key }", c: "${ inputs.n }", d: "${ item }" }
concurrency: { key: "${ inputs.s + steps.x }" }
steps: { x: { value: x } }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:4:18: error[E023]: the label `a` may read `inputs` alone, and not `steps`: it is computed before anything runs (make what it needs an input)
            w.yaml:4:37: error[E023]: the label `b` may read `inputs` alone, and not `run`: it is computed before anything runs (make what it needs an input)
            w.yaml:4:52: error[E010]: `labels.c` wants string, and this is int: expected string, found int
            w.yaml:4:76: error[E023]: the label `d` may read `inputs` alone, and not `item`: it is computed before anything runs (make what it needs an input)
            w.yaml:5:36: error[E023]: `concurrency.key` may read `inputs` alone, and not `steps`: it is computed before anything runs (make what it needs an input)"#]],
    );
}

#[test]
fn e024_results_without_a_joint_type() {
    expect_places(
        r#"inputs: { n: int }
steps:
  a: { choose: [{ if: "${ inputs.n > 1 }", value: 1 }, { if: "${ inputs.n > 2 }", sleep: 1s }, { value: text }] }
  b: { race: { x: { value: 1.5 }, y: { value: 1 } } }
  c: { value: { id: 1 }, on-error: { any: { value: { id: x } } } }
  d: { repeat: { start: 1, until: "${ carry == 'x' }" }, value: x }
  e: { repeat: { start: {}, until: "${ index > 3 }" }, value: { next: "${ carry }" } }
  f: { task: t.inc, with: { n: 1 }, on-error: { any: { value: null } } }
  g: { value: "${ steps.f.n }" }
"#,
        expect![[r#"
            w.yaml:5:98: error[E024]: branch 1 gives int, and branch 3 gives "text" (whoever reads the result must know what it is: make both of one type, or records with a field for each)
                5:44 `value`: branch 1 gives int
            w.yaml:6:40: error[E024]: contender `x` gives float, and contender `y` gives int (whole numbers and doubles do not mix: use `float(…)` or `int(…)` in one of them)
                6:21 `value`: contender `x` gives float
            w.yaml:7:52: error[E024]: step `c` gives {id: int}, and `on-error` of step `c` gives {id: "x"} (whoever reads the result must know what it is: make both of one type, or records with a field for each)
                7:8 `value`: step `c` gives {id: int}
            w.yaml:8:58: error[E024]: `start` gives int, and an iteration gives "x" (whoever reads the result must know what it is: make both of one type, or records with a field for each)
                8:25 `1`: `start` gives int
            w.yaml:9:56: error[E024]: what is carried has another type in each iteration: `start` is {}, and after 4 iterations it would be {next: {next?: {next?: {next?: {next?: {}}}}}} (let each iteration give the same type: a list that grows, or a record with fixed fields)
                9:25 `{}`: begins as {}
            w.yaml:11:27: error[E010]: `steps.f` may be nothing (it is option<{n: int}>), and nothing has no field `n` (write `steps.f.?n`, which is nothing of nothing, or ask first: `steps.f != null ? ... : ...`)
                10:8 `task`: `steps.f` is what `t.inc` gives: option<{n: int}>
        "#]],
    );
}

#[test]
fn e025_and_w106_codes_that_cannot_happen() {
    expect_problems(
        r#"steps:
  a:
    task: t.upsert-once
    with: { order: { id: a, total: 1.5 } }
    grant: { http: ["POST https://a.example/*"] }
    retry: { on: [conflikt, limit.tine, limit.everything, oops.x] }
    on-error: { not-fuond: fail, expr.type: fail, conflict: fail, timeout: fail, any: fail }
  b: { value: 1, on-error: { oops: { value: 2 } } }
  c: { task: t.inc, with: { n: 1 }, on-error: { anything-goes: fail } }
  d: { choose: [{ task: t.inc, with: { n: 1 } }], on-error: { anything-goes: fail } }
outputs: { all: "${ [steps.b] }", c: "${ [steps.c, steps.d] }" }
"#,
        expect![[r#"
            w.yaml:8:19: warning[W106]: nothing here declares the code `conflikt` (did you mean `conflict`?)
            w.yaml:8:29: error[E025]: no failure of the engine has the code `limit.tine` (did you mean `limit.time`?)
            w.yaml:8:41: error[E025]: no failure of the engine has the code `limit.everything` (there is: limit.time, limit.total-time, limit.children, limit.memory, limit.result-size, limit.input-size, limit.stack, limit.host-calls)
            w.yaml:8:59: error[E025]: no failure of the engine has the code `oops.x` (a task's own codes have no dot)
            w.yaml:9:17: warning[W106]: nothing here declares the code `not-fuond` (did you mean `not-found`?)
            w.yaml:9:67: warning[W106]: nothing here declares the code `timeout` (it declares: conflict, not-found; the engine's codes have a dot, such as `limit.time`)
            w.yaml:10:30: warning[W106]: nothing here declares the code `oops` (nothing here has codes of its own; the engine's have a dot, such as `limit.time`)"#]],
    );
}

#[test]
fn e026_caching_effects() {
    expect_places(
        r#"steps:
  a: { task: t.upsert, with: { order: { id: a, total: 1.5 } }, grant: { http: ["GET https://b.example/", "POST https://a.example/*"] }, cache: true }
  b: { task: t.save, grant: { files: ["write out"] }, cache: true }
  c: { task: t.get, with: { url: x }, grant: { http: ["GET https://a.example/*"] }, cache: true }
  d: { task: t.upsert, with: { order: { id: a, total: 1.5 } }, grant: { http: ["POST https://a.example/*"] }, cache: false }
"#,
        expect![[r#"
            w.yaml:4:137: error[E026]: step `a` cannot be cached: its grant lets it change the world (http: POST https://a.example/*) (remove `cache`, or grant no more than reading)
                4:8 `task`: has effects
            w.yaml:5:55: error[E026]: step `b` cannot be cached: its grant lets it change the world (files: write out as out) (remove `cache`, or grant no more than reading)
                5:8 `task`: has effects
        "#]],
    );
}

#[test]
fn e027_at_most_once_and_again() {
    expect_places(
        r#"defaults: { retry: 3 }
steps:
  a: { task: t.get, with: { url: x }, grant: { http: ["GET https://a.example/*"] }, effect: at-most-once }
  b: { task: t.get, with: { url: x }, grant: { http: ["GET https://a.example/*"] }, effect: at-most-once, retry: 2 }
  c: { task: t.get, with: { url: x }, grant: { http: ["GET https://a.example/*"] }, effect: at-most-once, retry: 1 }
"#,
        expect![[r#"
            w.yaml:5:85: error[E027]: step `a` is `at-most-once`, and tried 3 times (remove `effect` or `retry`; where `defaults` has a `retry`, write `retry: 1`)
                3:20 `3`: `defaults` has it tried again
            w.yaml:6:85: error[E027]: step `b` is `at-most-once`, and tried 2 times (remove `effect` or `retry`; where `defaults` has a `retry`, write `retry: 1`)
                6:114 `2`: it is tried again here
        "#]],
    );
}

#[test]
fn e028_and_w107_what_never_ends_or_never_begins() {
    expect_problems(
        r#"steps:
  a: { repeat: { until: false }, sleep: 1s }
  b: { repeat: { while: "${ 1 < 2 }" }, sleep: 1s }
  c: { repeat: { until: true }, sleep: 1s }
  d: { if: "${ 1 > 2 || false }", sleep: 1s }
  e: { choose: [{ if: false, sleep: 1s }, { if: "${ true }", sleep: 1s }, { sleep: 2s }] }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:4:25: error[E028]: step `a` repeats until it fails with `repeat.max`: its `until` is always false (let `until` read `carry` or `index`, or another step)
            w.yaml:5:25: error[E028]: step `b` repeats until it fails with `repeat.max`: its `while` is always true (let `while` read `carry` or `index`, or another step)
            w.yaml:7:12: warning[W107]: step `d` is never done: its `if` is always false (remove the step, or the condition)
            w.yaml:8:23: warning[W107]: branch 1 of step `e` is never done: its `if` is always false (remove the branch)
            w.yaml:8:49: warning[W107]: the branches after branch 2 of step `e` are never done: its `if` is always true (remove the branches after it, or correct the `if`)"#]],
    );
}

#[test]
fn e029_secrets_outside_of_grants() {
    expect_problems(
        r#"inputs: { who: string }
steps:
  a: { task: t.any, with: { value: "${ secrets.token }" } }
  b: { task: t.any, with: { value: [jackfield-secret-00ff] } }
  c: { task: t.any, with: { value: "${ 'Bearer jackfield-secret-' + inputs.who }" } }
outputs: { a: "${ [steps.a, steps.b] }", c: "${ steps.c }" }
"#,
        expect![[r#"
            w.yaml:5:40: error[E029]: a secret is never a value, so that no workflow and no task can leak it (grant it: `grant: { secrets: [NAME] }`; the task sends a placeholder, which is filled in on the way out)
            w.yaml:6:37: error[E029]: `jackfield-secret-…` stands for a secret in one attempt of a task, and means nothing here (grant it: `grant: { secrets: [NAME] }`; the task sends a placeholder, which is filled in on the way out)
            w.yaml:7:36: error[E029]: `jackfield-secret-…` stands for a secret in one attempt of a task, and means nothing here (grant it: `grant: { secrets: [NAME] }`; the task sends a placeholder, which is filled in on the way out)"#]],
    );
}

#[test]
fn e030_one_lock_with_different_permits() {
    expect_places(
        r#"flows: { inner: { steps: { x: { sleep: 1s, lock: { name: orders, permits: 5 } } } } }
steps:
  a: { sleep: 1s, lock: orders }
  b: { sleep: 1s, lock: { name: orders, permits: 2 } }
  c: { sleep: 1s, lock: { name: "orders", permits: 1 } }
  d: { flow: inner }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:3:44: error[E030]: the lock `orders` has 5 permits here, and 1 elsewhere (say the same number wherever the lock is taken)
                5:19 `lock`: 1 here
            w.yaml:6:19: error[E030]: the lock `orders` has 2 permits here, and 1 elsewhere (say the same number wherever the lock is taken)
                5:19 `lock`: 1 here
        "#]],
    );
}

#[test]
fn w110_variables_that_hide_names() {
    expect_problems(
        r#"inputs: { list: { type: list, items: int } }
steps:
  a: { value: "${ inputs.list.map(inputs, inputs + 1) }" }
  b: { for-each: "${ inputs.list }", value: "${ [1].map(item, item + index) }" }
  c: { for-each: "${ inputs.list }", value: "${ [1].filter(index, index > 0) }" }
  d: { value: "${ inputs.list.map(item, item + 1) }" }
  e: { value: "${ inputs.list.map(steps, steps) }" }
outputs: { all: "${ [steps.a, steps.d, steps.e] }", b: "${ [steps.b, steps.c] }" }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:5:43: warning[W110]: the variable `inputs` hides the `inputs` of the workflow (give the variable a name of its own)
            w.yaml:6:63: warning[W110]: the variable `item` hides the `item` of the workflow (give the variable a name of its own)
            w.yaml:7:67: warning[W110]: the variable `index` hides the `index` of the workflow (give the variable a name of its own)
            w.yaml:9:42: warning[W110]: the variable `steps` hides the `steps` of the workflow (give the variable a name of its own)"#]],
    );
}

#[test]
fn w111_trying_effects_again() {
    expect_places(
        r#"steps:
  a: { task: t.upsert, with: { order: { id: a, total: 1.5 } }, grant: { http: ["POST https://a.example/*"] }, retry: 3 }
  b: { task: t.upsert-once, with: { order: { id: a, total: 1.5 } }, grant: { http: ["POST https://a.example/*"] }, retry: 3 }
  c: { task: t.upsert, with: { order: { id: a, total: 1.5 } }, grant: { http: ["GET https://a.example/*"] }, retry: 3 }
  d: { sleep: 1s, compensate: { task: t.delete, with: { id: x }, grant: { http: ["DELETE https://a.example/*"] }, retry: { attempts: 9 } } }
"#,
        expect![[r#"
            w.yaml:4:118: warning[W111]: `t.upsert` may change the world, and does not say that trying it again is safe (a task that hands its idempotency key on says so with the annotation `idempotency-key`, one that may be repeated as it is with `idempotent`)
                4:8 `task`: tried again here
            w.yaml:7:122: warning[W111]: `t.delete` may change the world, and does not say that trying it again is safe (a task that hands its idempotency key on says so with the annotation `idempotency-key`, one that may be repeated as it is with `idempotent`)
                7:33 `task`: tried again here
        "#]],
    );
}

#[test]
fn compensations_are_checked_as_any_call() {
    expect_problems(
        r#"steps:
  all: { task: t.orders, with: { region: eu } }
  a:
    for-each: ${ steps.all.orders }
    task: t.upsert
    with: { order: "${ item }" }
    grant: { http: ["POST https://a.example/*"] }
    compensate: { task: t.delete, grant: { http: ["DELETE https://a.example/*"] } }
  b:
    task: t.inc
    with: { n: 1 }
    compensate: { task: t.delete, with: { id: "${ output.id }" }, grant: { http: ["DELETE https://a.example/*"] } }
"#,
        expect![[r#"
            w.yaml:10:25: error[E004]: `t.delete` needs `id`: string (add `id:` under `with:`)
            w.yaml:14:58: error[E010]: there is no field `id` (there is: n)"#]],
    );
}
