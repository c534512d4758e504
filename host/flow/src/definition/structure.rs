//! Structures: what is done how often, and which of several things.

use std::sync::Arc;

use super::action::ActionDef;
use super::diagnostic::{Code, Diagnostic};
use super::keys::{ACTIONS, Place, STRUCTURES};
use super::reader::{Keys, Reader};
use super::source::{Span, Spanned};
use super::template::Template;
use super::tree::{Node, NodeKind};
use crate::plan::OnItemError;

/// What a step does.
#[derive(Clone, Debug)]
pub enum BodyDef {
    /// One action, once.
    One(ActionDef),
    /// One action for each of many items.
    ForEach(ForEachDef),
    /// One action again and again.
    Repeat(RepeatDef),
    /// The first branch whose condition holds.
    Choose(Vec<BranchDef>),
    /// All at once; the first that succeeds wins.
    Race(Vec<ContenderDef>),
}

/// `for-each` and what belongs to it.
#[derive(Clone, Debug)]
pub struct ForEachDef {
    /// The list of items.
    pub items: Template,
    /// How many run at once.
    pub max_parallel: Option<u32>,
    /// What a failed item means.
    pub on_item_error: OnItemError,
    /// What is done for each.
    pub action: ActionDef,
}

/// `repeat` and what belongs to it.
#[derive(Clone, Debug)]
pub struct RepeatDef {
    /// Where its key stands.
    pub span: Span,
    /// The first value carried.
    pub start: Option<Template>,
    /// When it ends.
    pub test: RepeatTestDef,
    /// The most iterations.
    pub max: Option<u32>,
    /// The wait between two iterations, in milliseconds.
    pub every_ms: Option<u64>,
    /// What is done.
    pub action: ActionDef,
}

/// When a `repeat` ends.
#[derive(Clone, Debug)]
pub enum RepeatTestDef {
    /// It goes on while this holds.
    While(Template),
    /// It ends when this holds.
    Until(Template),
}

/// One branch of a `choose`.
#[derive(Clone, Debug)]
pub struct BranchDef {
    /// Whether it is taken; without one, it always is.
    pub condition: Option<Template>,
    /// What is done.
    pub action: ActionDef,
}

/// One contender of a `race`.
#[derive(Clone, Debug)]
pub struct ContenderDef {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// What it does.
    pub action: ActionDef,
}

impl BodyDef {
    /// All its actions.
    pub fn actions(&self) -> Vec<&ActionDef> {
        match self {
            Self::One(action) => vec![action],
            Self::ForEach(each) => vec![&each.action],
            Self::Repeat(repeat) => vec![&repeat.action],
            Self::Choose(branches) => branches.iter().map(|branch| &branch.action).collect(),
            Self::Race(contenders) => contenders.iter().map(|contender| &contender.action).collect(),
        }
    }

    /// The values of the structure itself, without those of its actions.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::One(_) | Self::Race(_) => Vec::new(),
            Self::ForEach(each) => vec![&each.items],
            Self::Repeat(repeat) => {
                let (RepeatTestDef::While(test) | RepeatTestDef::Until(test)) = &repeat.test;
                repeat.start.iter().chain([test]).collect()
            }
            Self::Choose(branches) => branches.iter().filter_map(|branch| branch.condition.as_ref()).collect(),
        }
    }
}

/// The most branches and contenders of a step.
const BRANCHES_MAX: usize = 1_000;

