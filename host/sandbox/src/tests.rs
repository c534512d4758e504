//! Tests of the whole crate, with guests written as WebAssembly text.

mod abi;
mod calls;
mod cancel;
mod denied;
mod describe;
pub(crate) mod kit;
mod limits;
mod loading;
mod pure;
mod speed;
