//! Watches: a cursor in the history of a cluster.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::failure::{Failure, Status};
use super::kinds::Kind;
use super::request::{Request, Target};
use super::selectors::Selectors;
use super::serve::Session;
use super::store::Change;
use crate::domain::time::Stamp;
use crate::sim::world::World;

/// Bookmarks come about once a minute (apiserver, storage/cacher).
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);

/// Watches without `timeoutSeconds` end after 30 to 60 minutes on a real server; here always after 45.
const DEFAULT_LIFE: Duration = Duration::from_secs(45 * 60);

/// An open watch.
#[derive(Debug, Clone)]
pub struct WatchRequest {
    /// Cluster whose history it reads.
    pub cluster: String,
    /// When the server ends the watch.
    pub deadline: Option<Stamp>,
    kind: &'static Kind,
    namespace: String,
    name: String,
    selectors: Selectors,
    cursor: u64,
    /// Objects that exist are still to be sent as ADDED.
    initial: bool,
    /// The bookmark that ends the initial events is wanted.
    marks_initial_end: bool,
    bookmarks: bool,
    last_sent: Stamp,
    ended: bool,
}

/// Opens a watch on a resource.
///
/// # Errors
///
/// 400 for a bad selector or resource version.
pub(crate) fn open(session: &Session<'_>, request: &Request<'_>, target: &Target) -> Result<WatchRequest, Failure> {
    let selectors =
        Selectors::parse(target.kind, request.parameter("labelSelector"), request.parameter("fieldSelector"))?;
    let from = request.parameter("resourceVersion").unwrap_or("0");
    let version: u64 = from.parse().map_err(|_| Failure::bad_request(format!("Invalid resource version: {from:?}")))?;
    let streams = request.flag("sendInitialEvents");
    if streams && request.parameter("resourceVersionMatch") != Some("NotOlderThan") {
        return Err(Failure::status(
            422,
            "Invalid",
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            Value::Null,
        ));
    }
    let life = request
        .parameter("timeoutSeconds")
        .and_then(|text| text.parse().ok())
        .filter(|seconds| *seconds > 0)
        .map_or(DEFAULT_LIFE, Duration::from_secs);
    Ok(WatchRequest {
        cluster: session.cluster.name.clone(),
        deadline: Some(session.now + life),
        kind: target.kind,
        namespace: target.namespace.clone(),
        name: target.name.clone(),
        selectors,
        cursor: version,
        initial: version == 0 || streams,
        marks_initial_end: streams,
        bookmarks: request.flag("allowWatchBookmarks"),
        last_sent: session.now,
        ended: false,
    })
}

/// Watch events due since the last poll, each one JSON line. After an ERROR event nothing more comes.
pub fn poll_watch(world: &mut World, watch: &mut WatchRequest) -> Vec<Bytes> {
    let now = world.now;
    let mut lines = Vec::new();
    if watch.ended {
        return lines;
    }
    let Some(cluster) = world.clusters.get(&watch.cluster) else { return lines };
    let store = &cluster.store;
    if watch.initial {
        watch.initial = false;
        let namespace = (!watch.namespace.is_empty()).then_some(watch.namespace.as_str());
        for (_, object) in store.scan(watch.kind, namespace) {
            if watch.wants(object) {
                lines.push(line("ADDED", object));
            }
        }
        watch.cursor = store.revision();
        if watch.marks_initial_end {
            lines.push(line("BOOKMARK", &watch.bookmark(true)));
        }
    }
    if watch.cursor < store.floor() {
        watch.ended = true;
        let message = format!("too old resource version: {} ({})", watch.cursor, store.floor() + 1);
        let status = Status { code: 410, reason: "Expired", message, details: Value::Null };
        lines.push(line("ERROR", &status.to_value()));
        return lines;
    }
    for change in store.changes_after(watch.cursor) {
        lines.extend(watch.event(change));
    }
    watch.cursor = watch.cursor.max(store.revision());
    if !lines.is_empty() {
        watch.last_sent = now;
    } else if watch.bookmarks && now.since(watch.last_sent) >= BOOKMARK_EVERY {
        watch.last_sent = now;
        lines.push(line("BOOKMARK", &watch.bookmark(false)));
    }
    lines
}

impl WatchRequest {
    fn wants(&self, object: &Value) -> bool {
        let named = self.name.is_empty() || object["metadata"]["name"] == self.name.as_str();
        named && self.selectors.matches(object)
    }

    fn event(&self, change: &Change) -> Option<Bytes> {
        let key = &change.key;
        if key.group != self.kind.group || key.plural != self.kind.plural {
            return None;
        }
        if !self.namespace.is_empty() && key.namespace != self.namespace {
            return None;
        }
        let before = change.before.as_deref().filter(|object| self.wants(object));
        let after = change.after.as_deref().filter(|object| self.wants(object));
        match (before, after) {
            (None, Some(object)) => Some(line("ADDED", object)),
            (Some(_), Some(object)) => Some(line("MODIFIED", object)),
            // Gone from the selection counts as deleted, in the state that left it, at this revision.
            (Some(object), None) => {
                let mut last = object.clone();
                last["metadata"]["resourceVersion"] = change.revision.to_string().into();
                Some(line("DELETED", &last))
            }
            (None, None) => None,
        }
    }

    fn bookmark(&self, ends_initial: bool) -> Value {
        let mut object = json!({
            "kind": self.kind.kind, "apiVersion": self.kind.api_version(),
            "metadata": {"resourceVersion": self.cursor.to_string(), "creationTimestamp": null},
        });
        if ends_initial {
            object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        object
    }
}

fn line(event: &str, object: &Value) -> Bytes {
    Bytes::from(format!("{}\n", json!({"type": event, "object": object})))
}
