//! Problems of a workflow file, as data: what, where, and what to do.

use std::fmt;

use super::source::{Source, Span};

/// Whether a problem stops the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The workflow cannot run.
    Error,
    /// It can run, and probably does not do what was meant.
    Warning,
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its number.
    pub code: Code,
    /// What is wrong, with the value seen.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Other places that belong to it, each with a word about why.
    pub labels: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, labels: Vec::new(), help: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what to do, if there is something.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = self.help.or(help);
        self
    }

    /// The same with another place that belongs to it.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// The problem in one line: `file:line:column: error[E012]: message (help)`.
    pub fn line(&self, source: &Source) -> String {
        let severity = match self.code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let help = self.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{}:{}: {severity}[{}]: {}{help}", source.name, source.position(self.span.start), self.code, self.message)
    }
}

/// Collects problems, bounded: a hostile file cannot make the list grow without end.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
}

/// After so many a person reads no further, and the list stays small.
const PROBLEMS_MAX: usize = 200;

impl Problems {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < PROBLEMS_MAX {
            self.list.push(diagnostic);
        }
    }

    /// Whether one of them stops the workflow.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.code.severity() == Severity::Error)
    }

    /// All of them, by place.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|problem| (problem.span.start, problem.span.end, problem.code));
        self.list.dedup();
        self.list
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal $severity:ident,)+) => {
        /// The kinds of problems. A number is never used again for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes, in order of number.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// Its number, such as `E012`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$name => $id,)+ }
            }

            /// Whether it stops the workflow.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }

            /// What it means and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc, "\n"),+),)+ }
            }
        }
    };
}

codes! {
    /// The file is not well-formed YAML 1.2, or is larger or deeper than a workflow may be.
    Syntax = "E001" Error,
    /// A key that has no meaning here. Keys are never ignored: a misspelt `retry` would otherwise be found at night.
    UnknownKey = "E002" Error,
    /// The same key stands twice in one mapping.
    DuplicateKey = "E003" Error,
    /// A key that must be there is missing.
    MissingKey = "E004" Error,
    /// A value of the wrong shape: a text where a mapping is expected, a word where a number is.
    WrongShape = "E005" Error,
    /// A number, time or size outside its range.
    OutOfRange = "E006" Error,
    /// A name that is not 1 to 64 characters of `a-z`, `0-9` and `-`.
    BadName = "E007" Error,
    /// An expression that cannot be read.
    BadExpression = "E008" Error,
    /// A name that nothing has: a step, an input, a plugin, a task.
    UnknownName = "E009" Error,
    /// Types that do not fit.
    TypeMismatch = "E010" Error,
    /// Steps that wait for each other in a circle.
    Cycle = "E011" Error,
    /// A task asks for something that the step does not grant.
    MissingGrant = "E012" Error,
    /// A grant that cannot be read or that makes no sense.
    BadGrant = "E013" Error,
    /// A plugin that cannot be had: no such file, not a component, refused.
    BadPlugin = "E014" Error,
    /// A default or literal that is not of its declared type.
    BadValue = "E015" Error,
    /// A key that belongs to another action or structure than the one that stands here.
    MisplacedKey = "E016" Error,
    /// Two keys of which a mapping may have one: two actions in one step, two structures, an action beside `choose` or `race`.
    TwoActions = "E017" Error,
    /// A sub-workflow that cannot be had: no such name or file, or a file with errors.
    BadFlow = "E018" Error,
    /// Sub-workflows that lie too deep in each other, or in a circle.
    FlowDepth = "E019" Error,
    /// A branch of a `choose` behind one that always fits.
    BranchAfterLast = "E020" Error,
    /// An entry of `on-error` behind `any`, which fits every failure.
    HandlerAfterAny = "E021" Error,
    /// A name that has a meaning, and none in this place: `item` outside of `for-each`, `error` outside of `on-error`.
    NameNotHere = "E022" Error,
    /// A place that is read before anything has run, and so may read nothing but `inputs`.
    InputsOnly = "E023" Error,
    /// Results that could come from several places, and whose types have nothing in common.
    NoJointType = "E024" Error,
    /// A code with a dot that no failure of the engine has.
    UnknownErrorCode = "E025" Error,
    /// `cache` on a task that can change the world.
    CacheEffects = "E026" Error,
    /// `effect: at-most-once` together with `retry`.
    AtMostOnceRetry = "E027" Error,
    /// A `repeat` that has no way to end but its `max`.
    EndlessRepeat = "E028" Error,
    /// A secret outside of a grant.
    SecretOutsideGrant = "E029" Error,
    /// The same lock with different numbers of permits.
    LockPermits = "E030" Error,
    /// A plugin that no step uses.
    UnusedPlugin = "W101" Warning,
    /// A text with `${` in it that is not wholly an expression, and so is taken literally.
    LiteralDollar = "W102" Warning,
    /// A grant that the task never asked for.
    NeedlessGrant = "W103" Warning,
    /// An input that nothing reads.
    UnusedInput = "W104" Warning,
    /// `timeout.total` is shorter than `timeout.attempt`.
    TimeoutOrder = "W105" Warning,
    /// A code in `on-error` or `retry.on` that the task does not declare.
    UndeclaredErrorCode = "W106" Warning,
    /// A step or branch that is never done.
    Unreachable = "W107" Warning,
    /// The result of a step that does nothing but compute it, and that nothing reads.
    UnusedResult = "W108" Warning,
    /// A sub-workflow that no step starts.
    UnusedFlow = "W109" Warning,
    /// A variable of an expression that hides a name.
    ShadowedName = "W110" Warning,
    /// `retry` on a task with effects that does not say that repeating it is safe.
    RetryEffects = "W111" Warning,
    /// A grant on a `flow` that takes from a step within all that it was given of a kind.
    NarrowedGrant = "W112" Warning,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
