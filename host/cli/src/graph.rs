//! Pictures of workflows and runs: for the terminal, as Mermaid, as SVG.
//!
//! Everything here is bounded: a workflow may have 20,000 steps, and each format says what it leaves out when there are too
//! many of them.

pub(crate) mod label;
mod layout;
mod mermaid;
mod model;
mod reduce;
mod svg;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod wording;

pub(crate) use model::Graph;
pub(crate) use text::{Ink, Line, Paint, line, mark, print, put};
pub(crate) use wording::{
    action_words, badge_words, brief, does_lines, does_words as does, effect, flow_effects, inner_words, remedy_words,
};
