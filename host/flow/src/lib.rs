//! The pure core of Jackfield. It reads like the data flow:
//!
//! 1. [`definition`]: what the author wrote. Text → [`definition::Definition`], all problems at once, each with its place.
//! 2. [`types`]: types, and expressions over them: parse, check, evaluate, cost.
//! 3. [`plan`]: what will be run. Definition + task signatures → [`plan::Plan`].
//! 4. [`run`]: what is happening. Input → events → apply → commands.
//! 5. [`checkpoint`]: what is kept. Events ⇄ bytes.
//! 6. [`resume`]: how it comes back: stored events through the same `apply`.
//! 7. [`trial`]: how it is tried out: a run with made-up answers and a clock of its own, against what is expected.
//!
//! Nothing here waits, reads or rolls dice: no I/O, clock, randomness, async, threads or hash maps.

pub mod checkpoint;
pub mod definition;
pub mod plan;
pub mod resume;
pub mod run;
pub mod schedule;
pub mod trial;
pub mod types;
