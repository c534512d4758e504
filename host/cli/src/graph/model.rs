//! A workflow or a run as a picture needs it.

use jackfield_flow::plan::{Effect, Plan, StepKind};
use jackfield_flow::run::{BlockReason, Run, Status, StepView};

use super::label::plain;
use super::reduce::reduce;

/// What is drawn: steps and which of them waits for which.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// The workflow's name, and which run it is.
    pub(super) title: String,
    /// The steps, in the order of the plan.
    pub(super) nodes: Vec<Node>,
    /// Step → step that waits for it, by index in `nodes`. No circle, no edge that a longer way makes needless, and all
    /// edges into a node come before those out of it.
    pub(super) edges: Vec<(usize, usize)>,
}

/// One step. All texts are printable ASCII.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: String,
    /// `PLUGIN.TASK`.
    pub(super) task: String,
    pub(super) kind: Kind,
    pub(super) effect: Effect,
    /// Whether an `if` decides about it.
    pub(super) conditional: bool,
    /// Its state, when the picture is of a run.
    pub(super) status: Option<Status>,
    /// What else is to be said: time, attempts, the code of the failure. May be empty.
    pub(super) note: String,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Task,
    ForEach {
        max_parallel: u32,
        /// How many items are done, of how many, once they are known.
        items: Option<(u32, u32)>,
    },
}

impl Node {
    /// What is to be said below the task: items, then the note.
    pub(super) fn details(&self) -> Option<String> {
        let items = match self.kind {
            Kind::Task => None,
            Kind::ForEach { max_parallel, items: None } => Some(format!("each item, {max_parallel} at once")),
            Kind::ForEach { items: Some((done, total)), .. } => Some(format!("{done}/{total} items")),
        };
        match (items, self.note.is_empty()) {
            (Some(items), true) => Some(items),
            (Some(items), false) => Some(format!("{items}, {}", self.note)),
            (None, true) => None,
            (None, false) => Some(self.note.clone()),
        }
    }
}

impl Graph {
    pub(super) fn new(title: String, nodes: Vec<Node>, edges: Vec<(usize, usize)>) -> Self {
        let edges = reduce(nodes.len(), edges);
        Self { title, nodes, edges }
    }

    /// The picture of a plan.
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let nodes = (0..plan.steps.len()).map(|step| node(plan, step)).collect();
        let edges = plan.steps.iter().enumerate().flat_map(|(step, planned)| planned.needs.iter().map(move |need| (*need, step)));
        Self::new(plain(&plan.workflow), nodes, edges.collect())
    }

    /// The picture of a run: its plan and the state of each step.
    pub(crate) fn of_run(run: &Run) -> Self {
        let mut graph = Self::of_plan(run.plan());
        graph.title = format!("{}, run {}: {}", graph.title, run.id(), run.status());
        for (node, view) in graph.nodes.iter_mut().zip(run.steps()) {
            node.status = Some(view.status);
            node.note = note(&view);
            if let (Kind::ForEach { items, .. }, Some(counts)) = (&mut node.kind, view.items) {
                *items = Some((counts.done, counts.total));
            }
        }
        if let Some(BlockReason::KilledWorker { place, times }) = run.blocked()
            && let Some(node) = graph.nodes.get_mut(place.index())
        {
            node.status = Some(Status::Blocked);
            node.note = format!("its worker died {times} times");
        }
        graph
    }
}

fn node(plan: &Plan, step: usize) -> Node {
    let planned = &plan.steps[step];
    Node {
        name: plain(&planned.name),
        task: plain(&planned.calls().next().map(|call| plan.task_name(call)).unwrap_or_default()),
        kind: match planned.kind {
            StepKind::ForEach { max_parallel, .. } => Kind::ForEach { max_parallel, items: None },
            _ => Kind::Task,
        },
        effect: planned.effect(),
        conditional: planned.condition.is_some(),
        status: None,
        note: String::new(),
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
