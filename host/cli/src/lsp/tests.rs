//! Features at a place of a workflow: the place is marked by `$0`.

mod completion;
mod definition;
mod hover;
mod kit;
mod outside;
mod property;
mod symbols;
