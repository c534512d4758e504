//! Schedules of a file: what is read, and the place of every problem.

use expect_test::expect;

use super::{check, sound};
use crate::plan::Overlap;
use crate::schedule::CatchUp;

#[test]
fn a_schedule_is_read_with_what_it_leaves_out() {
    let definition = sound(
        "workflow: w
on:
  - { cron: '15 2 * * *', time-zone: Europe/Rome, overlap: cancel-running, catch-up: all, inputs: { n: 3, list: [a, { b: 1 }] } }
  - cron: >-
      0 9 * *
      mon-fri
steps: {}
",
    );
    let [full, short] = &definition.schedules[..] else { panic!("{:?}", definition.schedules) };
    assert_eq!((&*full.cron.value, &*full.time_zone.as_ref().expect("a zone").value), ("15 2 * * *", "Europe/Rome"));
    assert_eq!((full.overlap.as_ref().map(|overlap| overlap.value), full.catch_up), (Some(Overlap::CancelRunning), Some(CatchUp::All)));
    let inputs: Vec<String> = full.inputs.iter().map(|(name, value)| format!("{}={}", name.value, value.value.to_json())).collect();
    assert_eq!(inputs, ["n=3", "list=[\"a\",{\"b\":1}]"]);
    assert_eq!(&*short.cron.value, "0 9 * * mon-fri");
    assert!(short.time_zone.is_none() && short.overlap.is_none() && short.catch_up.is_none() && short.inputs.is_empty());
    assert_eq!(sound("workflow: w\non: { cron: '@daily' }\nsteps: {}\n").schedules.len(), 1);
}

#[test]
fn e031_e032_d17_times_that_are_none() {
    check(
        "workflow: w
on:
  - cron: \"* * * * * *\"
  - cron: '0 0 31 2 *'
  - { cron: 61 * * * * }
  - { cron: \"0 0 * * \\u006dontag\" }
  - { cron: 5 }
  - { cron: [1] }
  - { cron: }
  - {}
  - @daily
steps: {}
",
        expect![[r#"
            w.yaml:11:5: error[E001]: not well-formed YAML: unexpected character: `@'
        "#]],
    );
    check(
        "workflow: w
on:
  - cron: \"* * * * * *\"
  - cron: '0 0 31 2 *'
  - { cron: 61 * * * * }
  - { cron: \"0 0 * * \\u006dontag\" }
  - { cron: 5 }
  - { cron: [1] }
  - { cron: }
  - {}
  - '@daily'
steps: {}
",
        expect![[r#"
            w.yaml:3:22: error[E031]: a cron expression has 5 fields; this has 6 (the fields are minute, hour, day of the month, month, day of the week; there are none for seconds and years)
            w.yaml:4:16: error[E032]: `0 0 31 2 *` never fires: no month that it names has such a day (correct the day or the month; the last day of every month is `L`)
            w.yaml:5:13: error[E031]: the minute is 61; it may be 0 to 59
            w.yaml:6:13: error[E031]: `montag` is no day of the week (write a number, 0 to 7, or a name: sun, mon, tue, wed, thu, fri, sat)
            w.yaml:7:14: error[E031]: a cron expression has 5 fields; this has 1 (the fields are minute, hour, day of the month, month, day of the week; `hour` is the next)
            w.yaml:8:13: error[E005]: expected a cron expression such as `15 2 * * *`, found a list
            w.yaml:9:11: error[E005]: expected a cron expression such as `15 2 * * *`, found nothing
            w.yaml:10:5: error[E004]: a schedule needs `cron` (add `cron:`. When: minute, hour, day of the month, month, day of the week; or `@daily` and the like.)
            w.yaml:11:5: error[E005]: expected a mapping (a schedule), found a text
        "#]],
    );
}

#[test]
fn e033_time_zones_that_do_not_exist() {
    check(
        "workflow: w
on:
  - { cron: '@daily', time-zone: Rome }
  - { cron: '@daily', time-zone: europe/rome }
  - { cron: '@daily', time-zone: Europe/Rom }
  - { cron: '@daily', time-zone: Mars/Olympus_Mons }
  - { cron: '@daily', time-zone: +02:00 }
  - { cron: '@daily', time-zone: [UTC] }
steps: {}
",
        expect![[r#"
            w.yaml:3:34: error[E033]: no time zone is named `Rome` (did you mean `Europe/Rome`?)
            w.yaml:4:34: error[E033]: no time zone is named `europe/rome` (did you mean `Europe/Rome`?)
            w.yaml:5:34: error[E033]: no time zone is named `Europe/Rom` (did you mean `Europe/Rome`?)
            w.yaml:6:34: error[E033]: no time zone is named `Mars/Olympus_Mons` (write a name of the IANA database, such as `Europe/Rome`, or `UTC`)
            w.yaml:7:34: error[E033]: no time zone is named `+02:00` (write a name of the IANA database, such as `Europe/Rome`, or `UTC`)
            w.yaml:8:34: error[E005]: expected the name of a time zone such as `Europe/Rome`, found a list
        "#]],
    );
}

#[test]
fn the_rest_of_a_schedule_is_as_strict() {
    check(
        "workflow: w
on:
  - { cron: '@daily', overlap: never, catch-up: lst, tz: UTC, cron: '@hourly' }
  - { cron: '@daily', inputs: { n: \"${ 1 + 1 }\", list: [1, \"${ run.key }\"], N: 3, text: \"a ${ b }\" } }
  - { cron: '@daily', inputs: [1] }
steps: {}
",
        expect![[r#"
            w.yaml:3:32: error[E005]: `overlap` is `never` (one of: skip, queue, cancel-running, allow)
            w.yaml:3:49: error[E005]: `catch-up` is `lst` (did you mean `last`?)
            w.yaml:3:54: error[E002]: unknown key `tz` in a schedule (a schedule has: cron, time-zone, overlap, catch-up, inputs)
            w.yaml:3:63: error[E003]: `cron` stands twice (it is already in line 3)
            w.yaml:4:36: error[E005]: the inputs of a schedule are literal values; this is an expression (write the value; what depends on the instant is computed in the steps, from `run.scheduled_at`)
            w.yaml:4:60: error[E005]: the inputs of a schedule are literal values; this is an expression (write the value; what depends on the instant is computed in the steps, from `run.scheduled_at`)
            w.yaml:4:77: error[E007]: `N` cannot name an input (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:4:89: warning[W102]: `${ b }` is taken as it stands: only a value that is wholly `${ … }` is an expression (build the text inside: "${ 'id-' + string(inputs.id) }")
            w.yaml:5:31: error[E005]: expected a mapping from names to inputs, found a list
        "#]],
    );
    let many = format!("workflow: w\non:\n{}steps: {{}}\n", "  - cron: '@daily'\n".repeat(101));
    check(
        &many,
        expect![[r#"
        w.yaml:3:3: error[E006]: 101 schedules; a workflow may have 100 (one schedule may name many times: `0,15,30 8-18 * * *`)
    "#]],
    );
}
