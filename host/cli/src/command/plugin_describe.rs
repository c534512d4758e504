//! `jackfield plugin describe FILE`.

mod markdown;
mod schema;

use std::path::Path;
use std::sync::Arc;

use jackfield_flow::plan::{Capability, Effect, ErrorInfo, TaskSignature};
use jackfield_sandbox::RefusedExport;
use serde::Serialize;

use crate::args::{DescribeFormat, PluginDescribeArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};
use crate::operator::Operator;
use crate::output::style::{BUSY, DIM, STRONG, WARN, paint};
use crate::output::time::bytes;
use crate::output::{Format, escape};

/// A plugin for programs.
#[derive(Debug, Serialize)]
struct PluginReport<'a> {
    digest: String,
    bytes: u64,
    /// The most that any of its tasks can do.
    effect: Effect,
    /// Interfaces it imports. Imports are not wishes: what it asks for stands with its tasks.
    imports: &'a [String],
    tasks: Vec<TaskReport<'a>>,
    /// Exported functions that cannot be tasks.
    refused: &'a [RefusedExport],
}

#[derive(Debug, Serialize)]
struct TaskReport<'a> {
    name: &'a str,
    docs: &'a str,
    effect: Effect,
    input: String,
    output: String,
    input_schema: Schema<'a>,
    output_schema: Schema<'a>,
    errors: &'a [ErrorInfo],
    asks: &'a [Capability],
    annotations: std::collections::BTreeMap<&'a str, &'a str>,
}

/// A schema as JSON, or as text when it is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Schema<'a> {
    Json(serde_json::Value),
    Text(&'a str),
}

impl<'a> Schema<'a> {
    fn of(text: &'a str) -> Self {
        serde_json::from_str(text).map_or(Self::Text(text), Self::Json)
    }
}

/// Shows what a plugin offers and asks for.
pub(crate) fn run(home: &Home, args: &PluginDescribeArgs) -> Result<Exit, CliError> {
    engine_runtime()?.block_on(async {
        let plugins = home.plugins(Operator::default())?;
        let installed = plugins.install(&args.file).await?;
        let plugin = plugins.load(installed.info.digest).await?;
        let report = PluginReport {
            digest: installed.info.digest.to_string(),
            bytes: installed.bytes,
            effect: installed.info.tasks.iter().map(|task| task.effect).max().unwrap_or(Effect::Pure),
            imports: plugin.imports(),
            tasks: installed.info.tasks.iter().map(task).collect(),
            refused: plugin.refused(),
        };
        let format = args.format.unwrap_or(match home.output.format() {
            Format::Json => DescribeFormat::Json,
            Format::Text => DescribeFormat::Text,
        });
        match format {
            DescribeFormat::Json => home.output.json(&report)?,
            DescribeFormat::Text => home.output.data(&for_people(&report))?,
            DescribeFormat::JsonSchema => home.output.json(&schema::of(&report))?,
            DescribeFormat::Markdown => home.output.data(&markdown::of(&report, &title(&args.file)))?,
        }
        Ok(Exit::Done)
    })
}

/// What a page about the plugin is called.
fn title(file: &Path) -> String {
    file.file_stem().map_or_else(|| "plugin".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn task(task: &TaskSignature) -> TaskReport<'_> {
    TaskReport {
        name: &task.name,
        docs: &task.docs,
        effect: task.effect,
        input: task.input.to_string(),
        output: task.output.to_string(),
        input_schema: Schema::of(&task.input_schema),
        output_schema: Schema::of(&task.output_schema),
        errors: &task.errors,
        asks: &task.asks,
        annotations: task.annotations.iter().map(|(name, value): &(Arc<str>, Arc<str>)| (&**name, &**value)).collect(),
    }
}

fn for_people(report: &PluginReport<'_>) -> String {
    let mut text = format!("{}, {}\n", paint(DIM, &report.digest), bytes(report.bytes));
    let wasi: Vec<_> = report.imports.iter().filter(|import| import.starts_with("wasi:")).collect();
    match wasi.len() {
        0 => text.push_str("imports no WASI at all: it can do nothing but compute\n"),
        count => text.push_str(&format!("imports {count} interfaces of WASI, powerless without a grant (`--json` lists them)\n")),
    }
    report.tasks.iter().for_each(|task| text.push_str(&task_text(task)));
    if !report.refused.is_empty() {
        text.push_str("\nexported, and no task\n");
    }
    for refused in report.refused {
        text.push_str(&format!("  {}: {}\n", escape::line(&refused.function), escape::line(&refused.reason)));
    }
    text
}

fn task_text(task: &TaskReport<'_>) -> String {
    let effect = match task.effect {
        Effect::Pure => paint(DIM, "PURE"),
        Effect::Reads => paint(BUSY, "READS"),
        Effect::Effects => paint(WARN, "EFFECTS"),
    };
    let mut text = format!("\n{} {effect}\n", paint(STRONG, escape::line(task.name)));
    if !task.docs.trim().is_empty() {
        text.push_str(&format!("{}\n", escape::block(task.docs.trim(), "  ")));
    }
    text.push_str(&format!("  input   {}\n  output  {}\n", escape::line(&task.input), escape::line(&task.output)));
    for ask in task.asks {
        let scope = if ask.scope.is_empty() { String::new() } else { format!(" {}", escape::line(&ask.scope.join(", "))) };
        let need = if ask.required { "" } else { " (optional)" };
        text.push_str(&format!("  asks    {}{scope}{need}{}\n", escape::line(&ask.name), after_dash(&ask.docs)));
    }
    for error in task.errors {
        text.push_str(&format!("  error   {}{}\n", escape::line(&error.code), after_dash(&error.docs)));
    }
    for (name, value) in &task.annotations {
        text.push_str(&format!("  {}  {}\n", escape::line(name), escape::brief(value, 200)));
    }
    text
}

fn after_dash(docs: &str) -> String {
    let first = docs.trim().lines().next().unwrap_or_default();
    if first.is_empty() { String::new() } else { format!(" – {}", escape::line(first)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::json;

    #[test]
    fn a_plugin_cannot_break_out_of_its_description() {
        let asks =
            [Capability { name: "http\x1b[2J".into(), scope: vec!["GET https://a/*".into()], required: false, docs: "To\nfetch.".into() }];
        let report = PluginReport {
            digest: "sha256:00".to_owned(),
            bytes: 2_048,
            effect: Effect::Reads,
            imports: &["jackfield:task/log@0.1.0".to_owned()],
            tasks: vec![TaskReport {
                name: "fetch",
                docs: "Fetches.\n\nMore \x07.",
                effect: Effect::Reads,
                input: "{}".to_owned(),
                output: "string".to_owned(),
                input_schema: Schema::of("{}"),
                output_schema: Schema::of("not json"),
                errors: &[],
                asks: &asks,
                annotations: [("title", "Fetch")].into(),
            }],
            refused: &[],
        };
        let shown = anstream::adapter::strip_str(&for_people(&report)).to_string();
        let expected = "sha256:00, 2.0 KiB\nimports no WASI at all: it can do nothing but compute\n\nfetch READS\n  Fetches.\n  \n  More \\x07.\n  \
             input   {}\n  output  string\n  asks    http\\x1b[2J GET https://a/* (optional) – To\n  title  Fetch\n";
        assert_eq!(shown, expected);
        assert!(json::line(&report).contains(r#""output_schema":"not json""#));
    }
}
