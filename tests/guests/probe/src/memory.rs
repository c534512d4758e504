//! Memory: growing until the answer is no, and using what was given (H04).

use jackfield_sdk::prelude::*;

/// One MiB.
const MIB: usize = 1 << 20;

/// Takes memory MiB by MiB until there is no more; answers how many there were.
#[task]
pub(crate) fn grow(
    /// Stop at so many MiB.
    limit_mib: u32,
) -> u32 {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    for mib in 0..limit_mib {
        let mut block = Vec::new();
        if block.try_reserve_exact(MIB).is_err() {
            return mib;
        }
        taken.push(block);
    }
    limit_mib
}

/// Takes so many MiB and writes to every page of them; answers the sum of what it reads back.
#[task(asks(memory("64MiB", optional)))]
pub(crate) fn touch(
    /// How many MiB.
    mib: u32,
) -> Result<u64, TaskError> {
    let bytes = mib as usize * MIB;
    let mut block = Vec::new();
    block.try_reserve_exact(bytes).or_permanent("no-memory")?;
    block.resize(bytes, 0_u8);
    block.iter_mut().step_by(4_096).for_each(|byte| *byte = 1);
    Ok(std::hint::black_box(&block).iter().step_by(4_096).map(|byte| u64::from(*byte)).sum())
}
