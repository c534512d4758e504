//! Time: deadlines and cancelling (H01, H35), and the clocks, which stand still in a pure step (H31).

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jackfield_sdk::prelude::*;

/// Computes for so many rounds of about a nanosecond; a count, because a pure step's clock stands still.
#[task]
pub(crate) fn spin(
    /// Rounds.
    rounds: u64,
) -> u64 {
    (0..rounds).fold(0, |sum: u64, round| black_box(sum.wrapping_mul(31).wrapping_add(round)))
}

/// Computes without end (H01).
#[task]
pub(crate) fn spin_forever() -> u64 {
    let mut round = 0_u64;
    loop {
        round = black_box(round.wrapping_add(1));
    }
}

/// Sleeps by the host's clock: a long host call (H35).
#[task]
pub(crate) fn sleep(
    /// Milliseconds.
    ms: u64,
) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// Two looks at each clock.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Clocks {
    /// The wall clock in microseconds since the Unix epoch.
    wall_us: [u64; 2],
    /// What passed on the monotonic clock between the looks, in nanoseconds.
    passed_ns: u64,
}

/// Reads both clocks, computes a little, and reads them again.
#[task]
pub(crate) fn clocks() -> Clocks {
    let start = Instant::now();
    let first = wall_us();
    black_box(spin(100_000));
    let passed = start.elapsed().as_nanos();
    Clocks { wall_us: [first, wall_us()], passed_ns: u64::try_from(passed).unwrap_or(u64::MAX) }
}

fn wall_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}
