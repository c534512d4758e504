//! `jackfield:task/progress`: progress reports and savepoints. Needs no grant: both stay inside the engine.

use wasmtime::Result;
use wasmtime::component::Linker;

use super::Ours;
use crate::attempt::SaveError;
use crate::bindings::jackfield::task::progress::{self, SavepointError};
use crate::limits::MIB;
use crate::state::State;

/// The longest message of a progress report, in bytes.
const MESSAGE_BYTES_MAX: usize = 1024;
/// The largest savepoint handed on, in bytes; the engine may allow less.
const SAVEPOINT_BYTES_MAX: usize = 8 * MIB;

/// Links the capability.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    progress::add_to_linker::<State, Ours>(linker, |state| state)
}

impl progress::Host for State {
    fn report(&mut self, done: u64, total: Option<u64>, message: String) -> Result<()> {
        let message = self.capture.clean(&message);
        let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
        self.host.progress(done, total, &message[..end]);
        Ok(())
    }

    async fn save(&mut self, data: Vec<u8>) -> std::result::Result<(), SavepointError> {
        if data.len() > SAVEPOINT_BYTES_MAX {
            return Err(SavepointError::TooLarge(SAVEPOINT_BYTES_MAX as u64));
        }
        self.host.save(data.clone()).await.map_err(|error| match error {
            SaveError::TooLarge(limit) => SavepointError::TooLarge(limit),
            SaveError::Stopped => SavepointError::Stopped,
            SaveError::Storage(reason) => SavepointError::Storage(reason),
        })?;
        self.savepoint = Some(data);
        Ok(())
    }

    fn load(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.savepoint.clone())
    }
}
