//! `scatter`: how two numbers go together.

use std::collections::BTreeMap;

use jackfield_sdk::prelude::*;

use crate::axis::Zero;
use crate::canvas::Px;
use crate::data::{Data, Placing, Request, Row, require_few};
use crate::error::ChartError;
use crate::figure::{Chart, Figure};
use crate::frame::{Frame, Parts, Swatch, tooltip};
use crate::number::plain;
use crate::theme;

/// Up to so many dots each one says its values when the pointer rests on it.
const TOOLTIPS_MAX: usize = 2_000;

/// Draws a dot for every row and `y` column.
///
/// The x axis is like that of `line`. Dots are translucent, so that many in one place are seen to be many. Where `x` or
/// `y` has no value there is no dot.
#[task(
    title = "Scatter chart",
    example_input = r#"{"rows": [{"low": 3, "high": 9}, {"low": 5, "high": 14}], "x": "low", "y": ["high"], "figure": {"x_label": "°C", "y_label": "°C"}}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn scatter(
    /// The rows.
    rows: Vec<Row>,
    /// The column of the x axis.
    x: String,
    /// The columns of the y axis, of numbers.
    y: Vec<String>,
    /// The column whose values name the series; then `y` is one column.
    series: Option<String>,
    /// Names for the legend, by name of column or series.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Title, labels, size and colours.
    #[serde(default)]
    figure: Figure,
) -> Result<Chart, ChartError> {
    figure.check()?;
    let data = Data::new(Request { rows: &rows, x: &x, y: &y, series: series.as_deref(), labels: &labels }, Placing::Measured)?;
    require_few(&data.series)?;
    let names = data.series.iter().enumerate().map(|(at, series)| (series.name.clone(), at)).collect();
    let mut frame = Frame::new(Parts {
        figure: &figure,
        domain: &data.domain,
        extent: data.extent(),
        zero: Zero::IfNear,
        names,
        swatch: Swatch::Dot,
        free: 0.03,
    })?;
    if data.extent().is_none() {
        frame.draw_no_data();
    }
    frame.draw_base_line();
    let count: usize = data.series.iter().map(|series| series.points.len()).sum();
    let (radius, opacity) = if count > 400 { (2.5, 0.5) } else { (4.0, 0.7) };
    for (at, series) in data.series.iter().enumerate() {
        frame.canvas.line(format_args!("<g fill=\"{}\" fill-opacity=\"{opacity}\">", theme::colour(at)));
        for (point, y) in series.points.iter().filter_map(|point| Some((point, point.y?))) {
            frame.canvas.put(format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"", Px(frame.at_x(point.x)), Px(frame.at_y(y))));
            if count > TOOLTIPS_MAX {
                frame.canvas.line(format_args!("/>"));
                continue;
            }
            frame.canvas.put(format_args!(">"));
            tooltip(&mut frame.canvas, Some(&format!("{}: {}, {}", series.name, data.names[point.row], plain(y))));
            frame.canvas.line(format_args!("</circle>"));
        }
        frame.canvas.line(format_args!("</g>"));
    }
    Ok(frame.finish())
}

#[cfg(test)]
mod tests;
