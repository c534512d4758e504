//! `line`: values that change along an axis.

use std::collections::BTreeMap;

use jackfield_sdk::prelude::*;

use crate::axis::Zero;
use crate::canvas::Px;
use crate::data::{Data, Placing, Point, Request, Row, Series, extent, require_few};
use crate::error::ChartError;
use crate::figure::{Chart, Figure};
use crate::frame::{Frame, Parts, Swatch, tooltip};
use crate::number::plain;
use crate::theme;

/// Dots stand on a line when each has at least so many pixels for itself.
const DOT_ROOM: f64 = 11.0;

/// A shaded range between two columns, such as the least and the greatest value.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    /// The column with the lower edge.
    low: String,
    /// The column with the upper edge.
    high: String,
}

/// Draws lines: one for every `y` column, or one for every value of the `series` column.
///
/// The x axis shows numbers, dates (`2012-01-31`, `2012-01`, or with a time) or, when the values are neither, names side by side in their order.
/// Points are joined in the order of x. Where `y` has no value, the line is interrupted. The y axis begins at zero only
/// where zero is near.
#[task(
    title = "Line chart",
    example_input = r#"{"rows": [{"month": "2012-01", "rain": 50}, {"month": "2012-02", "rain": 30}, {"month": "2012-03", "rain": 75}], "x": "month", "y": ["rain"], "figure": {"title": "Rain", "y_label": "mm"}}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn line(
    /// The rows.
    rows: Vec<Row>,
    /// The column of the x axis.
    x: String,
    /// The columns of the y axis, of numbers.
    y: Vec<String>,
    /// The column whose values name the series, when the rows of several series stand below each other; then `y` is one column.
    series: Option<String>,
    /// Shaded ranges: the first belongs to the first series, and so on. With a `series` column there is at most one, and it is drawn for every series.
    #[serde(default)]
    bands: Vec<Band>,
    /// Names for the legend, by name of column or series.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Title, labels, size and colours.
    #[serde(default)]
    figure: Figure,
) -> Result<Chart, ChartError> {
    figure.check()?;
    let request = Request { rows: &rows, x: &x, y: &y, series: series.as_deref(), labels: &labels };
    let mut data = Data::new(request, Placing::Measured)?;
    require_few(&data.series)?;
    let mut edges = edges(request, &data, &bands)?;
    for series in data.series.iter_mut().chain(edges.iter_mut().flat_map(|(low, high)| [low, high])) {
        series.points.sort_by(|left, right| left.x.total_cmp(&right.x));
    }
    let of_edges = edges.iter().flat_map(|(low, high)| low.points.iter().chain(&high.points)).filter_map(|point| point.y);
    let all = extent(data.extent().into_iter().flat_map(|(min, max)| [min, max]).chain(of_edges));
    let names = data.series.iter().enumerate().map(|(at, series)| (series.name.clone(), at)).collect();
    let mut frame = Frame::new(Parts {
        figure: &figure,
        domain: &data.domain,
        extent: all,
        zero: Zero::IfNear,
        names,
        swatch: Swatch::Line,
        free: 0.012,
    })?;
    if all.is_none() {
        frame.draw_no_data();
    }
    for (at, (low, high)) in edges.iter().enumerate() {
        draw_band(&mut frame, at, low, high);
    }
    frame.draw_base_line();
    for (at, series) in data.series.iter().enumerate() {
        draw_line(&mut frame, at, series, &data.names);
    }
    Ok(frame.finish())
}

/// The edges of the bands, each pair belonging to the series of the same number.
fn edges(request: Request<'_>, data: &Data, bands: &[Band]) -> Result<Vec<(Series, Series)>, ChartError> {
    if bands.len() > if request.series.is_some() { 1 } else { data.series.len() } {
        return Err(ChartError::BadRequest(format!(
            "{} bands for {} lines: with a `series` column, give one",
            bands.len(),
            data.series.len()
        )));
    }
    let of_column = |column: &String| Data::new(Request { y: std::slice::from_ref(column), ..request }, Placing::Measured);
    let mut edges = Vec::new();
    for Band { low, high } in bands {
        let (low, high) = (of_column(low)?, of_column(high)?);
        edges.extend(low.series.into_iter().zip(high.series));
    }
    Ok(edges)
}

/// The pieces of a series between its gaps.
fn pieces(points: &[Point]) -> impl Iterator<Item = Vec<(Point, f64)>> {
    points
        .split(|point| point.y.is_none())
        .map(|piece| piece.iter().filter_map(|point| Some((*point, point.y?))).collect())
        .filter(|piece: &Vec<_>| !piece.is_empty())
}

fn draw_band(frame: &mut Frame, at: usize, low: &Series, high: &Series) {
    // Both edges have a point for every row, so they go side by side; where either lacks, the band is interrupted.
    let both: Vec<Option<(f64, f64, f64)>> =
        low.points.iter().zip(&high.points).map(|(low, high)| Some((frame.at_x(low.x), frame.at_y(low.y?), frame.at_y(high.y?)))).collect();
    for piece in both.split(Option::is_none).filter(|piece| piece.len() > 1) {
        frame.canvas.put(format_args!("<path d=\""));
        let there = piece.iter().flatten().map(|(x, _, high)| (*x, *high));
        let back = piece.iter().rev().flatten().map(|(x, low, _)| (*x, *low));
        for (nth, (x, y)) in there.chain(back).enumerate() {
            frame.canvas.put(format_args!("{}{} {}", if nth == 0 { "M" } else { "L" }, Px(x), Px(y)));
        }
        frame.canvas.line(format_args!("Z\" fill=\"{}\" fill-opacity=\"0.14\"/>", theme::colour(at)));
    }
}

fn draw_line(frame: &mut Frame, at: usize, series: &Series, names: &[String]) {
    let colour = theme::colour(at);
    let dash = theme::dash(at);
    let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
    #[expect(clippy::cast_precision_loss, reason = "a rough count is enough")]
    let room = frame.plot.width / (series.points.len().max(1) as f64);
    frame.canvas.put(format_args!("<path d=\""));
    for piece in pieces(&series.points) {
        for (nth, (point, y)) in piece.iter().enumerate() {
            let (x, y) = (Px(frame.at_x(point.x)), Px(frame.at_y(*y)));
            frame.canvas.put(format_args!("{}{x} {y}", if nth == 0 { "M" } else { "L" }));
        }
    }
    frame.canvas.line(format_args!(
        "\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}/>",
        // A thick line that goes up and down with every pixel would be a stain.
        Px(if room < 2.0 { 1.2 } else { 2.2 })
    ));
    frame.canvas.line(format_args!("<g fill=\"{colour}\">"));
    for piece in pieces(&series.points) {
        // A value between two gaps would not be seen otherwise.
        if room < DOT_ROOM && piece.len() > 1 {
            continue;
        }
        for (point, y) in piece {
            let (cx, cy) = (Px(frame.at_x(point.x)), Px(frame.at_y(y)));
            let text = format!("{}, {}: {}", series.name, names[point.row], plain(y));
            frame.canvas.put(format_args!("<circle cx=\"{cx}\" cy=\"{cy}\" r=\"3\">"));
            tooltip(&mut frame.canvas, Some(&text));
            frame.canvas.line(format_args!("</circle>"));
        }
    }
    frame.canvas.line(format_args!("</g>"));
}

#[cfg(test)]
mod tests;
