//! The parts of events → bytes.

use std::sync::Arc;

use super::{Encoder, Result};
use crate::checkpoint::{Blob, INLINE_BYTES_MAX, tag};
use crate::plan::{Grant, WhenBusy};
use crate::run::{BlockReason, Decision, Failure, FailureKind, Parent, Place, Receipt, Resolution, Scheduled};
use crate::types::Value;

impl Encoder {
    /// Two fields: the step, and the item from 1 or 0 for none.
    pub(super) fn place(&mut self, place: Place) -> Result {
        self.cbor.u32(place.step)?.u64(place.item.map_or(0, |item| u64::from(item) + 1))?;
        Ok(())
    }

    pub(super) fn places(&mut self, tag: u8, places: &[Place]) -> Result {
        self.open(tag, 1)?;
        self.cbor.array(places.len() as u64 * 2)?;
        places.iter().try_for_each(|place| self.place(*place))
    }

    pub(super) fn parent(&mut self, parent: Option<&Parent>) -> Result {
        let Some(Parent { run, uid, place, attempt, depth }) = parent else { return self.cbor.null().map(drop) };
        self.cbor.array(6)?.u64(run.0)?.bytes(&uid.0)?;
        self.place(*place)?;
        self.cbor.u32(*attempt)?.u32(*depth)?;
        Ok(())
    }

    pub(super) fn labels(&mut self, labels: &[(Arc<str>, Arc<str>)]) -> Result {
        self.cbor.array(labels.len() as u64 * 2)?;
        labels.iter().try_for_each(|(name, text)| self.cbor.str(name)?.str(text).map(drop))
    }

    pub(super) fn scheduled(&mut self, scheduled: &Scheduled) -> Result {
        self.cbor.array(2)?.u32(scheduled.schedule)?.i64(scheduled.at.0)?;
        Ok(())
    }

    pub(super) fn when_busy(&mut self, when_busy: WhenBusy) -> Result {
        let number = match when_busy {
            WhenBusy::Queue => 1,
            WhenBusy::Skip => 2,
            WhenBusy::CancelRunning => 3,
        };
        self.cbor.u8(number).map(drop)
    }

    pub(super) fn decision(&mut self, decision: Decision) -> Result {
        let number = match decision {
            Decision::Approved => 1,
            Decision::Denied => 2,
        };
        self.cbor.u8(number).map(drop)
    }

    pub(super) fn resolved(&mut self, place: Place, how: &Resolution) -> Result {
        self.open_at(tag::RESOLVED, 2, place)?;
        let (number, value) = match how {
            Resolution::Done(value) => (1, Some(value)),
            Resolution::Failed => (2, None),
            Resolution::Retry => (3, None),
        };
        self.cbor.u8(number)?;
        self.optional_value(value)
    }

    pub(super) fn blocked(&mut self, reason: &BlockReason) -> Result {
        match reason {
            BlockReason::PluginMissing { digest } => {
                self.open(tag::BLOCKED, 2)?;
                self.cbor.u8(1)?.bytes(&digest.0)?;
            }
            BlockReason::KilledWorker { place, times } => {
                self.open(tag::BLOCKED, 4)?;
                self.cbor.u8(2)?;
                self.place(*place)?;
                self.cbor.u32(*times)?;
            }
            BlockReason::UnknownOutcome { place, attempt } => {
                self.open(tag::BLOCKED, 4)?;
                self.cbor.u8(3)?;
                self.place(*place)?;
                self.cbor.u32(*attempt)?;
            }
            BlockReason::CompensationFailed { place } => {
                self.open(tag::BLOCKED, 3)?;
                self.cbor.u8(4)?;
                self.place(*place)?;
            }
        }
        Ok(())
    }

    /// A value as JSON text, or as the digest of that text where it is large.
    pub(super) fn value(&mut self, value: &Value) -> Result {
        let json = value.to_json();
        if json.len() <= INLINE_BYTES_MAX {
            self.cbor.str(&json)?;
            return Ok(());
        }
        let blob = Blob::new(json.into_bytes());
        self.cbor.bytes(&blob.digest().0)?;
        if !self.blobs.iter().any(|known| known.digest() == blob.digest()) {
            self.blobs.push(blob);
        }
        Ok(())
    }

    pub(super) fn optional_value(&mut self, value: Option<&Value>) -> Result {
        match value {
            Some(value) => self.value(value),
            None => self.cbor.null().map(drop),
        }
    }

    pub(super) fn failure(&mut self, failure: &Failure) -> Result {
        let (kind, delay_ms) = match failure.kind {
            FailureKind::Transient => (1, 0),
            FailureKind::RetryAfter(ms) => (2, ms),
            FailureKind::Permanent => (3, 0),
            FailureKind::UnknownOutcome => (4, 0),
        };
        self.cbor.array(6)?.u8(kind)?.u64(delay_ms)?.str(&failure.code)?.str(&failure.message)?;
        self.cbor.encode(failure.data.as_deref())?.encode(failure.trace.as_deref())?;
        Ok(())
    }

    pub(super) fn receipt(&mut self, receipt: &Receipt) -> Result {
        let Receipt { wall_us, fuel, memory_peak, bytes_in, bytes_out, log_dropped, hosts, cached, used } = receipt;
        self.cbor
            .array(if used.is_some() { 9 } else { 8 })?
            .u64(*wall_us)?
            .encode(fuel)?
            .u64(*memory_peak)?
            .u64(*bytes_in)?
            .u64(*bytes_out)?
            .u64(*log_dropped)?;
        self.cbor.encode(hosts)?.bool(*cached)?;
        match used {
            Some(used) => self.used(used),
            None => Ok(()),
        }
    }

    /// One entry for each rule: its kind, and the rule. A kind that a reader does not know, it leaves out.
    fn used(&mut self, used: &Grant) -> Result {
        let count = used.http.len() + used.files.len() + used.config.len() + used.secrets.len() + usize::from(used.scratch);
        self.cbor.array(count as u64)?;
        for rule in &used.http {
            self.cbor.array(2)?.u8(0)?.str(&rule.to_string())?;
        }
        for rule in &used.files {
            self.cbor.array(2)?.u8(1)?.str(&rule.to_string())?;
        }
        for name in &used.config {
            self.cbor.array(2)?.u8(2)?.str(name)?;
        }
        for rule in &used.secrets {
            self.cbor.array(3)?.u8(3)?.str(&rule.name)?.encode(&rule.hosts)?;
        }
        if used.scratch {
            self.cbor.array(1)?.u8(4)?;
        }
        Ok(())
    }
}
