//! What an error of a task is to the engine.

use jackfield_flow::run::FailureKind;

use super::kit::{component, load, run};

/// Stores the 16 bytes of a result from 8 on: the tag of the result, then what is given, and a text of 5 bytes in between.
const CORE: &str = r#"
  (data (i32.const 1024) "sold!")
  (func (export "case") (param i32) (result i32)
    (i32.store8 (i32.const 8) (i32.const 1)) (i32.store8 (i32.const 12) (local.get 0))
    (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 5)) (i32.store (i32.const 24) (i32.const 7))
    (i32.const 8))
  (func (export "text") (result i32)
    (i32.store8 (i32.const 8) (i32.const 1)) (i32.store (i32.const 12) (i32.const 1024)) (i32.store (i32.const 16) (i32.const 5))
    (i32.const 8))
  (func (export "record") (result i32)
    (i32.store8 (i32.const 8) (i32.const 1)) (i32.store (i32.const 12) (i32.const 1024)) (i32.store (i32.const 16) (i32.const 4))
    (i32.store (i32.const 20) (i32.const 1024)) (i32.store (i32.const 24) (i32.const 5)) (i32.store (i32.const 28) (i32.const 7))
    (i32.const 8))
  (func (export "one") (result i32) (i32.const 1))
  (func (export "zero") (result i32) (i32.const 0))"#;

const TYPES: &str = r#"
  (type $d (record (field "message" string) (field "left" u32)))
  (import "detail" (type $detail (eq $d)))
  (type $v (variant (case "not-found") (case "bad" string) (case "BUSY-now" $detail)))
  (import "problem" (type $problem (eq $v)))
  (type $r (record (field "code" string) (field "message" string) (field "left" u32)))
  (import "coded" (type $coded (eq $r)))
  (type $e (enum "sold-out" "other"))
  (import "reason" (type $reason (eq $e)))"#;

const EXPORTS: &str = r#"
  (func (export "by-case") (param "case" u8) (result (result string (error $problem))) LIFT case)
  (func (export "by-text") (result (result (error string))) LIFT text)
  (func (export "by-record") (result (result (error $coded))) LIFT record)
  (func (export "by-enum") (result (result u32 (error $reason))) LIFT text)
  (func (export "by-nothing") (result (result)) LIFT one)
  (func (export "well") (result (result)) LIFT zero)"#;

async fn check(task: &str, input: &str, expected: &str) {
    let plugin = load(&component(TYPES, CORE, EXPORTS)).unwrap();
    let found = match run(&plugin, task, input).await.outcome {
        Ok(answer) => answer,
        Err(failure) => {
            assert_eq!(failure.kind, FailureKind::Permanent, "a component that imports nothing answers the same again");
            format!("{} | {} | {}", failure.code, failure.message, failure.data.as_deref().unwrap_or("-"))
        }
    };
    assert_eq!(found, expected, "{task} {input}");
}

#[tokio::test]
async fn codes_are_words_of_the_types() {
    check("by-case", r#"{"case": 0}"#, "not-found | the task answered the error `not-found` | -").await;
    check("by-case", r#"{"case": 1}"#, "bad | sold! | -").await;
    check("by-case", r#"{"case": 2}"#, r#"busy-now | sold! | {"left":7}"#).await;
    check("by-text", "{}", "failed | sold! | -").await;
    check("by-record", "{}", r#"sold | sold! | {"left":7}"#).await;
    check("by-enum", "{}", "sold-out | the task answered the error `sold-out` | -").await;
    check("by-nothing", "{}", "failed | the task failed, and says no more | -").await;
    check("well", "{}", "null").await;
}

#[tokio::test]
async fn codes_are_described() {
    let tasks = load(&component(TYPES, CORE, EXPORTS)).unwrap().describe().await.unwrap();
    let codes = |name: &str| {
        let task = tasks.iter().find(|task| task.name == name).unwrap();
        task.errors.iter().map(|error| error.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes("by-case"), ["not-found", "bad", "busy-now"]);
    assert_eq!(codes("by-text"), ["failed"]);
    assert_eq!(codes("by-record"), [""; 0]);
    assert_eq!(codes("by-enum"), ["sold-out", "other"]);
}

#[tokio::test]
async fn a_case_that_there_is_not_breaks_the_abi() {
    let plugin = load(&component(TYPES, CORE, EXPORTS)).unwrap();
    let failure = run(&plugin, "by-case", r#"{"case": 3}"#).await.outcome.unwrap_err();
    assert_eq!(&*failure.code, "guest.abi", "{}", failure.message);
}
