//! How long to wait before the next attempt.

use super::event::Place;
use super::ids::RunUid;
use crate::definition::{Backoff, Jitter};
use crate::plan::Retry;

/// The wait before attempt `tries + 1`, in milliseconds, after `tries` attempts that count.
///
/// Exponential back-off with jitter as in Brooker, "Exponential backoff and jitter" (AWS Architecture Blog, 2015). The chance
/// in it comes from the run's name and the place, so that the same run always decides the same.
pub(super) fn wait_ms(retry: &Retry, tries: u32, uid: RunUid, place: Place) -> u64 {
    let steps = tries.saturating_sub(1);
    let whole = match retry.backoff {
        Backoff::Fixed => retry.first_ms,
        Backoff::Linear => retry.first_ms.saturating_mul(u64::from(steps) + 1),
        Backoff::Exponential => retry.first_ms.saturating_mul(1_u64.checked_shl(steps.min(63)).unwrap_or(u64::MAX)),
    }
    .min(retry.max_ms);
    let chance = |bound: u64| mix(uid, place, tries) % (bound + 1);
    match retry.jitter {
        Jitter::None => whole,
        Jitter::Equal => whole / 2 + chance(whole - whole / 2),
        Jitter::Full => chance(whole),
    }
}

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014) over name, place and attempt.
fn mix(uid: RunUid, place: Place, tries: u32) -> u64 {
    let (high, low) = uid.0.split_at(8);
    let word = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    let item = place.item.map_or(0, |item| u64::from(item) + 1);
    let words = [word(high), word(low), u64::from(place.step), item, u64::from(tries)];
    words.into_iter().fold(0x9E37_79B9_7F4A_7C15, |state, word| {
        let mut z = (state ^ word).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: Backoff, jitter: Jitter) -> Vec<u64> {
        let retry = Retry { attempts: 9, backoff, first_ms: 1_000, max_ms: 5_000, jitter, on: Vec::new() };
        (1..=4).map(|tries| wait_ms(&retry, tries, RunUid([7; 16]), Place { step: 3, item: None })).collect()
    }

    #[test]
    fn waits_grow_to_the_longest() {
        assert_eq!(waits(Backoff::Exponential, Jitter::None), [1_000, 2_000, 4_000, 5_000]);
        assert_eq!(waits(Backoff::Linear, Jitter::None), [1_000, 2_000, 3_000, 4_000]);
        assert_eq!(waits(Backoff::Fixed, Jitter::None), [1_000, 1_000, 1_000, 1_000]);
    }

    #[test]
    fn jitter_stays_in_its_bounds_and_differs_by_place() {
        for (tries, wait) in waits(Backoff::Exponential, Jitter::Equal).into_iter().zip([1_000, 2_000, 4_000, 5_000]) {
            assert!((wait / 2..=wait).contains(&tries));
        }
        assert!(waits(Backoff::Fixed, Jitter::Full).iter().all(|wait| *wait <= 1_000));
        let retry =
            Retry { attempts: 9, backoff: Backoff::Fixed, first_ms: 1 << 40, max_ms: 1 << 40, jitter: Jitter::Full, on: Vec::new() };
        let at = |item| wait_ms(&retry, 1, RunUid([7; 16]), Place { step: 0, item: Some(item) });
        assert_ne!(at(0), at(1));
    }

    #[test]
    fn many_tries_do_not_overflow() {
        let retry = Retry {
            attempts: 1_000,
            backoff: Backoff::Exponential,
            first_ms: u64::MAX,
            max_ms: 60_000,
            jitter: Jitter::None,
            on: Vec::new(),
        };
        assert_eq!(wait_ms(&retry, 1_000, RunUid([0; 16]), Place { step: 0, item: None }), 60_000);
    }
}
