//! Defaults of pod specs, in templates and in pods.

use serde_json::{Map, Value, json};

use crate::sim::apiserver::Cluster;
use crate::sim::apiserver::json::{self, default, object, text};
use crate::sim::apiserver::kinds;
use crate::sim::apiserver::store::Key;

/// What every pod spec gets, also inside a template.
pub(crate) fn spec(value: &mut Value) {
    let host_network = value["hostNetwork"] == true;
    {
        let map = object(value, &[]);
        default(map, "restartPolicy", "Always");
        default(map, "dnsPolicy", "ClusterFirst");
        default(map, "terminationGracePeriodSeconds", 30);
        default(map, "securityContext", json!({}));
        default(map, "schedulerName", "default-scheduler");
        // The deprecated twin is kept in step.
        if let Some(account) = map.get("serviceAccountName").cloned() {
            map.insert("serviceAccount".into(), account);
        }
    }
    for list in ["initContainers", "containers"] {
        for container in value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            fill_container(container, host_network);
        }
    }
    for volume in value.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        fill_volume(volume);
    }
}

fn fill_container(container: &mut Value, host_network: bool) {
    let policy = if pulls_always(text(container, "/image")) { "Always" } else { "IfNotPresent" };
    {
        let map = object(container, &[]);
        default(map, "imagePullPolicy", policy);
        default(map, "terminationMessagePath", "/dev/termination-log");
        default(map, "terminationMessagePolicy", "File");
        default(map, "resources", json!({}));
    }
    for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let number = port["containerPort"].clone();
        let port = object(port, &[]);
        default(port, "protocol", "TCP");
        if host_network {
            default(port, "hostPort", number);
        }
    }
    for env in container.get_mut("env").and_then(Value::as_array_mut).into_iter().flatten() {
        if env.pointer("/valueFrom/fieldRef").is_some() {
            default(object(env, &["valueFrom", "fieldRef"]), "apiVersion", "v1");
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container.get(name).is_some_and(Value::is_object) {
            fill_probe(object(container, &[name]));
        }
    }
}

fn fill_probe(probe: &mut Map<String, Value>) {
    for (key, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        default(probe, key, value);
    }
    if let Some(Value::Object(http)) = probe.get_mut("httpGet") {
        default(http, "path", "/");
        default(http, "scheme", "HTTP");
    }
    if let Some(Value::Object(grpc)) = probe.get_mut("grpc") {
        default(grpc, "service", "");
    }
}

/// Without a tag the tag is `latest`, which is always pulled; a digest never is.
fn pulls_always(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn fill_volume(volume: &mut Value) {
    if volume.as_object().is_some_and(|map| map.len() <= 1) {
        json::set(volume, &["emptyDir"], json!({}));
    }
    for source in ["secret", "configMap", "projected", "downwardAPI"] {
        if volume.get(source).is_some_and(Value::is_object) {
            default(object(volume, &[source]), "defaultMode", 420);
        }
    }
    if volume.get("hostPath").is_some_and(Value::is_object) {
        default(object(volume, &["hostPath"]), "type", "");
    }
    for source in volume.pointer_mut("/projected/sources").and_then(Value::as_array_mut).into_iter().flatten() {
        if source.get("serviceAccountToken").is_some() {
            default(object(source, &["serviceAccountToken"]), "expirationSeconds", 3600);
        }
    }
}

/// What a pod gets beside its spec's defaults: service account, tolerations, priority, requests from limits.
pub(crate) fn fill(cluster: &Cluster, pod: &mut Value) {
    let fresh = pod["metadata"].get("uid").is_none();
    spec(object_value(pod));
    let (priority, preemption) = priority(cluster, text(pod, "/spec/priorityClassName"));
    {
        let map = object(pod, &["spec"]);
        default(map, "enableServiceLinks", true);
        default(map, "serviceAccountName", "default");
        if let Some(account) = map.get("serviceAccountName").cloned() {
            map.insert("serviceAccount".into(), account);
        }
        default(map, "priority", priority);
        default(map, "preemptionPolicy", preemption);
    }
    for list in ["initContainers", "containers"] {
        for container in pod["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            requests_from_limits(container);
        }
    }
    if fresh {
        default_tolerations(pod);
        token_volume(pod);
        default(object(pod, &["status"]), "phase", "Pending");
        let class = qos_class(pod);
        default(object(pod, &["status"]), "qosClass", class);
    }
}

fn object_value(pod: &mut Value) -> &mut Value {
    object(pod, &["spec"]);
    &mut pod["spec"]
}

fn priority(cluster: &Cluster, class: &str) -> (i64, String) {
    let key = Key::new(kinds::known("PriorityClass"), "", class);
    match cluster.store.get(&key) {
        Some(found) => (json::int(found, "/value").unwrap_or(0), text(found, "/preemptionPolicy").to_owned()),
        None => (0, "PreemptLowerPriority".to_owned()),
    }
}

fn requests_from_limits(container: &mut Value) {
    let Some(limits) = container.pointer("/resources/limits").and_then(Value::as_object).cloned() else { return };
    let requests = object(container, &["resources", "requests"]);
    for (name, amount) in limits {
        default(requests, &name, amount);
    }
}

fn default_tolerations(pod: &mut Value) {
    let mut all = json::items(pod, "/spec/tolerations").to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covered = all.iter().any(|toleration| {
            let wanted = text(toleration, "/key");
            (wanted == key || wanted.is_empty()) && matches!(text(toleration, "/effect"), "" | "NoExecute")
        });
        if !covered {
            all.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
        }
    }
    json::set(pod, &["spec", "tolerations"], all);
}

/// The token volume of the ServiceAccount admission plugin.
fn token_volume(pod: &mut Value) {
    if pod["spec"]["automountServiceAccountToken"] == false {
        return;
    }
    let mut volumes = json::items(pod, "/spec/volumes").to_vec();
    if volumes.iter().any(|volume| text(volume, "/name").starts_with("kube-api-access-")) {
        return;
    }
    let name = "kube-api-access-x7k2p";
    volumes.push(json!({"name": name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
    ]}}));
    json::set(pod, &["spec", "volumes"], volumes);
    for list in ["initContainers", "containers"] {
        for container in pod["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let mut mounts = json::items(container, "/volumeMounts").to_vec();
            mounts.push(
                json!({"name": name, "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}),
            );
            json::set(container, &["volumeMounts"], mounts);
        }
    }
}

fn qos_class(pod: &Value) -> &'static str {
    let amounts = |container: &Value, part: &str| {
        ["cpu", "memory"].map(|name| container["resources"][part].get(name).cloned().unwrap_or(Value::Null))
    };
    let containers = json::items(pod, "/spec/containers");
    let none = |container: &Value| {
        amounts(container, "requests").iter().chain(&amounts(container, "limits")).all(Value::is_null)
    };
    let full = |container: &Value| {
        let limits = amounts(container, "limits");
        limits == amounts(container, "requests") && limits.iter().all(|amount| !amount.is_null())
    };
    if containers.iter().all(none) {
        "BestEffort"
    } else if containers.iter().all(full) {
        "Guaranteed"
    } else {
        "Burstable"
    }
}
