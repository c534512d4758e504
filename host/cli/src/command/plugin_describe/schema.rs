//! A plugin's types as one JSON Schema.

use serde_json::{Map, Value, json};

use super::{PluginReport, Schema};

/// A schema with a definition `TASK.input` and `TASK.output` for each task.
pub(super) fn of(report: &PluginReport<'_>) -> Value {
    let mut definitions = Map::new();
    for task in &report.tasks {
        for (which, schema) in [("input", &task.input_schema), ("output", &task.output_schema)] {
            let schema = match schema {
                Schema::Json(schema) => schema.clone(),
                // What is no schema says nothing.
                Schema::Text(_) => json!({}),
            };
            definitions.insert(format!("{}.{which}", task.name), schema);
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": format!("The types of the plugin {}.", report.digest),
        "$defs": definitions,
    })
}
