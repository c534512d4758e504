//! Work on tables: rows in, rows out.
//!
//! A *row* is a JSON object: column name → cell, in the order of the columns. A cell that is missing and a cell that is
//! `null` are the same: no value. Nothing depends on the order of a hash table or on rounding by accident: the same
//! rows always give the same rows.

mod aggregate;
mod cell;
mod concat;
mod condition;
mod date_parts;
mod distinct;
mod error;
mod filter;
mod group_by;
mod join;
mod rows;
mod select;
mod sort;
mod sum;

use jackfield_sdk::plugin;

plugin!(
    filter::filter,
    select::select,
    sort::sort,
    group_by::group_by,
    join::join,
    distinct::distinct,
    concat::concat,
    date_parts::date_parts
);
