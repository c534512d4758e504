//! What holds for runs of every size and for every width.

use jackfield_flow::run::{Event, Millis, Place};

use super::super::density::{FULL, density};
use super::super::model::{End, RowKind, Span, Timeline, What, grouped};
use super::super::scale::Scale;
use super::super::text::Glyphs;
use super::drawn::{eventful, many_items};
use super::kit::{START, at, began, blocked, done, each, failed, one, plan, started, task};
use crate::graph::Paint;
use crate::graph::tests::xml::read;

#[test]
fn ten_thousand_steps_are_drawn_within_bounds() {
    let steps = 10_000_u32;
    let mut batches = vec![at(0, vec![began()])];
    for step in 0..steps {
        let from = i64::from(step) * 10;
        batches.push(at(from, vec![started(step, None, 1)]));
        let end = if step == 7_777 { failed(step, None, None) } else { done(step, None) };
        batches.push(at(from + if step == 5_000 { 9_000 } else { 10 }, vec![end]));
    }
    let timeline = Timeline::of(&plan((0..steps).map(|step| one(&format!("s{step}"), task())).collect()), &batches, Millis(START));
    let text = timeline.to_text(80, Paint::Plain, Glyphs::Unicode);
    assert!(text.lines().count() < 120, "{}", text.lines().count());
    assert!(text.contains("9,900 rows more"));
    assert!(text.contains("s7777") && text.contains("s5000"), "what failed and what took long is kept:\n{text}");
    let svg = timeline.to_svg();
    assert!(svg.len() < 400_000, "{} bytes", svg.len());
    assert!(svg.contains("9,600 rows are left out") && svg.contains("s7777: failed"));
}

#[test]
fn many_attempts_and_items_stay_small() {
    let mut batches = vec![at(0, vec![began()])];
    for attempt in 0..50_000_u32 {
        let from = i64::from(attempt) * 3;
        batches.push(at(from, vec![started(0, None, attempt + 1)]));
        batches.push(at(from + 1, vec![failed(0, None, Some(from + 3))]));
    }
    let timeline = Timeline::of(&plan(vec![one("flaky", task())]), &batches, Millis(START + 150_000));
    assert!(timeline.to_svg().len() < 300_000, "{} bytes", timeline.to_svg().len());
    assert!(timeline.to_text(80, Paint::Plain, Glyphs::Unicode).contains("50000 attempts"));
    assert!(many_items(100_000).to_svg().len() < 30_000);
}

#[test]
fn no_line_is_wider_than_asked_for() {
    for timeline in [eventful(), many_items(1_000), many_items(3)] {
        for (width, glyphs) in
            [0, 16, 20, 30, 40, 55, 56, 80, 200, 5_000].into_iter().flat_map(|width| [(width, Glyphs::Unicode), (width, Glyphs::Ascii)])
        {
            let text = timeline.to_text(width, Paint::Plain, glyphs);
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= width.clamp(16, 1_000), "{widest} columns of {width}:\n{text}");
            assert!(glyphs == Glyphs::Unicode || text.is_ascii(), "{text}");
            assert!(!text.contains('\u{1b}'));
        }
    }
}

/// Any events in any order, as a broken store might hold them.
fn random(seed: u64) -> Timeline {
    let mut state = seed;
    let mut roll = move |end: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).expect("31 bits") % end
    };
    let (mut now, mut batches) = (0_i64, vec![at(0, vec![began()])]);
    for _ in 0..roll(200) {
        now += i64::from(roll(900));
        let (step, item) = (roll(7), (roll(2) == 0).then_some(roll(9)));
        let event = match roll(14) {
            0..=3 => started(step, item, 1 + roll(3)),
            4..=6 => done(step, item),
            7 => failed(step, item, None),
            8 => failed(step, item, Some(now + 500)),
            9 => Event::ItemsOpened { step, count: roll(12) },
            10 => Event::Lost { places: vec![Place { step, item }] },
            11 => Event::Released { places: vec![Place { step, item }] },
            12 => [blocked(), Event::Unblocked][usize::from(roll(2) == 0)].clone(),
            _ => [Event::Skipped { step }, Event::CancelRequested { reason: "<b>&\"".into() }][usize::from(roll(2) == 0)].clone(),
        };
        batches.push(at(now, vec![event]));
    }
    let steps = (0..6).map(|step| if step < 2 { each(&format!("s{step}<&>")) } else { one(&format!("s{step}"), task()) });
    Timeline::of(&plan(steps.collect()), &batches, Millis(START + now + i64::from(roll(2_000))))
}

