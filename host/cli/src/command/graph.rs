//! `jackfield graph FILE|RUN`.

use std::path::Path;

use jackfield_flow::run::RunId;
use serde::Serialize;

use crate::args::{GraphArgs, GraphFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::graph::{Graph, Paint};
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::workflow::{Written, planned};

/// A drawing for programs.
#[derive(Debug, Serialize)]
pub(super) struct Drawing<'a> {
    pub(super) format: &'a str,
    pub(super) drawing: &'a str,
}

/// Columns of a drawing where lines have no end.
pub(super) const COLUMNS_DEFAULT: usize = 100;

/// Draws a workflow or a run.
pub(crate) fn run(home: &Home, args: &GraphArgs) -> Result<Exit, CliError> {
    let graph = match as_run(&args.of) {
        Some(run) => Graph::of_run(&home.load(run)?.run),
        None => {
            let written = Written::read(&args.of)?;
            let plugins = home.plugins(Operator::default())?;
            let checked = small_runtime()?.block_on(written.check(&plugins));
            Graph::of_plan(&*planned(home, checked)?)
        }
    };
    let colored = home.output.colors_data() && args.out.is_none() && home.output.format() == Format::Text;
    let paint = if colored { Paint::Coloured } else { Paint::Plain };
    let (word, drawing) = match args.format {
        GraphFormat::Text => ("text", graph.to_text(home.output.width().unwrap_or(COLUMNS_DEFAULT), paint)),
        GraphFormat::Mermaid => ("mermaid", graph.to_mermaid()),
        GraphFormat::Svg => ("svg", graph.to_svg()),
    };
    match (&args.out, home.output.format()) {
        (Some(path), _) => write(home, path, &drawing)?,
        (None, Format::Json) => home.output.json(&Drawing { format: word, drawing: &drawing })?,
        (None, Format::Text) => home.output.data(&drawing)?,
    }
    Ok(Exit::Done)
}

/// A number is a run, unless there is a file of that name.
fn as_run(of: &Path) -> Option<RunId> {
    let run = of.to_str()?.parse().ok().map(RunId)?;
    (!of.exists()).then_some(run)
}

/// Writes a drawing to a file.
pub(super) fn write(home: &Home, path: &Path, drawing: &str) -> Result<(), CliError> {
    std::fs::write(path, drawing).map_err(|error| CliError::file(path, error))?;
    home.output.say(&format!("written to {}", path.display()));
    Ok(())
}
