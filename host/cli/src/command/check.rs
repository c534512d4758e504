//! `jackfield check FILE`.

use jackfield_worker::WorkflowFile;

use crate::args::CheckArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::output::style::{GOOD, paint};
use crate::workflow::Written;
use crate::{packages, problems};

/// Shows all problems; they are the result, and go to standard output.
pub(crate) fn run(home: &Home, args: &CheckArgs) -> Result<Exit, CliError> {
    let written = Written::read(&args.file)?;
    let plugins = home.plugins(Operator::default())?;
    let checked = small_runtime()?.block_on(written.check(&plugins));
    let errors = problems::errors(&checked.diagnostics);
    let output = &home.output;
    if output.format() == Format::Json {
        output.json(&problems::for_programs(&checked.source, &checked.diagnostics))?;
    } else if !checked.diagnostics.is_empty() {
        output.data(&problems::for_people(&checked.source, &checked.diagnostics, output.width()))?;
    }
    packages::tell(home, &checked);
    let warnings = checked.diagnostics.len() - errors;
    output.say(&summary(&checked, errors, warnings));
    if errors == 0 { Ok(Exit::Done) } else { Ok(Exit::Usage) }
}

fn summary(checked: &WorkflowFile, errors: usize, warnings: usize) -> String {
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    match &checked.plan {
        Some(plan) if warnings == 0 => {
            // What belongs to a step, such as what undoes it, is not a step of the file.
            let steps = plan.steps.iter().filter(|step| step.is_main()).count();
            let what = format!("{}, {}", count(steps, "step"), count(plan.plugins.len(), "plugin"));
            format!("{}: {what}, {}", checked.source.name, paint(GOOD, "no problems"))
        }
        _ => format!("{}: {}, {}", checked.source.name, count(errors, "error"), count(warnings, "warning")),
    }
}
