//! The scheduler: pods without a node get one, or an Unschedulable condition that says why.

pub(crate) mod fit;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::controllers::{all, condition, edit, edit_status, event, is_deleted};
use super::json::{int, items, set, text};
use super::kinds;
use super::quantity;
use super::serve::Session;
use super::store::{Key, Writer};
use fit::Usage;

const MANAGER: &str = "kube-scheduler";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Places every pod that waits, the most important first.
pub(crate) fn run(session: &mut Session<'_>) {
    let mut waiting: Vec<(Key, Arc<Value>)> = all(session, "Pod")
        .into_iter()
        .filter(|(_, pod)| text(pod, "/spec/nodeName").is_empty() && !is_deleted(pod))
        .filter(|(_, pod)| text(pod, "/spec/schedulerName") == "default-scheduler")
        .collect();
    waiting.sort_by_key(|(_, pod)| {
        (-int(pod, "/spec/priority").unwrap_or(0), text(pod, "/metadata/creationTimestamp").to_owned())
    });
    for (key, pod) in waiting {
        place(session, &key, &pod);
    }
}

fn place(session: &mut Session<'_>, key: &Key, pod: &Value) {
    let nodes = all(session, "Node");
    let pods: Vec<Arc<Value>> = all(session, "Pod")
        .into_iter()
        .map(|(_, pod)| pod)
        .filter(|pod| !text(pod, "/spec/nodeName").is_empty())
        .filter(|pod| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"))
        .collect();
    let claims = match claims(session, key, pod) {
        Ok(claims) => claims,
        Err(why) => {
            let message = format!("0/{} nodes are available: {why}.", nodes.len());
            refuse(session, key, pod, &message);
            return;
        }
    };
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut best: Option<(i128, String)> = None;
    for (_, node) in nodes.iter().filter(|(_, node)| !is_deleted(node)) {
        let name = text(node, "/metadata/name");
        let on_node: Vec<&Arc<Value>> = pods.iter().filter(|pod| text(pod, "/spec/nodeName") == name).collect();
        let usage = Usage::of(node, &on_node);
        let blocked = fit::obstacles(pod, node, &usage, &nodes, &pods)
            .into_iter()
            .chain(claims.iter().filter_map(|claim| volume_obstacle(session, claim, node)))
            .collect::<Vec<String>>();
        if blocked.is_empty() {
            let score = score(pod, &usage, &on_node);
            if best.as_ref().is_none_or(|(top, _)| score > *top) {
                best = Some((score, name.to_owned()));
            }
        }
        for reason in blocked {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    match best {
        Some((_, node)) => bind(session, key, pod, &node, &claims),
        None => {
            let mut parts: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            parts.sort();
            let total = nodes.len();
            let message = if total == 0 {
                "no nodes available to schedule pods".to_owned()
            } else {
                format!(
                    "0/{total} nodes are available: {}. preemption: 0/{total} nodes are available: {total} Preemption is not helpful for scheduling.",
                    parts.join(", ")
                )
            };
            refuse(session, key, pod, &message);
        }
    }
}

/// Spread pods of one owner, then prefer the emptier node.
fn score(pod: &Value, usage: &Usage, on_node: &[&Arc<Value>]) -> i128 {
    let owner = text(pod, "/metadata/ownerReferences/0/uid");
    let siblings =
        on_node.iter().filter(|other| !owner.is_empty() && text(other, "/metadata/ownerReferences/0/uid") == owner);
    let siblings = i128::try_from(siblings.count()).unwrap_or(0);
    usage.free_percent() - siblings * 1000
}

/// The claims of a pod, or why it cannot be placed because of them.
fn claims(session: &Session<'_>, key: &Key, pod: &Value) -> Result<Vec<Arc<Value>>, String> {
    let mut found = Vec::new();
    for volume in items(pod, "/spec/volumes") {
        let name = text(volume, "/persistentVolumeClaim/claimName");
        if name.is_empty() {
            continue;
        }
        let claim = Key::new(kinds::known("PersistentVolumeClaim"), &key.namespace, name);
        let Some(claim) = session.cluster.store.get(&claim) else {
            return Err(format!("persistentvolumeclaim {name:?} not found"));
        };
        if text(claim, "/status/phase") != "Bound" {
            let class = Key::new(kinds::known("StorageClass"), "", text(claim, "/spec/storageClassName"));
            let waits = session
                .cluster
                .store
                .get(&class)
                .is_some_and(|class| text(class, "/volumeBindingMode") == "WaitForFirstConsumer");
            if !waits {
                return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
            }
        }
        found.push(Arc::clone(claim));
    }
    Ok(found)
}

fn volume_obstacle(session: &Session<'_>, claim: &Value, node: &Value) -> Option<String> {
    let volume = Key::new(kinds::known("PersistentVolume"), "", text(claim, "/spec/volumeName"));
    let volume = session.cluster.store.get(&volume)?;
    let terms = items(volume, "/spec/nodeAffinity/required/nodeSelectorTerms");
    let fits = terms.is_empty() || terms.iter().any(|term| fit::term_matches(term, node));
    (!fits).then(|| "node(s) had volume node affinity conflict".to_owned())
}

fn bind(session: &mut Session<'_>, key: &Key, pod: &Value, node: &str, claims: &[Arc<Value>]) {
    let mut waits = false;
    for claim in claims.iter().filter(|claim| text(claim, "/status/phase") != "Bound") {
        waits = true;
        if claim["metadata"]["annotations"][SELECTED_NODE].is_null() {
            let claim = Key::of(kinds::known("PersistentVolumeClaim"), claim);
            edit(session, &claim, |claim| set(claim, &["metadata", "annotations", SELECTED_NODE], node));
        }
    }
    // The pod is bound when its volumes are.
    if waits {
        return;
    }
    let writer = Writer { now: session.now, manager: MANAGER, subresource: "" };
    session.cluster.store.edit(writer, key, |pod| set(pod, &["spec", "nodeName"], node));
    let now = session.now;
    edit_status(session, MANAGER, key, |pod| condition(pod, now, "PodScheduled", true, "", ""));
    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    event(session, pod, "Normal", "Scheduled", &message, "default-scheduler");
}

fn refuse(session: &mut Session<'_>, key: &Key, pod: &Value, message: &str) {
    let now = session.now;
    let changed = edit_status(session, MANAGER, key, |pod| {
        condition(pod, now, "PodScheduled", false, "Unschedulable", message);
    });
    if changed {
        event(session, pod, "Warning", "FailedScheduling", message, "default-scheduler");
    }
}

/// What a pod asks for of one resource, in thousandths: containers add up, an init container counts when it is larger.
pub(crate) fn request(pod: &Value, resource: &str) -> i128 {
    let of = |container: &Value| {
        let amount = &container["resources"]["requests"][resource];
        let limit = &container["resources"]["limits"][resource];
        if amount.is_null() { quantity_or_zero(limit) } else { quantity::millis(amount) }
    };
    let sum: i128 = items(pod, "/spec/containers").iter().map(of).sum();
    let largest = items(pod, "/spec/initContainers").iter().map(of).max().unwrap_or(0);
    sum.max(largest)
}

fn quantity_or_zero(value: &Value) -> i128 {
    if value.is_null() { 0 } else { quantity::millis(value) }
}
