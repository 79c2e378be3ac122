//! Kubelets: pull images, start containers, report what happens.

mod report;
mod run;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::controllers::{all, edit_status, event, is_deleted, is_true, webhook};
use super::json::{int, items, text};
use super::kinds;
use super::outside;
use super::scheduler;
use super::serve::Session;
use super::store::Key;
use super::transcript::Surroundings;

pub(crate) use run::PodRun;

/// What a container that stops at SIGTERM takes.
const STOPPING: Duration = Duration::from_secs(2);

/// Moves every pod that has a node.
pub(crate) fn run(session: &mut Session<'_>) {
    for (key, pod) in all(session, "Pod") {
        let name = text(&pod, "/spec/nodeName");
        if name.is_empty() {
            continue;
        }
        let Some(node) = session.cluster.store.get(&Key::new(kinds::known("Node"), "", name)).cloned() else {
            forget(session, &key, &pod);
            continue;
        };
        if is_deleted(&pod) {
            stop(session, &key, &pod);
            continue;
        }
        advance(session, &key, &pod, &node);
    }
}

fn forget(session: &mut Session<'_>, key: &Key, pod: &Value) {
    session.cluster.runs.remove(text(pod, "/metadata/uid"));
    session.cluster.store.erase(key);
}

fn stop(session: &mut Session<'_>, key: &Key, pod: &Value) {
    let now = session.now;
    let grace = u64::try_from(int(pod, "/metadata/deletionGracePeriodSeconds").unwrap_or(30)).unwrap_or(30);
    let run = session.cluster.runs.entry(text(pod, "/metadata/uid").to_owned()).or_default();
    let gone = *run.stopping.get_or_insert(now + STOPPING.min(Duration::from_secs(grace)));
    if gone <= now {
        forget(session, key, pod);
    } else {
        session.wakes.push(gone);
    }
}

fn advance(session: &mut Session<'_>, key: &Key, pod: &Arc<Value>, node: &Arc<Value>) {
    // Without a CNI only pods in the host's network start.
    if pod["spec"]["hostNetwork"] != true && !is_true(node, "Ready") {
        return;
    }
    let now = session.now;
    if let Some(run) = session.cluster.runs.get(text(pod, "/metadata/uid"))
        && run.is_reported(pod, node, now)
    {
        session.wakes.extend(run.next_wake(now));
        return;
    }
    if let Some(missing) = missing_volume(session, key, pod) {
        event(session, pod, "Warning", "FailedMount", &missing, "kubelet");
        return;
    }
    let uid = text(pod, "/metadata/uid").to_owned();
    let around = surroundings(session, pod, node);
    let serial = session.cluster.runs.get(&uid).map(|run| run.address);
    let address = serial.unwrap_or_else(|| session.cluster.store.next_serial());
    let run = session.cluster.runs.entry(uid).or_insert_with(|| PodRun::new(now, address));
    run.advance(pod, now, |container| around_container(&around, pod, container));
    let wake = run.next_wake(now);
    let state = run.clone();
    session.wakes.extend(wake);
    edit_status(session, "kubelet", key, |pod| report::write(pod, node, &state, now));
    remember(session, key, node);
}

/// Notes from which pod and node the report was made, as they are now.
fn remember(session: &mut Session<'_>, key: &Key, node: &Arc<Value>) {
    let Some(pod) = session.cluster.store.get(key).cloned() else { return };
    if let Some(run) = session.cluster.runs.get_mut(text(&pod, "/metadata/uid")) {
        run.reported = Some((session.now, pod, Arc::clone(node)));
    }
}

/// A config map or secret that a volume needs and that is not there.
fn missing_volume(session: &Session<'_>, key: &Key, pod: &Value) -> Option<String> {
    items(pod, "/spec/volumes").iter().find_map(|volume| {
        let (kind, name, what) = match (text(volume, "/configMap/name"), text(volume, "/secret/secretName")) {
            ("", "") => return None,
            ("", name) => ("Secret", name, "secret"),
            (name, _) => ("ConfigMap", name, "configmap"),
        };
        let optional = volume.pointer("/configMap/optional").or_else(|| volume.pointer("/secret/optional"));
        let known = session.cluster.store.get(&Key::new(kinds::known(kind), &key.namespace, name)).is_some();
        (!known && optional != Some(&Value::Bool(true))).then(|| {
            format!("MountVolume.SetUp failed for volume {:?} : {what} {name:?} not found", text(volume, "/name"))
        })
    })
}

fn surroundings(session: &Session<'_>, pod: &Value, node: &Value) -> Surroundings {
    let devices = outside::devices(session.world, text(node, "/spec/providerID")).unwrap_or_default();
    let namespace = text(pod, "/metadata/namespace");
    let account = text(pod, "/spec/serviceAccountName");
    Surroundings {
        instance_type: devices.instance_type,
        node: text(node, "/metadata/name").to_owned(),
        account: session.world.account.clone(),
        pod: text(pod, "/metadata/name").to_owned(),
        role: outside::association_for(session.world, &session.cluster.name, namespace, account),
        ..Surroundings::default()
    }
}

/// A container sees the devices it asked for, and credentials only when the webhook injected them.
fn around_container(around: &Surroundings, pod: &Value, container: &Value) -> Surroundings {
    let one = serde_json::json!({"spec": {"containers": [container]}});
    let asked = |resource: &str| u32::try_from(scheduler::request(&one, resource) / 1000).unwrap_or(0);
    let injected = items(container, "/env").iter().any(|item| text(item, "/name") == webhook::CREDENTIALS_URI);
    let mut here = around.clone();
    here.gpus = asked("nvidia.com/gpu");
    here.efa = asked("vpc.amazonaws.com/efa");
    if !injected || pod["spec"]["hostNetwork"] == true {
        here.role = None;
    }
    here
}
