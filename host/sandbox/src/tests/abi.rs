//! Guests that break the rules between guest and host.

use super::kit::{Guest, code, failure};

#[tokio::test]
async fn answers_that_break_the_canonical_abi() {
    for (what, run) in [
        ("bad UTF-8", r#"(i32.store (i32.const 2048) (i32.const 0xfffefdfc)) (call $ok (i32.const 2048) (i32.const 4))"#),
        ("half a character", r#"(i32.store (i32.const 2048) (i32.const 0x000082e2)) (call $ok (i32.const 2048) (i32.const 2))"#),
        ("result case 7", "(i32.store8 (i32.const 16) (i32.const 7)) (i32.const 16)"),
        ("error case 99", "(drop (call $err (i32.const 99) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))) (i32.const 16)"),
        (
            "option case 2",
            "(drop (call $err (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))) (i32.store8 (i32.const 48) (i32.const 2)) (i32.const 16)",
        ),
        ("string past the end", "(call $ok (i32.const 131000) (i32.const 100000))"),
        ("string at the last address", "(call $ok (i32.const -1) (i32.const 2))"),
        ("answer past the end", "(i32.const 1000000)"),
        ("answer not aligned", "(i32.const 17)"),
    ] {
        let end = Guest::new(run).run().await;
        assert_eq!(code(&end), "guest.abi", "{what}: {:?}", end.outcome);
        assert!(!failure(&end).message.is_empty(), "{what}");
    }
}

#[tokio::test]
async fn traps_say_what_happened() {
    for (what, run, words) in [
        ("unreachable", "(unreachable)", "unreachable"),
        ("division", "(i32.div_u (i32.const 1) (i32.const 0))", "divide by zero"),
        ("overflow", "(i32.div_s (i32.const 0x80000000) (i32.const -1))", "overflow"),
        ("memory", "(i32.load (i32.const -4))", "out of bounds memory"),
        ("table", "(call_indirect (type $t) (i32.const 9))", "table"),
        ("conversion", "(i32.trunc_f32_u (f32.const nan))", "conversion"),
    ] {
        let end = Guest::new(run).with_core("(type $t (func (result i32))) (table 1 funcref)").run().await;
        assert_eq!(code(&end), "guest.trap", "{what}: {:?}", end.outcome);
        assert!(failure(&end).message.contains(words), "{what}: {}", failure(&end).message);
        assert!(failure(&end).trace.is_some(), "{what}");
    }
}

#[tokio::test]
async fn ending_the_program_is_no_answer() {
    let exit = r#"
  (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result))))))
  (core func $exit (canon lower (func $exit "exit")))"#;
    for status in [0, 1] {
        let guest = Guest::new(&format!("(call $exit (i32.const {status})) (unreachable)")).with_import(
            exit,
            r#"(export "exit" (func $exit))"#,
            r#"(import "host" "exit" (func $exit (param i32)))"#,
        );
        let end = guest.run().await;
        assert_eq!(code(&end), "guest.exit");
        assert!(failure(&end).message.contains(&format!("status {status}")), "{}", failure(&end).message);
    }
}
