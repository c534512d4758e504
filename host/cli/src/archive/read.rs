//! From a file to a run, trusting nothing.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunUid};
use jackfield_store::{Batch, ExportedBlob, ExportedLog, ExportedRun, Label, Place, RunState, SavepointWrite, Summary, Wake};
use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

use super::{BODY_BYTES_MAX, FILE_BYTES_MAX, HEAD_BYTES, MAGIC, SUM_BYTES, VERSION};

/// Bytes that are no exported run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It is something else.
    #[error("this is not a run that `jackfield runs export` wrote: it is {0}")]
    Other(&'static str),
    /// A transfer changed it as if it were text.
    #[error("this was an exported run, and was changed on its way as if it were text: transfer it as a binary file")]
    Mangled,
    /// A newer program wrote it.
    #[error("this is an exported run of version {found}, newer than {VERSION}, the newest this program knows: use the newer program")]
    Newer {
        /// Its version.
        found: u16,
    },
    /// Its end is missing.
    #[error("this is an exported run of which the end is missing: it has {have} bytes and should have {need}: transfer it again")]
    Cut {
        /// Bytes that are there.
        have: u64,
        /// Bytes that should be.
        need: u64,
    },
    /// Something follows on it.
    #[error("this is an exported run with {0} bytes after its end: transfer it again")]
    Trailing(u64),
    /// The checksum says so.
    #[error("this is an exported run that is damaged: its checksum does not match: transfer it again")]
    Damaged,
    /// It is larger than it may be.
    #[error("this is an exported run with {what} of {size} bytes: the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Its checksum matches, and its contents make no sense.
    #[error("this is an exported run whose contents make no sense: {0}; no jackfield wrote it so")]
    Malformed(String),
}

type Read<T> = Result<T, Error>;

/// The run in the bytes of a file.
///
/// # Errors
/// When they are not one, each time with what they are instead. The store checks numbers, digests and bounds of the parts.
pub(crate) fn read(file: &[u8]) -> Result<ExportedRun, ArchiveError> {
    let packed = packed(file)?;
    let body = unpacked(packed.bytes, packed.body_len)?;
    parse(&body).map_err(|error| ArchiveError::Malformed(error.to_string()))
}

/// A packed body, and how long it is said to be.
struct Packed<'a> {
    bytes: &'a [u8],
    body_len: usize,
}

fn packed(file: &[u8]) -> Result<Packed<'_>, ArchiveError> {
    let too_large = |what, size, limit: usize| ArchiveError::TooLarge { what, size, limit: limit as u64 };
    if file.len() > FILE_BYTES_MAX {
        return Err(too_large("a file", file.len() as u64, FILE_BYTES_MAX));
    }
    let have = file.len() as u64;
    if !file.starts_with(MAGIC) {
        return Err(what_else(file));
    }
    let cut = |need: usize| ArchiveError::Cut { have, need: need as u64 };
    let version = u16::from_be_bytes(number(file, MAGIC.len()).ok_or_else(|| cut(HEAD_BYTES + SUM_BYTES))?);
    if version > VERSION {
        return Err(ArchiveError::Newer { found: version });
    }
    if version == 0 {
        return Err(ArchiveError::Malformed("its version is 0, which never existed".to_owned()));
    }
    let lengths = number(file, MAGIC.len() + 2).zip(number(file, MAGIC.len() + 10));
    let (packed_len, body_len) = lengths.ok_or_else(|| cut(HEAD_BYTES + SUM_BYTES))?;
    let (packed_len, body_len) = (u64::from_be_bytes(packed_len), u64::from_be_bytes(body_len));
    let fits = |len: u64, limit: usize| usize::try_from(len).ok().filter(|len| *len <= limit);
    let packed_len = fits(packed_len, FILE_BYTES_MAX).ok_or_else(|| too_large("a packed body", packed_len, FILE_BYTES_MAX))?;
    let body_len = fits(body_len, BODY_BYTES_MAX).ok_or_else(|| too_large("a body", body_len, BODY_BYTES_MAX))?;
    let end = HEAD_BYTES + packed_len;
    match file.len().checked_sub(end + SUM_BYTES) {
        None => return Err(cut(end + SUM_BYTES)),
        Some(0) => {}
        Some(more) => return Err(ArchiveError::Trailing(more as u64)),
    }
    if Digest::of(&file[..end]).0 != file[end..] {
        return Err(ArchiveError::Damaged);
    }
    Ok(Packed { bytes: &file[HEAD_BYTES..end], body_len })
}

