//! Deployments: one ReplicaSet a template, rolled within surge and unavailability.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::pods::{amount, amount_down};
use super::{all, condition, edit, edit_status, is_deleted, owned, template_hash};
use crate::domain::time::Stamp;
use crate::sim::apiserver::json::{int, items, set, text, unset};
use crate::sim::apiserver::kinds;
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::ssa::managers;
use crate::sim::apiserver::store::{Key, Writer, controller_reference};
use crate::sim::apiserver::{cluster, defaults};

const REVISION: &str = "deployment.kubernetes.io/revision";

/// Brings every Deployment forward.
pub(super) fn run(session: &mut Session<'_>) {
    for (key, deployment) in all(session, "Deployment") {
        if is_deleted(&deployment) {
            continue;
        }
        let hash = template_hash(&deployment["spec"]["template"]);
        let name = format!("{}-{hash}", key.name);
        let current = Key::new(kinds::known("ReplicaSet"), &key.namespace, &name);
        let wanted = int(&deployment, "/spec/replicas").unwrap_or(1);
        if session.cluster.store.get(&current).is_none() {
            make_set(session, &deployment, &current, &hash);
        }
        let old: Vec<(Key, Arc<Value>)> =
            owned(session, "ReplicaSet", &deployment).into_iter().filter(|(key, _)| *key != current).collect();
        roll(session, &deployment, &current, &old, wanted);
        report(session, &key, &deployment, &current, wanted);
    }
}

fn make_set(session: &mut Session<'_>, deployment: &Value, key: &Key, hash: &str) {
    let revision = owned(session, "ReplicaSet", deployment)
        .iter()
        .filter_map(|(_, set)| set["metadata"]["annotations"][REVISION].as_str()?.parse::<u64>().ok())
        .max()
        .unwrap_or(0)
        + 1;
    let mut template = deployment["spec"]["template"].clone();
    set(&mut template, &["metadata", "labels", "pod-template-hash"], hash);
    let mut selector = deployment["spec"]["selector"].clone();
    set(&mut selector, &["matchLabels", "pod-template-hash"], hash);
    let labels = template["metadata"]["labels"].clone();
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": key.name, "namespace": key.namespace, "labels": labels,
            "annotations": {REVISION: revision.to_string()}, "ownerReferences": [controller_reference(deployment)]},
        "spec": {"replicas": 0, "selector": selector, "template": template},
    });
    defaults::fill(session.cluster, key.kind(), &mut object);
    let writer = Writer { now: session.now, manager: "kube-controller-manager", subresource: "" };
    managers::record_update(writer, key.kind(), &cluster::identity(key), &mut object);
    session.cluster.store.insert(session.now, key.clone(), object);
    let owner = Key::of(kinds::known("Deployment"), deployment);
    edit(session, &owner, |object| set(object, &["metadata", "annotations", REVISION], revision.to_string()));
}

fn count(object: &Value, pointer: &str) -> i64 {
    int(object, pointer).unwrap_or(0)
}

fn roll(session: &mut Session<'_>, deployment: &Value, current: &Key, old: &[(Key, Arc<Value>)], wanted: i64) {
    let Some(new) = session.cluster.store.get(current).cloned() else { return };
    let have = count(&new, "/spec/replicas");
    let old_total: i64 = old.iter().map(|(_, set)| count(set, "/spec/replicas")).sum();
    if text(deployment, "/spec/strategy/type") == "Recreate" {
        let running: i64 = old.iter().map(|(_, set)| count(set, "/status/replicas")).sum();
        for (key, _) in old {
            resize(session, key, 0);
        }
        if running == 0 {
            resize(session, current, wanted);
        }
        return;
    }
    let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
    let surge = amount(&rolling["maxSurge"], wanted);
    let mut slack = amount_down(&rolling["maxUnavailable"], wanted);
    if surge == 0 && slack == 0 {
        slack = 1;
    }
    if old_total == 0 {
        resize(session, current, wanted);
        return;
    }
    let room = (wanted + surge - old_total - have).max(0);
    resize(session, current, (have + room).min(wanted));
    let available: i64 = count(&new, "/status/availableReplicas")
        + old.iter().map(|(_, set)| count(set, "/status/availableReplicas")).sum::<i64>();
    let mut surplus = available - (wanted - slack);
    for (key, set) in old {
        let replicas = count(set, "/spec/replicas");
        // Replicas that never became available cost nothing to remove.
        let idle = (replicas - count(set, "/status/availableReplicas")).max(0);
        let take = (idle + surplus.max(0)).min(replicas);
        surplus -= take - idle.min(take);
        resize(session, key, replicas - take);
    }
}

