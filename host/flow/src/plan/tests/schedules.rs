//! Schedules against the inputs of their workflow.

use expect_test::expect;

use super::kit::{expect_places, expect_problems, expect_types, plan_of};
use crate::plan::{Overlap, Plan};
use crate::run::Millis;
use crate::schedule::CatchUp;

#[test]
fn what_a_schedule_gives_must_start_the_workflow() {
    expect_problems(
        r#"inputs: { region: { type: string, enum: [eu, us] }, per-year: int, when: { type: timestamp, default: "2030-01-01T00:00:00Z" } }
on:
  - { cron: "@daily" }
  - { cron: "@daily", inputs: { region: eu, per-year: 12, when: "2031-01-01T00:00:00Z" } }
  - { cron: "@daily", inputs: { region: de, per-year: many, regoin: eu, other: 1 } }
  - { cron: "@daily", inputs: { region: eu, per-year: 1, when: soon } }
steps: { a: { value: ["${ inputs.region }", "${ inputs.per_year }", "${ inputs.when }"] } }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:5:5: error[E004]: the schedule does not give the input `region` ("eu" | "us"), which has no default (add `inputs: { region: … }` to the schedule, or give the input a default)
            w.yaml:5:5: error[E004]: the schedule does not give the input `per-year` (int), which has no default (add `inputs: { per-year: … }` to the schedule, or give the input a default)
            w.yaml:7:41: error[E015]: the input `region` must be "eu" | "us": expected "eu" | "us", found string "de"
            w.yaml:7:55: error[E015]: the input `per-year` must be int: expected int, found string "many"
            w.yaml:7:61: error[E002]: the workflow has no input `regoin` (did you mean `region`?)
            w.yaml:7:73: error[E002]: the workflow has no input `other` (it has: region, per-year, when)
            w.yaml:8:64: error[E015]: the input `when` must be timestamp: expected timestamp, found string "soon"; write it as RFC 3339 text, such as "2024-05-01T12:00:00Z""#]],
    );
    // An input that could not be read is told of once.
    expect_problems(
        "inputs: { region: strin }\non: { cron: '@daily', inputs: { region: eu, other: 1 } }\nsteps: { a: { task: t.numbers } }\n",
        expect![[r#"
            w.yaml:3:19: error[E005]: there is no type `strin`: the types are string, int, integer, float, number, bool, boolean, timestamp, duration, bytes, list, map, record, json, array, object (did you mean `string`?)
            w.yaml:4:45: error[E002]: the workflow has no input `other` (it has none: remove it, or add it under the workflow's `inputs`)"#]],
    );
}

#[test]
fn e034_runs_that_would_wait_in_two_places() {
    expect_places(
        r#"concurrency: { limit: 2 }
on:
  - { cron: "@daily", overlap: queue }
  - { cron: "@weekly", overlap: cancel-running }
  - { cron: "@monthly", overlap: skip }
  - { cron: "@yearly", overlap: allow }
steps: { a: { task: t.numbers } }
"#,
        expect![[r#"
            w.yaml:5:32: error[E034]: the runs of this schedule would wait for each other, and for others by `concurrency` (remove `overlap` here, and say `when-busy` under `concurrency`)
                3:14 `{ limit: 2 }`: all runs of the workflow wait here
            w.yaml:6:33: error[E034]: the runs of this schedule would wait for each other, and for others by `concurrency` (remove `overlap` here, and say `when-busy` under `concurrency`)
                3:14 `{ limit: 2 }`: all runs of the workflow wait here
        "#]],
    );
}

#[test]
fn w113_two_schedules_that_are_the_same() {
    expect_places(
        r#"inputs: { n: { type: int, default: 1 } }
on:
  - { cron: "0 0 * * *" }
  - { cron: "@daily", overlap: skip }
  - { cron: "@daily", time-zone: Europe/Rome }
  - { cron: "@daily", inputs: { n: 1 } }
  - { cron: " 00 0 * * * ", time-zone: UTC }
steps: { a: { task: t.inc, with: { n: "${ inputs.n }" } } }
"#,
        expect![[r#"
            w.yaml:6:13: warning[W113]: this schedule is the same as schedule 1: each instant starts two runs (remove one of them)
                5:13 `"0 0 * * *" `: the same
            w.yaml:9:13: warning[W113]: this schedule is the same as schedule 1: each instant starts two runs (remove one of them)
                5:13 `"0 0 * * *" `: the same
        "#]],
    );
}

#[test]
fn the_instant_of_a_run_is_an_option() {
    expect_types(
        r#"steps:
  a: { value: "${ run.scheduled_at }" }
  b: { value: "${ run.scheduled_at.orValue(run.started_at) }" }
  c: { value: "${ run.scheduled_at == null ? 'by hand' : 'by the clock' }" }
  d: { until: "${ run.scheduled_at }" }
"#,
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:7:15: error[E010]: `until` wants timestamp, and this is option<timestamp>: expected timestamp, found option<timestamp> (it may be nothing: give it a value with `.orValue(...)`)"#]],
    );
}

#[test]
fn schedules_survive_storage_and_a_plan_without_them_is_written_as_before() {
    let text = |on: &str| {
        format!(
            "workflow: w\nplugins: {{ t: t.wasm }}\n{on}inputs: {{ n: int }}\nsteps: {{ a: {{ task: t.inc, with: {{ n: \"${{ inputs.n }}\" }} }} }}\n"
        )
    };
    let plan = plan_of(&text("on: { cron: '30 2 * * *', time-zone: Europe/Rome, overlap: queue, catch-up: all, inputs: { n: 7 } }\n"));
    let again = Plan::from_bytes(&plan.to_bytes().0).expect("readable");
    assert_eq!(again, plan);
    let schedule = &again.schedules[0];
    assert_eq!((schedule.overlap, schedule.catch_up, schedule.inputs.to_json().as_str()), (Overlap::Queue, CatchUp::All, r#"{"n":7}"#));
    let first = schedule.timetable().expect("an engine reads what it wrote").after(Millis(1_750_000_000_000));
    assert_eq!(first.map(|at| at.timestamp().to_string()).as_deref(), Some("2025-06-16T00:30:00Z"));
    assert_eq!(plan.schedule_name(0), "w/1");
    let bytes = plan_of(&text("")).to_bytes().0;
    assert!(!String::from_utf8(bytes).expect("JSON").contains("schedules"));
}
