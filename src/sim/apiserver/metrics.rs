//! `metrics.k8s.io`, served while its APIService is Available.

use std::time::Duration;

use serde_json::{Value, json};

use super::Cluster;
use super::failure::Failure;
use super::json::{items, text};
use super::kinds;
use super::quantity;
use super::store::Key;
use crate::domain::time::Stamp;

/// First numbers come one resolution (15 s) after Metrics Server is ready.
pub(crate) const FIRST_SCRAPE: Duration = Duration::from_secs(15);

const API_SERVICE: &str = "v1beta1.metrics.k8s.io";

/// An APIService registers the group, working or not.
pub(crate) fn is_registered(cluster: &Cluster) -> bool {
    api_service(cluster).is_some()
}

fn api_service(cluster: &Cluster) -> Option<&Value> {
    cluster.store.get(&Key::new(kinds::known("APIService"), "", API_SERVICE)).map(AsRef::as_ref)
}

/// Refuses while nothing answers behind the group.
///
/// # Errors
///
/// 404 without an APIService, 503 while it is not Available.
pub(crate) fn require_available(cluster: &Cluster) -> Result<(), Failure> {
    let service = api_service(cluster).ok_or_else(Failure::no_resource)?;
    let available = items(service, "/status/conditions")
        .iter()
        .any(|condition| text(condition, "/type") == "Available" && text(condition, "/status") == "True");
    if available {
        return Ok(());
    }
    Err(Failure::status(503, "ServiceUnavailable", "the server is currently unable to handle the request", json!({})))
}

/// Lists or gets node and pod metrics.
///
/// # Errors
///
/// 404 for an object without metrics yet.
pub(crate) fn read(cluster: &Cluster, now: Stamp, plural: &str, namespace: &str, name: &str) -> Result<Value, Failure> {
    let (source, kind) = match plural {
        "nodes" => (kinds::known("Node"), "NodeMetrics"),
        "pods" => (kinds::known("Pod"), "PodMetrics"),
        _ => return Err(Failure::no_resource()),
    };
    let scraped = cluster.metrics_since.is_some_and(|since| now.since(since) >= FIRST_SCRAPE);
    let namespace = (!namespace.is_empty()).then_some(namespace);
    let mut listed: Vec<Value> = Vec::new();
    if scraped {
        for (_, object) in cluster.store.scan(source, namespace) {
            listed.extend(sample(cluster, now, kind, object));
        }
    }
    if name.is_empty() {
        let list = format!("{kind}List");
        return Ok(json!({"kind": list, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": listed}));
    }
    let found = listed.into_iter().find(|item| text(item, "/metadata/name") == name);
    found.ok_or_else(|| {
        let message = format!("{plural}.metrics.k8s.io {name:?} not found");
        Failure::status(404, "NotFound", message, json!({"name": name, "group": "metrics.k8s.io", "kind": plural}))
    })
}

fn sample(cluster: &Cluster, now: Stamp, kind: &str, object: &Value) -> Option<Value> {
    let is_true = |wanted: &str| {
        items(object, "/status/conditions")
            .iter()
            .any(|condition| text(condition, "/type") == wanted && text(condition, "/status") == "True")
    };
    if !is_true("Ready") {
        return None;
    }
    let metadata = json!({
        "name": object["metadata"]["name"], "creationTimestamp": now.rfc3339_seconds(), "labels": object["metadata"]["labels"],
    });
    let mut body = json!({
        "kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": metadata,
        "timestamp": now.rfc3339_seconds(), "window": "15.021s",
    });
    if kind == "NodeMetrics" {
        let pods = cluster
            .store
            .scan(kinds::known("Pod"), None)
            .filter(|(_, pod)| text(pod, "/spec/nodeName") == text(object, "/metadata/name"))
            .count();
        // A node uses a little for itself and a little for every pod.
        body["usage"] = json!({"cpu": format!("{}n", 61_734_108 + pods * 4_318_207), "memory": format!("{}Ki", 912_344 + pods * 68_912)});
    } else {
        body["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
        let usage = |container: &Value| {
            let requested = quantity::millis(&container["resources"]["requests"]["cpu"]).max(10);
            json!({"name": container["name"], "usage": {"cpu": format!("{}n", requested * 131_071), "memory": "41216Ki"}})
        };
        body["containers"] = items(object, "/spec/containers").iter().map(usage).collect();
    }
    Some(body)
}
