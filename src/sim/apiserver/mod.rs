//! The Kubernetes API server of one simulated cluster.

use bytes::Bytes;
use serde_json::Value;

use crate::domain::time::Stamp;
use crate::sim::world::World;

/// Group, version and plural of a resource, such as `apps`, `v1`, `daemonsets` (the core group is empty).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gvr {
    /// API group; empty for core.
    pub group: String,
    /// API version.
    pub version: String,
    /// Plural resource name.
    pub plural: String,
}

/// One cluster: stored objects, their history for watches, and who may log in.
#[derive(Debug, Default)]
pub struct Cluster {}

impl Cluster {
    /// A cluster at a Kubernetes minor such as `1.35`, with the namespaces and built-in objects every cluster has.
    pub fn new(_name: &str, _minor: &str, _now: Stamp) -> Self {
        Self {}
    }

    /// Applies `object` as a controller of the platform does: server-side apply with force under `manager`.
    pub fn put_as(&mut self, _now: Stamp, _manager: &str, _object: Value) {}

    /// The stored object, if there is one.
    pub fn get(&self, _gvr: &Gvr, _namespace: Option<&str>, _name: &str) -> Option<&Value> {
        None
    }

    /// Every stored object of a resource, in order of namespace and name.
    pub fn list(&self, _gvr: &Gvr) -> Vec<&Value> {
        Vec::new()
    }

    /// Removes an object as a controller does; absent is fine.
    pub fn remove(&mut self, _now: Stamp, _gvr: &Gvr, _namespace: Option<&str>, _name: &str) {}
}

/// Does what controllers, scheduler and kubelets have due by now, in every cluster. Idempotent.
pub fn settle(_world: &mut World) {}

/// What an API server answers.
#[derive(Debug)]
pub enum KubeReply {
    /// A whole response.
    Full(http::Response<Bytes>),
    /// A watch that goes on.
    Watch(WatchRequest),
    /// Something the API server does not implement.
    Gap(String),
}

/// Where a watch stands.
#[derive(Debug, Default)]
pub struct WatchCursor {}

/// A watch in progress.
#[derive(Debug)]
pub struct WatchRequest {
    /// Cluster it watches.
    pub cluster: String,
    /// Where it stands.
    pub cursor: WatchCursor,
    /// When the server ends it.
    pub deadline: Option<Stamp>,
}

/// Answers one request.
pub fn serve(_world: &mut World, cluster: &str, request: &http::Request<Bytes>) -> KubeReply {
    KubeReply::Gap(format!("kube:{cluster}:{} {}", request.method(), request.uri().path()))
}

/// What is new since the last poll, a line an event.
pub fn poll_watch(_world: &mut World, _watch: &mut WatchRequest) -> Vec<Bytes> {
    Vec::new()
}
