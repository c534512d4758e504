//! Every key of the language, once: the reader takes its messages from here, and so do completion, hover and the schema for editors.

mod action;
mod grant;
mod modifier;
mod top;
mod trial;

use std::ops::RangeInclusive;

/// One key of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key as it is written.
    pub name: &'static str,
    /// What it means, in a line.
    pub docs: &'static str,
    /// What may stand under it.
    pub shape: Shape,
    /// Whether the mapping needs it.
    pub need: Need,
    /// The keys of which one must stand beside it; none when it stands by itself.
    pub beside: &'static [&'static str],
}

/// Whether a mapping needs a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may be left out.
    Optional,
    /// It must be there.
    Required,
}

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// A name: 1 to 64 characters of `a-z`, `0-9` and `-`.
    Name,
    /// A whole number within these bounds.
    Integer(i64, i64),
    /// A duration such as `30s`.
    Duration,
    /// A size such as `128MiB`.
    Size,
    /// `true` or `false`.
    Bool,
    /// One of a few words.
    Words(&'static [Word]),
    /// Any value, with expressions in it.
    Value,
    /// A value that is, or an expression that gives, what the word says: `duration`, `timestamp`, `bool`, `list`, `string`, `record`.
    Typed(&'static str),
    /// A type, such as `int` or `{ type: list, items: string }`.
    Type,
    /// `PLUGIN.TASK`.
    Task,
    /// The name of a flow, or the path of one.
    Flow,
    /// The path of a file, relative to the workflow.
    Path,
    /// A cron expression.
    Cron,
    /// The name of a time zone.
    TimeZone,
    /// The name of a step of this file.
    Step,
    /// The code of a failure.
    ErrorCode,
    /// A rule of a grant, as a text.
    Rule,
    /// A mapping with known keys.
    Mapping(Place),
    /// A mapping from names of the author's choosing.
    Named(&'static Shape),
    /// A list, or a single one that stands for a list of one.
    Many(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// One of several shapes.
    OneOf(&'static [Shape]),
}

/// One of a few words, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// What it means, in a line.
    pub docs: &'static str,
}

/// A mapping with known keys, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The whole file.
    Workflow,
    /// A workflow written in place, under `flows`.
    InlineFlow,
    /// An input, beside the keys of its type.
    Input,
    /// One of `on`.
    Schedule,
    /// `concurrency`.
    Concurrency,
    /// `defaults`.
    Defaults,
    /// A step.
    Step,
    /// A branch of a `choose`.
    Branch,
    /// A contender of a `race`.
    Contender,
    /// What is done by an `on-error`, a `finally` or a `compensate`.
    Handler,
    /// `repeat`.
    Repeat,
    /// `wait`.
    Wait,
    /// `timeout`.
    Timeout,
    /// `retry`.
    Retry,
    /// `lock`.
    Lock,
    /// `rate`.
    Rate,
    /// `grant`.
    Grant,
    /// One of the `secrets` of a `grant`.
    Secret,
    /// A whole test file.
    TestFile,
    /// One test.
    Test,
    /// What a step answers in a test.
    Stub,
    /// What one attempt answers in a test.
    Answer,
    /// A failure in a test.
    MadeUpError,
    /// A signal or a decision in a test.
    TestSignal,
    /// What a test expects.
    Expect,
    /// The failure that a test expects.
    ExpectError,
    /// What a test expects of a step.
    ExpectStep,
}

impl Place {
    /// All of the workflow file.
    pub const ALL: &[Place] = &[
        Place::Workflow,
        Place::InlineFlow,
        Place::Input,
        Place::Schedule,
        Place::Concurrency,
        Place::Defaults,
        Place::Step,
        Place::Branch,
        Place::Contender,
        Place::Handler,
        Place::Repeat,
        Place::Wait,
        Place::Timeout,
        Place::Retry,
        Place::Lock,
        Place::Rate,
        Place::Grant,
        Place::Secret,
    ];

    /// All of the test file.
    pub const OF_TESTS: &[Place] = &[
        Place::TestFile,
        Place::Test,
        Place::Stub,
        Place::Answer,
        Place::MadeUpError,
        Place::TestSignal,
        Place::Expect,
        Place::ExpectError,
        Place::ExpectStep,
    ];

    /// What a person would call it.
    pub fn what(self) -> &'static str {
        match self {
            Self::Workflow => "a workflow",
            Self::InlineFlow => "a workflow written in place",
            Self::Input => "an input",
            Self::Schedule => "a schedule",
            Self::Concurrency => "`concurrency`",
            Self::Defaults => "`defaults`",
            Self::Step => "a step",
            Self::Branch => "a branch of `choose`",
            Self::Contender => "a contender of `race`",
            Self::Handler => "a handler",
            Self::Repeat => "`repeat`",
            Self::Wait => "`wait`",
            Self::Timeout => "`timeout`",
            Self::Retry => "`retry`",
            Self::Lock => "`lock`",
            Self::Rate => "`rate`",
            Self::Grant => "`grant`",
            Self::Secret => "a secret",
            Self::TestFile => "a test file",
            Self::Test => "a test",
            Self::Stub | Self::Answer => "an answer",
            Self::MadeUpError => "an error",
            Self::TestSignal => "a signal",
            Self::Expect => "`expect`",
            Self::ExpectError => "`expect.error`",
            Self::ExpectStep => "what is expected of a step",
        }
    }

    /// Its keys, in the order in which people look for them.
    pub fn keys(self) -> &'static [Key] {
        match self {
            Self::Workflow => top::WORKFLOW,
            Self::InlineFlow => top::INLINE_FLOW,
            Self::Input => top::INPUT,
            Self::Schedule => top::SCHEDULE,
            Self::Concurrency => top::CONCURRENCY,
            Self::Defaults => top::DEFAULTS,
            Self::Step => modifier::STEP,
            Self::Branch => action::BRANCH,
            Self::Contender => action::CONTENDER,
            Self::Handler => action::HANDLER,
            Self::Repeat => action::REPEAT,
            Self::Wait => action::WAIT,
            Self::Timeout => modifier::TIMEOUT,
            Self::Retry => modifier::RETRY,
            Self::Lock => modifier::LOCK,
            Self::Rate => modifier::RATE,
            Self::Grant => grant::GRANT,
            Self::Secret => grant::SECRET,
            Self::TestFile => trial::TEST_FILE,
            Self::Test => trial::TEST,
            Self::Stub => trial::STUB,
            Self::Answer => trial::ANSWER,
            Self::MadeUpError => trial::MADE_UP_ERROR,
            Self::TestSignal => trial::TEST_SIGNAL,
            Self::Expect => trial::EXPECT,
            Self::ExpectError => trial::EXPECT_ERROR,
            Self::ExpectStep => trial::EXPECT_STEP,
        }
    }

    /// One of its keys.
    pub fn key(self, name: &str) -> Option<&'static Key> {
        self.keys().iter().find(|key| key.name == name)
    }

    /// The bounds of a key that takes a whole number.
    pub(super) fn range(self, name: &str) -> RangeInclusive<i64> {
        let shape = self.key(name).map(|key| key.shape);
        let bounds = |shape: &Shape| match shape {
            Shape::Integer(least, most) => Some(*least..=*most),
            _ => None,
        };
        let found = match &shape {
            Some(Shape::OneOf(shapes)) => shapes.iter().find_map(bounds),
            Some(shape) => bounds(shape),
            None => None,
        };
        found.expect("the reader asks for keys of the table that take numbers, which a test makes sure of")
    }

    /// The words that a key takes.
    pub(super) fn words(self, name: &str) -> &'static [Word] {
        match self.key(name).map(|key| key.shape) {
            Some(Shape::Words(words)) => words,
            _ => &[],
        }
    }
}

/// The keys that say what a step does. One of them stands in every step, branch, contender and handler.
pub const ACTIONS: &[&str] = &["task", "flow", "sleep", "until", "wait", "value"];

/// The keys that put a structure around actions. At most one of them stands in a step.
pub const STRUCTURES: &[&str] = &["for-each", "repeat", "choose", "race"];

impl Key {
    const fn new(name: &'static str, shape: Shape, docs: &'static str) -> Self {
        Self { name, docs, shape, need: Need::Optional, beside: &[] }
    }

    const fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }

    const fn beside(mut self, keys: &'static [&'static str]) -> Self {
        self.beside = keys;
        self
    }
}

impl Word {
    const fn new(name: &'static str, docs: &'static str) -> Self {
        Self { name, docs }
    }
}
