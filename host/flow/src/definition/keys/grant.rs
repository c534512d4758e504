//! Keys of grants.

use super::{Key, Place, Shape};

pub(super) const GRANT: &[Key] = &[
    Key::new(
        "http",
        Shape::Many(&Shape::Rule),
        "Requests that may be sent: `[METHOD[,METHOD]] https://host/path`; `*.` before the host, `*` after the path.",
    ),
    Key::new(
        "files",
        Shape::Many(&Shape::Rule),
        "Directories that may be opened: `read DIRECTORY` or `write DIRECTORY`, and `as NAME` for another name inside.",
    ),
    Key::new("config", Shape::Many(&Shape::Text), "Names of configuration values that may be read."),
    Key::new(
        "secrets",
        Shape::Many(&Shape::OneOf(&[Shape::Text, Shape::Mapping(Place::Secret)])),
        "Secrets that may be sent. The task sees a placeholder, and never the value.",
    ),
    Key::new("scratch", Shape::Bool, "Whether there is a directory of the run's own at `/scratch`."),
    Key::new("memory", Shape::Size, "Memory of an attempt, when it needs more than 64MiB."),
];

pub(super) const SECRET: &[Key] = &[
    Key::new("name", Shape::Text, "The secret's name.").required(),
    Key::new("hosts", Shape::Many(&Shape::Text), "Hosts it may be sent to; without it, every host that `http` names."),
];
