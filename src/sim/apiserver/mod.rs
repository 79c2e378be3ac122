//! The Kubernetes API server of one simulated cluster.

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
