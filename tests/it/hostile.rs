//! Hostile plugins, files and networks: each test is named by its row of CASES.
//!
//! Common to all: the hostile step fails alone, with a code and a sentence; nothing outside its grant is touched; honest
//! work beside it goes on. Two helpers: [`rig`] runs one attempt of the guest `probe` in a sandbox, where the engine adds
//! nothing; [`runs`] runs whole workflows through worker, sandbox and store.

pub(crate) mod canary;
pub(crate) mod rig;
mod runs;

mod confinement;
mod crashes;
mod files;
mod handwritten;
mod http;
mod install;
mod links;
mod network;
mod noise;
mod savepoints;
mod secrets;
mod sizes;
mod time;
