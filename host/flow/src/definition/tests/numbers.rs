//! Numbers, times, sizes and grants, in their ranges and out of them (P04).

use expect_test::expect;

use super::{check, problems, sound, step};

#[test]
fn p04_times_out_of_range_name_the_range() {
    let refused = [
        "0",
        "0s",
        "0ms",
        "-1s",
        "∞",
        ".inf",
        "NaN",
        "1e309s",
        "1e3s",
        "5",
        "5 minutes",
        "s",
        "1.5.5s",
        "3661d",
        "0.4ms",
        "99999999999999999999999999999999999999d",
        "\"\"",
        "~",
        "true",
    ];
    for text in refused {
        let (definition, problems) = problems(&step(&format!("timeout: {text}")));
        assert!(definition.is_some(), "{text}: a definition is still made");
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        assert!(problems[0].starts_with("w.yaml:5:14: error[E006]: `timeout` is "), "{}", problems[0]);
        assert!(problems[0].contains("1ms to 3660d"), "{}", problems[0]);
    }
    check(
        &step("timeout: 0s"),
        expect![[r#"
        w.yaml:5:14: error[E006]: `timeout` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
    "#]],
    );
    check(
        &step("timeout: 1e309s"),
        expect![[r#"
        w.yaml:5:14: error[E006]: `timeout` is `1e309s`, which is not a duration of 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
    "#]],
    );
}

#[test]
fn p04_times_in_range() {
    for (text, ms) in [
        ("1ms", 1),
        ("250ms", 250),
        ("1.5s", 1_500),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("3660d", 316_224_000_000),
        ("\"2d\"", 172_800_000),
    ] {
        assert_eq!(
            sound(&step(&format!("timeout: {text}"))).steps[0].timeout.as_ref().map(|timeout| timeout.value),
            Some(crate::definition::TimeoutDef::One(ms)),
            "{text}"
        );
    }
}

#[test]
fn p04_attempts() {
    for text in ["-1", "0", "1001", "1000000000", "1.5", "\"3\"", "many", "18446744073709551616", ".inf", "0x10000"] {
        for place in [format!("retry: {text}"), format!("retry: {{ attempts: {text} }}")] {
            let (_, problems) = problems(&step(&place));
            assert_eq!(problems.len(), 1, "{place}: {problems:?}");
            assert!(
                problems[0].contains("error[E006]: `retry.attempts` is ") && problems[0].ends_with("it may be 1 to 1000"),
                "{}",
                problems[0]
            );
        }
    }
    check(
        &step("retry: -1"),
        expect![[r#"
        w.yaml:5:12: error[E006]: `retry.attempts` is -1; it may be 1 to 1000
    "#]],
    );
    check(
        &step("retry: ~"),
        expect![[r#"
        w.yaml:5:12: error[E005]: expected a whole number, found nothing
    "#]],
    );
    check(
        &step("retry: true"),
        expect![[r#"
        w.yaml:5:12: error[E005]: expected a whole number, found true or false
    "#]],
    );
    check(
        &step("max-parallel: 0"),
        expect![[r#"
            w.yaml:5:5: error[E016]: `max-parallel` belongs to `for-each`, and what stands here is `task` (remove `max-parallel`, or write it where `for-each` is)
        "#]],
    );
    check(
        &step("for-each: [1]\n    max-parallel: 1025"),
        expect![[r#"
        w.yaml:6:19: error[E006]: `max-parallel` is 1025; it may be 1 to 1024
    "#]],
    );
    assert_eq!(sound(&step("retry: 1000")).steps[0].retry.as_ref().and_then(|retry| retry.attempts), Some(1_000));
}

#[test]
fn p04_waits_between_attempts() {
    check(
        &step("retry: { first: 0s, max: -1s, backoff: NaN, jitter: 0.5 }"),
        expect![[r#"
        w.yaml:5:21: error[E006]: `retry.first` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        w.yaml:5:30: error[E006]: `retry.max` is `-1s`, which is not a duration of 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        w.yaml:5:44: error[E005]: `backoff` is `NaN` (one of: exponential, linear, fixed)
        w.yaml:5:57: error[E005]: `jitter` is `0.5` (one of: full, equal, none)
    "#]],
    );
    check(
        &step("retry: { backoff: exponentail, jitter: ful }"),
        expect![[r#"
        w.yaml:5:23: error[E005]: `backoff` is `exponentail` (did you mean `exponential`?)
        w.yaml:5:44: error[E005]: `jitter` is `ful` (did you mean `full`?)
    "#]],
    );
    check(
        "workflow: w\ndefaults: { timeout: forever, retry: { first: 4000d } }\nsteps: { a: { task: t.x } }\n",
        expect![[r#"
        w.yaml:2:22: error[E006]: `timeout` is `forever`, which is not a duration of 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        w.yaml:2:47: error[E006]: `retry.first` is 4000d; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
    "#]],
    );
}

#[test]
fn p04_sizes() {
    check(
        &step("grant: { memory: -1 }"),
        expect![[r#"
        w.yaml:5:22: error[E006]: `memory` is `-1`, which is not a size (write bytes, or a number and a unit: 512KiB, 128MiB, 1GiB)
    "#]],
    );
    check(
        &step("grant: { memory: 128MB }"),
        expect![[r#"
        w.yaml:5:22: error[E006]: `memory` is `128MB`, which is not a size (write bytes, or a number and a unit: 512KiB, 128MiB, 1GiB)
    "#]],
    );
    check(
        &step("grant: { memory: 99999999999999999999 }"),
        expect![[r#"
        w.yaml:5:22: error[E006]: `memory` is `99999999999999999999`, which is not a size (write bytes, or a number and a unit: 512KiB, 128MiB, 1GiB)
    "#]],
    );
    check(
        &step("grant: { memory: 18446744073709551615GiB }"),
        expect![[r#"
        w.yaml:5:22: error[E006]: `memory` is `18446744073709551615GiB`, which is not a size (write bytes, or a number and a unit: 512KiB, 128MiB, 1GiB)
    "#]],
    );
    check(
        &step("grant: { memory: [1] }"),
        expect![[r#"
        w.yaml:5:22: error[E005]: expected a size such as 128MiB, found a list
    "#]],
    );
}

#[test]
fn grants_that_cannot_be_read() {
    check(
        &step(
            "grant: { http: [\"GET\", \"https://x\", \"GET ftp://x\", \"GET https://u:p@x/\", \"GET https://x/*/y*\", \"FETCH https://x/\", \"\", 3] }",
        ),
        expect![[r#"
            w.yaml:5:21: error[E013]: `GET` has no scheme: write `https://host/path/*`
            w.yaml:5:41: error[E013]: scheme `ftp` cannot be granted: only http and https
            w.yaml:5:56: error[E013]: `p@x` is not a port (0 to 65535)
            w.yaml:5:78: error[E013]: path `/*/y*`: `*` may stand only at its end, and a query cannot be granted
            w.yaml:5:120: error[E013]: `` has no scheme: write `https://host/path/*`
            w.yaml:5:124: error[E013]: `3` has no scheme: write `https://host/path/*`
        "#]],
    );
    check(
        &step(
            "grant: { files: [\"read\", \"delete x\", \"read ../../etc\", \"write /\", \"read a as /b\", \"read a as ..\", \"read a\", \"write a\"] }",
        ),
        expect![[r#"
        w.yaml:5:12: error[E013]: `write a as a` and `read a as a` give the same name to two directories (give one of them another name: `read DIRECTORY as NAME`)
        w.yaml:5:22: error[E013]: `read` does not say what may be done: write `read DIRECTORY` or `write DIRECTORY`, and `as NAME` after it if the task should see another name
        w.yaml:5:30: error[E013]: `delete` is neither `read` nor `write`: write `read DIRECTORY` or `write DIRECTORY`, and `as NAME` after it if the task should see another name
        w.yaml:5:60: error[E013]: `write /` names no directory: write `read DIRECTORY` or `write DIRECTORY`, and `as NAME` after it if the task should see another name
        w.yaml:5:87: error[E013]: the name `..` must not contain `..`
    "#]],
    );
    check(
        &step("grant: { secrets: [{ hosts: [x] }, [a], { name: [] }], config: [{}], scratch: 1 }"),
        expect![[r#"
        w.yaml:5:24: error[E004]: a secret needs a `name`
        w.yaml:5:40: error[E005]: expected a name, found a list
        w.yaml:5:45: error[E004]: a secret needs a `name`
        w.yaml:5:53: error[E005]: expected a name, found a list
        w.yaml:5:69: error[E005]: expected a name, found a mapping
        w.yaml:5:83: error[E005]: `scratch` is `1` (one of: true, false)
    "#]],
    );
}
