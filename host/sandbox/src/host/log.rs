//! `jackfield:task/log`: structured lines, kept with the attempt and bounded. Needs no grant.

use wasmtime::Result;
use wasmtime::component::Linker;

use super::Ours;
use crate::attempt::LogSource;
use crate::bindings::jackfield::task::log::{self, Level};
use crate::state::State;

/// Links the capability.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    log::add_to_linker::<State, Ours>(linker, |state| state)
}

impl log::Host for State {
    fn write(&mut self, level: Level, message: String, fields: Vec<(String, String)>) -> Result<()> {
        let source = match level {
            Level::Trace => LogSource::Trace,
            Level::Debug => LogSource::Debug,
            Level::Info => LogSource::Info,
            Level::Warn => LogSource::Warn,
            Level::Error => LogSource::Error,
        };
        self.capture.line(source, &message, fields);
        Ok(())
    }
}