/// So many bytes from a place on, if they are there.
fn number<const N: usize>(file: &[u8], at: usize) -> Option<[u8; N]> {
    file.get(at..at + N)?.try_into().ok()
}

/// What bytes are that do not begin as they should.
fn what_else(file: &[u8]) -> ArchiveError {
    let known: [(&[u8], &str); 8] = [
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\0asm", "a WebAssembly module or component"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"\x7fELF", "a program"),
        (b"\x89PNG", "a picture"),
        (b"workflow:", "a workflow file, which `jackfield run` takes"),
    ];
    if file.is_empty() {
        return ArchiveError::Other("an empty file");
    }
    if MAGIC.starts_with(file) {
        return ArchiveError::Cut { have: file.len() as u64, need: (HEAD_BYTES + SUM_BYTES) as u64 };
    }
    // The name without the bytes around it, which such a transfer changes.
    if file.len() > MAGIC.len() && file[..MAGIC.len() + 2].windows(13).any(|part| part == b"jackfield-run") {
        return ArchiveError::Mangled;
    }
    let found = known.into_iter().find(|(magic, _)| file.starts_with(magic)).map(|(_, what)| what);
    let text = || std::str::from_utf8(&file[..file.len().min(256)]).is_ok_and(|text| !text.contains('\0'));
    ArchiveError::Other(found.unwrap_or_else(|| if text() { "text" } else { "something unknown" }))
}

/// The body, which must have the length that it is said to have. Memory grows with what is really there.
fn unpacked(packed: &[u8], body_len: usize) -> Result<Vec<u8>, ArchiveError> {
    let malformed = |what: &str| ArchiveError::Malformed(what.to_owned());
    let decoder = zstd::Decoder::with_buffer(packed).map_err(|_| malformed("it cannot be unpacked"))?;
    let mut body = Vec::new();
    decoder.take(body_len as u64 + 1).read_to_end(&mut body).map_err(|_| malformed("it cannot be unpacked"))?;
    if body.len() == body_len { Ok(body) } else { Err(malformed("it is not as long as it says")) }
}

/// What has been read so far.
#[derive(Default)]
struct Parts {
    uid: Option<RunUid>,
    workflow: Option<Arc<str>>,
    created_at: Option<Millis>,
    changed_at: Option<Millis>,
    retain_ms: Option<u64>,
    parent: Option<RunUid>,
    labels: Option<Vec<Label>>,
    summary: Option<Summary>,
    plan: Option<ExportedBlob>,
    batches: Option<Vec<Batch>>,
    blobs: Option<Vec<ExportedBlob>>,
    logs: Option<Vec<ExportedLog>>,
    savepoints: Option<Vec<SavepointWrite>>,
}

fn parse(body: &[u8]) -> Read<ExportedRun> {
    let mut from = Decoder::new(body);
    let mut parts = Parts::default();
    let mut seen = BTreeSet::new();
    for _ in 0..sized(from.map()?)? {
        let key = from.str()?;
        if !seen.insert(key) {
            return Err(Error::message("a key is there twice"));
        }
        parts.field(key, &mut from)?;
    }
    if from.position() != body.len() {
        return Err(Error::message("something follows on the body"));
    }
    let missing = || Error::message("a key is missing");
    Ok(ExportedRun {
        uid: parts.uid.ok_or_else(missing)?,
        workflow: parts.workflow.ok_or_else(missing)?,
        summary: parts.summary.ok_or_else(missing)?,
        created_at: parts.created_at.ok_or_else(missing)?,
        changed_at: parts.changed_at.ok_or_else(missing)?,
        retain_ms: parts.retain_ms,
        parent: parts.parent,
        labels: parts.labels.ok_or_else(missing)?,
        plan: parts.plan.ok_or_else(missing)?,
        batches: parts.batches.ok_or_else(missing)?,
        blobs: parts.blobs.ok_or_else(missing)?,
        logs: parts.logs.ok_or_else(missing)?,
        savepoints: parts.savepoints.ok_or_else(missing)?,
    })
}

