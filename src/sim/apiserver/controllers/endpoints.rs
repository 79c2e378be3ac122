//! Endpoints of Services, and the availability of APIServices.

use serde_json::{Value, json};

use super::{all, condition, edit, edit_status, is_deleted, is_true};
use crate::sim::apiserver::json::{self, items, set, text};
use crate::sim::apiserver::kinds;
use crate::sim::apiserver::metrics::FIRST_SCRAPE;
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::{Key, controller_reference};

/// Brings endpoints and APIServices up to date.
pub(super) fn run(session: &mut Session<'_>) {
    for (key, service) in all(session, "Service") {
        if json::entries(&service, "/spec/selector").next().is_some() && !is_deleted(&service) {
            publish(session, &key, &service);
        }
    }
    for (key, service) in all(session, "APIService") {
        availability(session, &key, &service);
    }
}

fn publish(session: &mut Session<'_>, key: &Key, service: &Value) {
    let pods: Vec<Value> = session
        .cluster
        .store
        .scan(kinds::known("Pod"), Some(&key.namespace))
        .filter(|(_, pod)| selected(service, pod) && !text(pod, "/status/podIP").is_empty() && !is_deleted(pod))
        .filter(|(_, pod)| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"))
        .map(|(_, pod)| (**pod).clone())
        .collect();
    let ports: Vec<Value> = items(service, "/spec/ports")
        .iter()
        .map(|port| {
            json!({"name": text(port, "/name"), "port": target_port(port, pods.first()), "protocol": text(port, "/protocol")})
        })
        .collect();
    let address = |pod: &Value| {
        json!({"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"],
        "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": key.namespace, "uid": pod["metadata"]["uid"]}})
    };
    let slice_endpoints: Vec<Value> = pods
        .iter()
        .map(|pod| {
            let ready = is_true(pod, "Ready");
            json!({"addresses": [pod["status"]["podIP"]], "conditions": {"ready": ready, "serving": ready, "terminating": false},
                "nodeName": pod["spec"]["nodeName"], "targetRef": address(pod)["targetRef"]})
        })
        .collect();
    let pick =
        |ready: bool| -> Vec<Value> { pods.iter().filter(|pod| is_true(pod, "Ready") == ready).map(address).collect() };
    let mut subset = json!({"ports": ports});
    for (field, list) in [("addresses", pick(true)), ("notReadyAddresses", pick(false))] {
        if !list.is_empty() {
            subset[field] = list.into();
        }
    }
    let subsets = if pods.is_empty() { json!([]) } else { json!([subset]) };
    let endpoints = Key::new(kinds::known("Endpoints"), &key.namespace, &key.name);
    if session.cluster.store.get(&endpoints).is_none() {
        let object = json!({"apiVersion": "v1", "kind": "Endpoints",
            "metadata": {"name": key.name, "namespace": key.namespace, "labels": service["metadata"]["labels"]}});
        session.cluster.store.insert(session.now, endpoints.clone(), object);
    }
    edit(session, &endpoints, |object| set(object, &["subsets"], subsets));
    let slice = slice_of(session, key, service);
    edit(session, &slice, |object| {
        set(object, &["endpoints"], slice_endpoints);
        set(object, &["ports"], ports);
    });
}

fn slice_of(session: &mut Session<'_>, key: &Key, service: &Value) -> Key {
    const LABEL: &str = "kubernetes.io/service-name";
    let kind = kinds::known("EndpointSlice");
    let known = session
        .cluster
        .store
        .scan(kind, Some(&key.namespace))
        .find(|(_, slice)| slice["metadata"]["labels"][LABEL] == key.name.as_str())
        .map(|(slice, _)| slice.clone());
    if let Some(slice) = known {
        return slice;
    }
    let name = format!("{}-{}", key.name, session.cluster.store.suffix(5));
    let slice = Key::new(kind, &key.namespace, &name);
    let object = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": name, "namespace": key.namespace, "generateName": format!("{}-", key.name),
            "labels": {LABEL: key.name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
            "ownerReferences": [controller_reference(service)]},
        "endpoints": [], "ports": [],
    });
    session.cluster.store.insert(session.now, slice.clone(), object);
    slice
}

fn selected(service: &Value, pod: &Value) -> bool {
    json::entries(service, "/spec/selector").all(|(key, want)| pod["metadata"]["labels"].get(key) == Some(want))
}

/// A named target port is the container port of that name.
fn target_port(port: &Value, pod: Option<&Value>) -> Value {
    let target = &port["targetPort"];
    let Some(name) = target.as_str() else { return target.clone() };
    let Some(pod) = pod else { return Value::Null };
    items(pod, "/spec/containers")
        .iter()
        .flat_map(|container| items(container, "/ports"))
        .find(|port| text(port, "/name") == name)
        .map_or(Value::Null, |port| port["containerPort"].clone())
}

fn availability(session: &mut Session<'_>, key: &Key, api: &Value) {
    let (available, reason, message) = judge(session, api);
    let now = session.now;
    edit_status(session, "kube-apiserver", key, |object| {
        condition(object, now, "Available", available, reason, &message);
    });
    if key.name == "v1beta1.metrics.k8s.io" {
        if !available {
            session.cluster.metrics_since = None;
        } else if session.cluster.metrics_since.is_none() {
            session.cluster.metrics_since = Some(now);
        }
        session.wakes.extend(session.cluster.metrics_since.map(|since| since + FIRST_SCRAPE));
    }
}

fn judge(session: &Session<'_>, api: &Value) -> (bool, &'static str, String) {
    let (namespace, name) = (text(api, "/spec/service/namespace"), text(api, "/spec/service/name"));
    if name.is_empty() {
        return (true, "Local", "Local APIServices are always available".to_owned());
    }
    let Some(service) = session.cluster.store.get(&Key::new(kinds::known("Service"), namespace, name)) else {
        return (false, "ServiceNotFound", format!("service/{name} in {namespace:?} is not present"));
    };
    let number = api["spec"]["service"]["port"].as_i64().unwrap_or(443);
    let Some(port) = items(service, "/spec/ports").iter().find(|port| port["port"] == number) else {
        return (
            false,
            "ServicePortError",
            format!("service/{name} in {namespace:?} is not listening on port {number}"),
        );
    };
    let endpoints = Key::new(kinds::known("Endpoints"), namespace, name);
    let Some(endpoints) = session.cluster.store.get(&endpoints) else {
        return (false, "EndpointsNotFound", format!("cannot find endpoints for service/{name} in {namespace:?}"));
    };
    if items(endpoints, "/subsets").iter().all(|subset| items(subset, "/addresses").is_empty()) {
        let port = text(port, "/name");
        let message =
            format!("endpoints for service/{name} in {namespace:?} have no addresses with port name {port:?}");
        return (false, "MissingEndpoints", message);
    }
    (true, "Passed", "all checks passed".to_owned())
}
