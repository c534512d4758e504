//! What steps answer in a test.

use std::sync::Arc;

use super::{Answer, ItemStub, Stub, TrialError};
use crate::definition::diagnostic::{Code, Diagnostic};
use crate::definition::input::node_value;
use crate::definition::keys::Place;
use crate::definition::reader::{Keys, Reader, shorten};
use crate::definition::scalar::is_name;
use crate::definition::source::{Span, Spanned};
use crate::definition::tree::{Node, NodeKind};
use crate::run::{FailureKind, Platform};

impl Reader<'_> {
    pub(super) fn stubs(&mut self, node: &Node) -> Vec<Stub> {
        let steps = self.by_step(node);
        steps.into_iter().filter_map(|(step, node)| self.stub(step, node)).collect()
    }

    fn stub(&mut self, step: Spanned<Arc<str>>, node: &Node) -> Option<Stub> {
        if matches!(node.kind, NodeKind::List(_)) {
            return Some(Stub { step, answers: self.answers(node), items: Vec::new() });
        }
        let keys = self.keys(node, Place::Stub)?;
        let items = keys.get("items").map(|node| self.item_stubs(node));
        let answered = keys.get("result").is_some() || keys.get("error").is_some();
        let answers = if answered || items.is_none() { self.answer_in(&keys).into_iter().collect() } else { Vec::new() };
        Some(Stub { step, answers, items: items.unwrap_or_default() })
    }

    fn item_stubs(&mut self, node: &Node) -> Vec<ItemStub> {
        let pairs = self.pairs(node, "a mapping from items to answers").unwrap_or_default();
        let mut items = Vec::new();
        for (name, span, node) in pairs {
            let number = name.parse().is_ok_and(|number: u32| number.to_string() == name);
            if !number && !is_name(name) {
                let message = format!("`{}` is neither the number of an item nor the name of a contender", shorten(name));
                self.problem(Diagnostic::new(Code::WrongShape, span, message).help("items are counted from 0"));
                continue;
            }
            let answers = self.answers(node);
            if !answers.is_empty() {
                items.push(ItemStub { item: Spanned::new(Arc::from(name), span), answers });
            }
        }
        items
    }

    /// One answer, or one for each attempt.
    fn answers(&mut self, node: &Node) -> Vec<Answer> {
        if matches!(&node.kind, NodeKind::List(items) if items.is_empty()) {
            self.problem(Diagnostic::new(Code::MissingKey, node.span, "an empty list answers nothing").help("write `{ result: … }`"));
        }
        let answers = self.list(node);
        answers.iter().filter_map(|node| self.keys(node, Place::Answer).and_then(|keys| self.answer_in(&keys))).collect()
    }

    fn answer_in(&mut self, keys: &Keys<'_>) -> Option<Answer> {
        let takes_ms = keys.get("takes").and_then(|node| self.duration(node, "`takes`")).unwrap_or(0);
        let result = match (keys.get("result"), keys.get("error")) {
            (Some(result), None) => Ok(node_value(result)),
            (None, Some(error)) => Err(self.trial_error(error)?),
            _ => {
                let message = "an answer has either a `result` or an `error`";
                self.problem(
                    Diagnostic::new(Code::MissingKey, keys.span, message).help("write `{ result: … }` or `{ error: { code: … } }`"),
                );
                return None;
            }
        };
        Some(Answer { span: keys.span, takes_ms, result })
    }

    fn trial_error(&mut self, node: &Node) -> Option<TrialError> {
        let keys = self.keys(node, Place::MadeUpError)?;
        let code = match keys.get("code") {
            Some(node) => self.text(node, "the code of a failure").and_then(|text| self.error_code(&text.value, text.span)),
            None => {
                self.missing(&keys, Place::MadeUpError, "code");
                None
            }
        };
        let message =
            keys.get("message").and_then(|node| self.text(node, "a text")).map_or_else(|| Arc::from("made up"), |text| text.value);
        let data = keys.get("data").map(node_value);
        let kind = self.failure_kind(&keys);
        let code = code?;
        // What the engine says of its own failures is true in tests as well.
        let kind = kind.or_else(|| Platform::of_code(&code).map(Platform::kind)).unwrap_or(FailureKind::Permanent);
        Some(TrialError { code, message, kind, data })
    }

    fn failure_kind(&mut self, keys: &Keys<'_>) -> Option<FailureKind> {
        let kind = keys.entry("kind");
        if let (Some((span, _)), Some((other, _))) = (kind, keys.entry("retry-after")) {
            self.both(span, other);
        }
        let after = keys.get("retry-after").and_then(|node| self.duration(node, "`retry-after`"));
        let kind = kind.and_then(|(_, node)| self.word(node, Place::MadeUpError, "kind"));
        after.map(FailureKind::RetryAfter).or(kind)
    }

    fn both(&mut self, span: Span, other: Span) {
        let message = "an error has a `kind` or a `retry-after`, which is a kind of its own";
        self.problem(Diagnostic::new(Code::MisplacedKey, span, message).help("remove one of them").label(other, "the other one"));
    }
}
