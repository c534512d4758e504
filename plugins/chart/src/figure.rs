//! What all charts have in common: texts, size, colours.

use jackfield_sdk::prelude::*;

use crate::error::ChartError;
use crate::theme::Theme;

/// The least and the greatest width and height, in pixels.
const SIZE_MIN: u32 = 200;
const SIZE_MAX: u32 = 4_000;

/// The texts around a chart, its size and its colours. Everything may be left away.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Figure {
    /// The title, above everything.
    pub(crate) title: String,
    /// A second line below the title, smaller.
    pub(crate) subtitle: String,
    /// What the x axis shows, with its unit.
    pub(crate) x_label: String,
    /// What the y axis shows, with its unit.
    pub(crate) y_label: String,
    /// The width in pixels, from 200 to 4000.
    pub(crate) width: u32,
    /// The height in pixels, from 200 to 4000.
    pub(crate) height: u32,
    /// The y axis reaches down to this number at least: give several charts the same one to compare them.
    pub(crate) y_min: Option<f64>,
    /// The y axis reaches up to this number at least.
    pub(crate) y_max: Option<f64>,
    /// What the chart will be seen on.
    pub(crate) theme: Theme,
}

impl Default for Figure {
    fn default() -> Self {
        Self {
            title: String::new(),
            subtitle: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            width: 800,
            height: 450,
            y_min: None,
            y_max: None,
            theme: Theme::default(),
        }
    }
}

impl Figure {
    /// Refuses sizes that cannot be drawn.
    pub(crate) fn check(&self) -> Result<(), ChartError> {
        for (name, size) in [("width", self.width), ("height", self.height)] {
            if !(SIZE_MIN..=SIZE_MAX).contains(&size) {
                return Err(ChartError::OutOfRange(format!("`{name}` is {size}: give {SIZE_MIN} to {SIZE_MAX} pixels")));
            }
        }
        if let (Some(min), Some(max)) = (self.y_min, self.y_max)
            && min > max
        {
            return Err(ChartError::BadRequest(format!("`y_min` {min} is greater than `y_max` {max}")));
        }
        Ok(())
    }
}

/// A chart.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Chart {
    /// The chart as SVG text.
    pub(crate) svg: String,
    /// Its title, as it was given.
    pub(crate) title: String,
}
