//! Rates.

use std::sync::Arc;

use jackfield_flow::run::Millis;

use super::T0;
use crate::limits::{RATE_IDLE_MS, RATE_PER_MS_MAX};
use crate::{RateRequest, Store, StoreError};

/// Two in a second, one after the other.
fn request(name: &str, at: i64) -> RateRequest {
    RateRequest { name: name.into(), limit: 2, per_ms: 1_000, burst: 1, at: Millis(T0.0 + at) }
}

/// When a caller may start, counted from [`T0`].
async fn start(store: &dyn Store, request: RateRequest) -> i64 {
    store.reserve(request).await.expect("it is reserved").0 - T0.0
}

/// Each is given the next instant, and has it for itself.
pub async fn starts_keep_their_distance(store: Arc<dyn Store>) {
    let replies: Vec<_> = (0..4).map(|_| store.reserve(request("r", 0))).collect();
    let mut starts = Vec::new();
    for reply in replies {
        starts.push(reply.await.expect("it is reserved").0 - T0.0);
    }
    assert_eq!(starts, [0, 500, 1_000, 1_500]);
    assert_eq!(start(&*store, request("r", 700)).await, 2_000, "what is reserved stays reserved");
    assert_eq!(start(&*store, request("r", 9_000)).await, 9_000);
    assert_eq!(start(&*store, request("r", 9_001)).await, 9_500);
    assert_eq!(start(&*store, RateRequest { limit: 1, ..request("r", 9_001) }).await, 10_000, "a changed limit holds from now on");
    assert_eq!(start(&*store, request("r", 9_001)).await, 11_000);
}

/// As many at once as were allowed, and then one by one.
pub async fn a_burst_after_a_pause(store: Arc<dyn Store>) {
    let burst = |at| RateRequest { burst: 2, ..request("r", at) };
    let mut starts = Vec::new();
    for at in [0, 0, 0, 1, 5_000, 5_000, 5_000] {
        starts.push(start(&*store, burst(at)).await);
    }
    assert_eq!(starts, [0, 0, 500, 1_000, 5_000, 5_000, 5_500]);
}

/// Also when there are many, and most have long been idle.
pub async fn rates_have_names_of_their_own(store: Arc<dyn Store>) {
    let replies: Vec<_> = (0..2_000).map(|at| store.reserve(request(&format!("r{at}"), 0))).collect();
    for reply in replies {
        assert_eq!(reply.await, Ok(T0));
    }
    let later = i64::try_from(RATE_IDLE_MS).expect("small") + 10_000;
    let far = RateRequest { limit: 1, per_ms: RATE_PER_MS_MAX, ..request("far", 0) };
    let year = start(&*store, far.clone()).await + i64::try_from(RATE_PER_MS_MAX).expect("small");
    for at in 0..600 {
        assert_eq!(start(&*store, request(&format!("s{at}"), later)).await, later);
    }
    assert_eq!(start(&*store, RateRequest { at: Millis(T0.0 + later), ..far }).await, year, "it is not idle");
    assert_eq!(start(&*store, request("r1", later)).await, later);
}

/// What nobody could mean.
pub async fn a_malformed_rate_is_refused(store: Arc<dyn Store>) {
    let bad = [
        RateRequest { limit: 0, ..request("r", 0) },
        RateRequest { per_ms: 0, ..request("r", 0) },
        RateRequest { burst: 0, ..request("r", 0) },
        RateRequest { burst: 3, ..request("r", 0) },
        RateRequest { per_ms: RATE_PER_MS_MAX + 1, ..request("r", 0) },
        RateRequest { name: "n".repeat(1_025).into(), ..request("r", 0) },
    ];
    for request in bad {
        let refused = store.reserve(request).await;
        assert!(matches!(refused, Err(StoreError::Malformed(_) | StoreError::TooLarge { .. })), "{refused:?}");
    }
    assert_eq!(start(&*store, request("r", 0)).await, 0, "nothing was reserved");
}
