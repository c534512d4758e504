//! What a test expects.

use std::sync::Arc;

use super::{CallExpect, Expect, StepExpect};
use crate::definition::diagnostic::{Code, Diagnostic};
use crate::definition::input::node_value;
use crate::definition::keys::Place;
use crate::definition::reader::Reader;
use crate::definition::source::Spanned;
use crate::definition::tree::{Node, NodeKind};
use crate::run::Status;
use crate::types::Value;

impl Reader<'_> {
    pub(super) fn expect(&mut self, node: &Node) -> Option<Expect> {
        let keys = self.keys(node, Place::Expect)?;
        let nothing = Place::Expect.keys().iter().all(|key| keys.get(key.name).is_none());
        if nothing {
            let message = "nothing is expected, and so the test cannot fail";
            self.problem(Diagnostic::new(Code::MissingKey, keys.span, message).help("add `state: done`"));
        }
        let mut expect = Expect {
            state: keys.get("state").and_then(|node| Some(Spanned::new(self.word(node, Place::Expect, "state")?, node.span))),
            outputs: keys.get("outputs").map(|node| self.values(node, "a mapping from outputs to values")).unwrap_or_default(),
            steps: keys.get("steps").map(|node| self.step_expects(node)).unwrap_or_default(),
            calls: keys.get("calls").and_then(|node| Some(Spanned::new(self.calls(node)?, node.span))),
            took_ms: keys.get("took").and_then(|node| Some(Spanned::new(self.duration_or_none(node)?, node.span))),
            ..Expect::default()
        };
        if let Some(error) = keys.get("error").and_then(|node| self.keys(node, Place::ExpectError)) {
            expect.error_step = error.get("step").and_then(|node| self.text(node, "the name of a step"));
            let code = error.get("code").and_then(|node| self.text(node, "the code of a failure"));
            expect.error_code = code.and_then(|text| Some(Spanned::new(self.error_code(&text.value, text.span)?, text.span)));
            if error.get("step").is_none() && error.get("code").is_none() {
                let message = "`expect.error` has a `step` or a `code`, or both";
                self.problem(Diagnostic::new(Code::MissingKey, error.span, message).help("to expect any failure, write `state: failed`"));
            }
        }
        Some(expect)
    }

    /// A duration, or `0` for none.
    fn duration_or_none(&mut self, node: &Node) -> Option<u64> {
        if node.scalar() == Value::Int(0) { Some(0) } else { self.duration(node, "`took`") }
    }

    fn step_expects(&mut self, node: &Node) -> Vec<StepExpect> {
        let steps = self.by_step(node);
        steps.into_iter().filter_map(|(step, node)| self.step_expect(step, node)).collect()
    }

    fn step_expect(&mut self, step: Spanned<Arc<str>>, node: &Node) -> Option<StepExpect> {
        if matches!(node.kind, NodeKind::Scalar { .. }) {
            return Some(StepExpect { step, state: Some(self.step_state(node)?), attempts: None, result: None });
        }
        let keys = self.keys(node, Place::ExpectStep)?;
        let state = keys.get("state").and_then(|node| self.step_state(node));
        let attempts = keys.get("attempts").and_then(|node| self.attempts(node));
        let result = keys.get("result").map(|node| Spanned::new(node_value(node), node.span));
        Some(StepExpect { step, state, attempts, result })
    }

    fn step_state(&mut self, node: &Node) -> Option<Spanned<Status>> {
        Some(Spanned::new(self.word(node, Place::ExpectStep, "state")?, node.span))
    }

    fn attempts(&mut self, node: &Node) -> Option<Spanned<u32>> {
        Some(Spanned::new(self.count(node, "`attempts`", Place::ExpectStep, "attempts")?, node.span))
    }

    fn calls(&mut self, node: &Node) -> Option<Vec<CallExpect>> {
        let NodeKind::List(items) = &node.kind else {
            self.wrong_shape(node, "a list of calls, such as `[fetch, \"save[0]\"]`");
            return None;
        };
        Some(items.iter().filter_map(|node| self.call_expect(node)).collect())
    }

    fn call_expect(&mut self, node: &Node) -> Option<CallExpect> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            return Some(CallExpect { place: self.text(node, "STEP or STEP[ITEM], and its input")?, input: None });
        }
        match self.pairs(node, "a call")?.as_slice() {
            [(place, span, input)] => {
                let input = Spanned::new(node_value(input), input.span);
                Some(CallExpect { place: Spanned::new(Arc::from(*place), *span), input: Some(input) })
            }
            _ => {
                let message = "a call is one step with its input";
                self.problem(
                    Diagnostic::new(Code::WrongShape, node.span, message).help("write each call as an element of its own: `- STEP: { … }`"),
                );
                None
            }
        }
    }
}
