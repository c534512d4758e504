//! A way to an engine in another process: the socket `engine.sock` in the data directory.
//!
//! One JSON object a line, one answer a line. Whoever owns the directory's lock serves it; only the same user is heard.
//!
//! | request | answer |
//! | --- | --- |
//! | `{"cancel":{"run":7,"reason":"…"}}` | `{"ok":{}}` once the wish is durable |
//! | `{"ask":{"run":7,"ask":{"signal":{"id":"…","name":"go","payload":"null","by":"…","note":""}}}}` | the same once it is accepted and durable |
//! | `{"label":{"run":7,"set":{"team":"sales"},"remove":["old"]}}` | `{"ok":{}}` once they are durable |
//! | `{"prune":{"finished_before":0,"expired_at":null,"workflow":null,"limit":9}}` | `{"ok":{"pruned":{"runs":9,"bytes":4096}}}` |
//! | `{"status":{}}` | `{"ok":{"engine":"…","active":1,"sleeping":0}}` |
//!
//! A refusal is `{"error":{"kind":"run.ended","message":"…","exit":3}}`.

mod client;
mod server;
mod wire;

pub(crate) use client::{ask, status};
pub(crate) use server::{Server, serve};
pub(crate) use wire::{Forgotten, Request};

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest request an engine reads, in bytes: a payload of a signal, every other byte of it escaped, and the words around it.
const REQUEST_BYTES_MAX: usize = (2 << 20) + (64 << 10);
/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest path a socket address holds, in bytes, with some room.
const ADDRESS_BYTES_MAX: usize = 100;

/// The address of the socket, and what must stay open for as long as it is used.
struct Address {
    path: PathBuf,
    _directory: Option<File>,
}

/// Socket addresses are short; a directory with a long name is reached through its open file.
fn address(data: &Path) -> io::Result<Address> {
    let path = data.join("engine.sock");
    if path.as_os_str().len() <= ADDRESS_BYTES_MAX {
        return Ok(Address { path, _directory: None });
    }
    let directory = File::open(data)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/engine.sock", directory.as_raw_fd()));
    Ok(Address { path, _directory: Some(directory) })
}

#[cfg(test)]
mod tests;
