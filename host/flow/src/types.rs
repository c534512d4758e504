//! Types and values, and expressions over them.

mod expr;
mod json;
mod schema;
mod suggest;
mod time;
mod ty;
mod value;

pub use expr::{Budget, Cost, Env, EvalCode, EvalError, Expr, ExprError, FunctionHelp, Members, Reference, Scope, Span, functions};
pub use json::{JsonError, JsonLimits, JsonProblem, write_json_text};
pub use schema::SchemaError;
pub use suggest::did_you_mean;
pub use time::{format_duration, parse_duration, parse_timestamp};
pub use ty::{Field, Mismatch, NotationError, RecordType, Type, ValueMismatch, VariantType};
pub use value::{Fields, Value};
