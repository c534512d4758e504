//! `wasi:random`: random bytes, at most 64 KiB a call.
//!
//! The bytes are a BLAKE3 output stream. For a task without effects it is seeded by the idempotency key, so that every
//! attempt sees the same bytes; otherwise by the operating system.

use wasmtime::Result;
use wasmtime::component::{HasData, Linker};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

use crate::attempt::HostLimit;
use crate::state::State;

/// Most random bytes of one call.
const BYTES_MAX: u64 = 64 * 1024;
/// Separates the guest's stream from every other use of the idempotency key.
const DOMAIN: &str = "jackfield 2026-01 random source of a task without effects";

/// Links the capability.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    random::add_to_linker::<State, Random>(linker, State::random)?;
    insecure::add_to_linker::<State, Random>(linker, State::random)?;
    insecure_seed::add_to_linker::<State, Random>(linker, State::random)
}

/// A stream of random bytes.
pub(crate) struct Random {
    stream: blake3::OutputReader,
}

impl HasData for Random {
    type Data<'a> = &'a mut Random;
}

impl Random {
    /// The same stream for the same key.
    pub(crate) fn seeded(key: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(DOMAIN);
        hasher.update(key.as_bytes());
        Self { stream: hasher.finalize_xof() }
    }

    /// A stream that nobody can foresee.
    pub(crate) fn from_the_system() -> Self {
        Self { stream: blake3::Hasher::new_keyed(&system_seed()).finalize_xof() }
    }

    /// So many bytes in hexadecimal digits.
    pub(crate) fn hex(&mut self, count: usize) -> String {
        use std::fmt::Write as _;
        let mut bytes = vec![0; count];
        self.stream.fill(&mut bytes);
        bytes.iter().fold(String::with_capacity(count * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn bytes(&mut self, count: u64) -> Result<Vec<u8>> {
        let count = usize::try_from(count.min(BYTES_MAX + 1)).unwrap_or(usize::MAX);
        if count as u64 > BYTES_MAX {
            return Err(HostLimit::new(format!("one call asked for more than {BYTES_MAX} random bytes, which is the limit")).into());
        }
        let mut bytes = vec![0; count];
        self.stream.fill(&mut bytes);
        Ok(bytes)
    }

    fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.stream.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// 32 bytes from the operating system.
pub(crate) fn system_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("an operating system without random bytes cannot run TLS or anything else here");
    seed
}

impl random::Host for Random {
    fn get_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.bytes(len)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        Ok(self.number())
    }
}

impl insecure::Host for Random {
    fn get_insecure_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.bytes(len)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        Ok(self.number())
    }
}

impl insecure_seed::Host for Random {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.number(), self.number()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_streams_are_functions_of_their_key() {
        let draw = |key| Random::seeded(key).hex(32);
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
        assert_ne!(Random::from_the_system().hex(32), Random::from_the_system().hex(32));
    }

    #[test]
    fn a_call_is_bounded() {
        for (count, good) in [(0, true), (BYTES_MAX, true), (BYTES_MAX + 1, false), (1 << 63, false), (u64::MAX, false)] {
            assert_eq!(Random::seeded("a").bytes(count).is_ok(), good, "{count}");
        }
    }
}
