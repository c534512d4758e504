//! File tasks: `read`, `read-bytes`, `hash` and `list` read; `write` and `remove` change.
//!
//! A task sees nothing but the directories that its step grants (`grant: { files: ["read data"] }`), under the names
//! that the grant gives them. All tasks are safe to try again: the second attempt finds what the first one left.

mod error;
mod glob;
mod hash;
mod list;
mod read;
mod remove;
mod write;

jackfield_sdk::plugin!(read::read, read::read_bytes, write::write, list::list, hash::hash, remove::remove);
