//! How bytes lie in a row: compressed when that helps, and with a checksum that ties them to their place.
//!
//! | bytes | meaning |
//! | --- | --- |
//! | 1 | 0: as they are; 1: zstd |
//! | 4 | CRC-32 of the key and the stored bytes, little-endian |
//! | 4 | only for zstd: the original length, little-endian |
//! | rest | the stored bytes |
//!
//! The key (run and batch, or run and step) is part of the checksum, so that intact bytes in the wrong row are found too.

use crate::records::limits;

/// Below this, compressing costs more time than the bytes it saves are worth.
const COMPRESS_FROM: usize = 1024;
/// Level 1: the writer thread compresses, and everybody waits for it.
const LEVEL: i32 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// The bytes do not match their checksum, or make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Corrupt;

/// Bytes as they are stored under a key.
pub(super) fn pack(key: [u64; 2], raw: &[u8]) -> Vec<u8> {
    match compressed(raw) {
        Some((length, body)) => sealed(ZSTD, key, &length.to_le_bytes(), &body),
        None => sealed(PLAIN, key, &[], raw),
    }
}

/// The bytes that were packed under the same key.
pub(super) fn unpack(key: [u64; 2], stored: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let (&codec, rest) = stored.split_first().ok_or(Corrupt)?;
    let (crc, body) = rest.split_first_chunk::<4>().ok_or(Corrupt)?;
    if u32::from_le_bytes(*crc) != checksum(codec, key, body) {
        return Err(Corrupt);
    }
    match codec {
        PLAIN => Ok(body.to_vec()),
        ZSTD => {
            let (length, body) = body.split_first_chunk::<4>().ok_or(Corrupt)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Corrupt)?;
            if length > limits::BLOB_BYTES_MAX {
                return Err(Corrupt);
            }
            let raw = zstd::bulk::decompress(body, length).map_err(|_| Corrupt)?;
            if raw.len() == length { Ok(raw) } else { Err(Corrupt) }
        }
        _ => Err(Corrupt),
    }
}

/// The original length and the compressed bytes, if they are at least a tenth fewer.
fn compressed(raw: &[u8]) -> Option<(u32, Vec<u8>)> {
    if raw.len() < COMPRESS_FROM {
        return None;
    }
    let body = zstd::bulk::compress(raw, LEVEL).ok()?;
    let length = u32::try_from(raw.len()).ok()?;
    (body.len() < raw.len() - raw.len() / 10).then_some((length, body))
}

fn sealed(codec: u8, key: [u64; 2], head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(5 + head.len() + body.len());
    stored.extend_from_slice(&[codec, 0, 0, 0, 0]);
    stored.extend_from_slice(head);
    stored.extend_from_slice(body);
    let crc = checksum(codec, key, &stored[5..]);
    stored[1..5].copy_from_slice(&crc.to_le_bytes());
    stored
}

fn checksum(codec: u8, key: [u64; 2], body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&[codec]);
    for part in key {
        crc.update(&part.to_le_bytes());
    }
    crc.update(body);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        for raw in [&b""[..], b"x", &[7; 1023], &[7; 1024], &[7; 100_000], &noise(5_000)] {
            let stored = pack([1, 2], raw);
            assert_eq!(unpack([1, 2], &stored).as_deref(), Ok(raw));
        }
        assert!(pack([1, 2], &[7; 100_000]).len() < 1_000, "it is compressed");
        assert_eq!(pack([1, 2], &noise(5_000)).len(), 5_005, "noise is left as it is");
    }

    #[test]
    fn every_flipped_bit_is_found() {
        for raw in [b"a small batch".to_vec(), vec![7; 4_000]] {
            let stored = pack([1, 2], &raw);
            for bit in 0..stored.len() * 8 {
                let mut bad = stored.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(unpack([1, 2], &bad), Err(Corrupt), "bit {bit}");
            }
        }
    }

    #[test]
    fn another_place_and_a_cut_are_found() {
        let stored = pack([1, 2], b"a small batch");
        assert_eq!(unpack([1, 3], &stored), Err(Corrupt));
        assert_eq!(unpack([2, 2], &stored), Err(Corrupt));
        for length in 0..stored.len() {
            assert_eq!(unpack([1, 2], &stored[..length]), Err(Corrupt));
        }
    }

    #[test]
    fn a_length_that_lies_is_refused_before_memory_is_taken() {
        let body = zstd::bulk::compress(&[0; 1 << 20], LEVEL).expect("zeros compress");
        assert_eq!(unpack([1, 2], &sealed(ZSTD, [1, 2], &u32::MAX.to_le_bytes(), &body)), Err(Corrupt));
        assert_eq!(unpack([1, 2], &sealed(ZSTD, [1, 2], &10_u32.to_le_bytes(), &body)), Err(Corrupt));
    }

    /// Bytes that do not compress.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    }
}
