//! Ending without an answer: traps, panics, exits (H29) and an exhausted stack (H03).

use std::hint::black_box;

use jackfield_sdk::prelude::*;

/// Traps at once, by the instruction `unreachable`.
#[task]
pub(crate) fn trap() {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    std::process::abort();
}

/// Panics: the message goes to stderr, then it is a trap.
#[task]
pub(crate) fn panic(
    /// The message.
    message: String,
) {
    std::panic::panic_any(message)
}

/// Ends the program.
#[task]
pub(crate) fn exit(
    /// The exit code.
    code: i32,
) {
    std::process::exit(code);
}

/// Calls itself without end (H03).
#[task]
pub(crate) fn recurse() -> u64 {
    deeper(1)
}

#[expect(unconditional_recursion, reason = "the stack is to be exhausted")]
fn deeper(level: u64) -> u64 {
    black_box(deeper(black_box(level + 1))) + 1
}
