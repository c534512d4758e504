//! Rows and spans.

use jackfield_flow::run::{Millis, RunId, Status};

use crate::output::time::span;

/// What was done when in a run.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    /// The workflow's name, and which run it is.
    pub(super) title: String,
    /// When the run began.
    pub(super) began: Millis,
    /// When it ended, or now.
    pub(super) until: Millis,
    /// How the run stands.
    pub(super) status: Status,
    /// When somebody asked for its end, and why.
    pub(super) cancelled: Option<(Millis, String)>,
    /// In the order in which they began; those that did not begin come last.
    pub(super) rows: Vec<Row>,
}

/// One step, or one item of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: RowKind,
    pub(super) status: Status,
    /// From its first start to its last end, or now.
    pub(super) time: Option<(Millis, Millis)>,
    /// What it did, in order; of a step with items what all of them did, in no order.
    pub(super) spans: Vec<Span>,
    /// Attempts, items, failures, in words. May be empty.
    pub(super) note: String,
}

/// What a row is of. Later ones matter less when there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RowKind {
    /// The run itself, where it could not go on.
    Run,
    /// A step without items.
    Step,
    /// All items of a step.
    Items,
    /// One item.
    Item,
}

/// One stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Millis,
    pub(super) to: Millis,
    pub(super) what: What,
    pub(super) end: End,
}

/// What the time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// An attempt.
    Work,
    /// Waiting for the next attempt.
    Retry,
    /// Waiting for a time.
    Time,
    /// Waiting for a signal.
    Signal,
    /// Waiting for an approval.
    Approval,
    /// Waiting for a lock that others hold.
    Lock,
    /// The run could not go on by itself.
    Blocked,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Done,
    Failed,
    /// It has not ended.
    Open,
    /// Its worker died.
    Lost,
    /// Its worker stopped in good order.
    Released,
    /// The run ended before it.
    Cancelled,
}

impl Span {
    /// One for a legend.
    pub(super) fn example(what: What, end: End) -> Self {
        Self { from: Millis(0), to: Millis(0), what, end }
    }
}

impl What {
    /// All of them, in the order of a legend.
    pub(super) const ALL: [Self; 7] = [Self::Work, Self::Retry, Self::Time, Self::Signal, Self::Approval, Self::Lock, Self::Blocked];

    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Work => "works",
            Self::Retry => "pause before the next attempt",
            Self::Time => "waits for a time",
            Self::Signal => "waits for a signal",
            Self::Approval => "waits for an approval",
            Self::Lock => "waits for a lock",
            Self::Blocked => "blocked",
        }
    }
}

impl End {
    /// The ends that a legend tells, and what they mean.
    pub(super) const TOLD: [(Self, &'static str); 5] = [
        (Self::Failed, "failed"),
        (Self::Open, "goes on"),
        (Self::Lost, "lost with its worker"),
        (Self::Released, "given back by its worker"),
        (Self::Cancelled, "cut off by the end of the run"),
    ];

    /// The state whose colour it has.
    pub(super) fn status(self) -> Status {
        match self {
            Self::Done => Status::Done,
            Self::Failed => Status::Failed,
            Self::Open => Status::Running,
            Self::Lost | Self::Released => Status::Waiting,
            Self::Cancelled => Status::Cancelled,
        }
    }
}

impl Timeline {
    /// The same with the number of its run in the title.
    #[must_use]
    pub(crate) fn named(self, run: RunId) -> Self {
        Self { title: format!("{}, run {run}", self.title), ..self }
    }

    /// How long the run took so far.
    pub(super) fn length(&self) -> u64 {
        self.until.since(self.began)
    }

    /// What it is a picture of, and how that stands.
    pub(super) fn heading(&self) -> String {
        format!("{}: {}, {}", self.title, self.status, span(self.length()))
    }

    /// At most so many rows, in order, and how many are left out. What failed or goes on is kept first, then what took longest.
    pub(super) fn shown(&self, max: usize) -> (Vec<&Row>, usize) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        if order.len() > max {
            order.sort_by_cached_key(|at| {
                let row = &self.rows[*at];
                let calm = !matches!(row.status, Status::Failed | Status::Running | Status::Blocked);
                let took = row.time.map_or(0, |(from, to)| to.since(from));
                (row.kind == RowKind::Item, row.kind != RowKind::Run, row.time.is_none(), calm, u64::MAX - took, *at)
            });
            order.truncate(max);
            order.sort_unstable();
        }
        (order.iter().map(|at| &self.rows[*at]).collect(), self.rows.len() - order.len())
    }
}

/// A number with its thousands apart: `100,000`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
