//! Channels on their own: lines between places that a layout would rather avoid.

use expect_test::{Expect, expect};

use super::super::super::text::{Paint, canvas::print};
use super::*;

/// Draws lines between vertices given by the columns of their middles; those from 100 on are boxes' ends.
fn check(reach: usize, segments: &[(usize, usize)], expected: Expect) {
    let pin = |vertex: usize| Pin { middle: vertex % 100, reach };
    let drawn = Channel::route(segments, &pin).map_or_else(
        || "no way\n".to_owned(),
        |channel| {
            let mut canvas = vec![Line::new(); channel.height()];
            channel.draw(&mut canvas, 0, &|_| true);
            // The head line keeps the indentation of the others.
            format!("lines: {}\n{}", channel.height(), print(&canvas, Paint::Plain))
        },
    );
    expected.assert_eq(&drawn);
}

#[test]
fn places_that_are_swapped_take_different_columns() {
    check(
        4,
        &[(10, 130), (30, 110)],
        expect![[r#"
            lines: 3
                      ╭─│───────────────────╯
                      │ ╰─────────────────╮
                      ▼                   ▼
        "#]],
    );
}

#[test]
fn lines_without_room_to_step_aside_have_no_way() {
    check(
        0,
        &[(10, 130), (30, 110)],
        expect![[r#"
        no way
    "#]],
    );
    check(
        0,
        &[(10, 120), (30, 120), (10, 140)],
        expect![[r#"
        no way
    "#]],
    );
}

#[test]
fn lines_that_lead_the_same_way_are_nested() {
    check(
        4,
        &[(10, 150), (20, 160), (30, 170)],
        expect![[r#"
            lines: 4
                      │         │         ╰───────────────────────────────────────╮
                      │         ╰───────────────────────────────────────╮         │
                      ╰───────────────────────────────────────╮         │         │
                                                              ▼         ▼         ▼
        "#]],
    );
    check(
        4,
        &[(50, 110), (60, 120), (70, 130)],
        expect![[r#"
            lines: 4
                      ╭───────────────────────────────────────╯         │         │
                      │         ╭───────────────────────────────────────╯         │
                      │         │         ╭───────────────────────────────────────╯
                      ▼         ▼         ▼
        "#]],
    );
}

#[test]
fn lines_that_do_not_meet_share_a_track() {
    check(
        4,
        &[(10, 120), (40, 150)],
        expect![[r#"
            lines: 2
                      ╰─────────╮                   ╰─────────╮
                                ▼                             ▼
        "#]],
    );
}

#[test]
fn sources_with_the_same_ends_share_a_line() {
    check(
        4,
        &[(10, 115), (10, 145), (30, 115), (30, 145), (50, 115), (50, 145)],
        expect![[r#"
            lines: 2
                      ╰────┬──────────────┴──────────────┬────╯
                           ▼                             ▼
        "#]],
    );
}
