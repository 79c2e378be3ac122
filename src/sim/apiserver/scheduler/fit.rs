//! Whether a pod fits a node, and in which words it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::request;
use crate::sim::apiserver::json::{entries, items, text};
use crate::sim::apiserver::quantity;
use crate::sim::apiserver::selectors::{expression_matches, label_selector_matches};
use crate::sim::apiserver::store::Key;

/// What a node has and what its pods ask for, in thousandths.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    allocatable: BTreeMap<String, i128>,
    requested: BTreeMap<String, i128>,
    pods: i128,
    ports: BTreeSet<String>,
}

impl Usage {
    pub fn of(node: &Value, on_node: &[&Arc<Value>]) -> Self {
        let mut usage = Self::default();
        for (name, amount) in entries(node, "/status/allocatable") {
            usage.allocatable.insert(name.to_owned(), quantity::millis(amount));
            let requested = on_node.iter().map(|pod| request(pod, name)).sum();
            usage.requested.insert(name.to_owned(), requested);
        }
        usage.pods = i128::try_from(on_node.len()).unwrap_or(0);
        usage.ports = on_node.iter().flat_map(|pod| host_ports(pod)).collect();
        usage
    }

    fn free(&self, resource: &str) -> i128 {
        let have = self.allocatable.get(resource).copied().unwrap_or(0);
        have - self.requested.get(resource).copied().unwrap_or(0)
    }

    /// Mean of free CPU and memory in percent.
    pub fn free_percent(&self) -> i128 {
        let part = |resource: &str| match self.allocatable.get(resource) {
            Some(have) if *have > 0 => self.free(resource) * 100 / have,
            _ => 0,
        };
        part("cpu").midpoint(part("memory"))
    }
}

fn host_ports(pod: &Value) -> Vec<String> {
    items(pod, "/spec/containers")
        .iter()
        .flat_map(|container| items(container, "/ports"))
        .filter(|port| port["hostPort"].as_i64().unwrap_or(0) > 0)
        .map(|port| format!("{}/{}/{}", text(port, "/hostIP"), port["hostPort"], text(port, "/protocol")))
        .collect()
}

/// Why the pod cannot run on the node; the first filter that refuses speaks, as in the real scheduler.
pub(crate) fn obstacles(
    pod: &Value,
    node: &Value,
    usage: &Usage,
    nodes: &[(Key, Arc<Value>)],
    pods: &[Arc<Value>],
) -> Vec<String> {
    if let Some(taint) = untolerated(pod, node) {
        if text(taint, "/key") == "node.kubernetes.io/unschedulable" {
            return vec!["node(s) were unschedulable".to_owned()];
        }
        return vec![format!("node(s) had untolerated taint {{{}: {}}}", text(taint, "/key"), text(taint, "/value"))];
    }
    if !affinity_matches(pod, node) {
        return vec!["node(s) didn't match Pod's node affinity/selector".to_owned()];
    }
    if host_ports(pod).iter().any(|port| usage.ports.contains(port)) {
        return vec!["node(s) didn't have free ports for the requested pod ports".to_owned()];
    }
    let lacking = lacking(pod, usage);
    if !lacking.is_empty() {
        return lacking;
    }
    if anti_affinity_blocks(pod, node, nodes, pods) {
        return vec!["node(s) didn't match pod anti-affinity rules".to_owned()];
    }
    Vec::new()
}

fn lacking(pod: &Value, usage: &Usage) -> Vec<String> {
    let mut found = Vec::new();
    if usage.allocatable.get("pods").is_some_and(|most| (usage.pods + 1) * 1000 > *most) {
        found.push("Too many pods".to_owned());
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    for container in items(pod, "/spec/containers").iter().chain(items(pod, "/spec/initContainers")) {
        for part in ["/resources/requests", "/resources/limits"] {
            names.extend(entries(container, part).map(|(name, _)| name.to_owned()));
        }
    }
    for name in names {
        let wanted = request(pod, &name);
        if wanted > 0 && wanted > usage.free(&name) {
            found.push(format!("Insufficient {name}"));
        }
    }
    found
}

/// The first NoSchedule or NoExecute taint that the pod does not tolerate.
fn untolerated<'a>(pod: &Value, node: &'a Value) -> Option<&'a Value> {
    items(node, "/spec/taints")
        .iter()
        .filter(|taint| matches!(text(taint, "/effect"), "NoSchedule" | "NoExecute"))
        .find(|taint| !tolerates(pod, taint))
}

/// Whether a toleration of the pod covers a taint.
pub(crate) fn tolerates(pod: &Value, taint: &Value) -> bool {
    items(pod, "/spec/tolerations").iter().any(|toleration| {
        let key = text(toleration, "/key");
        let effect = text(toleration, "/effect");
        let value = text(toleration, "/operator") == "Exists" || text(toleration, "/value") == text(taint, "/value");
        (effect.is_empty() || effect == text(taint, "/effect"))
            && (key.is_empty() || key == text(taint, "/key"))
            && value
    })
}

/// `nodeSelector` and required node affinity.
pub(crate) fn affinity_matches(pod: &Value, node: &Value) -> bool {
    let labels = &node["metadata"]["labels"];
    let plain = entries(pod, "/spec/nodeSelector").all(|(key, want)| labels.get(key) == Some(want));
    let required = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";
    let terms = items(pod, required);
    plain && (terms.is_empty() || terms.iter().any(|term| term_matches(term, node)))
}

/// One node selector term; an empty term matches nothing.
pub(crate) fn term_matches(term: &Value, node: &Value) -> bool {
    let expressions = items(term, "/matchExpressions");
    let fields = items(term, "/matchFields");
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    let label = |key: &str| node["metadata"]["labels"].get(key).and_then(Value::as_str);
    let name = text(node, "/metadata/name");
    expressions.iter().all(|expression| expression_matches(expression, label(text(expression, "/key"))))
        && fields.iter().all(|field| text(field, "/key") == "metadata.name" && expression_matches(field, Some(name)))
}

/// Required anti-affinity, of this pod against the placed ones and of the placed ones against this pod.
fn anti_affinity_blocks(pod: &Value, node: &Value, nodes: &[(Key, Arc<Value>)], pods: &[Arc<Value>]) -> bool {
    let domain = |name: &str, topology: &str| -> Option<String> {
        let (_, node) = nodes.iter().find(|(key, _)| key.name == name)?;
        if topology == "kubernetes.io/hostname" {
            return Some(name.to_owned());
        }
        node["metadata"]["labels"].get(topology).and_then(Value::as_str).map(str::to_owned)
    };
    let here = text(node, "/metadata/name");
    pods.iter().any(|other| {
        let there = text(other, "/spec/nodeName");
        let clash = |from: &Value, against: &Value| {
            anti_affinity(from).iter().any(|term| {
                let topology = text(term, "/topologyKey");
                let same = domain(here, topology).is_some_and(|zone| domain(there, topology) == Some(zone));
                same && term_covers(term, from, against)
            })
        };
        clash(pod, other) || clash(other, pod)
    })
}

fn anti_affinity(pod: &Value) -> &[Value] {
    items(pod, "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution")
}

fn term_covers(term: &Value, from: &Value, against: &Value) -> bool {
    let namespace = text(against, "/metadata/namespace");
    let listed = items(term, "/namespaces");
    let namespaces = if listed.is_empty() {
        namespace == text(from, "/metadata/namespace")
    } else {
        listed.iter().any(|item| item == namespace)
    };
    namespaces && label_selector_matches(&term["labelSelector"], &against["metadata"]["labels"])
}
