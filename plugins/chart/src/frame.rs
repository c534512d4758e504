//! Everything around the marks: title, legend, grid, axes and their labels.

use crate::axis::{ASLANT_DEGREES, Stand, TICK_SIZE, XAxis, YAxis, Zero};
use crate::canvas::{Anchor, Canvas, Font, Px, Xml};
use crate::data::Domain;
use crate::error::ChartError;
use crate::figure::{Chart, Figure};
use crate::text;
use crate::theme::{self, Palette};

const MARGIN: f64 = 20.0;
/// What is left free between a name on the x axis and the edge of the picture.
const EDGE: f64 = 6.0;
const TITLE_SIZE: f64 = 18.0;
const SUBTITLE_SIZE: f64 = 13.0;
const LEGEND_SIZE: f64 = 13.0;
const LEGEND_LINE: f64 = 21.0;
const LEGEND_NAME_MAX: f64 = 220.0;
const SWATCH: f64 = 20.0;
/// The least that is left for the marks, in pixels each way.
const PLOT_MIN: f64 = 40.0;

/// What stands before a name in the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swatch {
    /// A piece of line.
    Line,
    /// A small square.
    Square,
    /// A dot.
    Dot,
}

/// The part of the picture that marks are drawn in, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plot {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// What a frame is made from.
pub(crate) struct Parts<'a> {
    /// Texts, size, colours.
    pub(crate) figure: &'a Figure,
    /// What the x axis shows.
    pub(crate) domain: &'a Domain,
    /// The least and the greatest value on the y axis; `None` when there is none.
    pub(crate) extent: Option<(f64, f64)>,
    /// Where the y axis begins.
    pub(crate) zero: Zero,
    /// The names in the legend, each with the number of its colour. One name alone needs no legend.
    pub(crate) names: Vec<(String, usize)>,
    /// What stands before them.
    pub(crate) swatch: Swatch,
    /// The part of the extent that is left free at both ends of the x axis.
    pub(crate) free: f64,
}

/// A picture with its frame drawn and its marks to come.
pub(crate) struct Frame {
    pub(crate) canvas: Canvas,
    pub(crate) plot: Plot,
    pub(crate) x: XAxis,
    pub(crate) y: YAxis,
    pub(crate) palette: &'static Palette,
    title: String,
}

/// A name in the legend, with its place.
struct Entry {
    name: String,
    full: Option<String>,
    series: usize,
    x: f64,
    line: f64,
}

impl Frame {
    /// Lays out and draws everything but the marks.
    pub(crate) fn new(parts: Parts<'_>) -> Result<Self, ChartError> {
        let Parts { figure, domain, extent, zero, names, swatch, free } = parts;
        let (width, height) = (f64::from(figure.width), f64::from(figure.height));
        let palette = figure.theme.palette();
        let mut canvas = Canvas::default();
        open(&mut canvas, figure, palette);

        let mut down = header(&mut canvas, figure, palette);
        if names.len() > 1 {
            let entries = legend(&names, width - 2.0 * MARGIN);
            entries.iter().for_each(|entry| draw_entry(&mut canvas, entry, swatch, palette, down));
            down += entries.last().map_or(0.0, |entry| entry.line + LEGEND_LINE) + 6.0;
        }
        if !figure.y_label.is_empty() {
            let label = text::shorten(&figure.y_label, TICK_SIZE, width - 2.0 * MARGIN);
            canvas.label((MARGIN, down + 10.0), Anchor::Start, small(palette), &label);
            down += 22.0;
        }
        // Half of the topmost label of the y axis stands above the plot.
        let top = down.max(MARGIN) + 6.0;
        let x_label = if figure.x_label.is_empty() { 0.0 } else { 22.0 };
        // The x axis below is not known yet, because its width depends on this one; most are 30 to 60 pixels high.
        let y = YAxis::new(extent, figure, zero, height - top - x_label - 60.0);
        let (mut left, mut right) = (MARGIN + y.width() + 8.0, width - MARGIN - 4.0);
        let mut x = XAxis::new(domain, right - left, free);
        let (before, after) = x.overhang(right - left);
        let (more_left, more_right) = ((before - left + EDGE).max(0.0), (after - (width - right) + EDGE).max(0.0));
        if more_left + more_right > 0.0 {
            (left, right) = (left + more_left, right - more_right);
            x = XAxis::new(domain, right - left, free);
        }
        let plot = Plot { left, top, width: right - left, height: height - top - x.height - x_label - MARGIN * 0.6 };
        if plot.width < PLOT_MIN || plot.height < PLOT_MIN {
            return Err(ChartError::OutOfRange(format!(
                "{} × {} pixels leave no room for the marks beside titles, labels and legend: give more, or fewer series",
                figure.width, figure.height
            )));
        }
        let mut frame = Self { canvas, plot, x, y, palette, title: figure.title.clone() };
        frame.draw_y();
        frame.draw_x();
        if !figure.x_label.is_empty() {
            let label = text::shorten(&figure.x_label, TICK_SIZE, width - 2.0 * MARGIN);
            frame.canvas.label((left + plot.width / 2.0, height - MARGIN * 0.7), Anchor::Middle, small(palette), &label);
        }
        Ok(frame)
    }

