//! What a guest can call: one file per capability, and the one list that links them all.

pub(crate) mod clocks;
mod config;
mod context;
pub(crate) mod files;
pub(crate) mod http;
mod log;
mod progress;
pub(crate) mod random;
pub(crate) mod secrets;
pub(crate) mod stdio;

use wasmtime::component::Linker;

use crate::state::State;

/// Packages of WASI 0.2 and of ours that are linked, with their interfaces.
///
/// A component that imports anything else is refused before it is compiled. Everything here is powerless without a grant.
const LINKED: [(&str, &str, &[&str]); 10] = [
    (
        "wasi:cli",
        "0.2",
        &[
            "environment",
            "exit",
            "stdin",
            "stdout",
            "stderr",
            "terminal-input",
            "terminal-output",
            "terminal-stdin",
            "terminal-stdout",
            "terminal-stderr",
        ],
    ),
    ("wasi:clocks", "0.2", &["monotonic-clock", "wall-clock"]),
    ("wasi:config", "0.2", &["store"]),
    ("wasi:filesystem", "0.2", &["preopens", "types"]),
    ("wasi:http", "0.2", &["outgoing-handler", "types"]),
    ("wasi:io", "0.2", &["error", "poll", "streams"]),
    ("wasi:random", "0.2", &["random", "insecure", "insecure-seed"]),
    ("wasi:sockets", "0.2", &["instance-network", "ip-name-lookup", "network", "tcp", "tcp-create-socket", "udp", "udp-create-socket"]),
    ("jackfield:task", "0.1", &["types", "context", "progress", "log", "secrets"]),
    // A component that exports `tasks` and reuses its types imports nothing from here; listed so that the message is ours.
    ("jackfield:task", "0.1", &["tasks"]),
];

/// Whether an import of a component, such as `wasi:io/streams@0.2.3`, is one of those that are linked.
pub(crate) fn is_linked(import: &str) -> bool {
    let (path, version) = import.split_once('@').unwrap_or((import, ""));
    let Some((package, interface)) = path.split_once('/') else { return false };
    let fits = |wanted: &str| version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'));
    LINKED.iter().any(|(name, wanted, interfaces)| *name == package && interfaces.contains(&interface) && fits(wanted))
}

/// Links every capability.
///
/// # Errors
/// When two of them define the same function, which a test would have found.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    // What follows takes the place of some functions above.
    linker.allow_shadowing(true);
    config::link(linker)?;
    files::link(linker)?;
    random::link(linker)?;
    context::link(linker)?;
    progress::link(linker)?;
    log::link(linker)?;
    secrets::link(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Ours, as the bindings want it named.
pub(crate) struct Ours;

impl wasmtime::component::HasData for Ours {
    type Data<'a> = &'a mut State;
}