impl Parts {
    fn field(&mut self, key: &str, from: &mut Decoder<'_>) -> Read<()> {
        match key {
            "uid" => self.uid = Some(RunUid(exact(from)?)),
            "workflow" => self.workflow = Some(Arc::from(from.str()?)),
            "created-at" => self.created_at = Some(Millis(from.i64()?)),
            "changed-at" => self.changed_at = Some(Millis(from.i64()?)),
            "retain-ms" => self.retain_ms = Some(from.u64()?),
            "parent" => self.parent = Some(RunUid(exact(from)?)),
            "labels" => {
                let count = sized(from.map()?)?;
                self.labels = Some(many(count, || Ok((Arc::from(from.str()?), Arc::from(from.str()?))))?);
            }
            "summary" => self.summary = Some(summary(from)?),
            "plan" => self.plan = Some(blob(from)?),
            "batches" => self.batches = Some(list(from, batch)?),
            "blobs" => self.blobs = Some(list(from, blob)?),
            "logs" => self.logs = Some(list(from, log)?),
            "savepoints" => self.savepoints = Some(list(from, savepoint)?),
            _ => from.skip()?,
        }
        Ok(())
    }
}

fn list<T>(from: &mut Decoder<'_>, mut one: impl FnMut(&mut Decoder<'_>) -> Read<T>) -> Read<Vec<T>> {
    let count = sized(from.array()?)?;
    many(count, || one(from))
}

/// So many of something. The number is not believed: room is made for each as it comes.
fn many<T>(count: u64, mut one: impl FnMut() -> Read<T>) -> Read<Vec<T>> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(one()?);
    }
    Ok(all)
}

fn sized(count: Option<u64>) -> Read<u64> {
    count.ok_or_else(|| Error::message("a list without a length"))
}

/// An array of exactly so many.
fn tuple(from: &mut Decoder<'_>, count: u64) -> Read<()> {
    if from.array()? == Some(count) { Ok(()) } else { Err(Error::message("a part has too many or too few fields")) }
}

fn exact<const N: usize>(from: &mut Decoder<'_>) -> Read<[u8; N]> {
    from.bytes()?.try_into().map_err(|_| Error::message("a name or a digest has another length"))
}

fn summary(from: &mut Decoder<'_>) -> Read<Summary> {
    tuple(from, 4)?;
    let state = RunState::from_name(from.str()?).ok_or_else(|| Error::message("a state that there is not"))?;
    let (steps_done, steps_total) = (from.u32()?, from.u32()?);
    let wake = match from.datatype()? {
        Type::Null => {
            from.null()?;
            None
        }
        Type::String => match from.str()? {
            "ready" => Some(Wake::Ready),
            "message" => Some(Wake::Message),
            _ => return Err(Error::message("something wakes it that there is not")),
        },
        _ => Some(Wake::At(Millis(from.i64()?))),
    };
    Ok(Summary { state, wake, steps_done, steps_total })
}

fn blob(from: &mut Decoder<'_>) -> Read<ExportedBlob> {
    tuple(from, 2)?;
    Ok(ExportedBlob { digest: Digest(exact(from)?), bytes: Arc::from(from.bytes()?) })
}

fn batch(from: &mut Decoder<'_>) -> Read<Batch> {
    tuple(from, 2)?;
    Ok(Batch { seq: from.u64()?, events: from.bytes()?.to_vec() })
}

fn log(from: &mut Decoder<'_>) -> Read<ExportedLog> {
    tuple(from, 6)?;
    let place = place(from)?;
    Ok(ExportedLog { place, attempt: from.u32()?, seq: from.u64()?, part: from.u32()?, bytes: from.bytes()?.to_vec() })
}

fn savepoint(from: &mut Decoder<'_>) -> Read<SavepointWrite> {
    tuple(from, 4)?;
    let place = place(from)?;
    Ok(SavepointWrite { place, attempt: from.u32()?, data: from.bytes()?.to_vec() })
}

fn place(from: &mut Decoder<'_>) -> Read<Place> {
    let step = from.u32()?;
    if from.datatype()? == Type::Null {
        from.null()?;
        return Ok(Place { step, item: None });
    }
    Ok(Place { step, item: Some(from.u32()?) })
}
