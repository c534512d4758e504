//! Bodies: reading a request's ahead, so that secrets can be put into it, and timing a response's.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, Result, WasiBody};

/// How much of a body is searched for placeholders.
pub(crate) const READ_AHEAD_BYTES: usize = 1 << 20;

/// A body of which the beginning was read.
pub(super) enum ReadAhead {
    /// It ended within the bound.
    Whole(Bytes),
    /// It did not: the same body, unchanged.
    TooLong(WasiBody),
}

/// Reads a body whole, if it ends within the bound.
///
/// # Errors
/// When the guest breaks the body off.
pub(super) async fn read_ahead(mut body: WasiBody) -> Result<ReadAhead> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        read.extend_from_slice(&data);
        if read.len() > READ_AHEAD_BYTES {
            return Ok(ReadAhead::TooLong(Rejoined { first: Some(read.freeze()), rest: body }.boxed_unsync()));
        }
    }
    Ok(ReadAhead::Whole(read.freeze()))
}

/// A body of these bytes.
pub(super) fn full(bytes: Bytes) -> WasiBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A body whose beginning was read already.
struct Rejoined {
    first: Option<Bytes>,
    rest: WasiBody,
}

impl Body for Rejoined {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        match self.first.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }
}

/// A response's body that ends with an error when nothing comes for a while. It holds the connection's place.
pub(super) struct Timed {
    incoming: hyper::body::Incoming,
    between_bytes: Duration,
    silence: Pin<Box<Sleep>>,
    _permit: OwnedSemaphorePermit,
}

impl Timed {
    /// The body as it comes in.
    pub(super) fn new(incoming: hyper::body::Incoming, between_bytes: Duration, permit: OwnedSemaphorePermit) -> Self {
        Self { incoming, between_bytes, silence: Box::pin(tokio::time::sleep(between_bytes)), _permit: permit }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Ready(frame) => {
                let until = Instant::now() + self.between_bytes;
                self.silence.as_mut().reset(until);
                Poll::Ready(frame.map(|frame| frame.map_err(Error::from)))
            }
            Poll::Pending => self.silence.as_mut().poll(cx).map(|()| Some(Err(Error::ConnectionReadTimeout))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
