//! What the control plane does by itself: controllers, scheduler, kubelets. Each pass is idempotent.

mod collect;
mod daemonset;
mod deployment;
mod devices;
mod endpoints;
mod job;
mod nodes;
mod pods;
mod volumes;
pub(crate) mod webhook;

use std::sync::Arc;

use serde_json::{Value, json};

use super::cluster::Rest;
use super::json::{int, items, set, text};
use super::kinds;
use super::outside;
use super::serve::Session;
use super::store::{Key, Writer};
use super::{kubelet, scheduler};
use crate::domain::time::Stamp;
use crate::sim::world::World;

/// Rounds after which a cluster that still changes is left to the next wake-up: a loop would be a fault of ours.
const ROUNDS: usize = 60;

/// Does what controllers, scheduler and kubelets have due by now, in every cluster. Idempotent.
pub fn settle(world: &mut World) {
    let names: Vec<String> = world.clusters.keys().cloned().collect();
    for name in names {
        let devices = outside::all_devices(world);
        if world.clusters.get(&name).is_some_and(|cluster| cluster.is_at_rest(world.now, devices)) {
            continue;
        }
        let Some(mut cluster) = world.clusters.remove(&name) else { continue };
        let mut session = Session { now: world.now, cluster: &mut cluster, world, wakes: Vec::new() };
        let mut rests = false;
        for _ in 0..ROUNDS {
            let before = session.cluster.store.revision();
            session.wakes.clear();
            round(&mut session);
            rests = session.cluster.store.revision() == before;
            if rests {
                break;
            }
        }
        let wakes = session.wakes;
        let next = wakes.iter().copied().filter(|at| *at > world.now).min();
        cluster.rest = rests.then(|| Rest { revision: cluster.store.revision(), devices, next });
        world.clusters.insert(name, cluster);
        for at in wakes {
            world.wake_at(at);
        }
    }
}

fn round(session: &mut Session<'_>) {
    nodes::run(session);
    collect::run(session);
    deployment::run(session);
    pods::replica_sets(session);
    daemonset::run(session);
    job::run(session);
    volumes::run(session);
    scheduler::run(session);
    kubelet::run(session);
    devices::run(session);
    endpoints::run(session);
    pods::budgets(session);
}

/// All objects of a kind, as they are now.
pub(crate) fn all(session: &Session<'_>, kind: &str) -> Vec<(Key, Arc<Value>)> {
    session
        .cluster
        .store
        .scan(kinds::known(kind), None)
        .map(|(key, object)| (key.clone(), Arc::clone(object)))
        .collect()
}

/// Objects of a kind that `owner` controls.
pub(crate) fn owned(session: &Session<'_>, kind: &str, owner: &Value) -> Vec<(Key, Arc<Value>)> {
    let uid = text(owner, "/metadata/uid");
    let namespace = text(owner, "/metadata/namespace");
    session
        .cluster
        .store
        .scan(kinds::known(kind), Some(namespace))
        .filter(|(_, object)| {
            items(object, "/metadata/ownerReferences")
                .iter()
                .any(|reference| text(reference, "/uid") == uid && reference["controller"] == true)
        })
        .map(|(key, object)| (key.clone(), Arc::clone(object)))
        .collect()
}

/// Changes an object as the controller manager.
pub(crate) fn edit(session: &mut Session<'_>, key: &Key, change: impl FnOnce(&mut Value)) -> bool {
    let writer = Writer { now: session.now, manager: "kube-controller-manager", subresource: "" };
    session.cluster.store.edit(writer, key, change)
}

/// Changes the status of an object as `manager`.
pub(crate) fn edit_status(
    session: &mut Session<'_>,
    manager: &str,
    key: &Key,
    change: impl FnOnce(&mut Value),
) -> bool {
    let writer = Writer { now: session.now, manager, subresource: "status" };
    session.cluster.store.edit(writer, key, change)
}

/// True when the object is on its way out.
pub(crate) fn is_deleted(object: &Value) -> bool {
    !text(object, "/metadata/deletionTimestamp").is_empty()
}

/// Whether a condition of the object is True.
pub(crate) fn is_true(object: &Value, condition: &str) -> bool {
    items(object, "/status/conditions")
        .iter()
        .any(|item| text(item, "/type") == condition && text(item, "/status") == "True")
}

/// Sets a condition; its transition time moves only when its status does.
pub(crate) fn condition(object: &mut Value, now: Stamp, kind: &str, status: bool, reason: &str, message: &str) {
    let mut all = items(object, "/status/conditions").to_vec();
    let status = if status { "True" } else { "False" };
    let at = all.iter().position(|item| text(item, "/type") == kind);
    let since = match at {
        Some(at) if text(&all[at], "/status") == status => all[at]["lastTransitionTime"].clone(),
        _ => now.rfc3339_seconds().into(),
    };
    let mut new = json!({"type": kind, "status": status, "lastTransitionTime": since});
    for (field, value) in [("reason", reason), ("message", message)] {
        if !value.is_empty() {
            new[field] = value.into();
        }
    }
    match at {
        Some(at) => all[at] = new,
        None => all.push(new),
    }
    set(object, &["status", "conditions"], all);
}

/// Records an event; the same one again raises its count.
pub(crate) fn event(session: &mut Session<'_>, about: &Value, kind: &str, reason: &str, message: &str, from: &str) {
    let namespace = match text(about, "/metadata/namespace") {
        "" => "default",
        namespace => namespace,
    };
    let events = kinds::known("Event");
    let uid = text(about, "/metadata/uid");
    let known = session
        .cluster
        .store
        .scan(events, Some(namespace))
        .find(|(_, event)| {
            text(event, "/involvedObject/uid") == uid
                && text(event, "/reason") == reason
                && text(event, "/message") == message
        })
        .map(|(key, _)| key.clone());
    let now = session.now.rfc3339_seconds();
    if let Some(key) = known {
        let writer = Writer { now: session.now, manager: from, subresource: "" };
        session.cluster.store.edit(writer, &key, |event| {
            if text(event, "/lastTimestamp") != now {
                let count = int(event, "/count").unwrap_or(1) + 1;
                set(event, &["count"], count);
                set(event, &["lastTimestamp"], now);
            }
        });
        return;
    }
    let name = format!("{}.{}", text(about, "/metadata/name"), session.cluster.store.suffix(16));
    let object = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {
            "apiVersion": about["apiVersion"], "kind": about["kind"], "name": about["metadata"]["name"],
            "namespace": about["metadata"]["namespace"], "uid": uid, "resourceVersion": about["metadata"]["resourceVersion"],
        },
        "type": kind, "reason": reason, "message": message, "count": 1, "firstTimestamp": now, "lastTimestamp": now,
        "source": {"component": from}, "reportingComponent": from, "reportingInstance": "", "eventTime": null,
    });
    session.cluster.store.insert(session.now, Key::new(events, namespace, &name), object);
}

/// Digest of a template as names and labels carry it.
pub(crate) fn template_hash(template: &Value) -> String {
    use sha2::{Digest, Sha256};
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut sorted = template.clone();
    sort(&mut sorted);
    let hash = Sha256::digest(sorted.to_string());
    hash.iter().take(10).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.sort_keys();
            map.values_mut().for_each(sort);
        }
        Value::Array(list) => list.iter_mut().for_each(sort),
        _ => {}
    }
}
