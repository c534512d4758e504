//! When the steps of a run worked and waited: bars over time, for the terminal and as SVG.
//!
//! [`Timeline::of`] makes rows and spans out of stored events; the painters decide nothing about them. Everything is bounded:
//! many items of a step become one bar that says how many worked at a time, and of many steps those that matter most are shown.

mod build;
mod density;
mod model;
mod scale;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use model::Timeline;
pub(crate) use text::Glyphs;
