//! Keys of steps that are no actions, and of what stands under them.

use super::action::{FLOW, GRANT, IF_PARENT_ENDS, SLEEP, TASK, UNTIL, VALUE, WAIT_KEY, WITH};
use super::{Key, Place, Shape, Word};

const ON_ITEM_ERROR: &[Word] = &[
    Word::new("fail", "the step fails (default)"),
    Word::new("collect", "each result is `{ ok, error }`, both options"),
    Word::new("skip", "the item is left out of the results"),
];

const EFFECT: &[Word] = &[Word::new(
    "at-most-once",
    "an attempt whose outcome is unknown is never repeated by itself; the run is blocked until it is resolved",
)];

const BACKOFF: &[Word] = &[
    Word::new("exponential", "the wait doubles (default)"),
    Word::new("linear", "the wait grows by the first one each time"),
    Word::new("fixed", "the wait stays"),
];

const JITTER: &[Word] = &[
    Word::new("full", "anything from nothing to the whole wait (default)"),
    Word::new("equal", "half the wait, and anything up to the other half"),
    Word::new("none", "the wait as it is"),
];

/// The most that a lock or a `concurrency` may let in.
pub(super) const HOLDERS_MAX: i64 = 10_000;

pub(super) const TIMEOUT_KEY: Key = Key::new(
    "timeout",
    Shape::OneOf(&[Shape::Duration, Shape::Mapping(Place::Timeout)]),
    "How long each attempt may take (a `wait`, `sleep` or `flow`: in all), or `{ attempt, total }`.",
);
pub(super) const RETRY_KEY: Key = Key::new(
    "retry",
    Shape::OneOf(&[Shape::Integer(1, 1_000), Shape::Mapping(Place::Retry)]),
    "Attempts in all, or how to try again. Without it a task is tried once.",
)
.beside(&["task"]);

pub(super) const STEP: &[Key] = &[
    Key::new("description", Shape::Text, "What the step is for."),
    TASK,
    WITH,
    GRANT,
    FLOW,
    IF_PARENT_ENDS,
    SLEEP,
    UNTIL,
    WAIT_KEY,
    VALUE,
    Key::new("for-each", Shape::Typed("list"), "Does the action once for each element of a list, many at once; results in order."),
    Key::new("max-parallel", Shape::Integer(1, 1_024), "How many items run at once, 1 to 1,024 (32).").beside(&["for-each"]),
    Key::new("on-item-error", Shape::Words(ON_ITEM_ERROR), "What a failed item means.").beside(&["for-each"]),
    Key::new("repeat", Shape::Mapping(Place::Repeat), "Does the action again and again, carrying a value."),
    Key::new("choose", Shape::List(&Shape::Mapping(Place::Branch)), "Does the first branch whose condition holds."),
    Key::new(
        "race",
        Shape::Named(&Shape::Mapping(Place::Contender)),
        "Does all at once; the first that succeeds wins, the others are cancelled.",
    ),
    Key::new("if", Shape::Typed("bool"), "Whether the step is done at all. Its result is then optional."),
    Key::new("needs", Shape::Many(&Shape::Step), "Steps that must have ended before, beyond those it refers to."),
    TIMEOUT_KEY,
    RETRY_KEY,
    Key::new(
        "on-error",
        Shape::Named(&Shape::OneOf(&[Shape::Words(&[Word::new("fail", "it stays a failure")]), Shape::Mapping(Place::Handler)])),
        "What happens when it has failed for good: codes, or `any`, with `fail`, a `value` or an action. The first that fits counts.",
    ),
    Key::new("finally", Shape::Mapping(Place::Handler), "An action that runs once after the step, however it ended."),
    Key::new("compensate", Shape::Mapping(Place::Handler), "An action that undoes the step when the run fails or is cancelled."),
    Key::new(
        "cache",
        Shape::Bool,
        "Whether the result may be taken from an earlier call with the same plugin, task, input and configuration.",
    )
    .beside(&["task"]),
    Key::new(
        "lock",
        Shape::OneOf(&[Shape::Typed("string"), Shape::Mapping(Place::Lock)]),
        "A name that is held from before the first attempt until the end, over runs.",
    ),
    Key::new("rate", Shape::Mapping(Place::Rate), "At most so many starts in a time, over runs."),
    Key::new("priority", Shape::Integer(-100, 100), "Which step gets a free slot or lock first, −100 to 100 (0)."),
    Key::new("effect", Shape::Words(EFFECT), "What is done about an attempt whose outcome is unknown.").beside(&["task"]),
];

pub(super) const TIMEOUT: &[Key] = &[
    Key::new("attempt", Shape::Duration, "How long one attempt of a task may take."),
    Key::new("total", Shape::Duration, "How long all may take, from the first start, over attempts, items and waits."),
];

pub(super) const RETRY: &[Key] = &[
    Key::new("attempts", Shape::Integer(1, 1_000), "Attempts in all, 1 to 1,000 (3)."),
    Key::new("backoff", Shape::Words(BACKOFF), "How the wait grows."),
    Key::new("first", Shape::Duration, "The first wait (1s)."),
    Key::new("max", Shape::Duration, "The longest wait (60s)."),
    Key::new("jitter", Shape::Words(JITTER), "How much of the wait is left to chance."),
    Key::new("on", Shape::Many(&Shape::ErrorCode), "Only failures with these codes are tried again."),
];

pub(super) const LOCK: &[Key] = &[
    Key::new("name", Shape::Typed("string"), "Its name; it may be computed.").required(),
    Key::new("permits", Shape::Integer(1, HOLDERS_MAX), "How many may hold it at once, 1 to 10,000 (1)."),
];

pub(super) const RATE: &[Key] = &[
    Key::new("limit", Shape::Integer(1, 1_000_000), "So many starts, 1 to 1,000,000.").required(),
    Key::new("per", Shape::Duration, "The time in which they may be.").required(),
    Key::new("name", Shape::Name, "The name under which starts are counted; without it, workflow and step."),
];
