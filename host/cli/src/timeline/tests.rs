//! Timelines of small runs word for word; of large and random ones what must hold for every picture.

mod drawn;
mod kit;
mod large;
