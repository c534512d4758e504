//! `bar`: amounts side by side.

use std::collections::BTreeMap;

use jackfield_sdk::prelude::*;

use crate::axis::Zero;
use crate::canvas::{Anchor, Font, Px};
use crate::data::{Data, Placing, Point, Request, Row, extent, require_few};
use crate::error::ChartError;
use crate::figure::{Chart, Figure};
use crate::frame::{Frame, Parts, Swatch, tooltip};
use crate::number::plain;
use crate::text;
use crate::theme;

/// The part of a category's width that its bars fill.
const FILLED: f64 = 0.76;

/// The widest a bar may be, in pixels: two bars should not become two walls.
const BAR_WIDTH_MAX: f64 = 90.0;

/// The size of the numbers above bars.
const VALUE_SIZE: f64 = 11.0;

/// How the bars of several series share a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Side by side.
    #[default]
    Grouped,
    /// On top of each other; negative ones below zero.
    Stacked,
}

/// Draws bars: one for every row and `y` column, or for every row, coloured by the `series` column.
///
/// The values of `x` stand side by side in the order in which they first come, whatever they are: sort the rows before.
/// The y axis always has zero, because bars compare lengths. Where `y` has no value there is no bar;
/// where a place has several values of one series, they are added.
#[task(
    title = "Bar chart",
    example_input = r#"{"rows": [{"city": "Rome", "rain": 800}, {"city": "Oslo", "rain": 760}], "x": "city", "y": ["rain"], "figure": {"title": "Rain in a year", "y_label": "mm"}}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn bar(
    /// The rows.
    rows: Vec<Row>,
    /// The column of the x axis.
    x: String,
    /// The columns of the y axis, of numbers.
    y: Vec<String>,
    /// The column whose values name the series; then `y` is one column.
    series: Option<String>,
    /// How several series share a place.
    #[serde(default)]
    mode: Mode,
    /// Names for the legend, by name of column or series.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Title, labels, size and colours.
    #[serde(default)]
    figure: Figure,
) -> Result<Chart, ChartError> {
    figure.check()?;
    let data = Data::new(Request { rows: &rows, x: &x, y: &y, series: series.as_deref(), labels: &labels }, Placing::SideBySide)?;
    require_few(&data.series)?;
    let bars = bars(&data, mode);
    let all = extent(bars.iter().flat_map(|bar| [bar.from, bar.to]));
    let names = data.series.iter().enumerate().map(|(at, series)| (series.name.clone(), at)).collect();
    let mut frame = Frame::new(Parts {
        figure: &figure,
        domain: &data.domain,
        extent: all,
        zero: Zero::Always,
        names,
        swatch: Swatch::Square,
        free: 0.0,
    })?;
    if all.is_none() {
        frame.draw_no_data();
    }
    let slots = if mode == Mode::Grouped { data.series.len().max(1) } else { 1 };
    draw(&mut frame, &data, &bars, slots);
    frame.draw_base_line();
    Ok(frame.finish())
}

/// A bar from one value to another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    series: usize,
    /// The place of its category on the x axis.
    category: f64,
    /// The first row that it shows.
    row: usize,
    /// Its place among the bars of the category, from 0.
    slot: usize,
    from: f64,
    to: f64,
}

/// The bars of all series.
fn bars(data: &Data, mode: Mode) -> Vec<Bar> {
    let mut bars = Vec::new();
    // By category: how far up and how far down the stack reaches.
    let mut stacks: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    for (at, series) in data.series.iter().enumerate() {
        for Total { category, value, row } in totals(&series.points) {
            if mode == Mode::Grouped {
                bars.push(Bar { series: at, category, row, slot: at, from: 0.0, to: value });
                continue;
            }
            let (up, down) = stacks.entry(category.to_bits()).or_default();
            let reach = if value >= 0.0 { up } else { down };
            bars.push(Bar { series: at, category, row, slot: 0, from: *reach, to: *reach + value });
            *reach += value;
        }
    }
    bars
}

/// The sum of the values of a category.
struct Total {
    category: f64,
    value: f64,
    /// The first row that went into it.
    row: usize,
}

/// The sums of all categories, in the order of their first points.
fn totals(points: &[Point]) -> Vec<Total> {
    let mut totals: Vec<Total> = Vec::new();
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    for (point, y) in points.iter().filter_map(|point| Some((point, point.y?))) {
        let place = *places.entry(point.x.to_bits()).or_insert(totals.len());
        match totals.get_mut(place) {
            Some(total) => total.value += y,
            None => totals.push(Total { category: point.x, value: y, row: point.row }),
        }
    }
    totals
}

fn draw(frame: &mut Frame, data: &Data, bars: &[Bar], slots: usize) {
    #[expect(clippy::cast_precision_loss, reason = "there are at most thirty series")]
    let (slots, slot) = (slots as f64, |bar: &Bar| bar.slot as f64);
    let band = frame.x.band() * frame.plot.width;
    let width = (band * FILLED / slots).min(BAR_WIDTH_MAX);
    let gap = if slots > 1.0 && width > 6.0 { 1.5 } else { 0.0 };
    let stacked = slots == 1.0 && data.series.len() > 1;
    let with_values = !stacked && bars.iter().all(|bar| text::width(&plain(bar.to), VALUE_SIZE) + 4.0 <= (band / slots).min(width * 1.25));
    for bar in bars {
        let left = frame.at_x(bar.category) + (slot(bar) - slots / 2.0) * width;
        let (one, other) = (frame.at_y(bar.from), frame.at_y(bar.to));
        let (top, height) = (one.min(other), (one - other).abs());
        let (x, y, wide, high) = (Px(left + gap / 2.0), Px(top), Px((width - gap).max(0.5)), Px(height));
        let colour = theme::colour(bar.series);
        frame.canvas.put(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{high}\" fill=\"{colour}\""));
        if let (true, Some(background)) = (stacked && high.0 > 3.0, frame.palette.background) {
            frame.canvas.put(format_args!(" stroke=\"{background}\" stroke-width=\"0.8\""));
        }
        frame.canvas.put(format_args!(">"));
        let text = format!("{}, {}: {}", data.series[bar.series].name, data.names[bar.row], plain(bar.to - bar.from));
        tooltip(&mut frame.canvas, Some(&text));
        frame.canvas.line(format_args!("</rect>"));
        if with_values {
            let below = if bar.to < 0.0 { height + VALUE_SIZE + 2.0 } else { -4.0 };
            let font = Font { size: VALUE_SIZE, colour: frame.palette.muted, weight: "normal" };
            frame.canvas.label((left + width / 2.0, top + below), Anchor::Middle, font, &plain(bar.to));
        }
    }
}

#[cfg(test)]
mod tests;
