//! `jackfield explain CODE`: of a problem of a workflow file, or of a failure of a run.

use jackfield_flow::definition::{Code, Severity};
use jackfield_flow::plan::{ENGINE_CODES, explain_engine_code};
use jackfield_flow::types::did_you_mean;
use serde::Serialize;

use crate::args::ExplainArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::output::table::Table;

/// A code for programs.
#[derive(Debug, Serialize)]
struct Explained {
    code: &'static str,
    /// `error` and `warning` of a workflow file, `failure` of a run.
    severity: &'static str,
    summary: String,
    explanation: String,
}

/// Explains one code, or lists all.
pub(crate) fn run(home: &Home, args: &ExplainArgs) -> Result<Exit, CliError> {
    let explained = match &args.code {
        None => all().collect(),
        Some(wanted) => vec![find(wanted)?],
    };
    let output = &home.output;
    match (output.format(), &explained[..]) {
        (Format::Json, _) => output.json(&explained)?,
        (Format::Text, [one]) => output.data(&format!("{} ({})\n\n{}", one.code, one.severity, one.explanation))?,
        (Format::Text, all) => {
            let mut table = Table::new(["CODE", "SEVERITY", "MEANING"]);
            for one in all {
                table.row([one.code.into(), one.severity.into(), (&one.summary).into()]);
            }
            output.data(&table.render(output))?;
        }
    }
    Ok(Exit::Done)
}

/// The codes of problems of workflow files, and after them those of the engine's failures.
fn all() -> impl Iterator<Item = Explained> {
    let failures = ENGINE_CODES.iter().filter_map(|code| {
        let explanation = explain_engine_code(code)?.to_owned();
        let summary = explanation.split_inclusive(". ").next().unwrap_or_default().trim().to_owned();
        Some(Explained { code, severity: "failure", summary, explanation })
    });
    Code::ALL.iter().map(|code| explain(*code)).chain(failures)
}

fn find(wanted: &str) -> Result<Explained, CliError> {
    all().find(|one| one.code.eq_ignore_ascii_case(wanted)).ok_or_else(|| unknown(wanted))
}

fn unknown(wanted: &str) -> CliError {
    let is_failure = wanted.contains('.');
    let spelt = if is_failure { wanted.to_ascii_lowercase() } else { wanted.to_ascii_uppercase() };
    let near = did_you_mean(&spelt, all().map(|one| one.code));
    let help = match near {
        Some(near) => format!("did you mean {near}?"),
        None if !is_failure && wanted.contains('-') => {
            "a code without a dot is the task's own: `jackfield plugin describe` shows it".to_owned()
        }
        None => "`jackfield explain` lists them all".to_owned(),
    };
    let what = if is_failure { "no failure of the engine" } else { "no problem" };
    CliError::Usage(format!("{what} has the code `{wanted}`; {help}"))
}

fn explain(code: Code) -> Explained {
    let severity = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // Comments begin with a space.
    let lines = code.explanation().lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let explanation = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    Explained { code: code.id(), severity, summary: code.summary(), explanation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_and_explained() {
        for code in Code::ALL {
            assert_eq!(find(&code.id().to_lowercase()).unwrap().code, code.id());
            assert!(explain(*code).explanation.ends_with('.'), "{code}");
        }
        for code in ENGINE_CODES {
            assert_eq!(find(code).unwrap().severity, "failure");
        }
        for (wanted, part) in
            [("E999", "no problem has the code `E999`"), ("limit.tiem", "did you mean limit.time?"), ("not-yet", "the task's own")]
        {
            assert!(unknown(wanted).to_string().contains(part), "{}", unknown(wanted));
        }
    }
}
