//! Development commands: `cargo xtask COMMAND`. Each says what it does and how long it took.

mod bench;
mod bindings;
mod demo;
#[path = "../../kit/flaky.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the tests, which use all of it")]
mod flaky;
mod plugins;
mod report;
mod repository;
mod test;

use std::process::ExitCode;

use report::Report;
use repository::Repository;

const HELP: &str = "\
cargo xtask COMMAND

  demo               builds what is needed and runs the main example
  test [FILTER…]     builds what is needed and passes all tests; with CI=true also clippy and rustfmt
  plugins            builds the standard plugins and the guests of the tests
  bindings [--check] writes sdk/rust/src/bindings.rs again, or says whether that is needed
  bench [ARGUMENT…]  builds and runs the benchmarks, optimized
  flaky              serves what the example `poll` polls, on 127.0.0.1:8099

Environment
  CARGO_TARGET_DIR      where everything is built; else target/
  JACKFIELD_TOOLCHAIN   where the compiler of plugins comes from: auto, rustup or debian
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let repository = Repository::here();
    let mut report = Report::new();
    let result = match words.as_slice() {
        ["demo"] => demo::run(&repository, &mut report),
        ["test", filters @ ..] => test::run(&repository, filters, &mut report),
        ["plugins"] => plugins::build(&repository, &mut report),
        ["bindings"] => bindings::write(&repository, &mut report),
        ["bindings", "--check"] => bindings::check(&repository, &mut report),
        ["flaky"] => serve(&report),
        ["bench", arguments @ ..] => bench::run(&repository, arguments, &mut report),
        _ => {
            report.say(HELP);
            return if matches!(words.as_slice(), ["help" | "--help" | "-h"]) { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    report.finish(result)
}

/// The service that fails now and then, until somebody stops it.
fn serve(report: &Report) -> Result<(), report::Failure> {
    let service = flaky::Service { port: 8099, ..flaky::Service::default() };
    let running = service.start().map_err(|error| format!("the service cannot start: {error}"))?;
    report.say(format_args!("xtask: serving on {}; stop with Ctrl-C", running.base_url()));
    running.wait();
    Ok(())
}
