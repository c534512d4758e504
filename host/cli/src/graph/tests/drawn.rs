//! Pictures word for word.

use expect_test::{Expect, expect};

use super::super::label::{elide, plain, units, wrap};
use super::super::model::Graph;
use super::super::text::Paint;
use super::kit::{diamond, fan, graph, random, running_diamond};

fn check_text(graph: &Graph, width: usize, expected: Expect) {
    expected.assert_eq(&graph.to_text(width, Paint::Plain));
}

#[test]
fn a_chain_is_a_column() {
    check_text(
        &graph("chain", "fetch -> transform -> save"),
        20,
        expect![[r#"
        chain
          ┌─────────────┐
          │ fetch     ◇ │
          │ shop.fetch  │
          └──────┬──────┘
                 ▼
        ┌─────────────────┐
        │ transform     ◇ │
        │ shop.transform  │
        └────────┬────────┘
                 ▼
           ┌───────────┐
           │ save    ◇ │
           │ shop.save │
           └───────────┘

        ◇ pure
    "#]],
    );
}

#[test]
fn a_diamond_in_a_run_shows_states_items_and_notes() {
    check_text(
        &running_diamond(),
        80,
        expect![[r#"
            diamond, run 7: running
                             ┌─────────────┐
                             │ ✓ fetch   ◈ │
                             │ shop.fetch  │
                             │ 1.2 s       │
                             └──────┬──────┘
                      ╭─────────────┴─────────────╮
                      ▼                           ▼
            ╔═══════════════════╗   ┌───────────────────────────┐
            ║ ● resize        ◇ ║   │ ✗ classify              ◇ │
            ║ ∥ 480/1000 items  ║   │ shop.classify             │
            ║ shop.resize       ║   │ 3 attempts, http-timeout  │
            ╚═════════╤═════════╝   └─────────────┬─────────────┘
                      ╰─────────────┬─────────────╯
                                    ▼
                             ┌╌╌╌╌╌╌╌╌╌╌╌╌╌┐
                             ┆ ○ store   ◆ ┆
                             ┆ shop.store  ┆
                             └╌╌╌╌╌╌╌╌╌╌╌╌╌┘

            ◇ pure   ◈ reads   ◆ effects   ═ for each   ┆ if   ✓ 1 done   ● 1 running
            ○ 1 waiting   ✗ 1 failed
        "#]],
    );
    check_text(
        &running_diamond(),
        40,
        expect![[r#"
            diamond, run 7: running
            ├── ✓ ◈ fetch  shop.fetch  1.2 s
            ├─┬ ● ◇ resize  ∥ 480/1000 items
            │ ╰ ✗ ◇ classify  shop.classify
            ╰── ○ ◆ store  if  ← all above

            ◇ pure   ◈ reads   ◆ effects   ✓ 1 done
            ● 1 running   ○ 1 waiting   ✗ 1 failed
        "#]],
    );
    check_text(
        &running_diamond(),
        20,
        expect![[r#"
        diamond, r…: running
        ├── ✓ ◈ fetch  1.2 s
        ├─┬ ● ◇ resize
        │ ╰ ✗ ◇ classify
        ╰── ○ ◆ store  if
                ← all above

        ◇ pure   ◈ reads
        ◆ effects   ✓ 1 done
        ● 1 running
        ○ 1 waiting
        ✗ 1 failed
    "#]],
    );
}

#[test]
fn a_fan_is_a_bracket_when_it_is_too_wide() {
    check_text(
        &fan(),
        40,
        expect![[r#"
        fan
        ├── ◇ split  shop.split
        ├─┬ ◇ r01  shop.r01
        │ ├ ◇ r02  shop.r02
        │ ├ ◇ r03  shop.r03
        │ ├ ◇ r04  shop.r04
        │ ├ ◇ r05  shop.r05
        │ ├ ◇ r06  shop.r06
        │ ├ ◇ r07  shop.r07
        │ ├ ◇ r08  shop.r08
        │ ├ ◇ r09  shop.r09
        │ ├ ◇ r10  shop.r10
        │ ├ ◇ r11  shop.r11
        │ ╰ ◇ r12  shop.r12
        ╰── ◇ join  shop.join  ← all above

        ◇ pure
    "#]],
    );
}

#[test]
fn a_fan_is_one_bus_when_there_is_room() {
    check_text(
        &fan(),
        200,
        expect![[r#"
        fan
                                                                                               ┌─────────────┐
                                                                                               │ split     ◇ │
                                                                                               │ shop.split  │
                                                                                               └──────┬──────┘
              ╭───────────────┬───────────────┬───────────────┬───────────────┬───────────────┬───────┴───────┬───────────────┬───────────────┬───────────────┬───────────────┬───────────────╮
              ▼               ▼               ▼               ▼               ▼               ▼               ▼               ▼               ▼               ▼               ▼               ▼
        ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐   ┌───────────┐
        │ r01     ◇ │   │ r02     ◇ │   │ r03     ◇ │   │ r04     ◇ │   │ r05     ◇ │   │ r06     ◇ │   │ r07     ◇ │   │ r08     ◇ │   │ r09     ◇ │   │ r10     ◇ │   │ r11     ◇ │   │ r12     ◇ │
        │ shop.r01  │   │ shop.r02  │   │ shop.r03  │   │ shop.r04  │   │ shop.r05  │   │ shop.r06  │   │ shop.r07  │   │ shop.r08  │   │ shop.r09  │   │ shop.r10  │   │ shop.r11  │   │ shop.r12  │
        └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘   └─────┬─────┘
              ╰───────────────┴───────────────┴───────────────┴───────────────┴───────────────┴───────┬───────┴───────────────┴───────────────┴───────────────┴───────────────┴───────────────╯
                                                                                                      ▼
                                                                                                ┌───────────┐
                                                                                                │ join    ◇ │
                                                                                                │ shop.join │
                                                                                                └───────────┘

        ◇ pure
    "#]],
    );
}

#[test]
fn lines_that_only_cross_do_not_meet() {
    check_text(
        &graph("crossing", "a b -> c; a -> d; b e -> f; a -> g"),
        80,
        expect![[r#"
        crossing
                      ┌─────────┐       ┌─────────┐   ┌─────────┐
                      │ a     ◇ │       │ b     ◇ │   │ e     ◇ │
                      │ shop.a  │       │ shop.b  │   │ shop.e  │
                      └────┬────┘       └────┬────┘   └─┬───────┘
             ╭─────────────┼────────────╮ ╭──┴────────╮ │
             ▼             ▼            ▼ ▼           ▼ ▼
        ┌─────────┐   ┌─────────┐   ┌─────────┐   ┌─────────┐
        │ d     ◇ │   │ g     ◇ │   │ c     ◇ │   │ f     ◇ │
        │ shop.d  │   │ shop.g  │   │ shop.c  │   │ shop.f  │
        └─────────┘   └─────────┘   └─────────┘   └─────────┘

        ◇ pure
    "#]],
    );
}

#[test]
fn boxes_change_places_so_that_lines_do_not_cross() {
    check_text(
        &graph("places", "a -> p q; b -> r; c -> p"),
        80,
        expect![[r#"
        places
             ┌─────────┐   ┌─────────┐   ┌─────────┐
             │ a     ◇ │   │ c     ◇ │   │ b     ◇ │
             │ shop.a  │   │ shop.c  │   │ shop.b  │
             └────┬────┘   └────┬────┘   └────┬────┘
             ╭────┴───────╮ ╭───╯             │
             ▼            ▼ ▼                 ▼
        ┌─────────┐   ┌─────────┐        ┌─────────┐
        │ q     ◇ │   │ p     ◇ │        │ r     ◇ │
        │ shop.q  │   │ shop.p  │        │ shop.r  │
        └─────────┘   └─────────┘        └─────────┘

        ◇ pure
    "#]],
    );
}

#[test]
fn a_long_edge_runs_beside_the_boxes() {
    check_text(
        &graph("orders", "config -> orders customers; orders -> clean; clean customers -> join; join rates -> report"),
        80,
        expect![[r#"
        orders
                  ┌─────────────┐        ┌─────────────┐
                  │ config    ◇ │        │ rates     ◇ │
                  │ shop.config │        │ shop.rates  │
                  └──────┬──────┘        └──────┬──────┘
               ╭─────────┴─────────╮            │
               ▼                   ▼            │
        ┌─────────────┐   ┌─────────────────┐   │
        │ orders    ◇ │   │ customers     ◇ │   │
        │ shop.orders │   │ shop.customers  │   │
        └──────┬──────┘   └────────┬────────┘   │
               ▼                   │            │
        ┌─────────────┐            │            │
        │ clean     ◇ │            │            │
        │ shop.clean  │            │            │
        └──────┬──────┘            │            │
               ╰────────────┬──────╯            │
                            ▼                   │
                      ┌───────────┐             │
                      │ join    ◇ │             │
                      │ shop.join │             │
                      └─────┬─────┘             │
                            ╰────────────┬──────╯
                                         ▼
                                  ┌─────────────┐
                                  │ report    ◇ │
                                  │ shop.report │
                                  └─────────────┘

        ◇ pure
    "#]],
    );
}

#[test]
fn a_diamond_in_mermaid() {
    expect![[r#"
        ---
        title: "diamond"
        ---
        flowchart TD
          s0("<b>fetch</b><br/>shop.fetch"):::pure
          s1("<b>resize</b><br/>shop.resize"):::pure
          s2("<b>classify</b><br/>shop.classify"):::pure
          s3("<b>store</b><br/>shop.store"):::pure
          s0 --> s1
          s0 --> s2
          s1 --> s3
          s2 --> s3
          classDef pure fill:#f0fdfa,stroke:#0d9488,color:#0f172a
    "#]]
    .assert_eq(&diamond().to_mermaid());
    expect![[r#"
        ---
        title: "diamond, run 7: running"
        ---
        flowchart TD
          s0("<b>fetch</b><br/>shop.fetch<br/>1.2 s"):::done
          s1[["<b>resize</b><br/>#8741; 480/1000 items<br/>shop.resize"]]:::running
          s2("<b>classify</b><br/>shop.classify<br/>3 attempts, http-timeout"):::failed
          s3("<b>store</b><br/>shop.store"):::waiting
          s0 --> s1
          s0 --> s2
          s1 --> s3
          s2 --> s3
          classDef waiting fill:#ffffff,stroke:#94a3b8,color:#64748b
          classDef running fill:#eff6ff,stroke:#3b82f6,color:#0f172a,stroke-width:2px
          classDef done fill:#f0fdf5,stroke:#3fae72,color:#0f172a
          classDef failed fill:#fef2f2,stroke:#dc2626,color:#0f172a,stroke-width:2px
          classDef conditional stroke-dasharray:4 3
          class s3 conditional
    "#]]
    .assert_eq(&running_diamond().to_mermaid());
}

#[test]
fn mermaid_reads_no_markup_out_of_a_name() {
    let mut graph = graph("a \"title\" \\ of", "x");
    graph.nodes[0].does[0].words = "`**x**`<br>\"#quot;]]".to_owned();
    expect![[r#"
        ---
        title: "a \"title\" \\ of"
        ---
        flowchart TD
          s0("<b>x</b><br/>#96;#42;#42;x#42;#42;#96;#60;br#62;#34;#35;quot#59;#93;#93;"):::pure
          classDef pure fill:#f0fdfa,stroke:#0d9488,color:#0f172a
    "#]]
    .assert_eq(&graph.to_mermaid());
}

/// Each line of a chart is one of the few forms that it needs, whatever the kinds and the words.
#[test]
fn mermaid_is_valid_for_all_kinds() {
    let shapes = ["()", "[[]]", "{{}}", "([])", "[//]", "[/\\]", "[]"];
    for seed in 0..60 {
        let chart = random(seed, 30, 3, 9).to_mermaid();
        for line in chart.lines().skip(4).map(str::trim) {
            let words: Vec<&str> = line.split(' ').collect();
            let id = |word: &str| word.strip_prefix('s').is_some_and(|rest| rest.parse::<usize>().is_ok());
            let known = match words.as_slice() {
                [from, "-->", to] => id(from) && id(to),
                ["classDef", ..] | ["class", ..] | ["%%", ..] => true,
                _ => {
                    let parts: Vec<&str> = line.split('"').collect();
                    let [open, label, close] = parts.as_slice() else { panic!("{line}") };
                    let (close, class) = close.split_once(":::").expect("a class");
                    let frame: String =
                        open.trim_start_matches(|c: char| c == 's' || c.is_ascii_digit()).chars().chain(close.chars()).collect();
                    shapes.contains(&frame.as_str()) && label.is_ascii() && class.chars().all(char::is_alphabetic)
                }
            };
            assert!(known, "{line}");
        }
    }
}

#[test]
fn labels_are_harmless_and_fit() {
    assert_eq!(plain("a\u{1b}[31mb\u{202e}c\r\n"), "a\\u{1b}[31mb\\u{202e}c\\r\\n");
    assert_eq!([0, 1_500, 172_800_000, 5_400_000].map(units), ["0s", "1s 500ms", "2d", "1h 30m"]);
    assert_eq!(elide("upload-images-eu", 11), "uploa…es-eu");
    assert_eq!((elide("abc", 3), elide("abc", 1), elide("abc", 0)), ("abc".to_owned(), "…".to_owned(), String::new()));
    assert_eq!(wrap("fetch-all-orders-of-yesterday", 12, 3), ["fetch-all-", "orders-of-", "yesterday"]);
    assert_eq!(wrap("aaaaaabcdefghijklmno", 6, 2), ["aaaaaa", "bcd…no"]);
}
