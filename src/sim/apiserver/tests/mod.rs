//! Tests of the API server as a client sees it.

mod apply;
mod client;
mod control;
mod requests;
mod services;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Cluster, Gvr, KubeReply, WatchRequest, serve};
use crate::domain::time::Stamp;
use crate::sim::world::World;

/// A world with one cluster called `c`.
pub(super) fn world() -> World {
    let now: Stamp = "2026-07-01T03:00:00Z".parse().unwrap();
    let mut world = World::empty(now);
    world.clusters.insert("c".into(), Cluster::new("c", "1.35", now));
    world
}

/// A token signed at `at`.
pub(super) fn token(at: Stamp, signed: &str) -> String {
    let url = format!(
        "https://sts.us-east-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Date={}&X-Amz-Expires=60&X-Amz-SignedHeaders={}",
        at.amz_date(),
        signed.replace(';', "%3B")
    );
    format!("Bearer k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url))
}

pub(super) fn request(world: &World, method: &str, path: &str, kind: &str, body: &Value) -> http::Request<Bytes> {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    http::Request::builder()
        .method(method)
        .uri(format!("https://c{path}"))
        .header("authorization", token(world.now, "host;x-k8s-aws-id"))
        .header("content-type", kind)
        .header("user-agent", "tester/1.0")
        .body(body)
        .unwrap()
}

pub(super) fn full(reply: KubeReply) -> (u16, Value) {
    match reply {
        KubeReply::Full(response) => {
            let text = String::from_utf8(response.body().to_vec()).unwrap();
            (response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
        }
        other => panic!("not a full answer: {other:?}"),
    }
}

pub(super) fn call(world: &mut World, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = request(world, method, path, "application/json", &body);
    full(serve(world, "c", &request))
}

/// Server-side apply by `manager`; `more` is further query text.
pub(super) fn apply(world: &mut World, manager: &str, path: &str, more: &str, body: Value) -> (u16, Value) {
    let path = format!("{path}?fieldManager={manager}{more}");
    let request = request(world, "PATCH", &path, "application/apply-patch+yaml", &body);
    full(serve(world, "c", &request))
}

pub(super) fn open_watch(world: &mut World, path: &str) -> WatchRequest {
    let request = request(world, "GET", path, "application/json", &Value::Null);
    match serve(world, "c", &request) {
        KubeReply::Watch(watch) => watch,
        other => panic!("not a watch: {other:?}"),
    }
}

/// Lets `seconds` pass, a second at a time so that every wake-up counts.
pub(super) fn pass(world: &mut World, seconds: u64) {
    super::settle(world);
    let end = world.now + Duration::from_secs(seconds);
    world.advance_to(end);
    super::settle(world);
}

pub(super) fn node(world: &mut World, name: &str, instance: &str, taints: Value, ready: bool) {
    let now = world.now;
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "nvidia.com/gpu.present": if instance.starts_with("i-gpu") { "true" } else { "false" }}},
        "spec": {"providerID": format!("aws:///us-east-2a/{instance}"), "taints": taints},
        "status": {
            "capacity": {"cpu": "8", "memory": "32Gi", "pods": "58"}, "allocatable": {"cpu": "7910m", "memory": "30Gi", "pods": "58"},
            "addresses": [{"type": "InternalIP", "address": "10.0.1.7"}],
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": now.rfc3339_seconds()}],
        },
    });
    world.clusters.get_mut("c").unwrap().put_as(now, "node", node);
}

pub(super) fn get<'a>(world: &'a World, gvr: (&str, &str, &str), namespace: &str, name: &str) -> Option<&'a Value> {
    world.clusters["c"].get(&Gvr::new(gvr.0, gvr.1, gvr.2), Some(namespace), name)
}

pub(super) fn pods(world: &World) -> Vec<&Value> {
    world.clusters["c"].list(&Gvr::new("", "v1", "pods"))
}
