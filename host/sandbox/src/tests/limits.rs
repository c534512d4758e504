//! Guests that want too much.

use std::time::{Duration, Instant};

use super::kit::{Guest, code, failure, sandbox};
use crate::{Limits, LoadError, digest_of};

const NOTHING: &str = "(call $ok (i32.const 0) (i32.const 0))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_is_stopped_at_its_deadline() {
    let timeout = Duration::from_millis(100);
    let start = Instant::now();
    let end = Guest::new("(loop $for-ever (br $for-ever)) (unreachable)").run_with(|attempt| attempt.timeout = timeout).await;
    let took = start.elapsed();
    assert_eq!(code(&end), "limit.time");
    assert!(failure(&end).message.contains("100 ms"), "{}", failure(&end).message);
    assert!(failure(&end).trace.is_some(), "where it was is shown");
    // Compiling is in it, and other tests share the machine.
    assert!(took < timeout + Duration::from_secs(5), "{took:?}");
    let run = Duration::from_micros(end.receipt.wall_us);
    assert!(run >= timeout && run < timeout + Duration::from_millis(1000), "{run:?}");
}

#[tokio::test]
async fn a_loop_in_the_start_function_is_stopped_too() {
    let guest = Guest::new(NOTHING).with_core("(func $forever (loop $l (br $l))) (start $forever)");
    let end = guest.run_with(|attempt| attempt.timeout = Duration::from_millis(50)).await;
    assert_eq!(code(&end), "limit.time");
}

#[tokio::test]
async fn endless_recursion_is_a_trap() {
    for (what, core) in [
        ("direct", "(func $deep (call $deep))"),
        ("mutual", "(func $deep (call $other)) (func $other (call $deep))"),
        ("indirect", "(table 1 funcref) (elem (i32.const 0) $deep) (type $f (func)) (func $deep (call_indirect (type $f) (i32.const 0)))"),
    ] {
        let end = Guest::new(&format!("(call $deep) {NOTHING}")).with_core(core).run().await;
        assert_eq!(code(&end), "limit.stack", "{what}: {}", failure(&end));
        assert!(failure(&end).trace.as_deref().unwrap().lines().count() <= 200, "{what}");
    }
}

/// Grows one page at a time until it may not, and writes to each; answers one digit: 1 if it was refused.
const GROW: &str = r#"
      (local $at i32)
      (block $full (loop $more
        (br_if $full (i32.eq (local.tee $at (memory.grow (i32.const 16))) (i32.const -1)))
        (memory.fill (i32.mul (local.get $at) (i32.const 65536)) (i32.const 255) (i32.const 1048576))
        (br $more)))
      (i32.store8 (i32.const 2048) (i32.const 49))
      (call $ok (i32.const 2048) (i32.const 1))"#;

#[tokio::test]
async fn memory_stops_growing_at_the_limit() {
    let mib = 1 << 20;
    for (grant, limit) in [(None, 64 * mib), (Some(16 * mib), 16 * mib), (Some(128 * mib), 128 * mib), (Some(1 << 40), 512 * mib)] {
        let end = Guest::new(GROW).run_with(|attempt| attempt.grant.memory = grant).await;
        assert_eq!(end.outcome.as_deref(), Ok("1"), "the task goes on");
        assert!(end.receipt.memory_peak <= limit && end.receipt.memory_peak > limit - 2 * mib, "{} of {limit}", end.receipt.memory_peak);
    }
}

#[tokio::test]
async fn a_trap_after_memory_was_refused_names_the_limit() {
    let end = Guest::new("(drop (memory.grow (i32.const 65000))) (unreachable)").run().await;
    assert_eq!(code(&end), "limit.memory");
    assert!(failure(&end).message.contains("67108864"), "{}", failure(&end).message);
}

