//! The wire into the world: latency, faults, the answer, and watches that stream.

use std::collections::VecDeque;
use std::fmt;
use std::future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use http::{Request, Response, header};
use tokio::sync::watch;

use crate::domain::time::Stamp;
use crate::sim::apiserver::{self, WatchRequest};
use crate::sim::engine::Shared;
use crate::sim::faults::{FaultAt, FaultKind};
use crate::sim::router::Reply;
use crate::transport::wire::{Wire, WireBody, WireError};

/// Answers requests from the world in place of a network.
#[derive(Clone)]
pub struct SimWire {
    shared: Arc<Shared>,
}

impl SimWire {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl fmt::Debug for SimWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimWire")
    }
}

impl Wire for SimWire {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<WireBody>, WireError>> {
        Box::pin(answer(Arc::clone(&self.shared), request))
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Bytes>) -> Result<Response<WireBody>, WireError> {
    let nth = shared.count_call();
    shared.timer.sleep(latency(nth)).await;
    strike(&shared, FaultAt::BeforeEffect, nth).await?;
    let reply = {
        let _computing = shared.timer.hold();
        shared.serve(&request, &request_id(nth))?
    };
    strike(&shared, FaultAt::AfterEffect, nth).await?;
    let response = match reply {
        Reply::Full(response) => response.map(WireBody::Full),
        Reply::Watch(watch) => {
            let body = WireBody::Stream(follow(Arc::clone(&shared), watch));
            Response::builder().header(header::CONTENT_TYPE, "application/json").body(body).map_err(reset)?
        }
        Reply::Gap(name) => {
            (shared.on_gap)(&name);
            return future::pending().await;
        }
    };
    match shared.faults.strike(FaultAt::MidBody, nth) {
        None => Ok(response),
        Some(kind) => Ok(response.map(|body| cut(shared, body, kind))),
    }
}

/// Ends the call, or everything, when a fault is planned here. After a crash nothing is ever answered.
async fn strike(shared: &Shared, at: FaultAt, nth: u64) -> Result<(), WireError> {
    match shared.faults.strike(at, nth) {
        Some(FaultKind::Crash) => shared.crash(),
        Some(FaultKind::Reset) => return Err(reset("a planned fault")),
        None => {}
    }
    if shared.is_crashed() {
        return future::pending().await;
    }
    Ok(())
}

/// 30 to 60 ms, the same for the same call of every run.
fn latency(nth: u64) -> Duration {
    Duration::from_millis(30 + nth.wrapping_mul(7919) % 31)
}

fn request_id(nth: u64) -> String {
    format!("00000000-0000-4000-8000-{nth:012x}")
}

fn reset(why: impl fmt::Display) -> WireError {
    WireError::Reset(why.to_string())
}

/// The first half of a body, then the fault. A watch breaks before its first chunk.
fn cut(shared: Arc<Shared>, body: WireBody, kind: FaultKind) -> WireBody {
    let half = match body {
        WireBody::Full(bytes) => bytes.slice(..bytes.len() / 2),
        WireBody::Stream(_) => Bytes::new(),
    };
    let end = stream::once(async move {
        if kind == FaultKind::Crash {
            shared.crash();
            return future::pending().await;
        }
        Err(reset("a planned fault in the middle of a body"))
    });
    WireBody::Stream(stream::iter([Ok(half)]).chain(end).boxed())
}

/// How the event begins after which a server ends a watch (410 Expired and the like).
const ERROR_EVENT: &[u8] = br#"{"type":"ERROR""#;

/// A watch in flight.
struct Following {
    shared: Arc<Shared>,
    watch: WatchRequest,
    revision: watch::Receiver<u64>,
    chunks: VecDeque<Bytes>,
    ended: bool,
}

/// The chunks of a watch: polled whenever the world changed or something in it is due, until its deadline.
fn follow(shared: Arc<Shared>, watch: WatchRequest) -> BoxStream<'static, Result<Bytes, WireError>> {
    let revision = shared.revision.subscribe();
    let following = Following { shared, watch, revision, chunks: VecDeque::new(), ended: false };
    stream::unfold(following, |mut following| async move {
        loop {
            if following.shared.is_crashed() {
                return future::pending().await;
            }
            if let Some(chunk) = following.chunks.pop_front() {
                return Some((Ok(chunk), following));
            }
            if following.ended {
                return None;
            }
            // Marked as seen before the look, so that a change during the look wakes us again.
            following.revision.borrow_and_update();
            let due = match following.look() {
                Ok(due) => due,
                Err(error) => {
                    following.ended = true;
                    return Some((Err(error), following));
                }
            };
            if following.chunks.is_empty() && !following.ended {
                following.wait(due).await;
            }
        }
    })
    .boxed()
}

impl Following {
    /// Takes what is new and tells when to look again at the latest; `None` means only when something changes.
    fn look(&mut self) -> Result<Option<Stamp>, WireError> {
        let watch = &mut self.watch;
        let (chunks, now, wake) = self.shared.advanced(|world| {
            let chunks = apiserver::poll_watch(world, watch);
            (chunks, world.now, world.next_wake())
        })?;
        let failed = chunks.last().is_some_and(|chunk| chunk.starts_with(ERROR_EVENT));
        self.chunks.extend(chunks);
        self.ended = failed || self.watch.deadline.is_some_and(|deadline| deadline <= now);
        Ok([wake, self.watch.deadline].into_iter().flatten().min())
    }

    async fn wait(&mut self, due: Option<Stamp>) {
        let timer = &self.shared.timer;
        let clock = async {
            match due {
                Some(due) => timer.sleep_until(due).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            // The sender lives as long as `shared`, which we hold; an error cannot come.
            _ = self.revision.changed() => {}
            () = clock => {}
        }
    }
}
