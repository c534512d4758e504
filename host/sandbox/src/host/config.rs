//! `wasi:config/store`: the configuration values that the grant names, and no other.

use wasmtime::component::{ComponentType, Linker, Lower};

use crate::state::State;

/// The interface as this wasmtime defines it; a test fails when a new one defines another.
const STORE: &str = "wasi:config/store@0.2.0-rc.1";

/// Why there is no value, which is never so here.
#[derive(ComponentType, Lower)]
#[component(variant)]
#[expect(dead_code, reason = "the interface has errors, and values in memory have none")]
enum Error {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

/// Links the capability, with a `get` that notes which value was asked for.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi_config::add_to_linker(linker, State::config)?;
    linker.instance(STORE)?.func_wrap("get", |store, (key,): (String,)| {
        let state: &State = store.data();
        let Some(name) = state.grant.config.iter().find(|name| ***name == *key) else { return Ok((Ok::<_, Error>(None),)) };
        let mut used = state.used();
        if !used.config.contains(name) {
            used.config.push(name.clone());
        }
        Ok((Ok(state.shared.config_values.get(&key).cloned()),))
    })
}
