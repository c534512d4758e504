//! Timelines word for word.

use std::ffi::OsString;

use expect_test::{Expect, expect};
use jackfield_flow::checkpoint::Batch;
use jackfield_flow::plan::{Action, PlanTemplate, Role};
use jackfield_flow::run::{Event, Millis, Place, RunId};
use jackfield_flow::types::{Type, Value};

use super::super::model::Timeline;
use super::super::text::Glyphs;
use super::kit::{START, at, began, blocked, done, each, failed, failure, one, plan, started, task};
use crate::graph::Paint;

fn check(timeline: &Timeline, width: usize, glyphs: Glyphs, expected: Expect) {
    expected.assert_eq(&timeline.to_text(width, Paint::Plain, glyphs));
}

/// A run that does, waits for and suffers everything once, and fails.
pub(super) fn eventful() -> Timeline {
    let sleep = Action::Sleep(PlanTemplate::Value(Value::string("2s")));
    let signal = Action::Signal { name: "paid".into(), ty: Type::Json };
    let mut undo = one("list/compensate", task());
    undo.role = Role::Compensate { of: 0 };
    let mut idle = one("list/finally", task());
    idle.role = Role::Finally { of: 0 };
    let steps = vec![
        one("list", task()),
        each("save"),
        one("cool-down", sleep),
        one("paid", signal),
        one("audit", task()),
        one("classify-\u{1b}[2J", task()),
        one("report", task()),
        one("adopted", task()),
        undo,
        idle,
    ];
    let batches = vec![
        at(0, vec![began(), Event::Adopted { step: 7, output: None }, started(0, None, 1)]),
        at(1_200, vec![done(0, None), Event::Skipped { step: 4 }, started(2, None, 1), started(3, None, 1)]),
        at(1_300, vec![Event::ItemsOpened { step: 1, count: 3 }, started(1, Some(0), 1), started(1, Some(1), 1)]),
        at(2_000, vec![started(5, None, 1)]),
        at(2_500, vec![failed(5, None, Some(3_500)), done(1, Some(0)), started(1, Some(2), 1)]),
        at(3_200, vec![done(2, None)]),
        at(3_500, vec![started(5, None, 2)]),
        at(4_000, vec![failed(5, None, Some(6_000))]),
        at(4_100, vec![done(1, Some(1))]),
        at(5_000, vec![Event::Lost { places: vec![Place { step: 1, item: Some(2) }] }, started(1, Some(2), 2)]),
        at(6_000, vec![started(5, None, 3)]),
        at(6_400, vec![done(1, Some(2)), blocked()]),
        at(7_500, vec![Event::Unblocked]),
        at(7_600, vec![failed(5, None, None), started(8, None, 1)]),
        at(8_000, vec![done(8, None), Event::RunFailed { step: Some(5), failure: failure() }]),
    ];
    Timeline::of(&plan(steps), &batches, Millis(START + 99_000)).named(RunId(7))
}

