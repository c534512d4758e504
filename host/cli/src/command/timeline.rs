//! `jackfield runs show RUN --timeline`.

use std::path::Path;

use jackfield_worker::{Clock as _, LoadedRun, SystemClock};

use super::graph::{COLUMNS_DEFAULT, Drawing, write};
use crate::error::CliError;
use crate::exit::Exit;
use crate::graph::Paint;
use crate::home::Home;
use crate::output::Format;
use crate::timeline::{Glyphs, Timeline};

/// Draws when the steps of a run worked and waited: as text, or as a picture to a file.
pub(super) fn draw(home: &Home, loaded: &LoadedRun, svg: Option<&Path>) -> Result<Exit, CliError> {
    let (run, output) = (&loaded.run, &home.output);
    let timeline = Timeline::of(run.plan(), &loaded.batches, SystemClock.now()).named(run.id());
    if let Some(path) = svg {
        write(home, path, &timeline.to_svg())?;
        return Ok(Exit::Done);
    }
    let paint = if output.colors_data() && output.format() == Format::Text { Paint::Coloured } else { Paint::Plain };
    let drawing = timeline.to_text(output.width().unwrap_or(COLUMNS_DEFAULT), paint, Glyphs::of(&|name| std::env::var_os(name)));
    match output.format() {
        Format::Json => output.json(&Drawing { format: "text", drawing: &drawing })?,
        Format::Text => output.data(&drawing)?,
    }
    Ok(Exit::Done)
}
