//! Clock and random source of a task without effects.

use super::kit::{Guest, sandbox};
use crate::Attempt;

/// Answers 48 bytes as they are, in hexadecimal: wall seconds and nanoseconds, monotonic time twice, a random number twice.
fn observer() -> Guest {
    Guest::new(
        r#"(local $at i32) (local $digit i32)
      (call $wall (i32.const 256))
      (i64.store (i32.const 272) (call $monotonic))
      (i64.store (i32.const 280) (call $monotonic))
      (i64.store (i32.const 288) (call $random))
      (i64.store (i32.const 296) (call $insecure))
      (loop $next
        (local.set $digit (i32.shr_u (i32.load8_u (i32.add (i32.const 256) (i32.shr_u (local.get $at) (i32.const 1))))
          (i32.shl (i32.xor (i32.and (local.get $at) (i32.const 1)) (i32.const 1)) (i32.const 2))))
        (local.set $digit (i32.and (local.get $digit) (i32.const 15)))
        (i32.store8 (i32.add (i32.const 2048) (local.get $at))
          (i32.add (local.get $digit) (select (i32.const 87) (i32.const 48) (i32.gt_u (local.get $digit) (i32.const 9)))))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 96))))
      (call $ok (i32.const 2048) (i32.const 96))"#,
    )
    .with_import(
        r#"
  (import "wasi:clocks/wall-clock@0.2.0" (instance $wall
    (type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (export "datetime" (type $datetime (eq $d)))
    (export "now" (func (result $datetime)))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $monotonic (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (import "wasi:random/insecure@0.2.0" (instance $insecure (export "get-insecure-random-u64" (func (result u64)))))
  (core func $wall (canon lower (func $wall "now") (memory $memory)))
  (core func $monotonic (canon lower (func $monotonic "now")))
  (core func $random (canon lower (func $random "get-random-u64")))
  (core func $insecure (canon lower (func $insecure "get-insecure-random-u64")))"#,
        r#"(export "wall" (func $wall)) (export "monotonic" (func $monotonic)) (export "random" (func $random)) (export "insecure" (func $insecure))"#,
        r#"(import "host" "wall" (func $wall (param i32))) (import "host" "monotonic" (func $monotonic (result i64)))
    (import "host" "random" (func $random (result i64))) (import "host" "insecure" (func $insecure (result i64)))"#,
    )
}

/// What one attempt saw.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    wall_ms: u64,
    monotonic: [u64; 2],
    random: [u64; 2],
}

async fn see(change: impl FnOnce(&mut Attempt)) -> Seen {
    let text = observer().run_in(&sandbox(), change).await.outcome.unwrap();
    let word = |at: usize| u64::from_str_radix(&text[at * 16..at * 16 + 16], 16).unwrap().swap_bytes();
    let nanos = word(1) & 0xffff_ffff;
    assert_eq!(nanos % 1_000_000, 0, "coarse");
    Seen { wall_ms: word(0) * 1000 + nanos / 1_000_000, monotonic: [word(2), word(3)], random: [word(4), word(5)] }
}

#[tokio::test]
async fn without_effects_everything_follows_from_the_context() {
    let (first, second) = (see(|_| {}).await, see(|attempt| attempt.context.attempt = 2).await);
    assert_eq!(first, second, "another attempt sees the same");
    assert_eq!(first.wall_ms, 1_700_000_000_000);
    assert!(first.monotonic[0] < first.monotonic[1], "it moves, so that nobody waits for ever: {first:?}");
    let other = see(|attempt| attempt.context.idempotency_key = "f".repeat(32)).await;
    assert_ne!(other.random, first.random, "another step sees other random bytes");
    assert_ne!(first.random[0], first.random[1]);
}

#[tokio::test]
async fn with_effects_clock_and_random_are_real() {
    let effects = |attempt: &mut Attempt| attempt.grant.config = vec!["anything".into()];
    let (first, second) = (see(effects).await, see(effects).await);
    assert_ne!(first.random, second.random);
    assert!(first.wall_ms > 1_750_000_000_000, "{first:?}");
    assert!(first.monotonic.iter().all(|at| at % 1_000_000 == 0), "coarse: {first:?}");
}
