//! Placeholder of helper simaws: objects in a map, no defaulting. The real one is simkube's.

use std::collections::BTreeMap;

use serde_json::{Value, json};

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
pub struct Cluster {
    objects: BTreeMap<(Gvr, String, String), Value>,
}

impl Cluster {
    /// A cluster at a Kubernetes minor such as `1.35`, with the namespaces and built-in objects every cluster has.
    pub fn new(_name: &str, _minor: &str, _now: Stamp) -> Self {
        Self::default()
    }

    /// Applies `object` as a controller of the platform does: server-side apply with force under `manager`.
    pub fn put_as(&mut self, _now: Stamp, manager: &str, mut object: Value) {
        let Some((gvr, namespace, name)) = crate::sim::services::eks::locate(&object) else { return };
        let key = (gvr, namespace.unwrap_or_default(), name);
        let mut managers = self.objects.get(&key).map(|o| o["metadata"]["managedFields"].clone()).unwrap_or_else(|| json!([]));
        if let Some(list) = managers.as_array_mut() {
            list.push(json!({"manager": manager}));
        }
        object["metadata"]["managedFields"] = managers;
        match self.objects.get_mut(&key) {
            Some(have) => merge(have, object),
            None => {
                self.objects.insert(key, object);
            }
        }
    }

    /// The stored object, if there is one.
    pub fn get(&self, gvr: &Gvr, namespace: Option<&str>, name: &str) -> Option<&Value> {
        self.objects.get(&(gvr.clone(), namespace.unwrap_or_default().to_owned(), name.to_owned()))
    }

    /// Every stored object of a resource, in order of namespace and name.
    pub fn list(&self, gvr: &Gvr) -> Vec<&Value> {
        self.objects.iter().filter(|((have, ..), _)| have == gvr).map(|(_, object)| object).collect()
    }

    /// Removes an object as a controller does; absent is fine.
    pub fn remove(&mut self, _now: Stamp, gvr: &Gvr, namespace: Option<&str>, name: &str) {
        self.objects.remove(&(gvr.clone(), namespace.unwrap_or_default().to_owned(), name.to_owned()));
    }
}

fn merge(have: &mut Value, more: Value) {
    match (have, more) {
        (Value::Object(have), Value::Object(more)) => {
            for (key, value) in more {
                merge(have.entry(key).or_insert(Value::Null), value);
            }
        }
        (have, more) => *have = more,
    }
}

/// Does what controllers, scheduler and kubelets have due by now, in every cluster. Idempotent.
pub fn settle(_world: &mut World) {}

/// What an API server answers.
#[derive(Debug)]
pub enum KubeReply {
    /// A whole response.
    Full(http::Response<bytes::Bytes>),
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
pub fn serve(_world: &mut World, cluster: &str, request: &http::Request<bytes::Bytes>) -> KubeReply {
    KubeReply::Gap(format!("kube:{cluster}:{} {}", request.method(), request.uri().path()))
}

/// What is new since the last poll, a line an event.
pub fn poll_watch(_world: &mut World, _watch: &mut WatchRequest) -> Vec<bytes::Bytes> {
    Vec::new()
}
