//! Words that say which runs are meant.

use clap::Args;
use jackfield_flow::run::{Millis, RunId};
use jackfield_flow::types::{parse_duration, parse_timestamp};

use super::run::run_id;
use super::{Pair, StateArg};

/// Which runs: those to which everything that is said here applies.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which runs")]
pub(crate) struct FilterArgs {
    /// Only runs of this workflow
    #[arg(long, value_name = "NAME")]
    pub(crate) workflow: Option<String>,
    /// Only runs in this state, or in one of these
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub(crate) state: Vec<StateArg>,
    /// Only runs with this label; several must all be there
    #[arg(long, value_name = "KEY=VALUE", value_parser = Pair::parse)]
    pub(crate) label: Vec<Pair>,
    /// Only runs that began then or later: `2d`, `1h30m`, or `2026-03-01T02:15:00Z`
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse)]
    pub(crate) since: Option<TimeArg>,
    /// Only runs that began before
    #[arg(long, value_name = "TIME", value_parser = TimeArg::parse)]
    pub(crate) until: Option<TimeArg>,
    /// Only runs that this run started
    #[arg(long, value_name = "RUN", value_parser = run_id, conflicts_with = "all")]
    pub(crate) children_of: Option<RunId>,
    /// Also runs that were started by other runs
    #[arg(long)]
    pub(crate) all: bool,
}

/// A point in time, as people say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeArg {
    /// An instant.
    At(Millis),
    /// So many milliseconds ago.
    Ago(u64),
}

impl TimeArg {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(at) = parse_timestamp(text) {
            return Ok(Self::At(Millis(at.as_millisecond())));
        }
        span_ms(text)
            .map(Self::Ago)
            .map_err(|_| "write a span of time that is over, such as 2d or 1h30m, or an instant such as 2026-03-01T02:15:00Z".to_owned())
    }

    /// The instant that is meant at this time.
    pub(crate) fn instant(self, now: Millis) -> Millis {
        match self {
            Self::At(at) => at,
            Self::Ago(ms) => Millis(now.0.saturating_sub(i64::try_from(ms).unwrap_or(i64::MAX))),
        }
    }
}

/// A span of time in milliseconds.
pub(super) fn span_ms(text: &str) -> Result<u64, String> {
    let ms = parse_duration(text).and_then(|span| u64::try_from(span.as_millis()).ok());
    ms.ok_or_else(|| "write a number and a unit, such as 30d, 12h or 1h30m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_instants_or_spans() {
        let now = Millis(1_772_331_300_000);
        let at = |text: &str| TimeArg::parse(text).map(|time| time.instant(now).0);
        assert_eq!(at("2d"), Ok(now.0 - 172_800_000));
        assert_eq!(at("1h30m"), Ok(now.0 - 5_400_000));
        assert_eq!(at("0"), Ok(now.0));
        assert_eq!(at("2026-03-01T02:15:00Z"), Ok(now.0));
        assert_eq!(at("2026-03-01T04:15:00+02:00"), Ok(now.0));
        for bad in ["", "yesterday", "-2d", "2", "2 d", "1e309s", "2026-03-01", "٢d"] {
            assert!(at(bad).is_err(), "{bad}");
        }
        assert_eq!(at("99999999999d").map(|at| at < 0), Ok(true), "longer than there is time");
    }
}
