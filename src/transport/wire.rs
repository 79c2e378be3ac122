//! One wire under the real clients: a request goes in, a response comes out, and the body may stream.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

/// Why no response arrived. The caller sees what it would see on a broken network.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WireError {
    /// The connection ended before a response, or in the middle of a body.
    #[error("connection reset: {0}")]
    Reset(String),
    /// No answer in time.
    #[error("timed out: {0}")]
    Timeout(String),
}

/// A body that is complete, or one that arrives in chunks (watches, followed logs).
pub enum WireBody {
    /// All of it.
    Full(Bytes),
    /// Chunks as they come; ends when the stream ends.
    Stream(BoxStream<'static, Result<Bytes, WireError>>),
}

impl fmt::Debug for WireBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// Answers plain HTTP requests in place of a network.
///
/// Implementations are cheap to call at once from many tasks. Dropping the future abandons the request,
/// but not an effect that has already happened.
pub trait Wire: Send + Sync + fmt::Debug {
    /// Sends one request with its whole body.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<WireBody>, WireError>>;
}

/// A wire shared by all clients of one session.
pub type SharedWire = Arc<dyn Wire>;
