//! `jackfield:task/context`: who is running. Needs no grant, because none of it is an effect.

use wasmtime::Result;
use wasmtime::component::Linker;

use super::Ours;
use crate::bindings::jackfield::task::context;
use crate::state::State;

/// Links the capability.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    context::add_to_linker::<State, Ours>(linker, |state| state)
}

impl context::Host for State {
    fn run_id(&mut self) -> Result<String> {
        Ok(self.context.run_id.clone())
    }

    fn workflow(&mut self) -> Result<String> {
        Ok(self.context.workflow.clone())
    }

    fn step(&mut self) -> Result<String> {
        Ok(self.context.step.clone())
    }

    fn item(&mut self) -> Result<Option<u64>> {
        Ok(self.context.item)
    }

    fn attempt(&mut self) -> Result<u32> {
        Ok(self.context.attempt)
    }

    fn max_attempts(&mut self) -> Result<u32> {
        Ok(self.context.max_attempts)
    }

    fn deadline_ms(&mut self) -> Result<u64> {
        Ok(self.context.deadline_ms)
    }

    fn idempotency_key(&mut self) -> Result<String> {
        Ok(self.context.idempotency_key.clone())
    }
}
