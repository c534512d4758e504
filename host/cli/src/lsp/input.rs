//! What stands under `with` is for: the input of a task, or the inputs of a sub-workflow.

use std::sync::Arc;

use jackfield_flow::plan::PlanInput;
use jackfield_flow::types::{Field, Type};

use super::language::Context;
use super::outline::Node;
use super::view::{View, input_field};

/// The type that is wanted under the `with` beside the action at a place.
pub(crate) fn wanted(view: &View<'_>, context: &Context<'_>) -> Option<Type> {
    if let Some(task) = view.known.task_at(context) {
        return Some(task.input.clone());
    }
    let name = context.action?.get("flow")?.text()?;
    let named = context.flow.get("flows").and_then(|flows| flows.get(name));
    let path = named.and_then(Node::text).unwrap_or(name);
    if let Some(Ok(plan)) = view.known.files.get(path) {
        let field = |input: &PlanInput| Field {
            required: input.default.is_none() && !input.ty.is_option(),
            docs: Arc::clone(&input.description),
            ..Field::required(Arc::clone(&input.name), input.ty.clone())
        };
        return Some(Type::record(plan.inputs.iter().map(field).collect()));
    }
    let flow = named?;
    let inputs = flow.get("inputs").map(Node::entries).unwrap_or_default();
    Some(Type::record(inputs.iter().map(input_field).collect::<Vec<Field>>()))
}
