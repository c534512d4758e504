//! Durable progress: what is saved before a crash is there after it (P1, D01), and savepoints that are too large.

use jackfield_sdk::prelude::*;
use jackfield_sdk::{context, progress};

/// How far a call came.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Walk {
    /// Where this attempt began: what the savepoint said.
    started_from: u64,
    /// Steps done in all.
    done: u64,
    /// The attempt that answers.
    attempt: u32,
}

/// Takes steps and saves after each; the first attempt traps right after one of them.
#[task]
pub(crate) fn steps(
    /// How many steps there are.
    total: u64,
    /// The first attempt traps after so many.
    trap_after: Option<u64>,
) -> Result<Walk, TaskError> {
    let started_from = progress::load::<u64>()?.unwrap_or(0);
    for done in started_from + 1..=total {
        progress::save(&done)?;
        progress::report(done, Some(total), "walking");
        if context::attempt() == 1 && trap_after == Some(done) {
            crate::crash::trap();
        }
    }
    Ok(Walk { started_from, done: total.max(started_from), attempt: context::attempt() })
}

/// Saves so many bytes; answers how many are there afterwards.
#[task]
pub(crate) fn save_bytes(
    /// How many.
    bytes: u32,
) -> Result<usize, TaskError> {
    progress::save_bytes(&vec![7; bytes as usize])?;
    Ok(progress::load_bytes().map_or(0, |saved| saved.len()))
}

/// Reports progress without doing anything.
#[task]
pub(crate) fn report(
    /// How often.
    times: u64,
    /// What it says each time.
    message: String,
) {
    (1..=times).for_each(|done| progress::report(done, Some(times), &message));
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::testing::Host;

    use super::*;

    #[test]
    fn goes_on_where_it_was() {
        let (walk, seen) = Host::new().attempt(2, 3).savepoint(b"3").run(|| steps(5, Some(3)));
        assert_eq!(walk, Ok(Walk { started_from: 3, done: 5, attempt: 2 }));
        assert_eq!(seen.savepoint.as_deref(), Some(b"5".as_slice()));
    }
}
