//! `compress` and `decompress`, and the streams that archives lie in.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use jackfield_sdk::prelude::*;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::encoding::{CompressionLevel, FrameCompressor};

use crate::budget::Budget;
use crate::error::{Action, ArchiveError};
use crate::file::{Temporary, open};

/// The largest window of zstd that is decoded, in bytes: it is held in memory. `zstd --long` makes larger ones.
const WINDOW_BYTES_MAX: u64 = 16 << 20;

/// How a single file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Compress {
    /// Gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// A file that is now as wanted.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// The path as given.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// The SHA-256 of the content in 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// Compresses a file.
///
/// The same content always gives the same bytes. Zstandard is written at about the level 1 of other tools.
#[task(
    effect = effects,
    asks(files_read, files_write),
    title = "Compress a file",
    example_input = r#"{"from":"out/report.csv","to":"out/report.csv.gz","method":"gzip"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn compress(
    /// The file to compress.
    from: String,
    /// Where the compressed file goes; what is there is replaced.
    to: String,
    /// How it is compressed.
    method: Compress,
) -> Result<Written, ArchiveError> {
    let (mut source, _) = open(&from)?;
    let temporary = write_compressed(&mut source, Temporary::create(Path::new(&to))?, Some(method), &from)?;
    let placed = temporary.place()?;
    Ok(Written { path: to, bytes: placed.bytes, sha256: placed.sha256 })
}

/// Decompresses a file, within limits.
#[task(
    effect = effects,
    asks(files_read, files_write),
    title = "Decompress a file",
    example_input = r#"{"from":"in/orders.csv.gz","to":"in/orders.csv"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn decompress(
    /// The file to decompress: gzip or Zstandard, told by its first bytes.
    from: String,
    /// Where the content goes; what is there is replaced.
    to: String,
    /// The most bytes that may come out; 256 MiB unless given, 4 GiB at most.
    max_bytes: Option<u64>,
    /// How many times larger than itself the file may become; 200 unless given. 4 MiB may come out of any file.
    max_ratio: Option<u32>,
) -> Result<Written, ArchiveError> {
    let (source, bytes) = open(&from)?;
    let budget = Budget::new(bytes, max_bytes, max_ratio);
    let source = BufReader::new(source);
    let (mut reader, format) = match Opened::new(source).map_err(|error| budget.failed(&from, "gzip or zstd", &error))? {
        Opened::Gzip(reader) => (budget.bound(Box::new(reader) as Box<dyn Read>), "gzip"),
        Opened::Zstd(reader) => (budget.bound(reader as Box<dyn Read>), "zstd"),
        Opened::Plain(_) => {
            let reason = "its first bytes are those of neither".to_owned();
            return Err(ArchiveError::BadArchive { path: from, format: "gzip or zstd", reason });
        }
    };
    let mut temporary = Temporary::create(Path::new(&to))?;
    temporary.copy(&mut reader, |error| budget.failed(&from, format, error))?;
    let placed = temporary.place()?;
    Ok(Written { path: to, bytes: placed.bytes, sha256: placed.sha256 })
}

/// Writes all of a source through a compressor.
pub(crate) fn write_compressed(
    source: &mut dyn Read,
    mut to: Temporary,
    method: Option<Compress>,
    from: &str,
) -> Result<Temporary, ArchiveError> {
    let unreadable = |error: &io::Error| Action::Reading.failed(from, error);
    match method {
        None => to.copy(source, unreadable)?,
        Some(Compress::Gzip) => {
            let mut source = Kept { inner: source, error: None };
            let mut encoder = GzEncoder::new(&mut to, Compression::default());
            let copied = io::copy(&mut source, &mut encoder).and_then(|_| encoder.finish().map(|_| ()));
            source.error.map_or(Ok(()), |error| Err(unreadable(&error)))?;
            copied.map_err(|error| to.failed(&error))?;
        }
        Some(Compress::Zstd) => {
            // This encoder takes every error of its source or drain for a defect: it is shown none, and asked afterwards.
            let (mut source, mut drain) = (Kept { inner: source, error: None }, Kept { inner: &mut to, error: None });
            let mut encoder = FrameCompressor::new(CompressionLevel::Fastest);
            encoder.set_source(&mut source);
            encoder.set_drain(&mut drain);
            encoder.compress();
            drop(encoder);
            let (read, written) = (source.error, drain.error);
            read.map_or(Ok(()), |error| Err(unreadable(&error)))?;
            written.map_or(Ok(()), |error| Err(to.failed(&error)))?;
        }
    }
    Ok(to)
}

/// Keeps the first error, and goes on as if there were none: a source ends there, a drain swallows the rest.
struct Kept<T> {
    inner: T,
    error: Option<io::Error>,
}

impl<R: Read> Read for Kept<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.error.is_some() {
            return Ok(0);
        }
        loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error);
                    return Ok(0);
                }
                read => return read,
            }
        }
    }
}

impl<W: Write> Write for Kept<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.error.is_none() {
            self.error = self.inner.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file whose first bytes tell how it is compressed.
pub(crate) enum Opened<R: BufRead + 'static> {
    /// Gzip.
    Gzip(MultiGzDecoder<R>),
    /// Zstandard.
    Zstd(Box<Frames<R>>),
    /// Neither.
    Plain(R),
}

impl<R: BufRead + 'static> Opened<R> {
    /// Looks at the first bytes.
    pub(crate) fn new(mut source: R) -> io::Result<Self> {
        let start = source.fill_buf()?;
        Ok(match start {
            [0x1f, 0x8b, ..] => Self::Gzip(MultiGzDecoder::new(source)),
            // A frame, or one to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd(Box::new(Frames::new(source))),
            _ => Self::Plain(source),
        })
    }
}

/// The content of frames of Zstandard, one after the other.
pub(crate) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    within_frame: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_BYTES_MAX);
        Self { source, decoder, within_frame: false }
    }

    /// Begins the next frame, or skips one that is to be skipped.
    fn begin(&mut self) -> io::Result<()> {
        match self.decoder.init(&mut self.source) {
            Ok(()) => self.within_frame = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
                if skipped < u64::from(length) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(error) => return Err(io::Error::other(error.to_string())),
        }
        Ok(())
    }

    fn check(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(written), Some(calculated)) if written != calculated => Err(io::Error::other("the checksum does not fit the content")),
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.within_frame {
                if self.source.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.begin()?;
                continue;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(|error| io::Error::other(error.to_string()))?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.check()?;
            self.within_frame = false;
        }
    }
}
