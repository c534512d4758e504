//! Charts as SVG text, from rows as the `csv` and `table` plugins give them.
//!
//! The text is plain SVG 1.1 without scripts, style sheets, links or fonts of its own, so that it looks the same in a browser, in a
//! document and as a picture. Everything that comes from data is escaped. The same input always gives the same text.

mod axis;
mod bar;
mod calendar;
mod canvas;
mod data;
mod error;
mod figure;
mod frame;
mod line;
mod number;
mod scatter;
mod text;
mod theme;

use jackfield_sdk::plugin;

plugin!(line::line, bar::bar, scatter::scatter);
