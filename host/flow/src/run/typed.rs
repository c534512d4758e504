//! Recorded values in the types that the plan says.
//!
//! What is kept is JSON, which has no word for instants, spans of time and bytes. A value is therefore taken for what its kept
//! form says as soon as it is recorded, so that a resumed run goes on with the very values that the live one had.

use std::sync::Arc;

use super::event::Place;
use super::machine::Run;
use crate::plan::{OnItemError, StepKind};
use crate::types::{JsonLimits, Type, Value};

impl Run {
    /// A value recorded at a place.
    pub(super) fn typed(&self, place: Place, value: &Value) -> Value {
        let planned = &self.plan.steps[place.index()];
        let output = planned.output.unwrapped();
        let part = match (&planned.kind, place.item, output) {
            (StepKind::ForEach { on_item_error: OnItemError::Collect, .. }, Some(_), Type::List(each)) => field(each, "ok"),
            (StepKind::ForEach { .. }, Some(_), Type::List(each)) => Some(Type::clone(each)),
            (StepKind::Race(_), Some(_), record) => field(record, "value"),
            _ => None,
        };
        self.typed_as(part.as_ref().unwrap_or(&planned.output), value)
    }

    /// A value as one of a type, as far as it can be.
    pub(super) fn typed_as(&self, ty: &Type, value: &Value) -> Value {
        let plain = plain(value);
        let value = plain.as_ref().unwrap_or(value);
        ty.check(value).unwrap_or_else(|_| value.clone())
    }

    pub(super) fn typed_inputs(&self, inputs: &Value) -> Value {
        let Value::Map(fields) = inputs else { return inputs.clone() };
        let types: std::collections::BTreeMap<Arc<str>, &Type> =
            self.plan.inputs.iter().map(|input| (crate::plan::ident(&input.name), &input.ty)).collect();
        let one = |(name, value): (&Arc<str>, &Value)| {
            let typed = types.get(name).map_or_else(|| value.clone(), |ty| self.typed_as(ty, value));
            (Arc::clone(name), typed)
        };
        Value::map(fields.iter().map(one))
    }

    pub(super) fn typed_outputs(&self, outputs: &Value) -> Value {
        let Value::Map(fields) = outputs else { return outputs.clone() };
        let one = |(name, value): (&Arc<str>, &Value)| {
            let output = self.plan.outputs.iter().find(|output| output.name == *name);
            (Arc::clone(name), output.map_or_else(|| value.clone(), |output| self.typed_as(&output.ty, value)))
        };
        Value::map(fields.iter().map(one))
    }
}

fn field(ty: &Type, name: &str) -> Option<Type> {
    match ty.unwrapped() {
        Type::Record(record) => record.field(name).map(|field| field.ty.clone()),
        _ => None,
    }
}

/// The value as its JSON text would be read back; nothing when it is that already.
fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::Timestamp(_) | Value::Duration(_) | Value::Bytes(_) => {
            let text = value.to_json();
            Value::from_json(&text, JsonLimits { bytes: usize::MAX, ..JsonLimits::default() }).ok()
        }
        Value::List(items) => {
            let changed: Vec<Option<Value>> = items.iter().map(plain).collect();
            if changed.iter().all(Option::is_none) {
                return None;
            }
            Some(Value::list(changed.into_iter().zip(items.iter()).map(|(new, old)| new.unwrap_or_else(|| old.clone()))))
        }
        Value::Map(fields) => {
            let changed: Vec<Option<Value>> = fields.iter().map(|(_, value)| plain(value)).collect();
            if changed.iter().all(Option::is_none) {
                return None;
            }
            let pairs = changed.into_iter().zip(fields.iter());
            Some(Value::map(pairs.map(|(new, (name, old))| (Arc::clone(name), new.unwrap_or_else(|| old.clone())))))
        }
        _ => None,
    }
}

/// A value as JSON text, a text as itself.
pub(super) fn json_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => match plain(other) {
            Some(Value::String(text)) => text.to_string(),
            _ => other.to_json(),
        },
    }
}