fn resize(session: &mut Session<'_>, key: &Key, replicas: i64) {
    edit(session, key, |object| set(object, &["spec", "replicas"], replicas));
}

fn report(session: &mut Session<'_>, key: &Key, deployment: &Value, current: &Key, wanted: i64) {
    let sets = owned(session, "ReplicaSet", deployment);
    let sum = |field: &str| -> i64 { sets.iter().map(|(_, set)| count(set, field)).sum() };
    let (total, ready) = (sum("/status/replicas"), sum("/status/readyReplicas"));
    let updated = session.cluster.store.get(current).map_or(0, |set| count(set, "/status/replicas"));
    let slack = amount_down(&deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], wanted);
    let (now, name) = (session.now, current.name.clone());
    let complete = updated == wanted && total == wanted && ready == wanted;
    let deadline =
        Duration::from_secs(u64::try_from(count(deployment, "/spec/progressDeadlineSeconds")).unwrap_or(600));
    let mut wake = None;
    edit_status(session, "kube-controller-manager", key, |object| {
        let progress = (count(object, "/status/updatedReplicas"), count(object, "/status/readyReplicas"));
        set(object, &["status", "observedGeneration"], object["metadata"]["generation"].clone());
        let unavailable = (wanted.max(total) - ready).max(0);
        for (field, value) in [
            ("replicas", total),
            ("updatedReplicas", updated),
            ("readyReplicas", ready),
            ("availableReplicas", ready),
            ("unavailableReplicas", unavailable),
        ] {
            if value == 0 {
                unset(object, &["status", field]);
            } else {
                set(object, &["status", field], value);
            }
        }
        if ready >= wanted - slack {
            condition(
                object,
                now,
                "Available",
                true,
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
            );
        } else {
            condition(
                object,
                now,
                "Available",
                false,
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            );
        }
        if complete {
            let message = format!("ReplicaSet \"{name}\" has successfully progressed.");
            progressing(object, now, true, "NewReplicaSetAvailable", &message, false);
            return;
        }
        let last = items(object, "/status/conditions").iter().find(|item| text(item, "/type") == "Progressing");
        let since = last.and_then(|item| text(item, "/lastUpdateTime").parse::<Stamp>().ok());
        let moved =
            progress != (updated, ready) || last.is_none_or(|item| text(item, "/reason") == "NewReplicaSetAvailable");
        match since {
            Some(since) if !moved && now >= since + deadline => {
                let message = format!("ReplicaSet \"{name}\" has timed out progressing.");
                progressing(object, now, false, "ProgressDeadlineExceeded", &message, false);
            }
            since => {
                wake = Some(if moved { now } else { since.unwrap_or(now) } + deadline);
                let message = format!("ReplicaSet \"{name}\" is progressing.");
                progressing(object, now, true, "ReplicaSetUpdated", &message, moved);
            }
        }
    });
    session.wakes.extend(wake);
}

/// The Progressing condition also carries when it was last renewed.
fn progressing(object: &mut Value, now: Stamp, status: bool, reason: &str, message: &str, renew: bool) {
    let find = |object: &Value| {
        items(object, "/status/conditions").iter().find(|item| text(item, "/type") == "Progressing").cloned()
    };
    let before = find(object);
    condition(object, now, "Progressing", status, reason, message);
    let same = before.as_ref().is_some_and(|item| text(item, "/reason") == reason && text(item, "/message") == message);
    let updated = match before {
        Some(item) if same && !renew => item["lastUpdateTime"].clone(),
        _ => now.rfc3339_seconds().into(),
    };
    if let Some(list) = object.pointer_mut("/status/conditions").and_then(Value::as_array_mut) {
        for item in list.iter_mut().filter(|item| item["type"] == "Progressing") {
            item["lastUpdateTime"] = updated.clone();
        }
    }
}
