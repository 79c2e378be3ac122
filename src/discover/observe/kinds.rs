//! The Kubernetes kinds that this program applies, so that no discovery call is needed.

use kube::api::{Api, ApiResource, DynamicObject};
use serde_json::Value;

use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::clients::Clients;

/// Kind, plural, whether it lives in a namespace. Group and version are those of the object.
const KINDS: [(&str, &str, bool); 23] = [
    ("APIService", "apiservices", false),
    ("CSIDriver", "csidrivers", false),
    ("ClusterRole", "clusterroles", false),
    ("ClusterRoleBinding", "clusterrolebindings", false),
    ("ConfigMap", "configmaps", true),
    ("CustomResourceDefinition", "customresourcedefinitions", false),
    ("DaemonSet", "daemonsets", true),
    ("Deployment", "deployments", true),
    ("EC2NodeClass", "ec2nodeclasses", false),
    ("Job", "jobs", true),
    ("Namespace", "namespaces", false),
    ("NetworkPolicy", "networkpolicies", true),
    ("NodePool", "nodepools", false),
    ("PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("Pod", "pods", true),
    ("PodDisruptionBudget", "poddisruptionbudgets", true),
    ("PriorityClass", "priorityclasses", false),
    ("Role", "roles", true),
    ("RoleBinding", "rolebindings", true),
    ("Secret", "secrets", true),
    ("Service", "services", true),
    ("ServiceAccount", "serviceaccounts", true),
    ("StorageClass", "storageclasses", false),
];

/// Where an object lives, and how operators call it.
pub(super) struct Place {
    /// Access to its kind, in its namespace.
    pub api: Api<DynamicObject>,
    /// Name.
    pub name: String,
    /// `Deployment kube-system/metrics-server`.
    pub title: String,
}

/// Where this manifest belongs.
///
/// # Errors
/// It has no apiVersion, kind or name, or its kind is not in the table: a fault of the manifest.
pub(super) fn place(clients: &Clients, object: &Value) -> Result<Place, Problem> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let parts = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
    let (Some(api_version), Some(kind), Some(name)) = parts else {
        return Err(Problem::new(ProblemKind::Internal, "A manifest has no apiVersion, kind or name."));
    };
    let Some((resource, namespaced)) = resource(api_version, kind) else {
        return Err(Problem::new(ProblemKind::Internal, format!("Manifests of kind {kind} are not supported.")));
    };
    let client = clients.kube.clone();
    Ok(if namespaced {
        let namespace = text("/metadata/namespace").unwrap_or("default");
        let api = Api::namespaced_with(client, namespace, &resource);
        Place { api, name: name.to_owned(), title: format!("{kind} {namespace}/{name}") }
    } else {
        Place { api: Api::all_with(client, &resource), name: name.to_owned(), title: format!("{kind} {name}") }
    })
}

fn resource(api_version: &str, kind: &str) -> Option<(ApiResource, bool)> {
    let (_, plural, namespaced) = KINDS.iter().find(|(name, ..)| *name == kind)?;
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        plural: (*plural).to_owned(),
    };
    Some((resource, *namespaced))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_group_has_no_name() {
        let (resource, namespaced) = resource("v1", "ServiceAccount").unwrap();
        assert_eq!((resource.group.as_str(), resource.version.as_str(), namespaced), ("", "v1", true));
        let (resource, namespaced) = super::resource("storage.k8s.io/v1", "StorageClass").unwrap();
        assert_eq!((resource.group.as_str(), resource.plural.as_str()), ("storage.k8s.io", "storageclasses"));
        assert!(!namespaced);
    }

    #[test]
    fn the_table_is_in_order_and_without_doubles() {
        assert!(KINDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
