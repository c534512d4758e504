//! `wasi:clocks`: coarse for everyone, and no clock at all for a task without effects.
//!
//! A task without effects must answer the same at every attempt. Its wall clock stands still at the step's start, and its
//! monotonic clock moves on by one millisecond each time it is looked at, so that a loop that waits for it ends.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Millis;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// What both clocks are rounded down to: fine enough for work, too coarse to time the host's caches.
const RESOLUTION: Duration = Duration::from_millis(1);
const RESOLUTION_NANOS: u64 = 1_000_000;

/// Sets both clocks.
pub(crate) fn set(builder: &mut WasiCtxBuilder, effect: Effect, started_at: Millis) {
    match effect {
        Effect::Pure => {
            let since_epoch = Duration::from_millis(u64::try_from(started_at.0).unwrap_or(0));
            builder.wall_clock(Still(since_epoch)).monotonic_clock(Counting::default());
        }
        Effect::Reads | Effect::Effects => {
            builder.wall_clock(Coarse).monotonic_clock(CoarseMonotonic(Instant::now()));
        }
    }
}

/// A wall clock that stands still.
struct Still(Duration);

impl HostWallClock for Still {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        self.0
    }
}

/// A monotonic clock that counts how often it is looked at.
#[derive(Default)]
struct Counting(AtomicU64);

impl HostMonotonicClock for Counting {
    fn resolution(&self) -> u64 {
        RESOLUTION_NANOS
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(RESOLUTION_NANOS, Relaxed)
    }
}

/// The real time, rounded.
struct Coarse;

impl HostWallClock for Coarse {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        let exact = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Duration::new(exact.as_secs(), exact.subsec_millis() * 1_000_000)
    }
}

/// The time since the attempt first asked, rounded.
struct CoarseMonotonic(Instant);

impl HostMonotonicClock for CoarseMonotonic {
    fn resolution(&self) -> u64 {
        RESOLUTION_NANOS
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_mul(RESOLUTION_NANOS)
    }
}
