//! Inputs and answers that are not of the types, or larger than the limits.

use super::kit::{call, component, load};
use crate::Plugin;

const CORE: &str = r#"
  (func (export "id") (param i32) (result i32) (local.get 0))
  (func (export "nan") (result f64) (f64.div (f64.const 0) (f64.const 0)))
  (func (export "inf") (result i32)
    (i32.store (i32.const 8) (i32.const 32)) (i32.store (i32.const 12) (i32.const 2)) (f32.store (i32.const 36) (f32.const -inf)) (i32.const 8))
  (func (export "same") (param i32 i32) (result i32)
    (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8))
  (func (export "many") (param i32) (result i32)
    (drop (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get 0)))
    (i32.store (i32.const 8) (i32.const 65536)) (i32.store (i32.const 12) (local.get 0)) (i32.const 8))
  (func (export "wild") (result i32)
    (i32.store (i32.const 8) (i32.const 0x7fffffff)) (i32.store (i32.const 12) (i32.const 100)) (i32.const 8))
  (func (export "trap") (unreachable))"#;

const TYPES: &str = r#"
  (type $f (flags "read" "write-all")) (import "rights" (type $rights (eq $f)))
  (type $v (variant (case "none") (case "some-of" (list u16)))) (import "choice" (type $choice (eq $v)))"#;

const EXPORTS: &str = r#"
  (func (export "u8") (param "n" u8) (result u8) LIFT id)
  (func (export "s16") (param "n" s16) (result s16) LIFT id)
  (func (export "char") (param "c" char) (result char) LIFT id)
  (func (export "rights") (param "r" $rights) (result $rights) LIFT id)
  (func (export "nan") (result f64) LIFT nan)
  (func (export "inf") (result (list f32)) LIFT inf)
  (func (export "texts") (param "t" (list string)) (result (list string)) LIFT same)
  (func (export "bytes") (param "b" (list u8)) (result (list u8)) LIFT same)
  (func (export "many-bytes") (param "n" u32) (result (list u8)) LIFT many)
  (func (export "many-bools") (param "n" u32) (result (list bool)) LIFT many)
  (func (export "wild") (result string) LIFT wild)
  (func (export "trap") LIFT trap)"#;

fn plugin() -> Plugin {
    load(&component(TYPES, CORE, EXPORTS)).unwrap_or_else(|error| panic!("{error}"))
}

async fn check(task: &str, input: &str, expected: &str) {
    let found = call(&plugin(), task, input).await.unwrap_or_else(|error| error);
    assert_eq!(found, expected, "{task} {input}");
}

#[tokio::test]
async fn inputs_of_another_type() {
    check("u8", r#"{"n": 255}"#, "255").await;
    check("u8", r#"{"n": 3.0}"#, "3").await;
    check("u8", r#"{"n": 256}"#, "value.input: `n`: expected a whole number from 0 to 255 (u8), found 256").await;
    check("u8", r#"{"n": 1.5}"#, "value.input: `n`: expected a whole number from 0 to 255 (u8), found 1.5").await;
    check("s16", r#"{"n": -32768}"#, "-32768").await;
    check("s16", r#"{"n": -32769}"#, "value.input: `n`: expected a whole number from -32768 to 32767 (s16), found -32769").await;
    check("u8", "{}", "value.input: `n`: expected a whole number from 0 to 255 (u8), found nothing").await;
    check("u8", r#"{"n": 1, "m": 2}"#, "value.input: the task has no parameter `m`").await;
    check("u8", "[]", "value.input: expected an object with the task's parameters, found a list of 0").await;
    check("u8", "{", "value.input: the input is not JSON: this is not JSON: expected a name in double quotes, found the end of the text (line 1, column 2)").await;
    check("char", r#"{"c": "𝄞"}"#, r#""𝄞""#).await;
    check("char", r#"{"c": "ab"}"#, "value.input: `c`: expected a text of one character, found \"ab\"").await;
    check("rights", r#"{"r": ["write-all", "write-all"]}"#, r#"["write-all"]"#).await;
    check("rights", r#"{"r": ["write"]}"#, "value.input: `r[0]`: expected one of read, write-all, found \"write\"").await;
    check("texts", r#"{"t": ["a", 1]}"#, "value.input: `t[1]`: expected a text, found 1").await;
    check("bytes", r#"{"b": "AA"}"#, "value.input: `b`: expected bytes, as base64 text with padding, found \"AA\"").await;
    check("nothing", "{}", "plugin.no-task: the plugin has no task `nothing`").await;
}

#[tokio::test]
async fn answers_that_are_no_values() {
    check("nan", "{}", "value.output: the answer has NaN there, which is no number that JSON has; answer an option, or an error").await;
    check("inf", "{}", "value.output: `[1]`: the answer has -inf there, which is no number that JSON has; answer an option, or an error")
        .await;
    let trap = call(&plugin(), "trap", "{}").await.unwrap_err();
    assert!(trap.starts_with("guest.trap: the task trapped: wasm `unreachable`"), "{trap}");
    let wild = call(&plugin(), "wild", "{}").await.unwrap_err();
    assert!(wild.starts_with("guest.abi: "), "{wild}");
}

#[tokio::test]
async fn sizes_are_bounded() {
    let plugin = plugin();
    let large = |bytes: usize| format!(r#"{{"n": {bytes}}}"#);
    assert_eq!(call(&plugin, "many-bytes", &large(6_000_000)).await.map(|answer| answer.len()), Ok(8_000_002));
    let error = call(&plugin, "many-bytes", &large(7_000_000)).await.unwrap_err();
    assert_eq!(error, "limit.result-size: the answer has more than 8388608 bytes as JSON, which is the limit");
    let error = call(&plugin, "many-bools", &large(1_000_001)).await.unwrap_err();
    assert_eq!(error, "limit.result-size: the answer is made of more than 1000000 values, which is the limit");
    let error = call(&plugin, "many-bytes", &large(50_000_000)).await.unwrap_err();
    assert!(error.starts_with("limit.memory: ") || error.starts_with("limit.result-size: "), "{error}");
    let text = format!(r#"{{"b": "{}"}}"#, "A".repeat(9 << 20));
    assert!(call(&plugin, "bytes", &text).await.unwrap_err().starts_with("limit.input-size: "));
    // Lists of empty texts are small as JSON and four times as large in memory.
    let empty = format!(r#"{{"t": [{}""]}}"#, r#""","#.repeat(1_100_000));
    let error = call(&plugin, "texts", &empty).await.unwrap_err();
    assert!(error.starts_with("value.input: "), "{error}");
}
