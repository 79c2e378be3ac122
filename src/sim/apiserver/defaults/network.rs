//! Defaults of Services and webhooks, and addresses the server assigned earlier.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::sim::apiserver::Cluster;
use crate::sim::apiserver::json::{self, default, object, text};
use crate::sim::apiserver::kinds::{self, Kind};

pub(super) fn service(cluster: &Cluster, value: &mut Value) {
    let spec = object(value, &["spec"]);
    default(spec, "type", "ClusterIP");
    default(spec, "sessionAffinity", "None");
    default(spec, "internalTrafficPolicy", "Cluster");
    default(spec, "ipFamilies", json!(["IPv4"]));
    default(spec, "ipFamilyPolicy", "SingleStack");
    for port in value["spec"].get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let number = port["port"].clone();
        let port = object(port, &[]);
        default(port, "protocol", "TCP");
        default(port, "targetPort", number);
    }
    if text(value, "/spec/clusterIP").is_empty() && text(value, "/spec/type") != "ExternalName" {
        let address = free_address(cluster);
        json::set(value, &["spec", "clusterIP"], address);
    }
    let address = value["spec"]["clusterIP"].clone();
    if !address.is_null() {
        default(object(value, &["spec"]), "clusterIPs", json!([address]));
    }
    object(value, &["status", "loadBalancer"]);
}

/// The lowest free address of the service range 10.100.0.0/16; .10 is left to the cluster DNS, as on EKS.
fn free_address(cluster: &Cluster) -> String {
    let services = cluster.store.scan(kinds::known("Service"), None);
    let used: BTreeSet<&str> = services.map(|(_, service)| text(service, "/spec/clusterIP")).collect();
    let candidates = (1..65_000_u32).filter(|number| *number != 10);
    let mut addresses = candidates.map(|number| format!("10.100.{}.{}", number >> 8, number & 255));
    addresses.find(|address| !used.contains(address.as_str())).unwrap_or_default()
}

/// Carries over what the server assigned and an update may leave out.
pub(crate) fn keep_assigned(kind: &Kind, old: &Value, new: &mut Value) {
    let fields: &[&[&str]] = match kind.kind {
        "Service" => &[&["spec", "clusterIP"], &["spec", "clusterIPs"]],
        "PersistentVolumeClaim" => &[&["spec", "volumeName"], &["spec", "storageClassName"]],
        "Namespace" => &[&["spec", "finalizers"]],
        "Job" => &[&["spec", "selector"]],
        _ => &[],
    };
    for path in fields {
        let pointer = format!("/{}", path.join("/"));
        if new.pointer(&pointer).is_none_or(Value::is_null)
            && let Some(value) = old.pointer(&pointer)
        {
            json::set(new, path, value.clone());
        }
    }
}

pub(super) fn webhooks(value: &mut Value) {
    for hook in value.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
        let map = object(hook, &[]);
        default(map, "failurePolicy", "Fail");
        default(map, "matchPolicy", "Equivalent");
        default(map, "reinvocationPolicy", "Never");
        default(map, "timeoutSeconds", 10);
        default(map, "namespaceSelector", json!({}));
        default(map, "objectSelector", json!({}));
        for rule in hook.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
            default(object(rule, &[]), "scope", "*");
        }
    }
}
