//! `wasi:config/store`: the configuration values that the grant names, and no other.

use wasmtime::component::Linker;

use crate::state::State;

/// Links the capability.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi_config::add_to_linker(linker, State::config)
}
