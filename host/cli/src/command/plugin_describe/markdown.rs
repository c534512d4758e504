//! A plugin as a page of documentation.

use jackfield_flow::plan::Effect;

use super::{PluginReport, TaskReport};
use crate::output::escape;
use crate::output::time::bytes;

/// The page.
pub(super) fn of(report: &PluginReport<'_>, title: &str) -> String {
    let mut page = format!("# {}\n\n`{}`, {}\n\n", escape::line(title), report.digest, bytes(report.bytes));
    page.push_str("| task | what it does | effect |\n| --- | --- | --- |\n");
    for task in &report.tasks {
        let summary = task.docs.trim().lines().next().unwrap_or_default();
        page.push_str(&format!("| [`{0}`](#{0}) | {1} | {2} |\n", escape::line(task.name), cell(summary), effect(task.effect)));
    }
    report.tasks.iter().for_each(|task| page.push_str(&section(task)));
    if !report.imports.is_empty() {
        let imports: Vec<String> = report.imports.iter().map(|import| format!("- `{}`", escape::line(import))).collect();
        page.push_str(&format!("\n## Imports\n\n{}\n", imports.join("\n")));
    }
    if !report.refused.is_empty() {
        let refused: Vec<String> = report
            .refused
            .iter()
            .map(|export| format!("- `{}`: {}", escape::line(&export.function), escape::line(&export.reason)))
            .collect();
        page.push_str(&format!("\n## Exported, and no task\n\n{}\n", refused.join("\n")));
    }
    page
}

fn section(task: &TaskReport<'_>) -> String {
    let mut text = format!("\n## {}\n", escape::line(task.name));
    if !task.docs.trim().is_empty() {
        text.push_str(&format!("\n{}\n", escape::block(task.docs.trim(), "")));
    }
    text.push_str(&format!("\n```\ninput   {}\noutput  {}\n```\n", escape::line(&task.input), escape::line(&task.output)));
    for ask in task.asks {
        let scope = if ask.scope.is_empty() { String::new() } else { format!(" `{}`", escape::line(&ask.scope.join("`, `"))) };
        let need = if ask.required { "needs" } else { "can use" };
        text.push_str(&format!("\n- {need} `{}`{scope}: {}", escape::line(&ask.name), escape::line(ask.docs.trim())));
    }
    if !task.asks.is_empty() {
        text.push('\n');
    }
    if !task.errors.is_empty() {
        text.push_str("\n| error | when |\n| --- | --- |\n");
        for error in task.errors {
            text.push_str(&format!("| `{}` | {} |\n", escape::line(&error.code), cell(&error.docs)));
        }
    }
    text
}

/// One line that does not end its cell.
fn cell(text: &str) -> String {
    escape::line(text.trim().lines().next().unwrap_or_default()).replace('|', "\\|")
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Pure => "pure",
        Effect::Reads => "reads",
        Effect::Effects => "effects",
    }
}
