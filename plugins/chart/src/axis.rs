//! The two axes: from values to pixels, and what is written along them.

use crate::calendar;
use crate::data::Domain;
use crate::figure::Figure;
use crate::number::{Ticks, widened};
use crate::text;

/// The size of the text along axes, in pixels.
pub(crate) const TICK_SIZE: f64 = 12.0;

/// How far the base line of names stands from the axis.
const NAME_DISTANCE: f64 = 18.0;

/// The widest a name that stands aslant may be.
const ASLANT_WIDTH_MAX: f64 = 120.0;

/// The y axis.
#[derive(Debug)]
pub(crate) struct YAxis {
    min: f64,
    max: f64,
    /// The numbers on it, and how they are written.
    pub(crate) ticks: Vec<(f64, String)>,
}

/// Where a y axis begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zero {
    /// At zero or below, because lengths are compared.
    Always,
    /// At zero where that costs little room.
    IfNear,
}

impl YAxis {
    /// An axis for the values from least to greatest that is about so many pixels high, with a tick about every 40 of them.
    pub(crate) fn new(extent: Option<(f64, f64)>, figure: &Figure, zero: Zero, height: f64) -> Self {
        let (mut min, mut max) = extent.unwrap_or((0.0, 1.0));
        min = figure.y_min.map_or(min, |wanted| wanted.min(min));
        max = figure.y_max.map_or(max, |wanted| wanted.max(max));
        let near = |least: f64, greatest: f64| least >= 0.0 && least <= greatest * 0.35;
        if zero == Zero::Always || near(min, max) {
            min = min.min(0.0);
        }
        if zero == Zero::Always || near(-max, -min) {
            max = max.max(0.0);
        }
        if min == 0.0 && max == 0.0 {
            max = 1.0;
        }
        let (min, max) = widened(min, max);
        let count = (height / 40.0).clamp(1.0, 12.0).floor();
        let (min, max, ticks) = Ticks::around(min, max, count);
        Self { min, max, ticks: ticks.values.iter().map(|value| (*value, ticks.label(*value))).collect() }
    }

    /// How far up a value stands, from 0 to 1.
    pub(crate) fn part(&self, value: f64) -> f64 {
        (value - self.min) / (self.max - self.min)
    }

    /// The width of the widest label.
    pub(crate) fn width(&self) -> f64 {
        self.ticks.iter().map(|(_, label)| text::width(label, TICK_SIZE)).fold(0.0, f64::max)
    }
}

/// A place on the x axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct XTick {
    /// How far to the right, from 0 to 1.
    pub(crate) part: f64,
    /// What is written there.
    pub(crate) label: String,
    /// The whole name, where the label is shortened.
    pub(crate) full: Option<String>,
    /// What is written below it.
    pub(crate) below: Option<String>,
}

/// How names stand along the x axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stand {
    /// Upright, in one line or two.
    Upright,
    /// Aslant, because they would touch each other.
    Aslant,
}

/// The x axis.
#[derive(Debug)]
pub(crate) struct XAxis {
    scale: Scale,
    /// What is written along it.
    pub(crate) ticks: Vec<XTick>,
    /// How it stands there.
    pub(crate) stand: Stand,
    /// The height of all that, in pixels.
    pub(crate) height: f64,
    /// Whether grid lines are drawn at the ticks.
    pub(crate) grid: bool,
}

#[derive(Debug)]
enum Scale {
    Measured { min: f64, max: f64 },
    SideBySide { count: f64 },
}

impl XAxis {
    /// An axis that is so many pixels wide, with a part of its extent left free at both ends.
    pub(crate) fn new(domain: &Domain, width: f64, free: f64) -> Self {
        match domain {
            Domain::Numbers { min, max, whole } => Self::numbers(widened(*min, *max), *whole, width, free),
            Domain::Dates { min, max } => Self::dates(*min, *max, width, free),
            Domain::Categories(names) => Self::categories(names, width),
        }
    }

    fn numbers((min, max): (f64, f64), whole: bool, width: f64, free: f64) -> Self {
        let (min, max) = (min - (max - min) * free, max + (max - min) * free);
        let scale = Scale::Measured { min, max };
        // Wide numbers get fewer ticks: try until they do not touch.
        let mut count = (width / 60.0).clamp(2.0, 20.0).floor();
        loop {
            let ticks = Ticks::new(min, max, count, if whole { 1.0 } else { 0.0 });
            let labels: Vec<(f64, String)> = ticks.values.iter().map(|value| (scale.part(*value), ticks.label(*value))).collect();
            let wide = labels.iter().map(|(_, label)| text::width(label, TICK_SIZE)).fold(0.0, f64::max);
            #[expect(clippy::cast_precision_loss, reason = "there are at most a hundred ticks")]
            if count <= 1.0 || (wide + 14.0) * labels.len() as f64 <= width * 1.1 {
                let ticks = labels.into_iter().map(|(part, label)| XTick { part, label, full: None, below: None }).collect();
                return Self { scale, ticks, stand: Stand::Upright, height: NAME_DISTANCE + 6.0, grid: true };
            }
            count -= 1.0;
        }
    }

