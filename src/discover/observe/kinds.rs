//! The Kubernetes kinds that this program applies, so that no discovery call is needed.

use kube::api::{Api, ApiResource, DynamicObject};
use kube::core::Status;
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

/// Kinds that older servers serve in an older version only, and which carries all that our manifests say: kind, the
/// version of the manifest, the older one. policy/v1 came with Kubernetes 1.21 (deprecation guide of Kubernetes).
const OLDER: [(&str, &str, &str); 1] = [("PodDisruptionBudget", "policy/v1", "policy/v1beta1")];

/// The same object for a server that does not serve its version yet; `None` when there is no such version.
pub(crate) fn older(object: &Value) -> Option<Value> {
    let text = |member: &str| object.get(member).and_then(Value::as_str);
    let known = OLDER.iter().find(|(kind, now, _)| text("kind") == Some(kind) && text("apiVersion") == Some(now));
    let (.., before) = known?;
    let mut object = object.clone();
    *object.get_mut("apiVersion")? = Value::from(*before);
    Some(object)
}

/// Whether a 404 is about the kind and not about one object: the path itself is unknown to the server.
pub(crate) fn unserved(status: &Status) -> bool {
    let words = ["could not find the requested resource", "page not found"];
    status.code == 404 && words.iter().any(|word| status.message.contains(word))
}

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

    #[test]
    fn only_kinds_that_moved_have_an_older_version() {
        let budget = serde_json::json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {}});
        let before = older(&budget).unwrap();
        assert_eq!(before["apiVersion"], "policy/v1beta1");
        assert_eq!(older(&before), None);
        assert_eq!(older(&serde_json::json!({"apiVersion": "apps/v1", "kind": "Deployment"})), None);
    }

    #[test]
    fn an_absent_object_is_of_a_served_kind() {
        let status = |message: &str| Status::failure(message, "NotFound").with_code(404);
        assert!(unserved(&status("the server could not find the requested resource")));
        assert!(unserved(&status("404 page not found")));
        assert!(!unserved(&status("poddisruptionbudgets.policy \"metrics-server\" not found")));
    }
}