    /// The pixel of a value on the x axis.
    pub(crate) fn at_x(&self, value: f64) -> f64 {
        self.plot.left + self.x.part(value) * self.plot.width
    }

    /// The pixel of a value on the y axis.
    pub(crate) fn at_y(&self, value: f64) -> f64 {
        self.plot.top + (1.0 - self.y.part(value)) * self.plot.height
    }

    /// Says in the middle that there is nothing to see.
    pub(crate) fn draw_no_data(&mut self) {
        let place = (self.plot.left + self.plot.width / 2.0, self.plot.top + self.plot.height / 2.0);
        let font = Font { size: 14.0, colour: self.palette.muted, weight: "normal" };
        self.canvas.label(place, Anchor::Middle, font, "no data");
    }

    /// The base line: at zero where that is inside, else at the bottom. Drawn after the marks that stand on it.
    pub(crate) fn draw_base_line(&mut self) {
        let zero = self.y.part(0.0);
        let y = if (0.0..=1.0).contains(&zero) { self.at_y(0.0) } else { self.plot.top + self.plot.height };
        let Plot { left, width, .. } = self.plot;
        let axis = self.palette.axis;
        self.canvas.line(format_args!(
            "<line x1=\"{}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{axis}\" stroke-width=\"1\"/>",
            Px(left),
            Px(left + width),
            y = Px(y)
        ));
    }

    /// Ends the picture.
    pub(crate) fn finish(mut self) -> Chart {
        self.canvas.line(format_args!("</svg>"));
        Chart { svg: self.canvas.into_text(), title: self.title }
    }

    fn draw_y(&mut self) {
        let Plot { left, width, .. } = self.plot;
        let Palette { grid, grid_opacity, .. } = self.palette;
        self.canvas.line(format_args!("<g stroke=\"{grid}\" stroke-opacity=\"{grid_opacity}\" stroke-width=\"1\">"));
        for (value, _) in &self.y.ticks {
            let y = Px(self.plot.top + (1.0 - self.y.part(*value)) * self.plot.height);
            self.canvas.line(format_args!("<line x1=\"{}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>", Px(left), Px(left + width)));
        }
        self.canvas.line(format_args!("</g>"));
        for (value, label) in &self.y.ticks {
            let y = self.plot.top + (1.0 - self.y.part(*value)) * self.plot.height;
            self.canvas.label((left - 8.0, y + TICK_SIZE * 0.35), Anchor::End, small(self.palette), label);
        }
    }

    fn draw_x(&mut self) {
        let Plot { left, top, width, height } = self.plot;
        let bottom = top + height;
        if self.x.grid {
            let Palette { grid, grid_opacity, .. } = self.palette;
            self.canvas.line(format_args!("<g stroke=\"{grid}\" stroke-opacity=\"{grid_opacity}\" stroke-width=\"1\">"));
            for tick in &self.x.ticks {
                let x = Px(left + tick.part * width);
                self.canvas.line(format_args!("<line x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{}\"/>", Px(bottom), Px(bottom + 5.0)));
            }
            self.canvas.line(format_args!("</g>"));
        }
        let font = small(self.palette);
        for tick in &self.x.ticks {
            let x = left + tick.part * width;
            if self.x.stand == Stand::Aslant {
                self.canvas.line(format_args!(
                    "<g transform=\"translate({} {}) rotate({ASLANT_DEGREES})\">",
                    Px(x + 4.0),
                    Px(bottom + 14.0)
                ));
                tooltip(&mut self.canvas, tick.full.as_deref());
                self.canvas.label((0.0, 0.0), Anchor::End, font, &tick.label);
                self.canvas.line(format_args!("</g>"));
                continue;
            }
            self.canvas.label((x, bottom + 18.0), Anchor::Middle, font, &tick.label);
            if let Some(below) = &tick.below {
                self.canvas.label((x, bottom + 18.0 + TICK_SIZE + 4.0), Anchor::Middle, font, below);
            }
        }
    }
}

