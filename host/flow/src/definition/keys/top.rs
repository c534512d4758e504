//! Keys of the file, and of what stands beside the steps.

use super::modifier::{HOLDERS_MAX, RETRY_KEY, TIMEOUT_KEY};
use super::{Key, Place, Shape, Word};

const BUSY: &[Word] = &[
    Word::new("queue", "it waits (default)"),
    Word::new("skip", "it ends at once, as cancelled"),
    Word::new("cancel-running", "it cancels the runs that hold the key, and takes their place"),
];

const OVERLAP: &[Word] = &[
    Word::new("skip", "the instant is left out"),
    Word::new("queue", "the new run waits for the end of the others"),
    Word::new("cancel-running", "the new run cancels the others, and takes their place"),
    Word::new("allow", "both run (default)"),
];

const CATCH_UP: &[Word] = &[
    Word::new("skip", "nothing is made up for"),
    Word::new("last", "the last one is made up for (default)"),
    Word::new("all", "all are made up for, at most the last 100"),
];

const NAME: Key = Key::new("workflow", Shape::Name, "The workflow's name.");
const DESCRIPTION: Key = Key::new("description", Shape::Text, "A text for people.");
const LABELS: Key = Key::new(
    "labels",
    Shape::Named(&Shape::Typed("string")),
    "Names with texts by which runs are found; literal or computed from `inputs`.",
);
const INPUTS: Key = Key::new(
    "inputs",
    Shape::Named(&Shape::OneOf(&[Shape::Type, Shape::Mapping(Place::Input)])),
    "What it wants to be given: `NAME: TYPE`, or `NAME: { type, default, enum, description }`.",
);
const FLOWS: Key = Key::new(
    "flows",
    Shape::Named(&Shape::OneOf(&[Shape::Path, Shape::Mapping(Place::InlineFlow)])),
    "Names with sub-workflows: a path relative to this file, or a whole workflow written in place.",
);
const CONCURRENCY_KEY: Key =
    Key::new("concurrency", Shape::Mapping(Place::Concurrency), "How many runs of this workflow with the same key may be running at once.");
const PRIORITY: Key = Key::new("priority", Shape::Integer(-100, 100), "Which run gets a free slot or lock first, −100 to 100 (0).");
const RETENTION: Key = Key::new("retention", Shape::Duration, "How long an ended run is kept; without it, until somebody prunes.");
const DEFAULTS_KEY: Key =
    Key::new("defaults", Shape::Mapping(Place::Defaults), "`timeout` and `retry` of every task step that does not say otherwise.");
const STEPS: Key = Key::new("steps", Shape::Named(&Shape::Mapping(Place::Step)), "Names with steps.").required();
const OUTPUTS: Key = Key::new("outputs", Shape::Named(&Shape::Value), "Names with values: what a run answers.");

pub(super) const WORKFLOW: &[Key] = &[
    NAME.required(),
    DESCRIPTION,
    LABELS,
    INPUTS,
    Key::new(
        "plugins",
        Shape::Named(&Shape::Path),
        "Names with components: a path relative to this file, or a package such as `oci://registry.example/acme/csv:^1.2`.",
    ),
    Key::new("on", Shape::Many(&Shape::Mapping(Place::Schedule)), "Schedules by which `jackfield schedule` starts it."),
    FLOWS,
    CONCURRENCY_KEY,
    PRIORITY,
    RETENTION,
    DEFAULTS_KEY,
    STEPS,
    OUTPUTS,
];

pub(super) const INLINE_FLOW: &[Key] =
    &[NAME, DESCRIPTION, LABELS, INPUTS, FLOWS, CONCURRENCY_KEY, PRIORITY, RETENTION, DEFAULTS_KEY, STEPS, OUTPUTS];

pub(super) const INPUT: &[Key] = &[
    Key::new("type", Shape::Type, "Its type: string, int, float, bool, timestamp, duration, bytes, list, map, record or json."),
    Key::new("default", Shape::Value, "Its value when none is given; without one it must be given."),
    Key::new("description", Shape::Text, "What it means."),
    Key::new("enum", Shape::List(&Shape::Text), "The allowed texts."),
    Key::new("items", Shape::Type, "The type of the elements of a list."),
    Key::new("values", Shape::Type, "The type of the values of a map."),
    Key::new("fields", Shape::Named(&Shape::Type), "The fields of a record."),
    Key::new("properties", Shape::Named(&Shape::Type), "The same as `fields`."),
    Key::new("open", Shape::Bool, "Whether a record may have other fields."),
    Key::new("optional", Shape::Bool, "Whether it may be left out."),
];

pub(super) const SCHEDULE: &[Key] = &[
    Key::new("cron", Shape::Cron, "When: minute, hour, day of the month, month, day of the week; or `@daily` and the like.").required(),
    Key::new("time-zone", Shape::TimeZone, "The time zone whose clocks it goes by, such as `Europe/Rome` (`UTC`)."),
    Key::new("overlap", Shape::Words(OVERLAP), "What is done when its last run has not ended."),
    Key::new("catch-up", Shape::Words(CATCH_UP), "What is done about instants that were missed."),
    Key::new("inputs", Shape::Named(&Shape::Value), "What its runs are given: names with literal values."),
];

pub(super) const CONCURRENCY: &[Key] = &[
    Key::new("key", Shape::Typed("string"), "A text computed from `inputs`; without it, one key for all runs of the workflow."),
    Key::new("limit", Shape::Integer(1, HOLDERS_MAX), "How many, 1 to 10,000 (1)."),
    Key::new("when-busy", Shape::Words(BUSY), "What a run does that finds no room."),
];

pub(super) const DEFAULTS: &[Key] = &[TIMEOUT_KEY, super::Key { beside: &[], ..RETRY_KEY }];
