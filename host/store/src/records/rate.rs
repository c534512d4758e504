//! Rates: how often something may start.

use std::sync::Arc;

use jackfield_flow::run::Millis;

/// Somebody wants to start something that may not start too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRequest {
    /// The rate's name.
    pub name: Arc<str>,
    /// So many starts …
    pub limit: u32,
    /// … in so many milliseconds.
    pub per_ms: u64,
    /// How many may come at once after a pause: 1 spaces the starts evenly, and then no window of `per_ms` sees more than
    /// `limit` of them. With more, a window after a pause sees up to `limit + burst - 1`. At most `limit`.
    pub burst: u32,
    /// The time.
    pub at: Millis,
}

/// Microseconds in a millisecond.
const MICROS: i64 = 1_000;

/// When the caller may start, and what is kept for the next: the theoretical arrival time, in microseconds.
///
/// This is the generic cell rate algorithm in its form as virtual scheduling (ITU-T Recommendation I.371, annex A), with one
/// change: a cell that comes too early is not dropped, but given the first instant at which it conforms. With the interval
/// `T = per / limit` and the tolerance `(burst - 1) T`, a start conforms from `tat - tolerance` on, and takes the theoretical
/// arrival time from `max(at, tat)` to `T` after it.
pub(crate) fn reserve(tat: Option<i64>, request: &RateRequest) -> (Millis, i64) {
    let at = request.at.0.saturating_mul(MICROS);
    let tat = tat.unwrap_or(at);
    // Rounded up, so that rounding never lets one too many through.
    let per = request.per_ms.saturating_mul(1_000);
    let interval = i64::try_from(per.div_ceil(u64::from(request.limit.max(1)))).unwrap_or(i64::MAX);
    let tolerance = interval.saturating_mul(i64::from(request.burst.max(1)) - 1);
    let start = at.max(tat.saturating_sub(tolerance));
    let whole = start.div_euclid(MICROS) + i64::from(start.rem_euclid(MICROS) != 0);
    (Millis(whole).max(request.at), at.max(tat).saturating_add(interval))
}

/// The arrival times before which a rate says nothing any more: the request of somebody who finds no row is answered in the
/// same way. The margin is for clocks that are set back.
pub(crate) fn idle_before(at: Millis) -> i64 {
    let margin_ms = i64::try_from(super::limits::RATE_IDLE_MS).unwrap_or(i64::MAX);
    at.0.saturating_sub(margin_ms).saturating_mul(MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The starts of callers who come at these times.
    fn starts(limit: u32, per_ms: u64, burst: u32, come: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut tat = None;
        let mut starts = Vec::new();
        for at in come {
            let (start, next) = reserve(tat, &RateRequest { name: "r".into(), limit, per_ms, burst, at: Millis(at) });
            tat = Some(next);
            starts.push(start.0);
        }
        starts
    }

    #[test]
    fn starts_are_spaced_or_come_in_bursts() {
        assert_eq!(starts(2, 1_000, 1, [0; 5]), [0, 500, 1_000, 1_500, 2_000]);
        assert_eq!(starts(2, 1_000, 2, [0; 5]), [0, 0, 500, 1_000, 1_500]);
        assert_eq!(starts(3, 1_000, 1, [0; 4]), [0, 334, 667, 1_001]);
        assert_eq!(starts(2, 1_000, 2, [0, 0, 0, 5_000, 5_000, 5_000]), [0, 0, 500, 5_000, 5_000, 5_500]);
        assert_eq!(starts(1_000_000, 1, 1, [7, 7, 8]), [7, 8, 8], "rounded to whole milliseconds, and never early");
        assert_eq!(starts(1, 10, 1, [100, 50, 0]), [100, 110, 120], "a clock that goes back gains nothing");
    }

    #[test]
    fn no_window_sees_too_many() {
        let mut seed = 1_u64;
        let mut random = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for _ in 0..300 {
            let (limit, per_ms) = (random(20) + 1, random(5_000) + 1);
            let burst = random(limit) + 1;
            let mut at = 0;
            let mut come = Vec::new();
            for _ in 0..200 {
                at += i64::try_from(random(per_ms / limit + 2)).expect("small");
                come.push(at);
            }
            let small = |number: u64| u32::try_from(number).expect("small");
            let starts = starts(small(limit), per_ms, small(burst), come.iter().copied());
            assert!(starts.iter().zip(&come).all(|(start, come)| start >= come));
            for (first, start) in starts.iter().enumerate() {
                let end = start + i64::try_from(per_ms).expect("small");
                let seen = starts[first..].iter().filter(|start| **start < end).count() as u64;
                assert!(seen < limit + burst, "{seen} starts in {per_ms} ms of {limit}, burst {burst}");
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_not_left() {
        for at in [i64::MIN, -1, i64::MAX] {
            let (start, tat) =
                reserve(Some(i64::MAX), &RateRequest { name: "r".into(), limit: 1, per_ms: u64::MAX, burst: 1, at: Millis(at) });
            assert!(start >= Millis(at) && tat == i64::MAX);
        }
    }
}
