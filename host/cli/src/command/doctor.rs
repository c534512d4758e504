//! `jackfield doctor`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use jackfield_build::Toolchain;
use jackfield_flow::run::RunId;
use jackfield_sandbox::Allocation;
use jackfield_store::{Depth, SqliteStore, Store as _};
use jackfield_worker::{Clock as _, SystemClock};
use serde::Serialize;

use crate::audit::{AbandonedLock, Audit, Holder, Verdict};
use crate::control;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::output::style::{BAD, GOOD, WARN};
use crate::output::table::{Field, Table};
use crate::output::time::{bytes, span, utc};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    /// It works, and could be better.
    Note,
    /// Something is broken.
    Bad,
}

/// Looks at everything, and says what it found.
pub(crate) fn run(home: &Home) -> Result<Exit, CliError> {
    let mut findings = vec![finding("version", State::Good, format!("jackfield {}", env!("CARGO_PKG_VERSION")))];
    findings.push(sandbox(home));
    findings.push(cache(home));
    findings.push(tools());
    findings.extend(data(home)?);
    let output = &home.output;
    if output.format() == Format::Json {
        output.json(&findings)?;
    } else {
        let mut table = Table::new(["WHAT", "STATE", "DETAIL"]);
        for found in &findings {
            let state = match found.state {
                State::Good => Field::styled("good", GOOD),
                State::Note => Field::styled("note", WARN),
                State::Bad => Field::styled("bad", BAD),
            };
            table.row([found.what.into(), state, (&found.detail).into()]);
        }
        output.data(&table.render(output))?;
    }
    let bad: Vec<&str> = findings.iter().filter(|found| found.state == State::Bad).map(|found| found.what).collect();
    if bad.is_empty() { Ok(Exit::Done) } else { Err(CliError::Unhealthy(format!("not in order: {}", bad.join(", ")))) }
}

fn finding(what: &'static str, state: State, detail: impl Into<String>) -> Finding {
    Finding { what, state, detail: detail.into() }
}