    fn dates(min: i64, max: i64, width: f64, free: f64) -> Self {
        const DAY: i64 = 86_400;
        let (min, max) = if min == max { (min - DAY, max + DAY) } else { (min, max) };
        #[expect(clippy::cast_precision_loss, reason = "seconds of four-digit years are exact in a double")]
        let seconds = |at: i64| at as f64;
        let around = (seconds(max) - seconds(min)) * free;
        let scale = Scale::Measured { min: seconds(min) - around, max: seconds(max) + around };
        let count = (1_i64..=16).rev().find(|count| seconds(*count) * 56.0 <= width).unwrap_or(1);
        let mut ticks: Vec<XTick> = calendar::ticks(min, max, count)
            .into_iter()
            .map(|tick| XTick { part: scale.part(seconds(tick.at)), label: tick.main, full: None, below: tick.below })
            .collect();
        drop_touching_below(&mut ticks, width);
        let two_lines = ticks.iter().any(|tick| tick.below.is_some());
        let height = NAME_DISTANCE + 6.0 + if two_lines { TICK_SIZE + 4.0 } else { 0.0 };
        Self { scale, ticks, stand: Stand::Upright, height, grid: true }
    }

    fn categories(names: &[String], width: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "there are at most a thousand categories")]
        let scale = Scale::SideBySide { count: names.len().max(1) as f64 };
        let band = scale.band() * width;
        let widest = names.iter().map(|name| text::width(name, TICK_SIZE)).fold(0.0, f64::max);
        let upright = widest + 8.0 <= band;
        // Aslant names need the height of a line each; where there is less, only every second, third … is written.
        let every = if upright {
            1
        } else {
            (1..=names.len().max(1)).find(|every| u32::try_from(*every).is_ok_and(|every| band * f64::from(every) >= 17.0)).unwrap_or(1)
        };
        let width_max = if upright { f64::INFINITY } else { ASLANT_WIDTH_MAX };
        let tick = |(at, name): (usize, &String)| {
            #[expect(clippy::cast_precision_loss, reason = "there are at most a thousand categories")]
            let part = scale.part(at as f64);
            let label = text::shorten(name, TICK_SIZE, width_max);
            XTick { part, full: (label != *name).then(|| name.clone()), label, below: None }
        };
        let ticks: Vec<XTick> = names.iter().enumerate().step_by(every).map(tick).collect();
        let stand = if upright { Stand::Upright } else { Stand::Aslant };
        let height = if upright { NAME_DISTANCE + 6.0 } else { widest.min(ASLANT_WIDTH_MAX) * ASLANT_SINE + 20.0 };
        Self { scale, ticks, stand, height, grid: false }
    }

    /// How far to the right a value stands, from 0 to 1.
    pub(crate) fn part(&self, value: f64) -> f64 {
        self.scale.part(value)
    }

    /// The part of the width that belongs to one category.
    pub(crate) fn band(&self) -> f64 {
        self.scale.band()
    }

    /// How far the names reach beyond the left and the right end of an axis that is so many pixels wide.
    pub(crate) fn overhang(&self, width: f64) -> (f64, f64) {
        let (mut left, mut right) = (0.0_f64, 0.0_f64);
        for tick in &self.ticks {
            let wide = text::width(&tick.label, TICK_SIZE);
            let wider = tick.below.as_ref().map_or(wide, |below| wide.max(text::width(below, TICK_SIZE)));
            let (before, after) = if self.stand == Stand::Upright { (wider / 2.0, wider / 2.0) } else { (wide * ASLANT_COSINE, 0.0) };
            left = left.max(before - tick.part * width);
            right = right.max(after - (1.0 - tick.part) * width);
        }
        (left, right)
    }
}

/// Aslant names stand at 40 degrees.
pub(crate) const ASLANT_DEGREES: f64 = -40.0;
const ASLANT_SINE: f64 = 0.643;
const ASLANT_COSINE: f64 = 0.766;

impl Scale {
    fn part(&self, value: f64) -> f64 {
        match self {
            Self::Measured { min, max } => (value - min) / (max - min),
            Self::SideBySide { count } => (value + 0.5) / count,
        }
    }

    fn band(&self) -> f64 {
        match self {
            Self::Measured { .. } => 0.0,
            Self::SideBySide { count } => 1.0 / count,
        }
    }
}

/// Leaves out a second line that would touch the one before it. The first one goes first: the later one says more.
fn drop_touching_below(ticks: &mut [XTick], width: f64) {
    let mut free_until = f64::INFINITY;
    for tick in ticks.iter_mut().rev() {
        let Some(below) = &tick.below else { continue };
        let (middle, half) = (tick.part * width, text::width(below, TICK_SIZE) / 2.0);
        if middle + half + 8.0 > free_until {
            tick.below = None;
        } else {
            free_until = middle - half;
        }
    }
}
