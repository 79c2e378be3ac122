//! DaemonSets: one pod for every node that may run it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{amount, live, make, may_create};
use super::{all, edit_status, is_deleted, is_true, template_hash};
use crate::sim::apiserver::delete;
use crate::sim::apiserver::json::{int, items, set, text};
use crate::sim::apiserver::scheduler::fit;
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::Key;

const HASH: &str = "controller-revision-hash";

/// Brings every DaemonSet to one pod a node.
pub(super) fn run(session: &mut Session<'_>) {
    let nodes = all(session, "Node");
    for (key, daemon) in all(session, "DaemonSet") {
        if is_deleted(&daemon) {
            continue;
        }
        let hash = template_hash(&daemon["spec"]["template"]);
        let probe = placeholder(&daemon);
        let eligible: Vec<&Arc<Value>> =
            nodes.iter().map(|(_, node)| node).filter(|node| !is_deleted(node) && may_run(&probe, node)).collect();
        let names: Vec<&str> = eligible.iter().map(|node| text(node, "/metadata/name")).collect();
        let placed = by_node(session, &daemon);
        for (node, pods) in &placed {
            let keep = usize::from(names.contains(&node.as_str()));
            for (pod, _) in pods.iter().skip(keep) {
                delete::plain(session, pod, None);
            }
        }
        for name in &names {
            if !placed.contains_key(*name) && may_create(session, &daemon) {
                make(session, &daemon, |pod| target(pod, &daemon, name, &hash));
            }
        }
        replace_outdated(session, &daemon, &hash);
        report(session, &key, &daemon, &names, &hash);
    }
}

/// Tolerations every daemon pod gets (pkg/controller/daemon/util).
fn tolerations(host_network: bool) -> Vec<Value> {
    let mut all = vec![
        json!({"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}),
        json!({"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}),
        json!({"key": "node.kubernetes.io/disk-pressure", "operator": "Exists", "effect": "NoSchedule"}),
        json!({"key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"}),
        json!({"key": "node.kubernetes.io/pid-pressure", "operator": "Exists", "effect": "NoSchedule"}),
        json!({"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}),
    ];
    if host_network {
        all.push(
            json!({"key": "node.kubernetes.io/network-unavailable", "operator": "Exists", "effect": "NoSchedule"}),
        );
    }
    all
}

fn add_tolerations(pod: &mut Value) {
    let mut list = items(pod, "/spec/tolerations").to_vec();
    for toleration in tolerations(pod["spec"]["hostNetwork"] == true) {
        if !list.contains(&toleration) {
            list.push(toleration);
        }
    }
    set(pod, &["spec", "tolerations"], list);
}

/// The pod as it would be, to ask which nodes it may run on.
fn placeholder(daemon: &Value) -> Value {
    let mut pod =
        json!({"metadata": daemon["spec"]["template"]["metadata"], "spec": daemon["spec"]["template"]["spec"]});
    add_tolerations(&mut pod);
    pod
}

/// A not-ready node still gets daemon pods: only its other NoSchedule and NoExecute taints count.
fn may_run(pod: &Value, node: &Value) -> bool {
    let taints_fit = items(node, "/spec/taints")
        .iter()
        .filter(|taint| text(taint, "/key") != "node.kubernetes.io/not-ready")
        .all(|taint| text(taint, "/effect") == "PreferNoSchedule" || fit::tolerates(pod, taint));
    fit::affinity_matches(pod, node) && taints_fit
}

/// Turns a template's pod into the one for `node`: the scheduler binds it there and nowhere else.
fn target(pod: &mut Value, daemon: &Value, node: &str, hash: &str) {
    add_tolerations(pod);
    set(pod, &["metadata", "labels", HASH], hash);
    let generation = int(daemon, "/metadata/generation").unwrap_or(1);
    set(pod, &["metadata", "labels", "pod-template-generation"], generation.to_string());
    let field = json!({"key": "metadata.name", "operator": "In", "values": [node]});
    let path =
        ["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
    let mut terms = items(pod, &format!("/{}", path.join("/"))).to_vec();
    if terms.is_empty() {
        terms.push(json!({}));
    }
    for term in &mut terms {
        term["matchFields"] = json!([field]);
    }
    set(pod, &path, terms);
}

/// The node a daemon pod is for, bound or not.
fn node_of(pod: &Value) -> String {
    let bound = text(pod, "/spec/nodeName");
    if !bound.is_empty() {
        return bound.to_owned();
    }
    const TERM: &str = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0";
    text(pod, TERM).to_owned()
}

fn by_node(session: &Session<'_>, daemon: &Value) -> BTreeMap<String, Vec<(Key, Arc<Value>)>> {
    let mut placed: BTreeMap<String, Vec<(Key, Arc<Value>)>> = BTreeMap::new();
    for (key, pod) in live(session, daemon) {
        placed.entry(node_of(&pod)).or_default().push((key, pod));
    }
    placed
}

fn replace_outdated(session: &mut Session<'_>, daemon: &Value, hash: &str) {
    if text(daemon, "/spec/updateStrategy/type") != "RollingUpdate" {
        return;
    }
    let pods = live(session, daemon);
    let total = i64::try_from(pods.len()).unwrap_or(0);
    let limit = amount(&daemon["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"], total).max(1);
    let mut unavailable = i64::try_from(pods.iter().filter(|(_, pod)| !is_true(pod, "Ready")).count()).unwrap_or(0);
    for (key, pod) in pods {
        if pod["metadata"]["labels"][HASH] == hash {
            continue;
        }
        let broken = !is_true(&pod, "Ready");
        if broken || unavailable < limit {
            delete::plain(session, &key, None);
            unavailable += i64::from(!broken);
        }
    }
}

fn report(session: &mut Session<'_>, key: &Key, daemon: &Value, names: &[&str], hash: &str) {
    let pods = live(session, daemon);
    let placed: Vec<&Arc<Value>> =
        pods.iter().map(|(_, pod)| pod).filter(|pod| names.contains(&node_of(pod).as_str())).collect();
    let ready = placed.iter().filter(|pod| is_true(pod, "Ready")).count();
    let updated = placed.iter().filter(|pod| pod["metadata"]["labels"][HASH] == hash).count();
    let status = json!({
        "currentNumberScheduled": placed.len(), "desiredNumberScheduled": names.len(), "numberMisscheduled": pods.len() - placed.len(),
        "numberReady": ready, "updatedNumberScheduled": updated, "observedGeneration": daemon["metadata"]["generation"],
    });
    edit_status(session, "kube-controller-manager", key, |object| {
        let mut status = status;
        if ready > 0 {
            status["numberAvailable"] = ready.into();
        }
        if names.len() > ready {
            status["numberUnavailable"] = (names.len() - ready).into();
        }
        set(object, &["status"], status);
    });
}
