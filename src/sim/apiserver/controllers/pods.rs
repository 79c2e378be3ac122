//! Making pods from templates, ReplicaSets, and disruption budgets.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{all, condition, edit_status, event, is_deleted, is_true, owned};
use crate::sim::apiserver::failure::Failure;
use crate::sim::apiserver::json::{int, items, set, text};
use crate::sim::apiserver::kinds;
use crate::sim::apiserver::selectors::label_selector_matches;
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::{Key, Writer, controller_reference};
use crate::sim::apiserver::{delete, write};

/// Creates a pod of `owner` from its template. A refusal becomes a FailedCreate event, as controllers report it.
pub(crate) fn make(session: &mut Session<'_>, owner: &Value, change: impl FnOnce(&mut Value)) -> bool {
    let template = &owner["spec"]["template"];
    let name = format!("{}-{}", text(owner, "/metadata/name"), session.cluster.store.suffix(5));
    let mut metadata = template["metadata"].clone();
    if !metadata.is_object() {
        metadata = json!({});
    }
    metadata["name"] = name.clone().into();
    metadata["generateName"] = format!("{}-", text(owner, "/metadata/name")).into();
    metadata["namespace"] = owner["metadata"]["namespace"].clone();
    metadata["ownerReferences"] = json!([controller_reference(owner)]);
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]});
    change(&mut pod);
    let key = Key::new(kinds::known("Pod"), text(owner, "/metadata/namespace"), &name);
    let writer = Writer { now: session.now, manager: "kube-controller-manager", subresource: "" };
    match write::admit_new(session, writer, &key, pod, false, false) {
        Ok(_) => true,
        Err(Failure::Status(status)) => {
            let message = format!("Error creating: {}", status.message);
            event(session, owner, "Warning", "FailedCreate", &message, "controller-manager");
            // Controllers try again with growing pauses; a quarter of a minute stands for them.
            session.wakes.push(session.now + std::time::Duration::from_secs(15));
            false
        }
        Err(Failure::Gap(_)) => false,
    }
}

/// Pods of an owner that are neither ending nor over.
pub(crate) fn live(session: &Session<'_>, owner: &Value) -> Vec<(Key, Arc<Value>)> {
    let mut pods = owned(session, "Pod", owner);
    pods.retain(|(_, pod)| !is_deleted(pod) && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"));
    pods
}

fn refused_just_now(session: &Session<'_>, owner: &Value) -> bool {
    let now = session.now.rfc3339_seconds();
    let namespace = text(owner, "/metadata/namespace");
    session.cluster.store.scan(kinds::known("Event"), Some(namespace)).any(|(_, event)| {
        text(event, "/reason") == "FailedCreate"
            && text(event, "/involvedObject/uid") == text(owner, "/metadata/uid")
            && text(event, "/lastTimestamp") == now
    })
}

/// May this owner try to create a pod at this instant?
pub(crate) fn may_create(session: &Session<'_>, owner: &Value) -> bool {
    !is_deleted(owner) && !refused_just_now(session, owner)
}

/// Brings every ReplicaSet to its number of pods.
pub(crate) fn replica_sets(session: &mut Session<'_>) {
    for (key, set_object) in all(session, "ReplicaSet") {
        let wanted = usize::try_from(int(&set_object, "/spec/replicas").unwrap_or(1)).unwrap_or(0);
        let mut pods = live(session, &set_object);
        for _ in pods.len()..wanted {
            if !may_create(session, &set_object) || !make(session, &set_object, |_| {}) {
                break;
            }
        }
        if pods.len() > wanted {
            // Pods that are not ready go first, then the youngest.
            pods.sort_by_key(|(_, pod)| {
                (is_true(pod, "Ready"), std::cmp::Reverse(text(pod, "/metadata/creationTimestamp").to_owned()))
            });
            let surplus = pods.len() - wanted;
            for (pod, _) in pods.drain(..surplus) {
                delete::plain(session, &pod, None);
            }
        }
        let pods = live(session, &set_object);
        let ready = pods.iter().filter(|(_, pod)| is_true(pod, "Ready")).count();
        let generation = set_object["metadata"]["generation"].clone();
        edit_status(session, "kube-controller-manager", &key, |object| {
            let mut status = json!({"replicas": pods.len(), "observedGeneration": generation});
            if !pods.is_empty() {
                status["fullyLabeledReplicas"] = pods.len().into();
            }
            if ready > 0 {
                status["readyReplicas"] = ready.into();
                status["availableReplicas"] = ready.into();
            }
            set(object, &["status"], status);
        });
    }
}

/// Counts what every PodDisruptionBudget allows.
pub(crate) fn budgets(session: &mut Session<'_>) {
    for (key, budget) in all(session, "PodDisruptionBudget") {
        let selector = &budget["spec"]["selector"];
        let pods: Vec<Arc<Value>> = session
            .cluster
            .store
            .scan(kinds::known("Pod"), Some(&key.namespace))
            .filter(|(_, pod)| label_selector_matches(selector, &pod["metadata"]["labels"]))
            .map(|(_, pod)| Arc::clone(pod))
            .collect();
        let expected = i64::try_from(pods.len()).unwrap_or(0);
        let healthy =
            i64::try_from(pods.iter().filter(|pod| is_true(pod, "Ready") && !is_deleted(pod)).count()).unwrap_or(0);
        let desired = match (&budget["spec"]["minAvailable"], &budget["spec"]["maxUnavailable"]) {
            (Value::Null, Value::Null) => 0,
            (Value::Null, most) => (expected - amount(most, expected)).max(0),
            (least, _) => amount(least, expected),
        };
        let allowed = if expected == 0 { 0 } else { (healthy - desired).max(0) };
        let now = session.now;
        edit_status(session, "kube-controller-manager", &key, |object| {
            for (field, value) in [
                ("currentHealthy", healthy),
                ("desiredHealthy", desired),
                ("disruptionsAllowed", allowed),
                ("expectedPods", expected),
            ] {
                set(object, &["status", field], value);
            }
            let generation = object["metadata"]["generation"].clone();
            set(object, &["status", "observedGeneration"], generation);
            let reason = if allowed > 0 { "SufficientPods" } else { "InsufficientPods" };
            condition(object, now, "DisruptionAllowed", allowed > 0, reason, "");
        });
    }
}

/// A number, or a percentage rounded up.
pub(crate) fn amount(value: &Value, of: i64) -> i64 {
    percent(value, of).map_or_else(|| value.as_i64().unwrap_or(0), |hundredths| (hundredths + 99).div_euclid(100))
}

/// A number, or a percentage rounded down.
pub(crate) fn amount_down(value: &Value, of: i64) -> i64 {
    percent(value, of).map_or_else(|| value.as_i64().unwrap_or(0), |hundredths| hundredths.div_euclid(100))
}

fn percent(value: &Value, of: i64) -> Option<i64> {
    let number: i64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    Some(number * of)
}

/// Names of the claims a pod mounts.
pub(crate) fn claims(pod: &Value) -> Vec<String> {
    let names = items(pod, "/spec/volumes").iter().map(|volume| text(volume, "/persistentVolumeClaim/claimName"));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
