//! How a conflict between two versions of a record is decided.

use std::cmp::{Ordering, Reverse};

use jackfield_sdk::prelude::*;

use crate::clock::Stamp;
use crate::error::{SyncError, shown};
use crate::record::{Entry, Key, Record, field};

/// What decides a conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ResolveBy {
    /// Nothing: conflicts are reported.
    #[default]
    Report,
    /// The left side wins.
    Left,
    /// The right side wins.
    Right,
    /// The record with the later stamp in `field` wins (`clock` unless given): a hybrid logical clock, an instant, or milliseconds.
    LastWriter,
    /// The record with the higher whole number in `field` wins (`version` unless given); conflicts between the same are reported.
    Version,
    /// The record wins whose text in `field` (`source` unless given) comes earlier in `order`; conflicts within one source are reported.
    Priority,
}

/// One side of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// What a record brings to the decision. Of two, the greater wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Marker {
    /// When it was written.
    Clock(Stamp),
    /// How often.
    Version(i64),
    /// The place of its source in the order.
    Rank(Reverse<usize>),
}

/// How conflicts are decided.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    by: ResolveBy,
    field: Option<String>,
    order: Vec<String>,
}

impl Rules {
    /// The rules as a task was given them.
    pub(crate) fn new(by: ResolveBy, field: Option<String>, order: Vec<String>) -> Result<Self, SyncError> {
        let bad = |text: &str| Err(SyncError::BadRequest(text.to_owned()));
        let usual = match by {
            ResolveBy::Report | ResolveBy::Left | ResolveBy::Right => None,
            ResolveBy::LastWriter => Some("clock"),
            ResolveBy::Version => Some("version"),
            ResolveBy::Priority => Some("source"),
        };
        if usual.is_none() && field.is_some() {
            return bad("`field` says where `last-writer`, `version` or `priority` look: choose one of them in `resolve_by`");
        }
        if (by == ResolveBy::Priority) == order.is_empty() {
            return bad("`order` lists the sources for `priority`, the first one first: it belongs to it, and to it alone");
        }
        if let Some(twice) = order.iter().enumerate().find_map(|(at, name)| order[..at].contains(name).then_some(name)) {
            return Err(SyncError::BadRequest(format!("`order` has `{twice}` twice")));
        }
        Ok(Self { by, field: usual.map(|usual| field.unwrap_or_else(|| usual.to_owned())), order })
    }

    /// The field that decides, which is no content.
    pub(crate) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What a record brings to the decision.
    pub(crate) fn marker(&self, key: &Key, record: &Record) -> Result<Option<Marker>, SyncError> {
        let Some(name) = &self.field else {
            return Ok(None);
        };
        let value = field(record, name);
        let (marker, needed) = match self.by {
            ResolveBy::Version => (value.as_i64().map(Marker::Version), "a whole number"),
            ResolveBy::Priority => {
                let place = self.order.iter().position(|source| value.as_str() == Some(source));
                (place.map(|place| Marker::Rank(Reverse(place))), "a source that `order` lists")
            }
            _ => {
                let needed = "milliseconds since 1970, an instant such as 2026-01-31T08:00:00Z, or what `clock` answered";
                (Stamp::read(value).map(Marker::Clock), needed)
            }
        };
        let bad = || SyncError::BadMarker { key: key.to_string(), field: name.clone(), found: shown(value), needed };
        marker.map(Some).ok_or_else(bad)
    }

    /// The side that always wins, where one does.
    pub(crate) fn side(&self) -> Option<Side> {
        match self.by {
            ResolveBy::Left => Some(Side::Left),
            ResolveBy::Right => Some(Side::Right),
            _ => None,
        }
    }

    /// The side that wins, where one does. It is the same whichever side a record stands on, unless a side is what decides.
    pub(crate) fn winner(&self, key: &Key, left: &Entry, right: &Entry) -> Result<Option<Side>, SyncError> {
        let decided = |order: Ordering| match order {
            Ordering::Greater => Some(Side::Left),
            Ordering::Less => Some(Side::Right),
            Ordering::Equal => None,
        };
        match self.by {
            ResolveBy::Report | ResolveBy::Left | ResolveBy::Right => Ok(self.side()),
            ResolveBy::Version | ResolveBy::Priority => Ok(decided(self.marker(key, &left.record)?.cmp(&self.marker(key, &right.record)?))),
            // Two writers at one instant: the greater content hash wins, which both sides find alike.
            ResolveBy::LastWriter => {
                let markers = self.marker(key, &left.record)?.cmp(&self.marker(key, &right.record)?);
                Ok(decided(markers.then_with(|| left.hash.cmp(&right.hash))))
            }
        }
    }
}
