//! Typed components from a few lines of WebAssembly text.

use crate::tests::kit::{attempt, sandbox};
use crate::{AttemptEnd, LoadError, Plugin, digest_of};

/// A component: its types and imports, its core functions, and its lifted functions and exports.
///
/// The core module has `$realloc`, and 64 KiB from 1024 on that nothing uses. Functions are lifted with
/// `(canon lift (core func $m "name") (memory $memory) (realloc $realloc))`, which is what `LIFT name` stands for.
pub(super) fn component(types: &str, core: &str, exports: &str) -> Vec<u8> {
    let exports = lifted(exports);
    let text = format!(
        r#"(component
  {types}
  (core module $m
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 65536))
    (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (block $fits (loop $grow
        (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
        (unreachable)))
      (local.get $at))
    {core})
  (core instance $m (instantiate $m))
  (alias core export $m "memory" (core memory $memory))
  (alias core export $m "realloc" (core func $realloc))
  {exports})"#
    );
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Writes out `LIFT name`.
fn lifted(exports: &str) -> String {
    let mut parts = exports.split("LIFT ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_whitespace() || letter == ')').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        text.push_str(&format!("(canon lift (core func $m \"{name}\") (memory $memory) (realloc $realloc)){rest}"));
    }
    text
}

/// A component, loaded.
pub(super) fn load(bytes: &[u8]) -> Result<Plugin, LoadError> {
    sandbox().load(&digest_of(bytes), bytes)
}

/// Calls a task.
pub(super) async fn run(plugin: &Plugin, task: &str, input: &str) -> AttemptEnd {
    let mut attempt = attempt(plugin.clone());
    attempt.task = task.to_owned();
    attempt.input = input.to_owned();
    sandbox().run(attempt).await
}

/// Calls a task: its answer, or code and message of its failure.
pub(super) async fn call(plugin: &Plugin, task: &str, input: &str) -> Result<String, String> {
    run(plugin, task, input).await.outcome.map_err(|failure| format!("{}: {}", failure.code, failure.message))
}
