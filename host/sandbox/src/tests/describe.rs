//! What a plugin says of itself.

use jackfield_flow::plan::Effect;

use super::kit::{Guest, sandbox};
use crate::DescribeError;

/// A guest that describes tasks of these names, and these texts from 2048 on: `name`, then `docs`.
fn guest(names: &[&str]) -> Guest {
    let mut core = String::new();
    let mut list = Vec::new();
    let mut text_at = 8192;
    for name in names {
        core.push_str(&format!(r#"(data (i32.const {text_at}) "{name}")"#));
        // name, docs, input-schema, output-schema, errors: pointer and length each; effect; capabilities, annotations.
        let words = [text_at, u32::try_from(name.len()).unwrap(), text_at, 1, text_at, 0, text_at, 0, 0, 0, 1, 0, 0, 0, 0];
        list.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        text_at += 128;
    }
    let escaped: String = list.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let count = names.len();
    core.push_str(&format!(
        r#"(data (i32.const 2048) "{escaped}") (func $init (i32.store (i32.const 1024) (i32.const 2048)) (i32.store (i32.const 1028) (i32.const {count}))) (start $init)"#
    ));
    Guest::new("(unreachable)").with_core(&core)
}

#[tokio::test]
async fn tasks_with_their_names() {
    let tasks = guest(&["list-orders", "a1"]).load(&sandbox()).describe().await.unwrap();
    let names: Vec<_> = tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["list-orders", "a1"]);
    assert_eq!((tasks[0].docs.as_str(), tasks[0].effect), ("l", Effect::Reads));
}

#[tokio::test]
async fn descriptions_that_are_refused() {
    let describe = async |names: &[&str]| guest(names).load(&sandbox()).describe().await.unwrap_err();
    for name in ["", "Upper", "1st", "a.b", "a_b"] {
        assert!(matches!(describe(&[name]).await, DescribeError::BadName(_)), "{name:?}");
    }
    assert!(matches!(describe(&[]).await, DescribeError::NoTasks));
    let error = describe(&["same", "other", "same"]).await;
    assert_eq!(error.to_string(), "the plugin describes the task `same` twice");
}

#[tokio::test]
async fn describing_is_bounded() {
    let mut guest = Guest::new("(unreachable)");
    guest.describe = "(loop $l (br $l)) (unreachable)";
    let error = guest.load(&sandbox()).describe().await.unwrap_err().to_string();
    assert!(error.contains("limit.time") && error.contains("5000 ms"), "{error}");
    guest.describe = "(i32.store (i32.const 1024) (i32.const 0)) (i32.store (i32.const 1028) (i32.const 1000000000)) (i32.const 1024)";
    let error = guest.load(&sandbox()).describe().await.unwrap_err().to_string();
    assert!(error.contains("guest.abi"), "{error}");
    guest.describe = "(drop (memory.grow (i32.const 2000))) (i32.store (i32.const 1024) (i32.const 131072)) (i32.store (i32.const 1028) (i32.const 200000)) (i32.const 1024)";
    let error = guest.load(&sandbox()).describe().await.unwrap_err().to_string();
    assert!(error.contains("limit.result-size"), "{error}");
    guest.describe = "(drop (memory.grow (i32.const 2000))) (i32.store (i32.const 1024) (i32.const 131072)) (i32.store (i32.const 1028) (i32.const 1001)) (i32.const 1024)";
    assert!(matches!(guest.load(&sandbox()).describe().await.unwrap_err(), DescribeError::TooManyTasks(1001)));
}
