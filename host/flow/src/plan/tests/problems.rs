//! One test for each kind of problem.