#[tokio::test]
async fn memory_of_a_former_attempt_is_zero() {
    // Two guests in turn through the same few slots; each answers whether any byte of its heap is not zero, then fills it.
    let guest = Guest::new(
        r#"(local $at i32) (local $dirty i32)
      (drop (memory.grow (i32.const 100)))
      (local.set $at (i32.const 131072))
      (loop $look
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (local.set $dirty (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $look (i32.lt_u (local.get $at) (i32.const 6684672))))
      (memory.fill (i32.const 131072) (i32.const 170) (i32.const 6553600))
      (i32.store8 (i32.const 2048) (i32.add (i32.const 48) (local.get $dirty)))
      (call $ok (i32.const 2048) (i32.const 1))"#,
    );
    for round in 0..20 {
        let end = guest.run().await;
        assert_eq!(end.outcome.as_deref(), Ok("0"), "round {round}: another attempt's bytes are seen");
    }
}

fn refused(core: &str) -> LoadError {
    let bytes = Guest::new(NOTHING).with_core(core).bytes();
    sandbox().load(&digest_of(&bytes), &bytes).expect_err(core)
}

#[test]
fn memories_and_tables_that_cannot_be_are_refused_before_they_run() {
    for (core, words) in [
        ("(memory 65536)", "initial size of a memory in bytes is 4294967296, the limit is 536870912"),
        ("(memory i64 1)", "64-bit memories"),
        ("(memory 1 2 shared)", "shared memories"),
        ("(table 10000000 funcref)", "initial size of a table in elements is 10000000, the limit is 20000"),
        ("(table i64 1 funcref)", "64-bit tables"),
    ] {
        let message = refused(core).to_string();
        assert!(message.contains(words), "{core}: {message}");
    }
    let many = "(memory 1) ".repeat(90);
    assert!(matches!(refused(&many), LoadError::Invalid(_)), "{}", refused(&many));
}

#[tokio::test]
async fn a_table_stops_growing_at_the_limit() {
    let end = Guest::new(
        r#"(local $n i32)
      (loop $more
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
      (i32.store8 (i32.const 2048) (i32.add (i32.const 48) (i32.div_u (local.get $n) (i32.const 10))))
      (call $ok (i32.const 2048) (i32.const 1))"#,
    )
    .with_core("(table $t 0 funcref)")
    .run()
    .await;
    assert_eq!(end.outcome.as_deref(), Ok("2"), "refused at the 21st thousand");
}

#[tokio::test]
async fn an_answer_that_is_too_large() {
    // 60 MiB of spaces, by pointing at them.
    let run = "(drop (memory.grow (i32.const 1000))) (memory.fill (i32.const 131072) (i32.const 32) (i32.const 62914560)) (call $ok (i32.const 131072) (i32.const 62914560))";
    let end = Guest::new(run).run_with(|attempt| attempt.grant.memory = Some(100 << 20)).await;
    assert_eq!(code(&end), "limit.result-size", "{}", failure(&end));
    let raised = |attempt: &mut crate::Attempt| {
        attempt.grant.memory = Some(100 << 20);
        attempt.limits = Limits { output_bytes_max: Limits::PAYLOAD_BYTES_CEILING, ..Limits::default() };
    };
    let end = Guest::new(run).run_with(raised).await;
    assert_eq!(end.receipt.bytes_out, 62_914_560);

    let small = Limits { output_bytes_max: 10, ..Limits::default() };
    let end = Guest::new("(call $ok (i32.const 131) (i32.const 11))").run_with(|attempt| attempt.limits = small).await;
    assert_eq!(failure(&end).message.as_ref(), "the answer has 11 bytes, the limit is 10");
}

#[tokio::test]
async fn an_input_that_is_too_large() {
    let limits = Limits { input_bytes_max: 100, ..Limits::default() };
    let end = Guest::new("(unreachable)").run_with(|attempt| (attempt.limits, attempt.input) = (limits, "x".repeat(101))).await;
    assert_eq!((code(&end), failure(&end).message.as_ref()), ("limit.input-size", "the input has 101 bytes, the limit is 100"));
}

const RANDOM: &str = r#"
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core func $bytes (canon lower (func $random "get-random-bytes") (memory $memory) (realloc $realloc)))"#;

#[tokio::test]
async fn random_bytes_are_bounded_a_call() {
    for (count, good) in [(65_536_u64, true), (65_537, false), (1 << 63, false)] {
        let run = format!("(call $bytes (i64.const {count}) (i32.const 256)) (call $ok (i32.const 0) (i32.const 0))");
        let guest = Guest::new(&run).with_import(
            RANDOM,
            r#"(export "bytes" (func $bytes))"#,
            r#"(import "host" "bytes" (func $bytes (param i64 i32)))"#,
        );
        let end = guest.run().await;
        assert_eq!(end.outcome.is_ok(), good, "{count}");
        if !good {
            assert_eq!(code(&end), "limit.host-calls");
            assert!(failure(&end).message.contains("65536"), "{}", failure(&end).message);
        }
    }
}

const STDOUT: &str = r#"
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $out (sub resource)))
    (alias outer 1 $error-type (type $outer-error))
    (export "error" (type $err (eq $outer-error)))
    (type $e (variant (case "last-operation-failed" (own $err)) (case "closed")))
    (export "stream-error" (type $se (eq $e)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $se)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output-stream (type $outer))
    (export "output-stream" (type $out (eq $outer)))
    (export "get-stdout" (func (result (own $out))))))
  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $drop-stream (canon resource.drop $output-stream))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))"#;
