//! Packs and unpacks archives: `list`, `unpack`, `pack`, and `compress`, `decompress` for single files.
//!
//! An archive comes from elsewhere and is believed nothing. It is read whole once before anything is written, within limits on
//! bytes, entries, and how many times larger than itself it may become; its names have to lead below the directory that it
//! is unpacked into; links and devices are refused. A file is written whole or not at all, so that a second attempt ends as
//! the first one would have.

mod budget;
mod error;
mod file;
mod list;
mod name;
mod pack;
mod stream;
#[cfg(test)]
mod tests;
mod unpack;
mod walk;

jackfield_sdk::plugin!(list::list, unpack::unpack, pack::pack, stream::compress, stream::decompress);
