//! Words of `schedule`.

use std::path::PathBuf;

use clap::Args;
use jackfield_flow::run::Millis;
use jackfield_flow::types::parse_timestamp;

use super::OperatorArgs;

/// Run workflows when their schedules say so, until Ctrl-C.
///
/// The schedules stand in the workflow files, under `on`. An instant starts at most one run; what was missed while nobody looked
/// after it is made up for as the schedule says. Runs of these schedules that an earlier process left are gone on with.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield schedule orders.yaml letters.yaml
  jackfield schedule orders.yaml --once                  start what is due now, wait for its end
  jackfield schedule orders.yaml --next 5                when it will fire; nothing is run
  jackfield schedule orders.yaml --next 5 --from 2030-03-29T00:00:00Z

Exit codes: 0 nothing is left undone, 1 with `--once`: a run failed, 2 bad file, 3 refused, 4 with `--once`: a run is blocked,
5 interrupted while runs were under way, 74 storage.")]
pub(crate) struct ScheduleArgs {
    /// The workflow files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the next N instants of all of them together, and run nothing
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), conflicts_with = "once")]
    pub(crate) next: Option<u16>,
    /// Those after this instant, instead of after now
    #[arg(long, value_name = "INSTANT", requires = "next", value_parser = instant)]
    pub(crate) from: Option<Millis>,
    /// Start what is due now, wait for its end, and stop
    #[arg(long)]
    pub(crate) once: bool,
    #[command(flatten)]
    pub(crate) operator: OperatorArgs,
}

fn instant(text: &str) -> Result<Millis, String> {
    let instant = parse_timestamp(text).ok_or("an instant looks like 2030-05-01T12:00:00Z, or has an offset")?;
    Ok(Millis(instant.as_millisecond()))
}