fn small(palette: &Palette) -> Font {
    Font { size: TICK_SIZE, colour: palette.muted, weight: "normal" }
}

fn open(canvas: &mut Canvas, figure: &Figure, palette: &Palette) {
    let Figure { width, height, title, .. } = figure;
    canvas.line(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif\">"
    ));
    if !title.is_empty() {
        canvas.line(format_args!("<title>{}</title>", Xml(title)));
    }
    if let Some(background) = palette.background {
        canvas.line(format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\"{background}\"/>"));
    }
}

/// Draws title and subtitle; answers where the next thing begins.
fn header(canvas: &mut Canvas, figure: &Figure, palette: &Palette) -> f64 {
    let room = f64::from(figure.width) - 2.0 * MARGIN;
    let mut down = MARGIN;
    // Bold letters are wider, by about a fifteenth.
    for line in text::wrap(&figure.title, TITLE_SIZE * 1.07, room, 2) {
        canvas.label(
            (MARGIN, down + TITLE_SIZE * 0.8),
            Anchor::Start,
            Font { size: TITLE_SIZE, colour: palette.text, weight: "600" },
            &line,
        );
        down += TITLE_SIZE * 1.3;
    }
    for line in text::wrap(&figure.subtitle, SUBTITLE_SIZE, room, 2) {
        canvas.label(
            (MARGIN, down + SUBTITLE_SIZE * 0.85),
            Anchor::Start,
            Font { size: SUBTITLE_SIZE, colour: palette.muted, weight: "normal" },
            &line,
        );
        down += SUBTITLE_SIZE * 1.4;
    }
    if down > MARGIN { down + 8.0 } else { down }
}

/// Places names in lines.
fn legend(names: &[(String, usize)], room: f64) -> Vec<Entry> {
    let (mut x, mut line) = (0.0, 0.0);
    let mut entries = Vec::new();
    for (full, series) in names {
        let name = text::shorten(full, LEGEND_SIZE, LEGEND_NAME_MAX.min(room - SWATCH - 6.0));
        let width = SWATCH + 6.0 + text::width(&name, LEGEND_SIZE);
        if x > 0.0 && x + width > room {
            (x, line) = (0.0, line + LEGEND_LINE);
        }
        let full = (name != *full).then(|| full.clone());
        entries.push(Entry { name, full, series: *series, x: MARGIN + x, line });
        x += width + 18.0;
    }
    entries
}

fn draw_entry(canvas: &mut Canvas, entry: &Entry, swatch: Swatch, palette: &Palette, top: f64) {
    let (x, middle) = (entry.x, top + entry.line + 8.0);
    let colour = theme::colour(entry.series);
    canvas.line(format_args!("<g>"));
    tooltip(canvas, entry.full.as_deref());
    match swatch {
        Swatch::Line => {
            canvas.put(format_args!(
                "<line x1=\"{}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{colour}\"",
                Px(x),
                Px(x + SWATCH),
                y = Px(middle)
            ));
            let dash = theme::dash(entry.series);
            let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
            canvas.line(format_args!(" stroke-width=\"3\"{dash}/>"));
        }
        Swatch::Square => canvas.line(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{colour}\"/>",
            Px(x + 6.0),
            Px(middle - 6.0)
        )),
        Swatch::Dot => canvas.line(format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"{colour}\"/>", Px(x + 13.0), Px(middle))),
    }
    let font = Font { size: LEGEND_SIZE, colour: palette.text, weight: "normal" };
    canvas.label((x + SWATCH + 6.0, middle + LEGEND_SIZE * 0.35), Anchor::Start, font, &entry.name);
    canvas.line(format_args!("</g>"));
}

/// What a browser shows when the pointer rests on the element that has been opened.
pub(crate) fn tooltip(canvas: &mut Canvas, text: Option<&str>) {
    if let Some(text) = text {
        canvas.put(format_args!("<title>{}</title>", Xml(text)));
    }
}

#[cfg(test)]
mod tests;
