//! `jackfield test [FILE|DIR …]`.

use std::path::Path;
use std::sync::Arc;

use jackfield_flow::definition::{Code, Diagnostic, Source, Span, TrialFile, read_trials};
use jackfield_flow::plan::Plan;
use jackfield_flow::trial::{judge, play};
use jackfield_worker::Plugins;
use tokio::runtime::Runtime;

use crate::args::TestArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::find;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::problems;
use crate::trials::{Counts, Report, Tested, Verdict, show};
use crate::workflow::Written;

/// Runs every test; what came of them is the result, and goes to standard output.
pub(crate) fn run(home: &Home, args: &TestArgs) -> Result<Exit, CliError> {
    let files = find::test_files(&args.files)?;
    let bench = Bench { plugins: home.plugins(Operator::default())?, runtime: small_runtime()?, filter: args.filter.as_deref() };
    let (output, mut counts) = (&home.output, Counts::default());
    let mut reports = Vec::new();
    for file in &files {
        let (source, tested) = bench.test(file);
        counts.add(&tested);
        match output.format() {
            Format::Text => output.data(&show::file(&source, &tested, output.width()))?,
            Format::Json => reports.push(tested.report(&source)),
        }
    }
    if output.format() == Format::Json {
        output.json(&Report { files: reports, counts })?;
    }
    if let (Some(filter), true) = (&args.filter, counts.is_nothing()) {
        return Err(CliError::Usage(format!("no test has `{filter}` in its name")));
    }
    output.say(&show::summary(&counts, files.len()));
    Ok(match counts {
        Counts { bad_files: 1.., .. } => Exit::Usage,
        Counts { failed: 1.., .. } => Exit::RunFailed,
        _ => Exit::Done,
    })
}

/// What all test files share.
struct Bench<'a> {
    plugins: Plugins,
    runtime: Runtime,
    filter: Option<&'a str>,
}

impl Bench<'_> {
    fn test(&self, file: &Path) -> (Source, Tested) {
        let written = match Written::read(file) {
            Ok(written) => written,
            Err(error) => return (Source::new(file.display().to_string(), ""), Tested::unreadable(&error)),
        };
        let source = written.source.clone();
        let (read, problems) = read_trials(&source);
        let Some(trials) = read.filter(|_| problems::errors(&problems) == 0) else { return (source, Tested::malformed(problems)) };
        let tested = match self.plan(file, &source, &trials) {
            Ok((workflow, plan)) => Tested { workflow: Some(workflow), verdicts: self.verdicts(&plan, trials), ..Tested::default() },
            Err(tested) => *tested,
        };
        (source, tested)
    }

    fn verdicts(&self, plan: &Arc<Plan>, file: TrialFile) -> Vec<Verdict> {
        let wanted = file.trials.into_iter().filter(|trial| self.filter.is_none_or(|filter| trial.name.value.contains(filter)));
        wanted
            .map(|trial| {
                let played = play(plan, &trial);
                // What came of a test that is wrong itself says nothing about the workflow.
                let mismatches = if played.is_void() { Vec::new() } else { judge(&trial, &played) };
                Verdict { name: trial.name.value, played, mismatches }
            })
            .collect()
    }

    /// The plan of the workflow that a test file is about, and its name; or why there is none.
    fn plan(&self, file: &Path, source: &Source, trials: &TrialFile) -> Result<(String, Arc<Plan>), Box<Tested>> {
        let path = match &trials.workflow {
            Some(named) => file.parent().unwrap_or(Path::new("")).join(&*named.value),
            None => find::workflow_of(file).unwrap_or_else(|| file.to_owned()),
        };
        let path = find::tidy(&path);
        let written = Written::read(&path).map_err(|error| {
            let problem = match &trials.workflow {
                Some(named) => Diagnostic::new(Code::BadFlow, named.span, format!("the workflow cannot be read: {error}")),
                None => Diagnostic::new(Code::BadFlow, Span::default(), format!("the workflow beside it cannot be read: {error}"))
                    .help("write `workflow: PATH` at the top, or rename one of the two files"),
            };
            Box::new(Tested::malformed(vec![problem]))
        })?;
        let checked = self.runtime.block_on(written.check(&self.plugins));
        let name = checked.source.name.to_string();
        match checked.plan {
            Some(plan) => Ok((name, Arc::new(plan))),
            None => Err(Box::new(Tested::of_bad_workflow(source, checked.source, checked.diagnostics))),
        }
    }
}