#[test]
fn pictures_of_any_events_are_whole() {
    for seed in 0..300 {
        let timeline = random(seed);
        for row in timeline.rows.iter().filter(|row| row.kind != RowKind::Items) {
            assert!(row.spans.windows(2).all(|pair| pair[0].to <= pair[1].from), "one thing at a time: {row:?}");
            assert!(
                row.spans.iter().all(|span| timeline.began <= span.from && span.from <= span.to && span.to <= timeline.until),
                "{row:?}"
            );
        }
        let svg = timeline.to_svg();
        let tags = read(&svg);
        let (width, height) = (tags[0].number("width"), tags[0].number("height"));
        for tag in tags.iter().filter(|tag| tag.name == "rect") {
            assert!(tag.number("x") >= 0 && tag.number("x") + tag.number("width") <= width, "seed {seed}");
            assert!(tag.number("y") >= 0 && tag.number("y") + tag.number("height") <= height, "seed {seed}");
        }
        let rows = tags.iter().filter(|tag| tag.name == "g" && tag.has_class("row")).count();
        assert_eq!(rows, timeline.rows.len());
        for width in [16, 60, 100] {
            let text = timeline.to_text(width, Paint::Plain, Glyphs::Unicode);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        }
    }
}

#[test]
fn ticks_are_apart_and_few() {
    for length in [0, 1, 7, 999, 12_400, 86_400_000, 40_000_000_000, i64::MAX.unsigned_abs()] {
        for columns in [1, 8, 60, 700] {
            let ticks = Scale::new(Millis(0), length, columns).ticks(10);
            assert_eq!(ticks.first(), Some(&(0, "0s".to_owned())), "{length} over {columns}");
            assert!(ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 + 1 >= 10), "{length} over {columns}: {ticks:?}");
            assert!(ticks.iter().all(|(column, _)| *column < columns));
        }
    }
    let labels = |length| Scale::new(Millis(0), length, 50).ticks(10).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
    assert_eq!(labels(12_400), ["0s", "5s", "10s"]);
    assert_eq!(labels(7_000_000), ["0s", "30m", "1h", "1h 30m"]);
}

#[test]
fn a_column_is_as_high_as_it_was_busy() {
    let span = |from, to, end| Span { from: Millis(from), to: Millis(to), what: What::Work, end };
    let scale = Scale::new(Millis(0), 100, 10);
    let spans =
        [span(0, 40, End::Done), span(10, 40, End::Done), span(25, 30, End::Failed), span(70, 70, End::Done), span(100, 100, End::Open)];
    let loads = density(&spans, &scale);
    let levels: Vec<usize> = loads.iter().map(|load| load.level).collect();
    assert_eq!(levels, [4, 7, FULL, 7, 0, 0, 0, 1, 0, 1]);
    assert_eq!(loads.iter().position(|load| load.failed), Some(2));
    assert!(loads[9].open);
}

#[test]
fn hostile_events_change_nothing_that_is_not_there() {
    let far = Place { step: u32::MAX, item: Some(u32::MAX) };
    let batches = vec![
        at(5, vec![began(), started(9, None, 1), Event::Skipped { step: 77 }, Event::ItemsOpened { step: 0, count: u32::MAX }]),
        at(-9_000, vec![started(0, Some(u32::MAX), u32::MAX), Event::Lost { places: vec![far] }, done(0, Some(3))]),
        at(i64::MAX - START, vec![done(0, Some(u32::MAX)), Event::Unblocked]),
    ];
    let timeline = Timeline::of(&plan(vec![one("list", task())]), &batches, Millis(i64::MIN));
    assert!(timeline.to_text(80, Paint::Coloured, Glyphs::Unicode).contains("4,294,967,295 items: 2 done"));
    timeline.to_svg();
    assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
}
