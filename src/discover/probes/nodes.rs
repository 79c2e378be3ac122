//! Nodes.

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::ListParams;

use crate::domain::facts::Node;
use crate::domain::ids::ResourceId;
use crate::domain::problem::Problem;
use crate::transport::clients::Clients;

use super::list_all;

/// Every node, by name.
///
/// # Errors
/// The list fails.
pub async fn read(clients: &Clients) -> Result<Vec<Node>, Problem> {
    matching(clients, None).await
}

/// The nodes that a label selector picks, by name.
///
/// # Errors
/// The list fails.
pub async fn matching(clients: &Clients, selector: Option<&str>) -> Result<Vec<Node>, Problem> {
    let api: Api<core::Node> = Api::all(clients.kube.clone());
    let params = selector.map_or_else(ListParams::default, |selector| ListParams::default().labels(selector));
    let mut found: Vec<Node> = list_all(&api, params, "list nodes").await?.iter().map(from_kube).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// A node as the facts have it.
pub fn from_kube(node: &core::Node) -> Node {
    let status = node.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_ref());
    let spec = node.spec.as_ref();
    Node {
        name: node.metadata.name.clone().unwrap_or_default(),
        ready: conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True"),
        labels: node.metadata.labels.clone().unwrap_or_default(),
        taints: spec.and_then(|spec| spec.taints.as_ref()).into_iter().flatten().map(taint).collect(),
        allocatable: status
            .and_then(|status| status.allocatable.as_ref())
            .into_iter()
            .flatten()
            .map(|(name, quantity)| (name.clone(), quantity.0.clone()))
            .collect(),
        instance: spec.and_then(|spec| spec.provider_id.as_deref()).and_then(instance),
    }
}

/// `key=value:Effect`.
fn taint(taint: &core::Taint) -> String {
    format!("{}={}:{}", taint.key, taint.value.as_deref().unwrap_or_default(), taint.effect)
}

/// The instance in a provider id such as `aws:///us-east-2a/i-0abc`.
fn instance(provider: &str) -> Option<ResourceId> {
    provider.rsplit('/').next().filter(|last| last.starts_with("i-")).map(ResourceId::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_only_by_its_ready_condition() {
        let node: core::Node = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "n1"},
            "spec": {
                "providerID": "aws:///us-east-2a/i-0abc",
                "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]
            },
            "status": {
                "conditions": [{"type": "DiskPressure", "status": "True"}, {"type": "Ready", "status": "Unknown"}],
                "allocatable": {"nvidia.com/gpu": "8"}
            }
        }))
        .unwrap();
        let read = from_kube(&node);
        assert!(!read.ready);
        assert_eq!(read.instance, Some(ResourceId::from("i-0abc")));
        assert_eq!(read.taints, ["nvidia.com/gpu=true:NoSchedule"]);
        assert_eq!(read.allocatable["nvidia.com/gpu"], "8");
    }

    #[test]
    fn a_fargate_node_has_no_instance() {
        assert_eq!(instance("aws:///us-east-2a/abc/fargate-ip-10-0-0-1"), None);
    }
}
