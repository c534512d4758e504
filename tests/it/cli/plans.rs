//! `plan` of every kind of step, and `plan --dry`.

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::check;

fn world() -> World {
    let world = World::new();
    world.workflow(
        r#"flows:
  child:
    workflow: child
    inputs: { name: string }
    steps: { say: { task: probe.echo, with: { value: "${ inputs.name }" } } }
labels: { team: sales, region: "${ inputs.region }" }
concurrency: { key: "${ inputs.region }", limit: 2, when-busy: skip }
priority: 5
retention: 30d
inputs: { region: { type: string, default: eu }, count: { type: int, default: 2 } }
steps:
  read:
    task: probe.read
    with: { path: "${ inputs.region + '.txt' }" }
    grant: { files: [read data] }
    retry: { attempts: 3, on: [limit.time] }
    timeout: { attempt: 10s, total: 5m }
    lock: { name: "${ inputs.region }", permits: 3 }
    rate: { limit: 5, per: 1m }
    on-error: { denied.files: { value: nothing }, any: fail }
  each:
    for-each: ${ range(0, inputs.count) }
    max-parallel: 2
    task: probe.echo
    with: { value: "${ [item, size(steps.read)] }" }
    cache: true
    finally: { task: probe.echo, with: { value: 0 } }
    compensate: { task: probe.echo, with: { value: "${ output }" } }
  once: { task: probe.spin, with: { rounds: 1 }, effect: at-most-once, priority: -3, if: "${ inputs.count > 5 }" }
  below: { flow: child, with: { name: "${ inputs.region }" } }
  nap: { sleep: 2d, needs: each, if: "${ steps.read == 'x' }" }
  ask: { wait: { approval: "${ 'Ship to ' + inputs.region + '?' }" }, timeout: 1h }
  go: { wait: { signal: go, type: int } }
  pick:
    choose:
      - if: ${ inputs.count > 1 }
        task: probe.echo
        with: { value: many }
      - value: null
  first: { race: { fast: { task: probe.echo, with: { value: 1 } }, late: { sleep: 5m } } }
  again: { repeat: { start: 0, until: "${ carry > 3 }", max: 9, every: 1s }, task: probe.spin, with: { rounds: 2 } }
"#,
    );
    world
}

