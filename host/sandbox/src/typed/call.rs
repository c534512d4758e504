//! One call of a typed task.

use jackfield_flow::run::{Failure, Platform};
use jackfield_flow::types::{JsonLimits, Value};
use wasmtime::Store;
use wasmtime::component::WasmList;

use super::adapter::BASE;
use super::decode::{Image, Unreadable};
use super::shape::{Kind, Shape};
use super::{Answer, Typed, TypedTask, encode, outcome};
use crate::attempt::Phase;
use crate::limits::Limits;
use crate::state::State;

/// What can go wrong: in the guest, to be explained with the store at hand, or here.
pub(crate) enum CallError {
    /// Wasmtime's error.
    Guest(wasmtime::Error, Phase),
    /// What it is.
    Failed(Failure),
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Calls a task. The answer is JSON text.
pub(crate) async fn call(typed: &Typed, store: &mut Store<State>, name: &str, input: String, limits: &Limits) -> Result<String, CallError> {
    let Some((task, export)) = typed.task(name) else {
        return Err(Platform::PluginNoTask.failure(format!("the plugin has no task `{name}`")).into());
    };
    let arguments = arguments(task, input, limits)?;
    let instance = typed.pre.instantiate_async(&mut *store).await.map_err(|error| CallError::Guest(error, Phase::Instantiate))?;
    let guest = |error| CallError::Guest(error, Phase::Call);
    let function = instance.get_typed_func::<(Vec<u8>,), (WasmList<u8>,)>(&mut *store, export).map_err(guest)?;
    let (result,) = function.call_async(&mut *store, (arguments,)).await.map_err(guest)?;
    // The answer is read where it lies.
    Ok(answer(task, Image { bytes: result.as_le_slice(&*store) }, limits)?)
}

/// The input's text is gone when this returns: the call itself needs the argument list alone.
fn arguments(task: &TypedTask, input: String, limits: &Limits) -> Result<Vec<u8>, Failure> {
    let refused = |problem: String| Platform::ValueInput.failure(problem);
    let json = JsonLimits { bytes: limits.input_bytes_max, ..JsonLimits::default() };
    let value = Value::from_json(&input, json).map_err(|error| refused(format!("the input is not JSON: {error}")))?;
    drop(input);
    // The same bound as for the text: what is in memory is about as large.
    encode::arguments(task, &value, limits.copy_bytes_max()).map_err(|unfit| refused(unfit.to_string()))
}

fn answer(task: &TypedTask, image: Image<'_>, limits: &Limits) -> Result<String, Failure> {
    let bytes_max = limits.output_bytes_max.min(Limits::PAYLOAD_BYTES_CEILING);
    let text = |shape: &Shape, at: u32| {
        let mut out = String::new();
        image.write(shape, at, &mut out, bytes_max).map(|()| out).map_err(failure)
    };
    match &task.answer {
        Answer::Nothing => Ok("null".to_owned()),
        Answer::Value(shape) => text(shape, BASE),
        Answer::Result(shape) => {
            let (case, payload) = image.case(shape, BASE).map_err(failure)?;
            let Kind::Result(cases) = &shape.kind else { return text(shape, BASE) };
            let written = cases[case].shape.as_ref().map(|shape| text(shape, payload)).transpose()?;
            match case {
                0 => Ok(written.unwrap_or_else(|| "null".to_owned())),
                _ => Err(outcome::failure(task, written.as_deref())),
            }
        }
    }
}

fn failure(unreadable: Unreadable) -> Failure {
    match unreadable {
        Unreadable::TooLong(limit) => {
            Platform::LimitResultSize.failure(format!("the answer has more than {limit} bytes as JSON, which is the limit"))
        }
        Unreadable::TooMany(limit) => {
            Platform::LimitResultSize.failure(format!("the answer is made of more than {limit} values, which is the limit"))
        }
        Unreadable::NotFinite { path, number } => Platform::ValueOutput
            .failure(format!("{path}the answer has {number} there, which is no number that JSON has; answer an option, or an error")),
        Unreadable::Broken(what) => Platform::GuestAbi.failure(format!("the answer cannot be read: {what}")),
    }
}
