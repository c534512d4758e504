//! What the macros refuse, and how they say it: each file in `refused/` beside the words.
//!
//! `TRYBUILD=overwrite cargo test -p jackfield-sdk --test refused` writes the words anew; read them then.

use std::process::Command;

/// The compiler whose own words are kept in `refused/compiler/`.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn errors_point_at_the_authors_code() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/refused/*.rs");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("a test was compiled, so there is a compiler");
    // The compiler's words change from one version to the next; what they point at is what matters here.
    if version.stdout.starts_with(RUSTC.as_bytes()) {
        cases.compile_fail("tests/refused/compiler/*.rs");
    }
}