const STDOUT_LOWERED: &str = r#"(export "get" (func $get)) (export "write" (func $write)) (export "drop" (func $drop-stream))"#;
const STDOUT_CORE: &str = r#"
    (import "host" "get" (func $get (result i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "host" "drop" (func $drop-stream (param i32)))"#;

#[tokio::test]
async fn a_flood_on_stdout_is_kept_in_part_and_counted() {
    let run = r#"(local $stream i32) (local $n i32)
      (local.set $stream (call $get))
      (loop $more
        (call $write (local.get $stream) (i32.const 2048) (i32.const 4096) (i32.const 512))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $n) (i32.const 10000))))
      (call $ok (i32.const 0) (i32.const 0))"#;
    let data = format!(r#"(data (i32.const 2048) "{}\0a")"#, "x".repeat(4095));
    let end = Guest::new(run).with_import(STDOUT, STDOUT_LOWERED, STDOUT_CORE).with_core(&data).run().await;
    assert_eq!(end.outcome.as_deref(), Ok(""));
    let kept: u64 = end.output.head.iter().chain(&end.output.tail).map(|line| line.text.len() as u64 + 1).sum();
    assert!((900_000..1_048_576).contains(&kept), "{kept}");
    assert_eq!(end.receipt.log_dropped + kept, 40_960_000);
}

#[tokio::test]
async fn a_flood_of_empty_writes_ends_with_the_deadline() {
    let run = r#"(local $stream i32)
      (local.set $stream (call $get))
      (loop $more (call $write (local.get $stream) (i32.const 0) (i32.const 0) (i32.const 512)) (br $more))
      (unreachable)"#;
    let guest = Guest::new(run).with_import(STDOUT, STDOUT_LOWERED, STDOUT_CORE);
    let end = guest.run_with(|attempt| attempt.timeout = Duration::from_millis(100)).await;
    assert_eq!(code(&end), "limit.time");
    assert!(end.output.head.is_empty());
    assert!(end.receipt.wall_us < 1_100_000, "{}", end.receipt.wall_us);
}

#[tokio::test]
async fn a_write_larger_than_the_copy_budget() {
    let run =
        "(drop (memory.grow (i32.const 200))) (call $write (call $get) (i32.const 0) (i32.const 9000000) (i32.const 512)) (unreachable)";
    let end = Guest::new(run).with_import(STDOUT, STDOUT_LOWERED, STDOUT_CORE).run().await;
    assert_eq!(code(&end), "limit.host-calls", "{}", failure(&end));
    assert!(failure(&end).message.contains("8392704"), "{}", failure(&end).message);
}

#[tokio::test]
async fn handles_without_end() {
    let end =
        Guest::new("(loop $more (drop (call $get)) (br $more)) (unreachable)").with_import(STDOUT, STDOUT_LOWERED, STDOUT_CORE).run().await;
    assert_eq!(code(&end), "limit.host-calls", "{}", failure(&end));
    assert!(failure(&end).message.contains("1000"), "{}", failure(&end).message);

    let own = "(type $mine (resource (rep i32))) (core func $new (canon resource.new $mine))";
    let guest = Guest::new("(loop $more (drop (call $new (i32.const 1))) (br $more)) (unreachable)").with_import(
        own,
        r#"(export "new" (func $new))"#,
        r#"(import "host" "new" (func $new (param i32) (result i32)))"#,
    );
    let end = guest.run().await;
    assert_eq!(code(&end), "limit.host-calls", "{}", failure(&end));
    assert!(failure(&end).message.contains("5000"), "{}", failure(&end).message);
}

#[tokio::test]
async fn handles_misused() {
    for (what, run) in [
        ("never there", "(call $write (i32.const 77) (i32.const 0) (i32.const 1) (i32.const 512))"),
        (
            "dropped twice",
            "(local $s i32) (local.set $s (call $get)) (call $drop-stream (local.get $s)) (call $drop-stream (local.get $s))",
        ),
        (
            "used after drop",
            "(local $s i32) (local.set $s (call $get)) (call $drop-stream (local.get $s)) (call $write (local.get $s) (i32.const 0) (i32.const 1) (i32.const 512))",
        ),
        ("zero", "(call $drop-stream (i32.const 0))"),
    ] {
        let end = Guest::new(&format!("{run} {NOTHING}")).with_import(STDOUT, STDOUT_LOWERED, STDOUT_CORE).run().await;
        assert_eq!(code(&end), "guest.abi", "{what}: {:?}", end.outcome);
    }
}
