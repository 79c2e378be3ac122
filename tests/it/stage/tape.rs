//! A wire that writes down what is said and what is on the disk at every moment.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use eks_wizard::transport::wire::{SharedWire, Wire, WireBody, WireError};
use futures::future::BoxFuture;
use http::{Method, Request, Response};

/// How many bytes of the two files were written: the whole truth about what a kill at this moment leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment {
    /// Of the world's log.
    pub world: usize,
    /// Of the journal.
    pub journal: usize,
}

/// A request and its answer. A watched or broken body is empty.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub method: Method,
    pub uri: String,
    pub headers: http::HeaderMap,
    pub body: Bytes,
    pub status: u16,
    pub answer: Bytes,
}

/// What went over the wire.
pub struct Tape {
    inner: SharedWire,
    folder: PathBuf,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    exchanges: Vec<Exchange>,
    moments: Vec<Moment>,
    journal: Option<PathBuf>,
}

impl Tape {
    /// A tape before `inner`; `folder` is that of the world.
    pub fn over(inner: SharedWire, folder: PathBuf) -> Arc<Self> {
        Arc::new(Self { inner, folder, rows: Mutex::default() })
    }

    /// The wire for clients.
    pub fn wire(self: &Arc<Self>) -> SharedWire {
        Arc::new(Taped(Arc::clone(self)))
    }

    /// Everything that was answered, in that order.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.rows.lock().unwrap().exchanges.clone()
    }

    /// Every state of the disk that was seen, in order. Between two of them only one of the files grew, so each
    /// line in between ends in a state that existed, too.
    pub fn moments(&self) -> Vec<Moment> {
        self.look();
        self.rows.lock().unwrap().moments.clone()
    }

    fn look(&self) {
        let mut rows = self.rows.lock().unwrap();
        if rows.journal.is_none() {
            rows.journal = journal_below(&self.folder);
        }
        let journal = rows.journal.as_deref().map_or(0, length);
        let now = Moment { world: length(&self.folder.join("world.log")), journal };
        let last = rows.moments.last().copied().unwrap_or_default();
        if now != last {
            rows.moments.push(now);
        }
    }
}

/// The only journal below the folder of a world.
pub fn journal_below(folder: &Path) -> Option<PathBuf> {
    let cluster = fs::read_dir(folder.join("runs")).ok()?.next()?.ok()?.path();
    Some(fs::read_dir(cluster).ok()?.next()?.ok()?.path())
}

fn length(path: &Path) -> usize {
    fs::metadata(path).map_or(0, |data| usize::try_from(data.len()).unwrap())
}

struct Taped(Arc<Tape>);

impl fmt::Debug for Taped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Taped")
    }
}

impl Wire for Taped {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<WireBody>, WireError>> {
        let tape = Arc::clone(&self.0);
        let (parts, body) = request.clone().into_parts();
        let mut answering = tape.inner.send(request);
        Box::pin(async move {
            // The world moves only while it is polled, and the journal only while it is not.
            let response = std::future::poll_fn(|context| {
                tape.look();
                let polled = answering.as_mut().poll(context);
                tape.look();
                polled
            })
            .await?;
            let answer = match response.body() {
                WireBody::Full(bytes) => bytes.clone(),
                WireBody::Stream(_) => Bytes::new(),
            };
            tape.rows.lock().unwrap().exchanges.push(Exchange {
                method: parts.method,
                uri: parts.uri.to_string(),
                headers: parts.headers,
                body,
                status: response.status().as_u16(),
                answer,
            });
            Ok(response)
        })
    }
}
