//! Builds the plugins of a folder: `cargo run -p jackfield-build --example build-plugin -- DIR`.

use std::path::PathBuf;
use std::process::ExitCode;

use jackfield_build::{BuildOptions, build_rust_plugin};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]
fn main() -> ExitCode {
    let dir = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    match build_rust_plugin(&dir, &BuildOptions::default(), &mut |step| eprintln!("{step}")) {
        Ok(built) => {
            built.iter().for_each(|plugin| println!("{}", plugin.path.display()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