#[test]
fn a_plan_tells_every_kind() {
    let world = world();
    check(
        &world,
        &["plan", "w.yaml", "--quiet"],
        expect![[r#"
            workflow w
              at most 2 at once with the same key inputs.region; others are skipped
              labels team=sales, region=inputs.region
              priority 5
              kept for 30d 00h after its end

            INPUT   TYPE    DEFAULT  MEANING
            region  string  "eu"
            count   int     2

            STEP              DOES              NEEDS  EFFECT  GRANTS            TIMEOUT        RETRY
            read              probe.read               READS   files read data   10.0s          3 attempts,
            lock                                               as data           5m 00s in all  1.0s–1m 00s
            inputs.region ×3                                                                    doubling, full
            5 per 1m                                                                            jitter, on
            on denied.files:                                                                    limit.time
            value nothing
            on any error:
            fail
            each              each item, 2 at   read   PURE                      30.0s          never
            cache             once
                              probe.echo
              /finally        probe.echo               PURE                      30.0s          never
              /compensate     probe.echo               PURE                      30.0s          never
            once              probe.spin               PURE                      30.0s          never
            if inputs.count
            > 5
            at most once
            priority -3
            below             flow child               PURE                                     never
            nap               sleep 2d          read   PURE
            if steps.read ==                    each
            'x'
            ask               approval: 'Ship          PURE                      1h 00m in all
                              to ' +
                              inputs.region +
                              '?'
            go                signal go                PURE
            pick              choose                   PURE                      30.0s          never
                              if inputs.count
                              > 1: probe.echo
                              else: value null
            first             race                     PURE                      30.0s          never
                              fast: probe.echo
                              late: sleep 5m
            again             repeat ≤9, every         PURE                      30.0s          never
                              1s, until carry
                              > 3
                              probe.spin

            read
              takes {path: string}
              gives string
            each
              takes {value: json}
              gives list<json>
            once
              takes {rounds: int}
              gives option<int>
            below
              gives {}
            nap
              gives null
            ask
              gives {by: string, note: option<string>, at: timestamp}
            go
              gives int
            pick
              takes {value: json}
              gives json
            first
              takes {value: json}
              gives {winner: "fast" | "late", value: json}
            again
              takes {rounds: int}
              gives int

            PLUGIN  DIGEST
            probe   DIGEST

            sub-workflow child

            INPUT  TYPE    DEFAULT  MEANING
            name   string

            STEP  DOES        NEEDS  EFFECT  GRANTS  TIMEOUT  RETRY
            say   probe.echo         PURE            30.0s    never

            say
              takes {value: json}
              gives json

            PLUGIN  DIGEST
            probe   DIGEST
            --- stderr
            --- exit 0
        "#]],
    )
    .expect(0);
    let plan = world.jackfield(&["plan", "w.yaml", "--json"]).expect(0).json();
    let steps = &plan["steps"];
    assert_eq!((&steps[0]["effect"], &steps[3]["kind"], &plan["flows"][0]["workflow"]), (&json!("READS"), &json!("flow"), &json!("child")));
    assert_eq!((&steps[0]["rate"]["limit"], &steps[0]["lock"]["permits"], &steps[0]["total_ms"]), (&json!(5), &json!(3), &json!(300_000)));
    assert_eq!((&steps[1]["compensate"], &steps[2]["at_most_once"]), (&json!("each/compensate"), &json!(true)));
}

#[test]
fn a_dry_plan_tells_what_is_known_before() {
    let world = world();
    check(
        &world,
        &["plan", "w.yaml", "--quiet", "--dry", "--input", "region=us"],
        expect![[r#"
            workflow w, nothing is run

            wave 1
              read  probe.read  READS
                with {"path":"us.txt"}
                grant files read data as data
              once  probe.spin  PURE, skipped: its condition is false
              below  flow child  PURE
                with {"name":"us"}
              ask  approval: 'Ship to ' + inputs.region + '?'  PURE
                with "Ship to us?"
              go  signal go  PURE
              pick  choose, if inputs.count > 1: probe.echo, else: value null  PURE
                with probe.echo {"value":"many"}
              first  race, fast: probe.echo, late: sleep 5m  PURE
                with probe.echo {"value":1}
                with "PT5M"
              again  repeat ≤9, every 1s, until carry > 3, probe.spin  PURE
                with {"rounds":2}

            wave 2
              each  each item, 2 at once, probe.echo  PURE
                needs read
                items 2
                with {"value":"${ [item, size(steps.read)] }"}

            wave 3
              nap  sleep 2d  PURE, if steps.read == 'x' (not known yet)
                needs read, each
                with "PT48H"
            --- stderr
            --- exit 0
        "#]],
    )
    .expect(0);
    let dry = world.jackfield(&["plan", "w.yaml", "--dry", "--json", "-i", "count=9"]).expect(0).json();
    let first = dry["waves"][0].as_array().expect("a list");
    let once = first.iter().find(|step| step["name"] == "once").expect("it is in the first wave");
    assert_eq!((&once["runs"], &once["actions"][0]["with"]), (&json!(true), &json!({"rounds": 1})));
    assert_eq!((&dry["waves"][1][0]["items"], &dry["waves"][1][0]["actions"][0]["known"]), (&json!(9), &json!(false)));
    check(
        &world,
        &["plan", "w.yaml", "--quiet", "--dry", "-i", "count=x"],
        expect![[r#"
        --- stderr
        error: --input count: it must be int, written as JSON: this is not JSON: expected a value, found 'x' (line 1, column 1)
        --- exit 2
    "#]],
    )
    .expect(2);
    world.jackfield(&["plan", "w.yaml", "-i", "count=1"]).expect(2);
}

#[test]
fn a_plan_tells_when_it_starts_by_itself() {
    let world = World::new();
    world.write(
        "w.yaml",
        r#"workflow: w
inputs: { region: { type: string, default: eu } }
on:
  - cron: "@daily"
  - { cron: 15 2 * * mon-fri, time-zone: Europe/Rome, overlap: skip, catch-up: all, inputs: { region: us } }
  - { cron: 0 0 L * *, overlap: queue, catch-up: skip }
  - { cron: 0 12 * * *, overlap: cancel-running }
steps: { a: { value: "${ inputs.region }" } }
"#,
    );
    check(&world, &["plan", "w.yaml", "--quiet"], expect![[r#"
        workflow w
          starts at @daily UTC
          starts at 15 2 * * mon-fri Europe/Rome, given {"region":"us"}; left out while the last run has not ended; all that is missed is made up for
          starts at 0 0 L * * UTC; waits for the end of the last run; what is missed is left out
          starts at 0 12 * * * UTC; cancels the last run

        INPUT   TYPE    DEFAULT  MEANING
        region  string  "eu"

        STEP  DOES                 NEEDS  EFFECT  GRANTS  TIMEOUT  RETRY
        a     value inputs.region         PURE

        a
          gives string

        --- stderr
        --- exit 0
    "#]]).expect(0);
    let plan = world.jackfield(&["plan", "w.yaml", "--json"]).expect(0).json();
    let second = json!({
        "cron": "15 2 * * mon-fri", "time_zone": "Europe/Rome", "overlap": "skip", "catch_up": "all", "inputs": { "region": "us" }
    });
    assert_eq!((plan["schedules"].as_array().map(Vec::len), &plan["schedules"][1]), (Some(4), &second));
}
