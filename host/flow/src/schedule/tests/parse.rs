//! What is read, and the places of what is not.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::schedule::{Cron, CronProblem};

/// Each text, and below it a mark under what is wrong, and why.
fn refused(texts: &[&str], expected: Expect) {
    let mut all = String::new();
    for text in texts {
        let error = Cron::parse(text).expect_err(text);
        let (start, end) = (error.span.start, error.span.end.max(error.span.start + 1));
        let (shown, mark) = if text.len() > 80 {
            (format!("{} bytes", text.len()), format!("{start}..{end}"))
        } else {
            let shown = |text: &str| text.escape_debug().to_string();
            let end = end.min(text.len());
            let before = " ".repeat(shown(&text[..start]).chars().count());
            (shown(text), format!("{before}{}", "^".repeat(shown(&text[start..end]).chars().count().max(1))))
        };
        let help = error.help.map_or_else(String::new, |help| format!(" ({help})"));
        all.push_str(&format!("{shown}|\n{mark}\n  {}{help}\n", error.message));
    }
    expected.assert_eq(&all);
}

#[test]
fn d17_what_is_no_cron_expression_is_refused_with_its_place() {
    let long = "1,".repeat(5_000);
    refused(
        &[
            "* * * * * *",
            "0 0 1 1 * 2030",
            "0 0 0 15 2 *",
            "*/0 * * * *",
            &long,
            "0 0 * * lundi",
            "0 0 * * Montag",
            "0 0 1 янв *",
            "0 0 * März *",
            "",
            "  ",
            "0 0 * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 8",
            "-1 * * * *",
            "5-1 * * * *",
            "0 0 * * fri-mon",
            "5/15 * * * *",
            "*/60 * * * *",
            "*/-5 * * * *",
            "*/5/5 * * * *",
            "1,,2 * * * *",
            "1, * * * *",
            "1-2-3 * * * *",
            "- * * * *",
            "1.5 * * * *",
            "+1 * * * *",
            "99999999999999999999 * * * *",
            "0 0 ? * 1",
            "0 0 LW * *",
            "0 L * * *",
            "0 0 * * 5L",
            "0 0 * * 1#2",
            "H H * * *",
            "0 0 * janv *",
            "0 0 * january *",
            "@dialy",
            "@reboot",
            "@every 5m",
            "@Daily",
            "0\u{a0}0 * * *",
            "0 0\n* * *",
            "\u{202e}* * * * *",
        ],
        expect![[r#"
            * * * * * *|
                      ^
              a cron expression has 5 fields; this has 6 (the fields are minute, hour, day of the month, month, day of the week; there are none for seconds and years)
            0 0 1 1 * 2030|
                      ^^^^
              a cron expression has 5 fields; this has 6 (the fields are minute, hour, day of the month, month, day of the week; there are none for seconds and years)
            0 0 0 15 2 *|
                       ^
              a cron expression has 5 fields; this has 6 (the fields are minute, hour, day of the month, month, day of the week; there are none for seconds and years)
            */0 * * * *|
              ^
              the step of the minute is `0`; it may be 1 to 59
            10000 bytes|
            0..10000
              a cron expression may have 256 bytes; this has 10000 (several schedules say more than one)
            0 0 * * lundi|
                    ^^^^^
              `lundi` is no day of the week (write a number, 0 to 7, or a name: sun, mon, tue, wed, thu, fri, sat)
            0 0 * * Montag|
                    ^^^^^^
              `Montag` is no day of the week (write a number, 0 to 7, or a name: sun, mon, tue, wed, thu, fri, sat)
            0 0 1 янв *|
                  ^^^
              `янв` is no month (write a number, 1 to 12, or a name: jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec)
            0 0 * März *|
                  ^^^^
              `März` is no month (write a number, 1 to 12, or a name: jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec)
            |
            ^
              the cron expression is empty (the fields are minute, hour, day of the month, month, day of the week, as in `15 2 * * *`)
              |
            ^^
              the cron expression is empty (the fields are minute, hour, day of the month, month, day of the week, as in `15 2 * * *`)
            0 0 * *|
                   ^
              a cron expression has 5 fields; this has 4 (the fields are minute, hour, day of the month, month, day of the week; `day of the week` is the next)
            60 * * * *|
            ^^
              the minute is 60; it may be 0 to 59
            * 24 * * *|
              ^^
              the hour is 24; it may be 0 to 23
            * * 0 * *|
                ^
              the day of the month is 0; it may be 1 to 31
            * * 32 * *|
                ^^
              the day of the month is 32; it may be 1 to 31
            * * * 13 *|
                  ^^
              the month is 13; it may be 1 to 12
            * * * * 8|
                    ^
              the day of the week is 8; it may be 0 to 7
            -1 * * * *|
            ^
              a number is missing in the minute (write a number, 0 to 59)
            5-1 * * * *|
            ^^^
              the range `5-1` ends before it begins (write a list of two ranges: `5-59,0-1`)
            0 0 * * fri-mon|
                    ^^^^^^^
              the range `fri-mon` ends before it begins (write a list of two ranges: `5-6,0-1`)
            5/15 * * * *|
            ^
              a step follows `*` or a range; `5` is one number (write `5-59/15`)
            */60 * * * *|
              ^^
              the step of the minute is `60`; it may be 1 to 59
            */-5 * * * *|
              ^^
              the step of the minute is `-5`; it may be 1 to 59
            */5/5 * * * *|
              ^^^
              the step of the minute is `5/5`; it may be 1 to 59
            1,,2 * * * *|
              ^
              a number is missing in the minute (write a number, 0 to 59)
            1, * * * *|
              ^
              a number is missing in the minute (write a number, 0 to 59)
            1-2-3 * * * *|
              ^^^
              `2-3` is no minute (write a number, 0 to 59)
            - * * * *|
            ^
              a number is missing in the minute (write a number, 0 to 59)
            1.5 * * * *|
            ^^^
              `1.5` is no minute (write a number, 0 to 59)
            +1 * * * *|
            ^^
              `+1` is no minute (write a number, 0 to 59)
            99999999999999999999 * * * *|
            ^^^^^^^^^^^^^^^^^^^^
              the minute is 99999999999999999999; it may be 0 to 59 (write a number, 0 to 59)
            0 0 ? * 1|
                ^
              `?` is no day of the month (write `*` for any)
            0 0 LW * *|
                ^^
              `LW` is no day of the month (write a number, 1 to 31, or `L` for the last day of the month)
            0 L * * *|
              ^
              `L` is no hour (write a number, 0 to 23)
            0 0 * * 5L|
                    ^^
              `5L` is no day of the week (write a number, 0 to 7, or a name: sun, mon, tue, wed, thu, fri, sat)
            0 0 * * 1#2|
                    ^^^
              `1#2` is no day of the week (write a number, 0 to 7, or a name: sun, mon, tue, wed, thu, fri, sat)
            H H * * *|
            ^
              `H` is no minute (write a number, 0 to 59)
            0 0 * janv *|
                  ^^^^
              `janv` is no month (did you mean `jan`?)
            0 0 * january *|
                  ^^^^^^^
              `january` is no month (write a number, 1 to 12, or a name: jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec)
            @dialy|
            ^^^^^^
              `@dialy` is no word for a schedule (did you mean `@daily`?)
            @reboot|
            ^^^^^^^
              `@reboot` is no word for a schedule (a schedule knows times alone; start the run where the machine starts)
            @every 5m|
            ^^^^^^
              `@every` is no word for a schedule (write the minutes: `*/5 * * * *`)
            @Daily|
            ^^^^^^
              `@Daily` is no word for a schedule (did you mean `@daily`?)
            0\u{a0}0 * * *|
                          ^
              a cron expression has 5 fields; this has 4 (the fields are minute, hour, day of the month, month, day of the week; `day of the week` is the next)
            0 0\n* * *|
                      ^
              a cron expression has 5 fields; this has 4 (the fields are minute, hour, day of the month, month, day of the week; `day of the week` is the next)
            \u{202e}* * * * *|
            ^^^^^^^^^
              `\u{202e}*` is no minute (write a number, 0 to 59)
        "#]],
    );
}

#[test]
fn d17_what_never_fires_is_refused() {
    for text in ["0 0 31 2 *", "0 0 30,31 feb *", "0 0 31 4,6,9,11 *", "0 0 31 2 */2", "0 0 30-31 2 *"] {
        assert_eq!(Cron::parse(text).map_err(|error| error.problem), Err(CronProblem::NeverFires), "{text}");
    }
    refused(
        &["0 0 31 2 *", "  0 0 30 2 * "],
        expect![[r#"
        0 0 31 2 *|
            ^^^^^^
          `0 0 31 2 *` never fires: no month that it names has such a day (correct the day or the month; the last day of every month is `L`)
          0 0 30 2 * |
              ^^^^^^
          `  0 0 30 2 * ` never fires: no month that it names has such a day (correct the day or the month; the last day of every month is `L`)
    "#]],
    );
    // These do, although some of them rarely.
    for text in ["0 0 29 2 *", "0 0 29 2 */6", "0 0 31 2 1", "0 0 L 2 *", "0 0 31 2,3 *", "0 0 */31 2 *"] {
        assert!(Cron::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn the_same_time_can_be_written_in_many_ways() {
    let same = [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", " 0  0\t*\t*  * "),
        ("@weekly", "0 0 * * 7"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 JAN *"),
        ("@annually", "00 00 01 01 *"),
        ("0 0 * * 0", "0 0 * * sun"),
        ("0 0 * * 6-7", "0 0 * * sat-sun"),
        ("0 0 * * 0,6", "0 0 * * Sat-Sun"),
        ("0 0 * * 1-5", "0 0 * * mon-fri"),
        ("0,20,40 * * * *", "0-59/20 * * * *"),
        ("*/15 8-17/3 * * *", "*/15 8,11,14,17 * * *"),
        ("5,5,5 * * * *", "5 * * * *"),
        ("0 0 L * *", "0 0 L,L * *"),
    ];
    for (one, other) in same {
        let read = |text| Cron::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let (mut one, mut other) = (read(one), read(other));
        // How a list is written decides only how days go together.
        for cron in [&mut one, &mut other] {
            cron.forget_stars();
        }
        assert_eq!(one, other);
    }
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in "\\PC{0,40}") {
        if let Err(error) = Cron::parse(&text) {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len(), "{text:?}: {error:?}");
            prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end), "{text:?}: {error:?}");
        }
    }

    #[test]
    fn nothing_like_an_expression_is_too_much(text in "[*0-9/,LT@ a-d-]{0,30}") {
        if let Err(error) = Cron::parse(&text) {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len(), "{text:?}: {error:?}");
        }
    }
}
