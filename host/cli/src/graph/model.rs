//! A workflow or a run as a picture needs it.

use jackfield_flow::plan::{Effect, Plan};
use jackfield_flow::run::{BlockReason, Run, Status, StepView};

use super::label::plain;
use super::reduce::reduce;
use super::wording;

/// What is drawn: steps and which of them waits for which.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// The workflow's name, and which run it is.
    pub(super) title: String,
    /// The steps of the file, in the order of the plan. What belongs to a step is a part of its node.
    pub(super) nodes: Vec<Node>,
    /// Step → step that waits for it, by index in `nodes`. No circle, no edge that a longer way makes needless, and all
    /// edges into a node come before those out of it.
    pub(super) edges: Vec<(usize, usize)>,
}

/// One step. All texts are made of characters one column wide.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its index in the plan.
    pub(super) step: usize,
    pub(super) name: String,
    /// What it does: a structure, an action, or both.
    pub(super) does: Vec<Saying>,
    /// The branches of a `choose`, the contenders of a `race`.
    pub(super) inner: Vec<Inner>,
    /// Locks and other things that hold for the whole step.
    pub(super) badges: Vec<Saying>,
    /// What belongs to it: handlers of failures, what runs after it, what undoes it.
    pub(super) parts: Vec<Part>,
    /// The most that it can do to the world; nothing for a step that calls no task.
    pub(super) effect: Option<Effect>,
    /// The `if` that decides about it.
    pub(super) condition: Option<String>,
    /// Its state, when the picture is of a run.
    pub(super) status: Option<Status>,
    /// What else is to be said: time, attempts, the code of the failure. May be empty.
    pub(super) note: String,
    /// How many items are done, of how many, once they are known.
    pub(super) items: Option<(u32, u32)>,
}

/// Stands before the branch that was taken, and before the contender that won.
const TAKEN: &str = "✓ ";

/// A mark and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saying {
    pub(super) mark: Mark,
    pub(super) words: String,
}

/// One of several actions in a step.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    /// Its condition or its name.
    pub(super) label: String,
    pub(super) does: Saying,
}

/// What belongs to a step.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its index in the plan, when it is an action.
    pub(super) step: Option<usize>,
    pub(super) mark: Mark,
    /// When it comes into play.
    pub(super) label: String,
    pub(super) does: Saying,
    /// Its state, once it has come into play.
    pub(super) status: Option<Status>,
    pub(super) note: String,
}

/// What stands in front of words. Each painter draws it in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Task,
    Flow,
    Time,
    Signal,
    Approval,
    Value,
    Each,
    Repeat,
    Choose,
    Race,
    Lock,
    Rate,
    Deadline,
    Cache,
    Once,
    OnError,
    Finally,
    Undo,
}

impl Mark {
    /// All of them, in the order of a legend.
    pub(super) const ALL: [Self; 18] = [
        Self::Task,
        Self::Flow,
        Self::Time,
        Self::Signal,
        Self::Approval,
        Self::Value,
        Self::Each,
        Self::Repeat,
        Self::Choose,
        Self::Race,
        Self::Lock,
        Self::Rate,
        Self::Deadline,
        Self::Cache,
        Self::Once,
        Self::OnError,
        Self::Finally,
        Self::Undo,
    ];

    /// As one character, one column wide in every terminal (so it is no emoji). A task, the usual thing, has none.
    pub(super) fn glyph(self) -> &'static str {
        match self {
            Self::Task => "",
            Self::Flow => "▣",
            Self::Time => "⏱",
            Self::Signal => "✉",
            Self::Approval => "☑",
            Self::Value => "=",
            Self::Each => "∥",
            Self::Repeat => "⟳",
            Self::Choose => "⑂",
            Self::Race => "⚑",
            Self::Lock => "⚿",
            Self::Rate => "≋",
            Self::Deadline => "◔",
            Self::Cache => "⊡",
            Self::Once => "①",
            Self::OnError => "↯",
            Self::Finally => "⇥",
            Self::Undo => "↶",
        }
    }

    /// Its name in the language of workflows.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Flow => "sub-workflow",
            Self::Time => "waits for a time",
            Self::Signal => "waits for a signal",
            Self::Approval => "waits for an approval",
            Self::Value => "value",
            Self::Each => "for each item",
            Self::Repeat => "repeat",
            Self::Choose => "choose",
            Self::Race => "race",
            Self::Lock => "lock",
            Self::Rate => "rate",
            Self::Deadline => "time in all",
            Self::Cache => "cache",
            Self::Once => "at most once",
            Self::OnError => "on error",
            Self::Finally => "finally",
            Self::Undo => "compensate",
        }
    }
}

impl Saying {
    pub(super) fn new(mark: Mark, words: impl Into<String>) -> Self {
        Self { mark, words: words.into() }
    }

    /// The mark and the words.
    pub(super) fn text(&self) -> String {
        let glyph = self.mark.glyph();
        if glyph.is_empty() { self.words.clone() } else { format!("{glyph} {}", self.words) }
    }
}

