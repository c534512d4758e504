//! `jackfield plugin diff OLD NEW`.

use std::path::Path;
use std::sync::Arc;

use jackfield_flow::definition::{Diagnostic, Source};
use jackfield_flow::plan::{self, Change, Digest, Plan, PluginInfo, Weight};
use jackfield_worker::{Installed, Plugins, WorkflowFile};
use serde::Serialize;

use crate::args::PluginDiffArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::find::workflow_files;
use crate::home::{Home, engine_runtime};
use crate::operator::Operator;
use crate::output::style::{BAD, DIM, GOOD, STRONG, WARN, paint};
use crate::output::time::bytes;
use crate::output::{Format, escape};
use crate::problems::{self, Problem};
use crate::workflow::Written;

/// All that another version changes, for programs.
#[derive(Debug, Serialize)]
struct DiffReport {
    old: Version,
    new: Version,
    /// What it means in all: the heaviest of the changes, nothing when there are none.
    weight: Option<Weight>,
    changes: Vec<Change>,
    workflows: Vec<Affected>,
}

#[derive(Debug, Serialize)]
struct Version {
    digest: String,
    bytes: u64,
}

/// A workflow that uses the old version.
#[derive(Debug, Serialize)]
struct Affected {
    file: String,
    /// The steps that call its tasks.
    steps: Vec<String>,
    /// What is wrong with the new version, and was not with the old one.
    problems: Vec<Problem>,
    #[serde(skip)]
    lines: Vec<String>,
}

/// Shows what another version of a plugin changes.
pub(crate) fn run(home: &Home, args: &PluginDiffArgs) -> Result<Exit, CliError> {
    let files = if args.workflow.is_empty() { workflow_files()? } else { args.workflow.clone() };
    let report = engine_runtime()?.block_on(async {
        let plugins = home.plugins(Operator::default())?;
        let (old, new) = (plugins.install(&args.old).await?, plugins.install(&args.new).await?);
        let changes = plan::changes(&old.info.tasks, &new.info.tasks);
        let mut workflows = Vec::new();
        for file in files.iter().filter(|_| old.info.digest != new.info.digest) {
            workflows.extend(affected(&plugins, file, &old.info, &new.info, args).await?);
        }
        let weight = changes.iter().map(|change| change.weight).max();
        Ok::<_, CliError>(DiffReport { old: version(&old), new: version(&new), weight, changes, workflows })
    })?;
    match home.output.format() {
        Format::Json => home.output.json(&report)?,
        Format::Text => home.output.data(&for_people(&report))?,
    }
    let held = report.weight.is_some_and(|weight| weight > Weight::Additive) || report.workflows.iter().any(|one| !one.problems.is_empty());
    Ok(if held { Exit::NeedsDecision } else { Exit::Done })
}

fn version(installed: &Installed) -> Version {
    Version { digest: installed.info.digest.to_string(), bytes: installed.bytes }
}

/// What a file has of the old version, when it is a workflow that uses it.
async fn affected(
    plugins: &Plugins,
    file: &Path,
    old: &PluginInfo,
    new: &Arc<PluginInfo>,
    args: &PluginDiffArgs,
) -> Result<Option<Affected>, CliError> {
    let written = match Written::read(file) {
        Ok(written) => written,
        // What merely lies about need not be a workflow.
        Err(_) if args.workflow.is_empty() => return Ok(None),
        Err(error) => return Err(error),
    };
    let WorkflowFile { source, definition, plugins: mut known, flows, plan, diagnostics, .. } = written.check(plugins).await;
    let Some(definition) = definition else { return Ok(None) };
    let mut uses = false;
    for info in known.values_mut() {
        if info.as_ref().is_ok_and(|info| info.digest == old.digest) {
            (*info, uses) = (Ok(Arc::clone(new)), true);
        }
    }
    if !uses {
        return Ok(None);
    }
    let (_, found) = plan::build(&definition, &known, &flows);
    let fresh: Vec<Diagnostic> = found.into_iter().filter(|problem| !diagnostics.contains(problem)).collect();
    let steps = plan.as_ref().map(|plan| steps_of(plan, old.digest)).unwrap_or_default();
    Ok(Some(Affected {
        file: source.name.to_string(),
        steps,
        lines: lines(&source, &fresh),
        problems: problems::for_programs(&source, &fresh),
    }))
}

fn lines(source: &Source, problems: &[Diagnostic]) -> Vec<String> {
    problems.iter().map(|problem| problem.line(source)).collect()
}

/// The steps that call a task of a plugin.
fn steps_of(plan: &Plan, digest: Digest) -> Vec<String> {
    let calls = |task: usize| plan.plugins[plan.tasks[task].plugin].digest == digest;
    let steps = plan.steps.iter().filter(|step| step.calls().any(|call| calls(call.task)));
    steps.map(|step| step.name.to_string()).collect()
}

fn for_people(report: &DiffReport) -> String {
    let mut text = format!(
        "{} {} → {} {}\n",
        paint(DIM, &report.old.digest),
        bytes(report.old.bytes),
        paint(DIM, &report.new.digest),
        bytes(report.new.bytes)
    );
    if report.changes.is_empty() {
        text.push_str(if report.old.digest == report.new.digest {
            "the same bytes\n"
        } else {
            "other bytes; nothing that its users could see changes\n"
        });
    }
    for change in &report.changes {
        let sign = match change.weight {
            Weight::Additive => paint(GOOD, "+"),
            Weight::Asks => paint(WARN, "?"),
            Weight::Breaking => paint(BAD, "!"),
        };
        let task = paint(STRONG, escape::line(&change.task));
        text.push_str(&format!("  {sign} {task} {}: {}\n", change.about, escape::line(&change.what)));
    }
    for one in &report.workflows {
        text.push_str(&format!("\n{}: {}\n", escape::line(&one.file), used_by(&one.steps)));
        for line in &one.lines {
            text.push_str(&format!("  {}\n", escape::line(line)));
        }
        if one.lines.is_empty() {
            text.push_str(&format!("  {}\n", paint(GOOD, "is sound with it")));
        }
    }
    text
}

fn used_by(steps: &[String]) -> String {
    match steps {
        [] => "names it".to_owned(),
        [step] => format!("step {}", escape::line(step)),
        steps => format!("steps {}", escape::line(&steps.join(", "))),
    }
}
