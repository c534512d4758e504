//! Pictures of small graphs word for word; of many random ones what must hold for every picture.

mod drawn;
mod kinds;
mod kit;
mod large;
mod runs;
mod trace;
pub(crate) mod xml;
