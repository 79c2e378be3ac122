//! Node life cycle: taints that follow conditions.

use serde_json::{Value, json};

use super::{all, edit, is_true};
use crate::sim::apiserver::json::{items, set, text, unset};
use crate::sim::apiserver::serve::Session;

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const CORDONED: &str = "node.kubernetes.io/unschedulable";

/// Keeps the taints of readiness and cordon in step.
pub(super) fn run(session: &mut Session<'_>) {
    for (key, node) in all(session, "Node") {
        let mut wanted: Vec<Value> = items(&node, "/spec/taints")
            .iter()
            .filter(|taint| !matches!(text(taint, "/key"), NOT_READY | CORDONED))
            .cloned()
            .collect();
        if !is_true(&node, "Ready") {
            wanted.push(json!({"key": NOT_READY, "effect": "NoSchedule"}));
        }
        if node["spec"]["unschedulable"] == true {
            wanted.push(json!({"key": CORDONED, "effect": "NoSchedule"}));
        }
        if wanted == items(&node, "/spec/taints") {
            continue;
        }
        edit(session, &key, |node| {
            if wanted.is_empty() {
                unset(node, &["spec", "taints"]);
            } else {
                set(node, &["spec", "taints"], wanted);
            }
        });
    }
}
