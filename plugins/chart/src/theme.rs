//! Colours.

use jackfield_sdk::prelude::*;

/// What the chart will be seen on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// Dark on white, which the chart brings along.
    #[default]
    Light,
    /// Light on black, which the chart brings along.
    Dark,
    /// Grey on whatever is behind the chart, readable on light and on dark.
    Transparent,
}

/// The colours of a theme.
#[derive(Debug)]
pub(crate) struct Palette {
    /// Behind everything; `None` is nothing.
    pub(crate) background: Option<&'static str>,
    /// Title and legend.
    pub(crate) text: &'static str,
    /// Subtitle, labels of axes and ticks.
    pub(crate) muted: &'static str,
    /// Grid lines.
    pub(crate) grid: &'static str,
    /// How opaque grid lines are.
    pub(crate) grid_opacity: &'static str,
    /// The base line.
    pub(crate) axis: &'static str,
}

impl Theme {
    /// Its colours.
    pub(crate) fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &Palette {
                background: Some("#ffffff"),
                text: "#1f2328",
                muted: "#59636e",
                grid: "#d9dee3",
                grid_opacity: "0.8",
                axis: "#8c959f",
            },
            Self::Dark => &Palette {
                background: Some("#0f141a"),
                text: "#e8edf2",
                muted: "#9aa4ae",
                grid: "#3a434d",
                grid_opacity: "0.7",
                axis: "#7d8791",
            },
            Self::Transparent => {
                &Palette { background: None, text: "#808a94", muted: "#808a94", grid: "#808a94", grid_opacity: "0.3", axis: "#808a94" }
            }
        }
    }
}

/// Ten colours that can be told apart on light and on dark and with the common kinds of colour blindness: those of
/// Observable Plot (`observable10`), in an order in which the first ones differ in brightness, too.
const SERIES: [&str; 10] = ["#4269d0", "#efb118", "#ff725c", "#3ca951", "#a463f2", "#6cc5b0", "#9c6b4e", "#ff8ab7", "#97bbf5", "#9498a0"];

/// How the lines of the second and third ten series are dashed, whose colours come again.
const DASHES: [&str; 3] = ["", "6 4", "2 3"];

/// The colour of a series.
pub(crate) fn colour(series: usize) -> &'static str {
    SERIES[series % SERIES.len()]
}

/// The `stroke-dasharray` of the line of a series.
pub(crate) fn dash(series: usize) -> &'static str {
    DASHES[series / SERIES.len() % DASHES.len()]
}
