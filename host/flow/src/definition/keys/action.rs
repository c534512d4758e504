//! Keys of actions, and of what holds actions.

use super::{Key, Place, Shape, Word};

const ENDS: &[Word] = &[
    Word::new("cancel", "the sub-workflow is cancelled, and its end is waited for (default)"),
    Word::new("abandon", "the sub-workflow goes on by itself"),
    Word::new("wait", "the end of the sub-workflow is waited for"),
];

pub(super) const TASK: Key = Key::new("task", Shape::Task, "Calls a task: `PLUGIN.TASK`, where PLUGIN stands under `plugins`.");
pub(super) const FLOW: Key =
    Key::new("flow", Shape::Flow, "Starts a sub-workflow as a run of its own and waits for its end: a name under `flows`, or a path.");
pub(super) const SLEEP: Key =
    Key::new("sleep", Shape::Typed("duration"), "Waits for a time, over restarts: `2d`, or an expression that gives a duration.");
pub(super) const UNTIL: Key = Key::new(
    "until",
    Shape::Typed("timestamp"),
    "Waits until an instant: RFC 3339 text, or an expression that gives a timestamp. One that has passed ends at once.",
);
pub(super) const WAIT_KEY: Key =
    Key::new("wait", Shape::Mapping(Place::Wait), "Waits for a signal, or for somebody's decision. `timeout` says how long.");
pub(super) const VALUE: Key = Key::new("value", Shape::Value, "Computes a value, which is the result.");
pub(super) const WITH: Key =
    Key::new("with", Shape::Typed("record"), "The input of the task, or the inputs of the sub-workflow.").beside(&["task", "flow"]);
pub(super) const GRANT: Key = Key::new(
    "grant",
    Shape::Mapping(Place::Grant),
    "What the task may touch; the task must have asked for it. Beside `flow` it narrows what the steps within may touch.",
)
.beside(&["task", "flow"]);
pub(super) const IF_PARENT_ENDS: Key =
    Key::new("if-parent-ends", Shape::Words(ENDS), "What becomes of the sub-workflow when its parent ends first.").beside(&["flow"]);

pub(super) const BRANCH: &[Key] = &[
    Key::new("if", Shape::Typed("bool"), "Whether the branch is taken. Without it the branch always fits, and must be the last."),
    TASK,
    WITH,
    GRANT,
    FLOW,
    IF_PARENT_ENDS,
    SLEEP,
    UNTIL,
    WAIT_KEY,
    VALUE,
];

pub(super) const CONTENDER: &[Key] = &[TASK, WITH, GRANT, FLOW, IF_PARENT_ENDS, SLEEP, UNTIL, WAIT_KEY, VALUE];

pub(super) const HANDLER: &[Key] =
    &[TASK, WITH, GRANT, FLOW, IF_PARENT_ENDS, SLEEP, UNTIL, WAIT_KEY, VALUE, super::modifier::TIMEOUT_KEY, super::modifier::RETRY_KEY];

pub(super) const REPEAT: &[Key] = &[
    Key::new("start", Shape::Value, "The first `carry`; null when it is left out."),
    Key::new("until", Shape::Typed("bool"), "It ends when this holds; looked at after each iteration."),
    Key::new("while", Shape::Typed("bool"), "It goes on while this holds; looked at before each iteration."),
    Key::new("max", Shape::Integer(1, 10_000), "The most iterations, 1 to 10,000 (100); more fail with `repeat.max`."),
    Key::new("every", Shape::Duration, "A wait between two iterations."),
];

pub(super) const WAIT: &[Key] = &[
    Key::new("signal", Shape::Name, "The name of the signal it waits for."),
    Key::new("type", Shape::Type, "The type of the signal's payload; without it there is none.").beside(&["signal"]),
    Key::new(
        "approval",
        Shape::Typed("string"),
        "What is to be decided, for the person who decides. A denial fails with `approval.denied`.",
    ),
];