#[test]
fn every_stretch_of_time_is_drawn_as_what_it_was() {
    check(
        &eventful(),
        90,
        Glyphs::Unicode,
        expect![[r#"
        orders, run 7: failed, 8.0s
        from 2026-03-01 02:15:00Z
                                       0s            2s             4s             6s
                                       ├─────────────┬──────────────┬──────────────┬──────────────
        ✗ (run)                  1.1s                                                 !!!!!!!!
        ✓ list                   1.2s  ████████
        ✓ cool-down              2.0s          ───────────────
        ■ paid                   6.8s          ══════════════════════════════════════════════════■
        ✓ save                   5.1s           ▄████████████████████▅▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▁
                                       3 items: 3 done
        ✓   save[0]              1.2s           █████████
        ✓   save[1]              2.8s           █████████████████████
        ✓   save[2]              3.9s                    ░░░░░░░░░░░░░░░░░░███████████ 2 attempts
        ✗ classify-\u{1b}[2J     5.6s                ███✗╌╌╌╌╌╌╌███✗╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌███████████✗
                                       3 attempts, http-timeout
        ✓ list/compensate       400ms                                                          ███
        – audit                        skipped
        ○ report
        ✓ adopted                      taken over from an earlier run

        █ works   ╌ pause before the next attempt   ─ waits for a time   ═ waits for a signal
        ! blocked   ✗ failed   ░ lost with its worker   ■ cut off by the end of the run
        ▂█ fewer or more items at work
    "#]],
    );
    check(
        &eventful(),
        90,
        Glyphs::Ascii,
        expect![[r#"
        orders, run 7: failed, 8.0s
        from 2026-03-01 02:15:00Z
                                       0s            2s             4s             6s
                                       +-------------+--------------+--------------+--------------
        x (run)                  1.1s                                                 !!!!!!!!
        + list                   1.2s  ########
        + cool-down              2.0s          ---------------
        / paid                   6.8s          ==================================================/
        + save                   5.1s           =####################+================.
                                       3 items: 3 done
        +   save[0]              1.2s           #########
        +   save[1]              2.8s           #####################
        +   save[2]              3.9s                    %%%%%%%%%%%%%%%%%%########### 2 attempts
        x classify-\u{1b}[2J     5.6s                ###x.......###x...............###########x
                                       3 attempts, http-timeout
        + list/compensate       400ms                                                          ###
        - audit                        skipped
        o report
        + adopted                      taken over from an earlier run

        # works   . pause before the next attempt   - waits for a time   = waits for a signal
        ! blocked   x failed   % lost with its worker   / cut off by the end of the run
        :# fewer or more items at work
    "#]],
    );
    check(
        &eventful(),
        40,
        Glyphs::Unicode,
        expect![[r#"
        orders, run 7: failed, 8.0s
        from 2026-03-01 02:15:00Z
                         0s            5s
                         ├─────────────┬────────
        ✗ (run)                            !!!
        ✓ list           ███
        ✓ cool-down         ──────
        ■ paid              ═══════════════════■
        ✓ save              ▃████████▄▄▄▄▄▄▂
                         3 items: 3 done
        ✓   save[0]         ████
        ✓   save[1]         ████████
        ✓   save[2]             ░░░░░░░████
                         2 attempts
        ✗ classi…1b}[2J       █✗╌╌╌✗╌╌╌╌╌╌███✗
                         3 attempts,…ttp-timeout
        ✓ list/c…ensate                       ██
        – audit          skipped
        ○ report
        ✓ adopted        taken over …earlier run

        █ works
        ╌ pause before the next attempt
        ─ waits for a time
        ═ waits for a signal   ! blocked
        ✗ failed   ░ lost with its worker
        ■ cut off by the end of the run
        ▂█ fewer or more items at work
    "#]],
    );
}

#[test]
fn a_run_that_goes_on_ends_now() {
    let approval = Action::Approval { question: PlanTemplate::Value(Value::string("Release?")) };
    let until = Action::Until(PlanTemplate::Value(Value::string("2026-03-02T02:15:00Z")));
    let steps = vec![one("list", task()), one("release", approval), one("morning", until), one("late", task())];
    let batches = vec![
        at(0, vec![began(), started(0, None, 1), started(1, None, 1), started(2, None, 1)]),
        at(40_000_000, vec![failed(1, None, None)]),
        at(50_000_000, vec![Event::CancelRequested { reason: "wrong\u{1b} region".into() }]),
    ];
    let timeline = Timeline::of(&plan(steps), &batches, Millis(START + 100_000_000));
    check(
        &timeline,
        70,
        Glyphs::Unicode,
        expect![[r#"
        orders: running, 1d 03h
        from 2026-03-01 02:15:00Z
        cancel asked for after 13h 53m: wrong\u{1b} region
                            0s        6h         12h        18h        1d
                            ├─────────┬──────────┬──────────┬──────────┬──────
        ● list      1d 03h  ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
        ✗ release  11h 06m  ═══════════════════✗ http-timeout
        ● morning   1d 03h  ──────────────────────────────────────────────────
        ○ late

        █ works   ─ waits for a time   ═ waits for an approval   ✗ failed
        ▓ goes on
    "#]],
    );
}

#[test]
fn what_the_end_cuts_off_is_cancelled() {
    let batches = vec![
        at(0, vec![began(), started(0, None, 1), started(1, None, 1)]),
        at(300, vec![failed(1, None, Some(9_000))]),
        at(500, vec![Event::Released { places: vec![Place { step: 0, item: None }] }, started(0, None, 2)]),
        at(1_000, vec![Event::RunCancelled]),
    ];
    let timeline = Timeline::of(&plan(vec![one("list", task()), one("save", task())]), &batches, Millis(START + 99_000));
    check(
        &timeline,
        70,
        Glyphs::Unicode,
        expect![[r#"
        orders: cancelled, 1.0s
        from 2026-03-01 02:15:00Z
                         0s        200ms      400ms     600ms      800ms
                         ├─────────┬──────────┬─────────┬──────────┬──────────
        ■ list     1.0s  ░░░░░░░░░░░░░░░░░░░░░░░░░░██████████████████████████■
                         2 attempts
        ■ save     1.0s  ██████████████✗╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌■

        █ works   ╌ pause before the next attempt   ✗ failed
        ░ given back by its worker   ■ cut off by the end of the run
    "#]],
    );
}

/// A hundred thousand items, 32 at a time, of which a few fail.
pub(super) fn many_items(count: u32) -> Timeline {
    let mut batches = vec![at(0, vec![began(), Event::ItemsOpened { step: 0, count }])];
    for item in 0..count {
        let from = i64::from(item / 32) * 10 + i64::from(item % 7);
        batches.push(at(from, vec![started(0, Some(item), 1)]));
        let end = if item % 30_001 == 30_000 { failed(0, Some(item), None) } else { done(0, Some(item)) };
        batches.push(at(from + 5 + i64::from(item / 20_000), vec![end]));
    }
    Timeline::of(&plan(vec![each("upload")]), &batches, Millis(START + i64::from(count / 32) * 10 + 20))
}

#[test]
fn many_items_are_one_bar_with_counts() {
    check(
        &many_items(100_000),
        80,
        Glyphs::Unicode,
        expect![[r#"
        orders: running, 31.2s
        from 2026-03-01 02:15:00Z
                           0s                 10s                 20s                30s
                           ├──────────────────┬───────────────────┬──────────────────┬──
        ✗ upload    31.2s  ▅▅▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆✗▆▆▆▆▆▆▇▇▇▇▇▇▇▇▇▇▇✗█████████████████✗██████
                           100,000 items: 99,997 done, 3 failed

        ✗ failed   ▂█ fewer or more items at work
    "#]],
    );
    check(
        &many_items(100_000),
        80,
        Glyphs::Ascii,
        expect![[r#"
        orders: running, 31.2s
        from 2026-03-01 02:15:00Z
                           0s                 10s                 20s                30s
                           +------------------+-------------------+------------------+--
        x upload    31.2s  ++++++++++++******x******%%%%%%%%%%%x#################x######
                           100,000 items: 99,997 done, 3 failed

        x failed   :# fewer or more items at work
    "#]],
    );
    check(
        &many_items(7),
        80,
        Glyphs::Unicode,
        expect![[r#"
        orders: running, 20ms
        from 2026-03-01 02:15:00Z
                           0s             5ms            10ms           15ms
                           ├──────────────┬──────────────┬──────────────┬───────────────
        ✓ upload     11ms  ▂▂▂▄▄▄▅▅▅▇▇▇█████████▇▇▇▆▅▅▄▄▄▃▂▂▁ 7 items: 7 done

        ▂█ fewer or more items at work
    "#]],
    );
}

#[test]
fn without_events_there_is_a_picture_too() {
    let batches: Vec<Batch> = Vec::new();
    check(
        &Timeline::of(&plan(vec![one("list", task())]), &batches, Millis(START)),
        60,
        Glyphs::Unicode,
        expect![[r#"
        orders: running, 0ms
        from 2026-03-01 02:15:00Z
                         0s
                         ├──────────────────────────────────────────
        ○ list

    "#]],
    );
    assert!(Timeline::of(&plan(Vec::new()), &batches, Millis(i64::MAX)).to_svg().contains("</svg>"));
}

#[test]
fn the_locale_decides_about_characters() {
    let glyphs =
        |env: &[(&str, &str)]| Glyphs::of(&|name| env.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)));
    assert_eq!(glyphs(&[]), Glyphs::Unicode);
    assert_eq!(glyphs(&[("LANG", "de_DE.UTF-8")]), Glyphs::Unicode);
    assert_eq!(glyphs(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]), Glyphs::Unicode);
    assert_eq!(glyphs(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]), Glyphs::Ascii);
    assert_eq!(glyphs(&[("LANG", "de_DE.ISO-8859-1")]), Glyphs::Ascii);
}

#[test]
fn the_svg_says_what_it_shows() {
    let svg = eventful().to_svg();
    for words in [
        "<title id=\"jt-title\">orders, run 7: failed, 8.0s</title>",
        "<desc id=\"jt-desc\">",
        "pause before the next attempt",
        "waits for a signal",
        "lost with its worker",
        "list/compensate",
        "http-timeout",
        "prefers-color-scheme: dark",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    assert!(!svg.contains('\u{1b}') && !svg.contains("list/finally"));
}