impl Reader<'_> {
    /// What a step does; `of` says which step, `named` where its name stands.
    pub(super) fn body(&mut self, keys: &Keys<'_>, of: &str, named: Span) -> Option<BodyDef> {
        let structures = keys.among(STRUCTURES);
        self.refuse_two(&structures, of);
        let Some((structure, span)) = structures.first().copied() else { return self.action(keys, of, named).map(BodyDef::One) };
        let node = keys.get(structure)?;
        if let ("choose" | "race", Some((action, at))) = (structure, keys.among(ACTIONS).first()) {
            let message = format!("{of} has `{structure}` and `{action}`: `{structure}` holds its own actions");
            self.problem(
                Diagnostic::new(Code::TwoActions, *at, message)
                    .help(format!("move `{action}` into `{structure}`"))
                    .label(span, "the actions stand under this"),
            );
        }
        match structure {
            "for-each" => self.for_each(keys, node, of, named).map(BodyDef::ForEach),
            "repeat" => self.repeat(keys, node, of, (named, span)).map(BodyDef::Repeat),
            "choose" => self.choose(node, of).map(BodyDef::Choose),
            _ => self.race(node, of).map(BodyDef::Race),
        }
    }

    fn for_each(&mut self, keys: &Keys<'_>, node: &Node, of: &str, named: Span) -> Option<ForEachDef> {
        let items = self.template(node);
        let max_parallel = keys.get("max-parallel").and_then(|node| self.count(node, "`max-parallel`", Place::Step, "max-parallel"));
        let on_item_error = keys.get("on-item-error").and_then(|node| self.word(node, Place::Step, "on-item-error")).unwrap_or_default();
        let action = self.action(keys, of, named);
        Some(ForEachDef { items: items?, max_parallel, on_item_error, action: action? })
    }

    fn repeat(&mut self, outer: &Keys<'_>, node: &Node, of: &str, (named, span): (Span, Span)) -> Option<RepeatDef> {
        let action = self.action(outer, of, named);
        let keys = self.keys(node, Place::Repeat)?;
        let tests = keys.among(&["until", "while"]);
        self.refuse_two(&tests, "`repeat`");
        let start = keys.get("start").and_then(|node| self.template(node));
        let max = keys.get("max").and_then(|node| self.count(node, "`repeat.max`", Place::Repeat, "max"));
        let every_ms = keys.get("every").and_then(|node| self.duration(node, "`repeat.every`"));
        let Some((word, _)) = tests.first() else {
            let message = "`repeat` does not say when it ends: it has neither `until` nor `while`";
            self.problem(
                Diagnostic::new(Code::MissingKey, keys.span, message).help("add `until: ${ … }`, which is looked at after each iteration"),
            );
            return None;
        };
        let test = self.template(keys.get(word)?);
        let test = if *word == "until" { test.map(RepeatTestDef::Until) } else { test.map(RepeatTestDef::While) };
        Some(RepeatDef { span, start, test: test?, max, every_ms, action: action? })
    }

    fn choose(&mut self, node: &Node, of: &str) -> Option<Vec<BranchDef>> {
        let NodeKind::List(items) = &node.kind else {
            self.wrong_shape(node, "a list of branches");
            return None;
        };
        self.check_many(node, items.len(), "branches")?;
        let mut branches: Vec<Option<BranchDef>> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let Some(keys) = self.keys(item, Place::Branch) else {
                branches.push(None);
                continue;
            };
            let condition = keys.get("if").map(|node| self.template(node));
            if condition.is_none() && at + 1 < items.len() {
                let message = format!("branch {} of {of} has no `if`, so that the ones after it are never looked at", at + 1);
                self.problem(
                    Diagnostic::new(Code::BranchAfterLast, item.span, message)
                        .help("give it an `if`, or make it the last branch")
                        .label(items[at + 1].span, "never looked at"),
                );
            }
            let action = self.action(&keys, &format!("branch {} of {of}", at + 1), item.span);
            let readable = condition.as_ref().is_none_or(Option::is_some);
            branches.push(action.filter(|_| readable).map(|action| BranchDef { condition: condition.flatten(), action }));
        }
        branches.into_iter().collect()
    }

    fn race(&mut self, node: &Node, of: &str) -> Option<Vec<ContenderDef>> {
        let named = self.named(node, "contender");
        self.check_many(node, named.len(), "contenders")?;
        let mut contenders: Vec<Option<ContenderDef>> = Vec::new();
        for (name, node) in named {
            let keys = self.keys(node, Place::Contender);
            let action = keys.and_then(|keys| self.action(&keys, &format!("contender `{}` of {of}", name.value), name.span));
            contenders.push(action.map(|action| ContenderDef { name, action }));
        }
        contenders.into_iter().collect()
    }

    fn check_many(&mut self, node: &Node, count: usize, what: &str) -> Option<()> {
        if (1..=BRANCHES_MAX).contains(&count) {
            return Some(());
        }
        let message = format!("{count} {what}; there may be 1 to {BRANCHES_MAX}");
        self.problem(Diagnostic::new(Code::OutOfRange, node.span, message));
        None
    }
}
