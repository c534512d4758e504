//! Inputs of a run: what was given, completed by defaults and checked.

use std::sync::Arc;

use super::build::ident;
use super::model::{Plan, PlanInput};
use crate::types::{Fields, Value, did_you_mean};

/// Inputs that cannot start a run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InputError {
    /// A name the workflow does not have.
    #[error("the workflow `{workflow}` has no input `{name}`{}", help.as_ref().map_or_else(String::new, |help| format!(": {help}")))]
    Unknown {
        /// The workflow.
        workflow: Arc<str>,
        /// The name.
        name: Arc<str>,
        /// What to do.
        help: Option<String>,
    },
    /// An input without a default was not given.
    #[error("the input `{name}` ({ty}) is missing: give it with `--input {name}=VALUE`")]
    Missing {
        /// The name.
        name: Arc<str>,
        /// Its type.
        ty: String,
    },
    /// A value of another type.
    #[error("the input `{name}` must be {ty}: {problem}")]
    WrongType {
        /// The name.
        name: Arc<str>,
        /// Its type.
        ty: String,
        /// What is wrong.
        problem: String,
    },
}

impl Plan {
    /// The inputs of a run, complete and checked, under the names that expressions know; or all that is wrong with them.
    pub fn inputs_from(&self, given: &Fields) -> Result<Value, Vec<InputError>> {
        complete(&self.workflow, &self.inputs, given)
    }
}

/// What was given, completed by the defaults of the inputs of a workflow.
pub(super) fn complete(workflow: &Arc<str>, wanted: &[PlanInput], given: &Fields) -> Result<Value, Vec<InputError>> {
    let mut errors = Vec::new();
    let mut inputs = Fields::new();
    let known = |name: &str| wanted.iter().find(|input| *input.name == *name || *ident(&input.name) == *name);
    for (name, _) in given.iter().filter(|(name, _)| known(name).is_none()) {
        let near = did_you_mean(name, wanted.iter().map(|input| &*input.name));
        let names = || wanted.iter().map(|input| &*input.name).collect::<Vec<_>>().join(", ");
        let help =
            near.map(|near| format!("did you mean `{near}`?")).or_else(|| (!wanted.is_empty()).then(|| format!("it has: {}", names())));
        errors.push(InputError::Unknown { workflow: Arc::clone(workflow), name: name.clone(), help });
    }
    for input in wanted {
        let value = given.get(&input.name).or_else(|| given.get(&ident(&input.name)));
        // Where nothing is no value, giving it is leaving it out, as it is with the fields of a task's input.
        let value = value.filter(|value| !matches!(value, Value::Null) || input.default.is_none() || input.ty.check(value).is_ok());
        let value = match (value, &input.default) {
            (Some(value), _) => input.ty.check(value).map_err(|problem| InputError::WrongType {
                name: input.name.clone(),
                ty: input.ty.to_string(),
                problem: problem.to_string(),
            }),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) if input.ty.is_option() => Ok(Value::Null),
            (None, None) => Err(InputError::Missing { name: input.name.clone(), ty: input.ty.to_string() }),
        };
        match value {
            Ok(value) => {
                inputs.insert(ident(&input.name), value);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(Value::Map(Arc::new(inputs))) } else { Err(errors) }
}
