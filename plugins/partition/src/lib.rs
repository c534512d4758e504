//! Says which node has which key, so that few keys move when nodes come and go.
//!
//! Two methods, both weighted, both the same on every machine and in every order of keys and nodes:
//!
//! - *rendezvous* (Thaler and Ravishankar, 1998; weighted after Schindelhauer and Schomaker, 2005): every node gets a score for
//!   the key, and the highest one has it. Exact shares, work for every node and key;
//! - *ring* (Karger and others, 1997): every node stands at many points of a ring, and the next point after the key has it.
//!   Shares are less even, a key takes a search among the points.

mod assign;
mod error;
mod node;
mod place;
mod rendezvous;
mod ring;

jackfield_sdk::plugin!(assign::assign, assign::moved);
