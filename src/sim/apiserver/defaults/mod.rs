//! What the API server fills in when a field is absent (`pkg/apis/*/v1/defaults.go` and the built-in admission plugins).

mod network;
mod pod;
mod workload;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Cluster;
use super::json::{self, default, object, text};
use super::kinds::{self, Kind};
use super::selectors;

pub(crate) use network::keep_assigned;

/// Completes an object.
pub(crate) fn fill(cluster: &Cluster, kind: &Kind, value: &mut Value) {
    match kind.kind {
        "Namespace" => namespace(value),
        "Pod" => pod::fill(cluster, value),
        "Deployment" => workload::deployment(value),
        "ReplicaSet" => workload::replica_set(value),
        "DaemonSet" => workload::daemon_set(value),
        "Job" => workload::job(value),
        "Service" => network::service(cluster, value),
        "APIService" if value["spec"]["service"].is_object() => {
            default(object(value, &["spec", "service"]), "port", 443);
        }
        "Secret" => secret(value),
        "StorageClass" => {
            let map = object(value, &[]);
            default(map, "reclaimPolicy", "Delete");
            default(map, "volumeBindingMode", "Immediate");
        }
        "PersistentVolume" => {
            let spec = object(value, &["spec"]);
            default(spec, "persistentVolumeReclaimPolicy", "Retain");
            default(spec, "volumeMode", "Filesystem");
            add_finalizer(value, "kubernetes.io/pv-protection");
            default(object(value, &["status"]), "phase", "Pending");
        }
        "PersistentVolumeClaim" => claim(cluster, value),
        "CSIDriver" => csi_driver(value),
        "PriorityClass" => default(object(value, &[]), "preemptionPolicy", "PreemptLowerPriority"),
        "RoleBinding" | "ClusterRoleBinding" => binding(value),
        "MutatingWebhookConfiguration" => network::webhooks(value),
        _ => {}
    }
}

fn namespace(value: &mut Value) {
    let name = text(value, "/metadata/name").to_owned();
    object(value, &["metadata", "labels"]).insert("kubernetes.io/metadata.name".into(), name.into());
    default(object(value, &["spec"]), "finalizers", json!(["kubernetes"]));
    default(object(value, &["status"]), "phase", "Active");
}

fn secret(value: &mut Value) {
    default(object(value, &[]), "type", "Opaque");
    let plain = value.get("stringData").cloned();
    if let Some(Value::Object(plain)) = plain {
        let data = object(value, &["data"]);
        for (key, item) in plain {
            data.insert(key, STANDARD.encode(item.as_str().unwrap_or_default()).into());
        }
        json::unset(value, &["stringData"]);
    }
}

fn claim(cluster: &Cluster, value: &mut Value) {
    default(object(value, &["spec"]), "volumeMode", "Filesystem");
    default(object(value, &["status"]), "phase", "Pending");
    if text(value, "/metadata/deletionTimestamp").is_empty() {
        add_finalizer(value, "kubernetes.io/pvc-protection");
    }
    if value["spec"].get("storageClassName").is_none()
        && let Some(class) = default_class(cluster)
    {
        json::set(value, &["spec", "storageClassName"], class);
    }
}

/// Of several default classes the newest counts, then the first by name (pkg/volume/util/storageclass.go).
pub(crate) fn default_class(cluster: &Cluster) -> Option<String> {
    const KEYS: [&str; 2] =
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let mut found: Vec<(&str, &str)> = cluster
        .store
        .scan(kinds::known("StorageClass"), None)
        .filter(|(_, class)| KEYS.iter().any(|key| class["metadata"]["annotations"][*key] == "true"))
        .map(|(key, class)| (text(class, "/metadata/creationTimestamp"), key.name.as_str()))
        .collect();
    found.sort_by(|a, b| b.0.cmp(a.0).then(a.1.cmp(b.1)));
    found.first().map(|(_, name)| (*name).to_owned())
}

fn add_finalizer(value: &mut Value, name: &str) {
    if value["metadata"].get("uid").is_some() {
        return;
    }
    let mut all = json::items(value, "/metadata/finalizers").to_vec();
    if !all.iter().any(|item| item == name) {
        all.push(name.into());
        json::set(value, &["metadata", "finalizers"], all);
    }
}

fn csi_driver(value: &mut Value) {
    let spec = object(value, &["spec"]);
    default(spec, "attachRequired", true);
    default(spec, "podInfoOnMount", false);
    default(spec, "storageCapacity", false);
    default(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    default(spec, "volumeLifecycleModes", json!(["Persistent"]));
    default(spec, "requiresRepublish", false);
    default(spec, "seLinuxMount", false);
}

fn binding(value: &mut Value) {
    default(object(value, &["roleRef"]), "apiGroup", "rbac.authorization.k8s.io");
    if let Some(subjects) = value.get_mut("subjects").and_then(Value::as_array_mut) {
        for subject in subjects {
            if subject["kind"] != "ServiceAccount" {
                default(object(subject, &[]), "apiGroup", "rbac.authorization.k8s.io");
            }
        }
    }
}

/// The labels of a template match its selector, or there is no selector.
pub(crate) fn selector_fits(object: &Value) -> bool {
    selectors::label_selector_matches(&object["spec"]["selector"], &object["spec"]["template"]["metadata"]["labels"])
}