fn sandbox(home: &Home) -> Finding {
    let begun = Instant::now();
    match home.plugins(Operator::default()) {
        Ok(plugins) => {
            let took = span(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
            match plugins.sandbox().allocation() {
                Allocation::Pool => finding("sandbox", State::Good, format!("starts in {took}, memory from a pool")),
                Allocation::OnDemand(why) => {
                    finding("sandbox", State::Note, format!("starts in {took}, memory on demand, which is slower: {why}"))
                }
            }
        }
        Err(error) => finding("sandbox", State::Bad, error.to_string()),
    }
}

fn cache(home: &Home) -> Finding {
    let Some(directory) = home.settings.compiled() else {
        return finding("cache", State::Note, "no HOME and no XDG_CACHE_HOME: plugins are compiled anew in every process");
    };
    let sizes = std::fs::read_dir(&directory).into_iter().flatten().flatten().filter_map(|entry| entry.metadata().ok());
    let (files, size) = sizes.fold((0_u64, 0_u64), |(files, size), about| (files + 1, size.saturating_add(about.len())));
    finding("cache", State::Good, format!("{}: {files} files, {}", directory.display(), bytes(size)))
}

/// Whether plugins can be built, without making anything that would be needed for it.
fn tools() -> Finding {
    match Toolchain::installed(Path::new(".")).or_else(Toolchain::debian) {
        Some(toolchain) => finding("plugin tools", State::Good, toolchain.description()),
        None => finding("plugin tools", State::Note, "no Rust for wasm32-wasip2 yet; `jackfield plugin build` finds or makes one"),
    }
}

fn data(home: &Home) -> Result<Vec<Finding>, CliError> {
    let directory = &home.settings.data;
    let store = match home.reader() {
        Ok(store) => store,
        Err(CliError::NoStore(_)) => {
            return Ok(vec![finding("data", State::Good, format!("{} does not exist yet; the first run makes it", directory.display()))]);
        }
        Err(error) => return Ok(vec![finding("data", State::Bad, error.to_string())]),
    };
    let shown = std::path::absolute(directory).unwrap_or_else(|_| PathBuf::from(directory));
    let mut findings = vec![finding("data", State::Good, shown.display().to_string()), engine(directory)];
    small_runtime()?.block_on(async {
        match store.health(Depth::Check).await {
            Ok(health) => {
                let detail = format!(
                    "{}, schema {}, {} ({} free), log {}, {} unfinished runs",
                    health.kind,
                    health.schema,
                    bytes(health.bytes),
                    bytes(health.bytes_free),
                    bytes(health.bytes_wal),
                    health.unfinished
                );
                findings.push(finding("store", State::Good, detail));
                if !health.damaged.is_empty() {
                    findings.push(finding("damaged runs", State::Bad, numbers(&health.damaged)));
                }
            }
            Err(error) => findings.push(finding("store", State::Bad, error.to_string())),
        }
        findings.extend(audited(&store, directory).await);
    });
    Ok(findings)
}

fn engine(directory: &Path) -> Finding {
    match control::status(directory) {
        Some(status) => {
            let detail = format!("process {} ({}): {} runs active, {} asleep", status.pid, status.engine, status.active, status.sleeping);
            finding("engine", State::Good, detail)
        }
        None => finding("engine", State::Good, "none is running"),
    }
}

/// Unfinished runs and held locks, as the auditor sees them.
async fn audited(store: &SqliteStore, directory: &Path) -> Vec<Finding> {
    let engine = control::status(directory).map(|status| status.engine);
    let audit = match Audit::of(store, engine.as_deref(), SystemClock.now()).await {
        Ok(audit) => audit,
        Err(error) => return vec![finding("runs", State::Bad, error.to_string())],
    };
    let mut findings = Vec::new();
    for verdict in Verdict::ALL {
        if let Some(runs) = audit.runs.get(&verdict) {
            let (what, state) = about(verdict);
            findings.push(finding(what, state, numbers(runs)));
        }
    }
    if let Some(left) = audit.not_looked_at {
        findings.push(finding("unfinished runs", State::Note, format!("{left} more were not looked at")));
    }
    findings.extend(audit.locks.iter().map(lock));
    findings
}

/// What a verdict is called, and how grave it is.
fn about(verdict: Verdict) -> (&'static str, State) {
    match verdict {
        Verdict::UnderWay => ("runs under way", State::Good),
        Verdict::Asleep => ("runs that sleep until a time", State::Good),
        Verdict::Ready => ("runs that nobody runs", State::Note),
        Verdict::Overdue => ("runs whose time has come", State::Note),
        Verdict::Listening => ("runs that wait for a message", State::Good),
        Verdict::Blocked => ("blocked runs", State::Note),
        Verdict::Stuck => ("runs that nothing can wake", State::Bad),
        Verdict::Unreadable => ("unreadable runs", State::Bad),
    }
}

/// A lock whose holder nobody has: whoever wants it waits until somebody goes on with that run.
fn lock(held: &AbandonedLock) -> Finding {
    let AbandonedLock { name, run, since, holder } = held;
    let (state, why) = match holder {
        Holder::Idle => {
            (State::Note, format!("which nobody runs: `jackfield resume {run}` or `jackfield runs cancel {run}` lets go of it"))
        }
        Holder::Ended => (State::Bad, "which has ended".to_owned()),
        Holder::Gone => (State::Bad, "which is not there".to_owned()),
    };
    finding("held lock", state, format!("{name}: held by run {run} since {}, {why}", utc(*since)))
}

fn numbers(runs: &[RunId]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = runs.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if runs.len() > SHOWN { format!(" and {} more", runs.len() - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let runs: Vec<RunId> = (1..=30).map(RunId).collect();
        assert_eq!(numbers(&runs[..3]), "1, 2, 3");
        assert!(numbers(&runs).ends_with("20 and 10 more"));
    }
}
