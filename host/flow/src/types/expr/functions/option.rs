//! Values that may be nothing.

use super::super::eval::Fault;
use super::Call;
use crate::types::Value;

pub(super) fn or_value(call: &mut Call<'_>) -> Result<Value, Fault> {
    let given = call.args.iter().find(|arg| !matches!(arg, Value::Null));
    Ok(given.cloned().unwrap_or_default())
}

pub(super) fn has_value(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(!matches!(call.args.first(), None | Some(Value::Null))))
}
