//! Nodes of a group while they join. Nothing is sent: the group makes them.

use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, ListParams};

use super::group_report;
use crate::apply::context::Report;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// Nodes told by name; of more only the first ones.
const TOLD: usize = 6;

/// What the nodes of a group say about themselves, then what the group says.
pub(super) async fn report(clients: &Clients, group: &str) -> Report {
    let nodes: Api<Node> = Api::all(clients.kube.clone());
    let selector = ListParams::default().labels(&format!("eks.amazonaws.com/nodegroup={group}"));
    let mut report = Report::default();
    match nodes.list(&selector).await {
        Ok(list) => {
            let unready: Vec<String> = list.items.iter().filter_map(trouble).collect();
            report.causes.extend(unready.iter().take(TOLD).cloned());
            report.lines.extend(unready.iter().take(TOLD).cloned());
            if unready.len() > TOLD {
                report.lines.push(format!("and {} more nodes are not ready", unready.len() - TOLD));
            }
        }
        Err(error) => report.lines.push(classify::kube("list nodes", &error).message),
    }
    let of_group = group_report::read(clients, group).await;
    report.lines.extend(of_group.lines);
    report.causes.extend(of_group.causes);
    report.hints.extend(of_group.hints);
    report
}

/// Why a node is not ready, in the kubelet's words; nothing for a ready one.
fn trouble(node: &Node) -> Option<String> {
    let name = node.metadata.name.as_deref().unwrap_or("a node");
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_deref()).unwrap_or_default();
    match conditions.iter().find(|condition| condition.type_ == "Ready") {
        Some(ready) if ready.status == "True" => None,
        Some(ready) => {
            let why = ready.message.as_deref().or(ready.reason.as_deref()).unwrap_or("no reason given");
            Some(format!("{name} is not ready: {why}"))
        }
        None => Some(format!("{name} has joined and reports nothing yet")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_node_says_why_it_is_not_ready() {
        let node = |conditions: serde_json::Value| -> Node {
            serde_json::from_value(json!({"metadata": {"name": "n1"}, "status": {"conditions": conditions}})).unwrap()
        };
        let cni = json!([{"type": "Ready", "status": "False", "reason": "KubeletNotReady",
                          "message": "cni plugin not initialized"}]);
        assert_eq!(trouble(&node(cni)).unwrap(), "n1 is not ready: cni plugin not initialized");
        assert_eq!(trouble(&node(json!([{"type": "Ready", "status": "True"}]))), None);
        assert!(trouble(&node(json!([]))).is_some());
    }
}
