//! A sub-workflow: a run of its own.

use crate::plan::FLOW_DEPTH_MAX;
use crate::run::event::{Event, Place};
use crate::run::failure::Platform;
use crate::run::machine::Run;

/// How many sub-workflows a run may start in its life.
const CHILDREN_MAX: u32 = 1_000;

impl Run {
    pub(in crate::run) fn begin_flow(&self, place: Place) -> Event {
        let (started, depth) = (self.children_started, self.parent.map_or(1, |parent| parent.depth + 1));
        if started >= CHILDREN_MAX || depth as usize > FLOW_DEPTH_MAX {
            let message = format!(
                "this would be sub-workflow {} of its run, {depth} deep; a run may start {CHILDREN_MAX}, {FLOW_DEPTH_MAX} deep: \
                 start fewer, each with more to do",
                started + 1
            );
            return Event::PlaceFailed { place, failure: Platform::LimitChildren.failure(message) };
        }
        match self.child_inputs(place) {
            Ok(_) => Event::Started { place, attempt: self.slot(place).map_or(0, |slot| slot.attempt) + 1 },
            Err(failure) => Event::PlaceFailed { place, failure },
        }
    }
}
