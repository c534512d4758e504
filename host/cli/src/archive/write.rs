//! From a run to a file.

use std::convert::Infallible;
use std::io;

use jackfield_flow::plan::Digest;
use jackfield_store::{ExportedBlob, ExportedRun, Place, Summary, Wake};
use minicbor::Encoder;
use minicbor::encode::Error;

use super::{HEAD_BYTES, MAGIC, SUM_BYTES, VERSION};

/// How hard to pack. Level 3 is the library's default: several hundred megabytes a second.
const LEVEL: i32 = 3;

/// Keys that every body has.
const REQUIRED: u64 = 11;

type Out = Encoder<Vec<u8>>;
type Written = Result<(), Error<Infallible>>;

/// The bytes of a file.
///
/// # Errors
/// When there is no memory to pack it.
pub(crate) fn write(run: &ExportedRun) -> io::Result<Vec<u8>> {
    let body = body(run);
    let packed = zstd::bulk::compress(&body, LEVEL)?;
    Ok(sealed(VERSION, body.len(), &packed))
}

/// Head, body and checksum.
pub(super) fn sealed(version: u16, body_len: usize, packed: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEAD_BYTES + packed.len() + SUM_BYTES);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&version.to_be_bytes());
    file.extend_from_slice(&(packed.len() as u64).to_be_bytes());
    file.extend_from_slice(&(body_len as u64).to_be_bytes());
    file.extend_from_slice(packed);
    let sum = Digest::of(&file);
    file.extend_from_slice(&sum.0);
    file
}

/// The body before it is packed.
pub(super) fn body(run: &ExportedRun) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    fields(&mut out, run).expect("writing to memory does not fail");
    out.into_writer()
}

fn fields(out: &mut Out, run: &ExportedRun) -> Written {
    let optional = [run.retain_ms.is_some(), run.parent.is_some()];
    out.map(REQUIRED + optional.into_iter().filter(|there| *there).count() as u64)?;
    out.str("uid")?.bytes(&run.uid.0)?;
    out.str("workflow")?.str(&run.workflow)?;
    out.str("created-at")?.i64(run.created_at.0)?;
    out.str("changed-at")?.i64(run.changed_at.0)?;
    if let Some(ms) = run.retain_ms {
        out.str("retain-ms")?.u64(ms)?;
    }
    if let Some(parent) = run.parent {
        out.str("parent")?.bytes(&parent.0)?;
    }
    out.str("labels")?.map(run.labels.len() as u64)?;
    for (key, value) in &run.labels {
        out.str(key)?.str(value)?;
    }
    out.str("summary")?;
    summary(out, &run.summary)?;
    out.str("plan")?;
    blob(out, &run.plan)?;
    out.str("batches")?.array(run.batches.len() as u64)?;
    for batch in &run.batches {
        out.array(2)?.u64(batch.seq)?.bytes(&batch.events)?;
    }
    parts(out, run)
}

fn parts(out: &mut Out, run: &ExportedRun) -> Written {
    out.str("blobs")?.array(run.blobs.len() as u64)?;
    for one in &run.blobs {
        blob(out, one)?;
    }
    out.str("logs")?.array(run.logs.len() as u64)?;
    for log in &run.logs {
        out.array(6)?;
        place(out, log.place)?;
        out.u32(log.attempt)?.u64(log.seq)?.u32(log.part)?.bytes(&log.bytes)?;
    }
    out.str("savepoints")?.array(run.savepoints.len() as u64)?;
    for savepoint in &run.savepoints {
        out.array(4)?;
        place(out, savepoint.place)?;
        out.u32(savepoint.attempt)?.bytes(&savepoint.data)?;
    }
    Ok(())
}

fn summary(out: &mut Out, summary: &Summary) -> Written {
    out.array(4)?.str(summary.state.name())?.u32(summary.steps_done)?.u32(summary.steps_total)?;
    match summary.wake {
        None => out.null()?,
        Some(Wake::Ready) => out.str("ready")?,
        Some(Wake::Message) => out.str("message")?,
        Some(Wake::At(at)) => out.i64(at.0)?,
    };
    Ok(())
}

fn blob(out: &mut Out, blob: &ExportedBlob) -> Written {
    out.array(2)?.bytes(&blob.digest.0)?.bytes(&blob.bytes)?;
    Ok(())
}

/// A step, and an item or null.
fn place(out: &mut Out, place: Place) -> Written {
    out.u32(place.step)?;
    match place.item {
        Some(item) => out.u32(item)?,
        None => out.null()?,
    };
    Ok(())
}
