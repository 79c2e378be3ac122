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

/// A request as it went out.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: Method,
    pub uri: http::Uri,
    pub target: Option<String>,
    pub body: Bytes,
}

/// A request and its answer. The body of a watch is empty.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub request: Sent,
    pub status: u16,
    pub headers: http::HeaderMap,
    pub answer: Bytes,
}

impl Sent {
    fn of(request: &Request<Bytes>) -> Self {
        let target = request.headers().get("x-amz-target").map(|value| value.to_str().unwrap().to_owned());
        Self { method: request.method().clone(), uri: request.uri().clone(), target, body: request.body().clone() }
    }

    /// Whether it is for the Kubernetes API.
    pub fn is_kubernetes(&self) -> bool {
        self.uri.host().unwrap_or_default().contains(".gr7.")
    }

    /// The body as text; every body here is.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    /// The operation of a form or of JSON 1.1.
    pub fn operation(&self) -> Option<String> {
        let form = url::form_urlencoded::parse(&self.body).find(|(name, _)| name == "Action");
        let target = self.target.as_deref().and_then(|target| target.rsplit('.').next());
        form.map(|(_, action)| action.into_owned()).or_else(|| target.map(str::to_owned))
    }

    /// Whether the request asks for a change: judged by method and operation alone, not by what became of it.
    pub fn is_change(&self) -> bool {
        let dry = self.uri.query().is_some_and(|query| query.contains("dryRun=All"));
        let reads =
            |operation: &str| ["Describe", "List", "Get", "Simulate"].iter().any(|verb| operation.starts_with(verb));
        match self.operation() {
            _ if self.method == Method::GET => false,
            Some(operation) => !reads(&operation),
            None => !dry && !self.uri.path().contains("accessreviews"),
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.uri, self.text())
    }
}

/// What went over the wire.
pub struct Tape {
    inner: SharedWire,
    folder: PathBuf,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    sent: Vec<Sent>,
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

    /// Everything that was sent, in that order: call number `n` of the simulator is at `n - 1`.
    pub fn sent(&self) -> Vec<Sent> {
        self.rows.lock().unwrap().sent.clone()
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
        let sent = Sent::of(&request);
        let mut answering = tape.inner.send(request);
        let mut counted = false;
        Box::pin(async move {
            // The world moves only while it is polled, and the journal only while it is not.
            let response = std::future::poll_fn(|context| {
                tape.look();
                // The simulator counts a call when it is first polled.
                if !std::mem::replace(&mut counted, true) {
                    tape.rows.lock().unwrap().sent.push(sent.clone());
                }
                let polled = answering.as_mut().poll(context);
                tape.look();
                polled
            })
            .await?;
            let answer = match response.body() {
                WireBody::Full(bytes) => bytes.clone(),
                WireBody::Stream(_) => Bytes::new(),
            };
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            tape.rows.lock().unwrap().exchanges.push(Exchange { request: sent, status, headers, answer });
            Ok(response)
        })
    }
}