impl Part {
    /// What it is and how it stands, without its mark: `words` is its action as the painter writes it.
    pub(super) fn text(&self, words: &str) -> String {
        let note = if self.note.is_empty() { String::new() } else { format!(", {}", self.note) };
        format!("{}: {words}{note}", self.label)
    }
}

impl Node {
    /// Whether it does its action for each of many items.
    pub(super) fn is_many(&self) -> bool {
        self.does.first().is_some_and(|first| first.mark == Mark::Each)
    }

    /// All marks that it has.
    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        let inner = self.inner.iter().map(|inner| inner.does.mark);
        let parts = self.parts.iter().flat_map(|part| [part.mark, part.does.mark]);
        self.does.iter().chain(&self.badges).map(|saying| saying.mark).chain(inner).chain(parts)
    }
}

impl Graph {
    pub(super) fn new(title: String, nodes: Vec<Node>, edges: Vec<(usize, usize)>) -> Self {
        let edges = reduce(nodes.len(), edges);
        Self { title, nodes, edges }
    }

    /// The picture of a plan.
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let flows = wording::flow_effects(plan);
        let main: Vec<usize> = (0..plan.steps.len()).filter(|step| plan.steps[*step].is_main()).collect();
        let mut place = vec![None; plan.steps.len()];
        main.iter().enumerate().for_each(|(node, step)| place[*step] = Some(node));
        let nodes = main.iter().map(|step| node(plan, &flows, *step)).collect();
        let edges = main.iter().enumerate().flat_map(|(to, step)| {
            let needs = plan.steps[*step].needs.iter();
            needs.filter_map(|need| place[*need]).map(move |from| (from, to))
        });
        Self::new(plain(&plan.workflow), nodes, edges.collect())
    }

    /// The picture of a run: its plan and the state of each step.
    pub(crate) fn of_run(run: &Run) -> Self {
        let mut graph = Self::of_plan(run.plan());
        graph.title = format!("{}, run {}: {}", graph.title, run.id(), run.status());
        let views = run.steps();
        for node in &mut graph.nodes {
            if let Some(view) = views.get(node.step) {
                node.show(view);
            }
            for part in &mut node.parts {
                let view = part.step.and_then(|step| views.get(step));
                // One that has not come into play, as most do not, is drawn as in a plan.
                if let Some(view) = view.filter(|view| !matches!(view.status, Status::Waiting | Status::Skipped)) {
                    part.status = Some(view.status);
                    part.note = note(view);
                }
            }
        }
        if let Some(BlockReason::KilledWorker { place, times }) = run.blocked() {
            graph.block(place.index(), format!("its worker died {times} times"));
        }
        graph
    }

    /// Says that a step, or what belongs to it, waits for a decision.
    fn block(&mut self, step: usize, note: String) {
        for node in &mut self.nodes {
            if let Some(part) = node.parts.iter_mut().find(|part| part.step == Some(step)) {
                (part.status, part.note, node.status) = (Some(Status::Blocked), note, Some(Status::Blocked));
                return;
            }
            if node.step == step {
                (node.status, node.note) = (Some(Status::Blocked), note);
                return;
            }
        }
    }
}

impl Node {
    fn show(&mut self, view: &StepView) {
        self.status = Some(view.status);
        self.note = note(view);
        let won = view.winner.as_ref().and_then(|winner| self.inner.iter().position(|inner| inner.label == plain(winner)));
        if let Some(inner) = view.branch.map(|branch| branch as usize).or(won).and_then(|taken| self.inner.get_mut(taken)) {
            inner.label.insert_str(0, TAKEN);
        }
        if let (true, Some(counts)) = (self.is_many(), view.items) {
            self.items = Some((counts.done, counts.total));
            self.does[0].words = format!("{}/{} items", counts.done, counts.total);
        }
    }
}

fn node(plan: &Plan, flows: &[Effect], step: usize) -> Node {
    let planned = &plan.steps[step];
    Node {
        step,
        name: plain(&planned.name),
        does: wording::does(plan, &planned.kind),
        inner: wording::inner(plan, &planned.kind),
        badges: wording::badges(planned),
        parts: wording::parts(plan, planned),
        effect: wording::effect(planned, flows),
        condition: planned.condition.as_ref().map(wording::brief),
        status: None,
        note: String::new(),
        items: None,
    }
}

fn note(view: &StepView) -> String {
    let mut words = Vec::new();
    if let (Some(began), Some(ended), Status::Done | Status::Failed) = (view.began, view.ended, view.status) {
        words.push(duration(ended.since(began)));
    }
    // One attempt for each item that was started is nothing to speak of.
    let expected = view.items.map_or(1, |items| items.total - items.waiting.min(items.total));
    if view.attempts > expected {
        words.push(format!("{} attempts", view.attempts));
    }
    if let Some(items) = view.items.filter(|items| items.failed > 0) {
        words.push(format!("{} failed", items.failed));
    }
    if let Some(failure) = &view.failure {
        words.push(plain(&failure.code));
    }
    words.join(", ")
}

fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}
