//! Whose a thing is.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Tag;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::discover::probes::workloads;
use crate::domain::ids::ClusterName;
use crate::domain::resource::Ownership;

pub(super) use crate::components::naming::{MANAGER, OWNER_TAG as TAG};

/// Tags of other tools, and what they are called.
const OTHER_TOOLS: [(&str, &str); 4] = [
    ("aws:cloudformation:stack-name", "CloudFormation stack"),
    ("alpha.eksctl.io/cluster-name", "eksctl for cluster"),
    ("karpenter.sh/discovery", "Karpenter for cluster"),
    ("ManagedBy", "tag ManagedBy"),
];

/// Ours by our tag with this cluster, else of whom the tags tell.
pub(super) fn of_tags(tags: &BTreeMap<String, String>, cluster: &ClusterName) -> Ownership {
    match tags.get(TAG) {
        Some(name) if name == cluster.as_str() => Ownership::Ours,
        Some(other) => Ownership::Foreign { who: format!("eks-wizard for cluster {other}") },
        None => {
            let tool = OTHER_TOOLS.iter().find_map(|(key, tool)| Some(format!("{tool} {}", tags.get(*key)?)));
            Ownership::Foreign { who: tool.unwrap_or_else(|| "someone else (no tag of eks-wizard)".to_owned()) }
        }
    }
}

/// EC2's list of tags as a map.
pub(super) fn map(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

/// Ours when we applied it: a patch of one annotation under our name makes nothing ours.
pub(super) fn of_object(metadata: &ObjectMeta) -> Ownership {
    let applied = metadata
        .managed_fields
        .iter()
        .flatten()
        .any(|entry| entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply"));
    if applied {
        return Ownership::Ours;
    }
    let managers = workloads::managers(metadata);
    let who = if managers.is_empty() { "someone else".to_owned() } else { managers.join(", ") };
    Ownership::Foreign { who }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_another_cluster_is_not_ours() {
        let tags = |value: &str| BTreeMap::from([(TAG.to_owned(), value.to_owned())]);
        let cluster = ClusterName::from("one");
        assert_eq!(of_tags(&tags("one"), &cluster), Ownership::Ours);
        let other = Ownership::Foreign { who: "eks-wizard for cluster two".to_owned() };
        assert_eq!(of_tags(&tags("two"), &cluster), other);
    }

    #[test]
    fn a_patch_under_our_name_makes_nothing_ours() {
        let metadata = |operation: &str| -> ObjectMeta {
            serde_json::from_value(serde_json::json!({"managedFields": [
                {"manager": "kubectl", "operation": "Update"}, {"manager": "eks-wizard", "operation": operation}
            ]}))
            .unwrap()
        };
        assert_eq!(of_object(&metadata("Apply")), Ownership::Ours);
        assert_eq!(of_object(&metadata("Update")), Ownership::Foreign { who: "kubectl, eks-wizard".to_owned() });
    }
}
