//! `group-by`: one row for every group of rows.

use std::collections::HashMap;

use jackfield_sdk::prelude::*;

use crate::aggregate::Aggregate;
use crate::cell::Key;
use crate::error::TableError;
use crate::rows::{Row, Rows, cell, require_column, require_different};

/// Puts rows with the same keys into one group, and computes aggregates for every group.
///
/// The answer has one row for every group: its keys, then the aggregates. Groups come in the order in which their first
/// row does. Rows without a value in a key are a group of their own. Without keys all rows are one group, and the answer is
/// one row, even when there are no rows.
#[task(
    title = "Group rows",
    example_input = r#"{"rows": [{"city": "Rome", "rain": 1}, {"city": "Oslo", "rain": 5}, {"city": "Rome", "rain": 2}], "keys": ["city"], "aggregates": [{"function": "count"}, {"function": "mean", "column": "rain"}]}"#,
    example_output = r#"{"rows": [{"city": "Rome", "count": 2, "mean_rain": 1.5}, {"city": "Oslo", "count": 1, "mean_rain": 5.0}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn group_by(
    /// The rows.
    rows: Vec<Row>,
    /// The columns whose cells make a group.
    keys: Vec<String>,
    /// What to compute for every group.
    aggregates: Vec<Aggregate>,
) -> Result<Rows, TableError> {
    for key in &keys {
        require_column(&rows, key)?;
    }
    for aggregate in &aggregates {
        aggregate.check(&rows)?;
    }
    let names: Vec<String> = aggregates.iter().map(Aggregate::name).collect();
    require_different(keys.iter().chain(&names).map(String::as_str))?;

    let mut answer = Vec::new();
    for group in groups(&rows, &keys) {
        let first = group.first();
        let mut row: Row = keys.iter().map(|key| (key.clone(), first.map_or(Value::Null, |row| cell(row, key).clone()))).collect();
        for (aggregate, name) in aggregates.iter().zip(&names) {
            row.insert(name.clone(), aggregate.compute(&group)?);
        }
        answer.push(row);
    }
    Ok(Rows { rows: answer })
}

/// The rows of every group, in the order in which the groups first appear.
fn groups<'a>(rows: &'a [Row], keys: &[String]) -> Vec<Vec<&'a Row>> {
    if keys.is_empty() {
        return vec![rows.iter().collect()];
    }
    let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        let key = keys.iter().map(|key| Key::of(cell(row, key))).collect();
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(row);
    }
    groups
}

#[cfg(test)]
mod tests;
