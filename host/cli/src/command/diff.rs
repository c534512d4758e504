//! `jackfield runs diff A B`.

use anstyle::Style;

use crate::args::DiffArgs;
use crate::compare::{Both, Comparison, Differences, Side, StepDifference};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::style::{BAD, DIM, GOOD, STRONG, WARN, paint};
use crate::output::table::{Field, Table};
use crate::output::time::span;
use crate::output::{Format, Output, escape};

/// Characters of a value that are shown.
const VALUE_CHARS: usize = 120;

/// Shows what is different; the exit code tells whether anything is.
pub(crate) fn run(home: &Home, args: &DiffArgs) -> Result<Exit, CliError> {
    let (left, right) = (home.load(args.left)?, home.load(args.right)?);
    let compared = Comparison::new(&left, &right);
    match home.output.format() {
        Format::Json => home.output.json(&compared)?,
        Format::Text => show(&home.output, &compared)?,
    }
    Ok(if compared.equal { Exit::Done } else { Exit::RunFailed })
}

fn show(output: &Output, compared: &Comparison) -> Result<(), CliError> {
    output.data(&overview(compared).render(output))?;
    output.data(&format!("\n{}\n", steps(compared).render(output)))?;
    section(output, "inputs", &compared.inputs)?;
    for step in &compared.steps {
        section(output, &format!("result of {}", step.name), &step.results)?;
        if !step.failure.same() {
            let side = |failure: &Option<String>| failure.as_ref().map(|failure| escape::brief(failure, VALUE_CHARS));
            let lines = change("", side(&step.failure.left), side(&step.failure.right));
            output.data(&format!("\n{}\n{lines}", paint(STRONG, format!("failure of {}", escape::line(&step.name)))))?;
        }
    }
    section(output, "outputs", &compared.outputs)?;
    if compared.equal {
        output.say("no difference");
    }
    Ok(())
}

fn overview(compared: &Comparison) -> Table {
    let Both { left, right } = &compared.runs;
    let mut table = Table::new(["", "A", "B"]);
    let mut row = |what: &str, left: String, right: String| {
        let style = if left == right { Style::new() } else { WARN };
        table.row([what.into(), Field::styled(left, style), Field::styled(right, style)]);
    };
    row("workflow", compared.workflow.left.to_string(), compared.workflow.right.to_string());
    row("state", compared.status.left.to_string(), compared.status.right.to_string());
    row("plan", short(&compared.plan.left), short(&compared.plan.right));
    for plugin in &compared.plugins {
        let side = |digest: &Option<String>| digest.as_deref().map_or_else(|| "none".to_owned(), short);
        row(&format!("plugin {}", plugin.name), side(&plugin.digest.left), side(&plugin.digest.right));
    }
    // What always differs is no difference.
    let took = |ms: Option<u64>| Field::styled(ms.map_or_else(String::new, span), DIM);
    table.row(["run".into(), Field::styled(left.to_string(), DIM), Field::styled(right.to_string(), DIM)]);
    table.row(["took".into(), took(compared.took_ms.left), took(compared.took_ms.right)]);
    table
}

/// As much of a digest as tells it from others.
fn short(digest: &str) -> String {
    digest.chars().take("sha256:".len() + 16).collect()
}

fn steps(compared: &Comparison) -> Table {
    let mut table = Table::new(["STEP", "STATE", "ATTEMPTS", "TOOK", "RESULT"]);
    for step in &compared.steps {
        let count = |count: &Option<u32>| count.map(|count| count.to_string());
        let status =
            Both { left: step.status.left.map(|status| status.to_string()), right: step.status.right.map(|status| status.to_string()) };
        let attempts = Both { left: count(&step.attempts.left), right: count(&step.attempts.right) };
        let took = Both { left: step.took_ms.left.map(span), right: step.took_ms.right.map(span) };
        table.row([Field::from(&*step.name), pair(&status), pair(&attempts), Field::styled(words(&took), DIM), result(step)]);
    }
    table
}

/// One word when both are the same, otherwise both; `–` is where the plan has no such step.
fn words(of: &Both<Option<String>>) -> String {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "–".to_owned());
    if of.same() { side(&of.left) } else { format!("{} → {}", side(&of.left), side(&of.right)) }
}

fn pair(of: &Both<Option<String>>) -> Field {
    Field::styled(words(of), if of.same() { Style::new() } else { WARN })
}

fn result(step: &StepDifference) -> Field {
    let places = step.results.more + u64::try_from(step.results.told.len()).unwrap_or(u64::MAX);
    match places {
        _ if step.task.left.is_none() => Field::styled("only in B", WARN),
        _ if step.task.right.is_none() => Field::styled("only in A", WARN),
        0 if !step.task.same() => Field::styled("another task", WARN),
        0 => Field::styled("same", GOOD),
        1 => Field::styled("differs in 1 place", WARN),
        _ => Field::styled(format!("differs in {places} places"), WARN),
    }
}

fn section(output: &Output, title: &str, found: &Differences) -> Result<(), CliError> {
    if found.is_empty() {
        return Ok(());
    }
    let mut text = format!("\n{}\n", paint(STRONG, escape::line(title)));
    for one in &found.told {
        text.push_str(&change(&one.path, one.left.as_ref().map(shown), one.right.as_ref().map(shown)));
    }
    if found.more > 0 {
        text.push_str(&format!("  … and {} more places\n", found.more));
    }
    output.data(&text)
}

/// What was there and what is there now.
fn change(path: &str, left: Option<String>, right: Option<String>) -> String {
    let path = if path.is_empty() { String::new() } else { format!("{} ", escape::brief(path, VALUE_CHARS)) };
    let line = |sign: char, style: Style, side: Option<String>| {
        side.map_or_else(String::new, |side| format!("  {}\n", paint(style, format!("{sign} {path}{side}"))))
    };
    line('-', BAD, left) + &line('+', GOOD, right)
}

fn shown(side: &Side) -> String {
    match side {
        Side::Whole { value } => escape::brief(&value.to_json(), VALUE_CHARS),
        Side::Cut { begins, bytes } => format!("{} ({bytes} bytes)", escape::brief(begins, VALUE_CHARS)),
    }
}
