//! A value: computed, and recorded like any other result.

use crate::plan::PlanTemplate;
use crate::run::event::{Event, Place};
use crate::run::machine::Run;

impl Run {
    pub(in crate::run) fn begin_value(&self, place: Place, template: &PlanTemplate) -> Event {
        match self.evaluate_result(template, place) {
            Ok(output) => Event::Settled { place, output },
            Err(failure) => Event::PlaceFailed { place, failure },
        }
    }
}
