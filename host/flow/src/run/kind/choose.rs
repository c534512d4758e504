//! `choose`: the first branch whose condition holds.

use crate::plan::Branch;
use crate::run::event::Event;
use crate::run::machine::Run;

impl Run {
    pub(in crate::run) fn choose(&self, step: u32, branches: &[Branch]) -> Event {
        for (index, branch) in (0..).zip(branches) {
            let fits = branch.condition.as_ref().map_or(Ok(true), |condition| self.holds(condition, None));
            match fits {
                Ok(true) => return Event::Opened { step, branch: Some(index) },
                Ok(false) => {}
                Err(failure) => return Event::StepFailed { step, failure },
            }
        }
        Event::Opened { step, branch: None }
    }
}
