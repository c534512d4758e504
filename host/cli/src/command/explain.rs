//! `jackfield explain CODE`.

use jackfield_flow::definition::{Code, Severity};
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
    severity: &'static str,
    summary: String,
    explanation: String,
}

/// Explains one code, or lists all.
pub(crate) fn run(home: &Home, args: &ExplainArgs) -> Result<Exit, CliError> {
    let explained = match &args.code {
        None => Code::ALL.iter().map(|code| explain(*code)).collect(),
        Some(wanted) => vec![explain(find(wanted)?)],
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

fn find(wanted: &str) -> Result<Code, CliError> {
    let known = Code::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(wanted));
    known.ok_or_else(|| {
        let near = did_you_mean(&wanted.to_ascii_uppercase(), Code::ALL.iter().map(|code| code.id()));
        let help = near.map_or_else(|| "`jackfield explain` lists them all".to_owned(), |near| format!("did you mean {near}?"));
        CliError::Usage(format!("no problem has the code `{wanted}`; {help}"))
    })
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
            assert_eq!(find(&code.id().to_lowercase()).unwrap(), *code);
            assert!(explain(*code).explanation.ends_with('.'), "{code}");
        }
        assert!(find("E999").unwrap_err().to_string().contains("no problem has the code `E999`"));
    }
}
