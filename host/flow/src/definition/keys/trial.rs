//! Keys of test files.

use super::{Key, Place, Shape, Word};

/// The most attempts that a step of a test is expected to have.
const ATTEMPTS_MAX: i64 = 1_000_000;

const KINDS: &[Word] = &[
    Word::new("permanent", "it will fail again with the same input (default)"),
    Word::new("transient", "it may go well the next time"),
    Word::new("unknown-outcome", "nobody knows whether the effect happened"),
];

const RUN_STATES: &[Word] = &[
    Word::new("done", "it ended well"),
    Word::new("failed", "it ended badly"),
    Word::new("cancelled", "it was cancelled"),
    Word::new("blocked", "it needs somebody's decision"),
    Word::new("running", "it waits for what never comes"),
    Word::new("waiting", "it has not begun"),
];

const STEP_STATES: &[Word] = &[
    Word::new("done", "it ended well"),
    Word::new("failed", "it ended badly"),
    Word::new("skipped", "its condition was false, or it was not wanted"),
    Word::new("cancelled", "it was stopped, or not started because the run ended"),
    Word::new("blocked", "it needs somebody's decision"),
    Word::new("running", "it has begun and not ended"),
    Word::new("waiting", "it has not begun"),
];

const RESULT: Key = Key::new("result", Shape::Value, "What the task answers, or the sub-workflow; it must be of its type.");
const ERROR: Key = Key::new("error", Shape::Mapping(Place::MadeUpError), "How the attempt fails.");
const TAKES: Key = Key::new("takes", Shape::Duration, "How long each attempt takes on the made-up clock; no time when it is left out.")
    .beside(&["result", "error"]);

pub(super) const TEST_FILE: &[Key] = &[
    Key::new("workflow", Shape::Path, "The workflow, by path relative to this file; by default the file of the same name without `.test`."),
    Key::new("tests", Shape::Named(&Shape::Mapping(Place::Test)), "Names with tests.").required(),
];

pub(super) const TEST: &[Key] = &[
    Key::new("description", Shape::Text, "What the test is about."),
    Key::new("inputs", Shape::Value, "The inputs of the run, by name."),
    Key::new("started-at", Shape::Typed("timestamp"), "When the run begins: RFC 3339 text (2000-01-01T00:00:00Z)."),
    Key::new(
        "steps",
        Shape::Named(&Shape::OneOf(&[Shape::Mapping(Place::Stub), Shape::List(&Shape::Mapping(Place::Answer))])),
        "What steps answer in place of their tasks: one answer, or a list with one for each attempt. `STEP/compensate` and the like are steps of their own.",
    ),
    Key::new("signals", Shape::Many(&Shape::Mapping(Place::TestSignal)), "Signals and decisions that reach the run."),
    Key::new("cancel-after", Shape::Duration, "When the run is cancelled, after its start."),
    Key::new("expect", Shape::Mapping(Place::Expect), "What is expected of the run; only what is named is compared.").required(),
];

pub(super) const STUB: &[Key] = &[
    RESULT,
    ERROR,
    TAKES,
    Key::new(
        "items",
        Shape::Named(&Shape::Many(&Shape::Mapping(Place::Answer))),
        "Answers of single items or iterations by their number from 0, of contenders also by name; `result` is for the others.",
    ),
];

pub(super) const ANSWER: &[Key] = &[RESULT, ERROR, TAKES];

pub(super) const MADE_UP_ERROR: &[Key] = &[
    Key::new("code", Shape::ErrorCode, "Its code: the task's own, or the engine's, such as `limit.time`.").required(),
    Key::new("message", Shape::Text, "Sentences for a person."),
    Key::new("kind", Shape::Words(KINDS), "Whether trying again makes sense."),
    Key::new("retry-after", Shape::Duration, "It may go well, but not before this time has passed."),
    Key::new("data", Shape::Value, "More for programs."),
];

pub(super) const TEST_SIGNAL: &[Key] = &[
    Key::new("after", Shape::Duration, "When it comes, after the run's start; at once when it is left out."),
    Key::new("name", Shape::Text, "The name of the signal."),
    Key::new("payload", Shape::Value, "What it says.").beside(&["name"]),
    Key::new("step", Shape::Text, "The step whose approval is decided."),
    Key::new("approved", Shape::Bool, "What is decided.").beside(&["step"]),
    Key::new("by", Shape::Text, "Who sends it, or decides."),
    Key::new("note", Shape::Text, "A word of theirs."),
];

pub(super) const EXPECT: &[Key] = &[
    Key::new("state", Shape::Words(RUN_STATES), "How the run ends, or rests when nothing more can happen."),
    Key::new("error", Shape::Mapping(Place::ExpectError), "Why it fails."),
    Key::new("outputs", Shape::Value, "Outputs of the run, by name; others are not compared."),
    Key::new(
        "steps",
        Shape::Named(&Shape::OneOf(&[Shape::Words(STEP_STATES), Shape::Mapping(Place::ExpectStep)])),
        "States of steps, or more of them.",
    ),
    Key::new(
        "calls",
        Shape::List(&Shape::OneOf(&[Shape::Text, Shape::Value])),
        "Every call of a task, in order of its start: `STEP` or `STEP[ITEM]`, and its input where it is given.",
    ),
    Key::new(
        "took",
        Shape::OneOf(&[Shape::Duration, Shape::Integer(0, 0)]),
        "How long the run takes on the made-up clock; `0` when no time passes.",
    ),
];

pub(super) const EXPECT_ERROR: &[Key] =
    &[Key::new("step", Shape::Text, "The step that fails the run."), Key::new("code", Shape::ErrorCode, "The code of the failure.")];

pub(super) const EXPECT_STEP: &[Key] = &[
    Key::new("state", Shape::Words(STEP_STATES), "Its state."),
    Key::new("attempts", Shape::Integer(0, ATTEMPTS_MAX), "Its attempts, over all its items."),
    Key::new("result", Shape::Value, "Its result."),
];
