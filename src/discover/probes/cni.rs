//! The VPC CNI as it runs.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;

use crate::domain::facts::Cni;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::associations;

/// Namespace of the cluster's own workloads.
pub const SYSTEM: &str = "kube-system";
/// Name of the CNI's DaemonSet, container and service account.
const NAME: &str = "aws-node";
/// Annotation that gives a service account a role through the cluster's OIDC provider.
const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";

/// DaemonSet kube-system/aws-node, and whether its service account has a role of its own.
///
/// An association that cannot be read counts as none: then nodes carry the CNI policy, which always works.
///
/// # Errors
/// The DaemonSet cannot be read, is absent, or has no container `aws-node`.
pub async fn read(clients: &Clients) -> Result<Cni, Problem> {
    let sets: Api<DaemonSet> = Api::namespaced(clients.kube.clone(), SYSTEM);
    let accounts: Api<ServiceAccount> = Api::namespaced(clients.kube.clone(), SYSTEM);
    let (set, account, associations) = futures::join!(
        sets.get(NAME),
        accounts.get_opt(NAME),
        associations::matching(clients, Some(SYSTEM), Some(NAME)),
    );
    let set = set.map_err(|error| classify::kube("get daemonset kube-system/aws-node", &error))?;
    let account = account.ok().flatten();
    let annotated = account.and_then(|account| account.metadata.annotations);
    let annotated = annotated.is_some_and(|annotations| annotations.contains_key(ROLE_ANNOTATION));
    let associated = associations.is_ok_and(|found| !found.is_empty());
    from_kube(&set, annotated || associated).ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, "DaemonSet kube-system/aws-node has no container aws-node with an image.")
    })
}

fn from_kube(set: &DaemonSet, own_role: bool) -> Option<Cni> {
    let pod = set.spec.as_ref()?.template.spec.as_ref()?;
    let container = pod.containers.iter().find(|container| container.name == NAME)?;
    let (registry, version) = image_parts(container.image.as_deref()?);
    let env: BTreeMap<String, String> = container
        .env
        .iter()
        .flatten()
        .filter_map(|variable| Some((variable.name.clone(), variable.value.clone()?)))
        .collect();
    Some(Cni { version, registry, env, own_role })
}

/// Registry host, and the version in the tag without its v and build suffix.
fn image_parts(image: &str) -> (String, String) {
    let (registry, path) = image.split_once('/').unwrap_or(("", image));
    let name = path.split('@').next().unwrap_or(path);
    let tag = name.rsplit_once(':').map_or("", |(_, tag)| tag);
    let version = tag.trim_start_matches('v').split('-').next().unwrap_or_default();
    (registry.to_owned(), version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_tells_registry_and_version() {
        let image = "602401143452.dkr.ecr.us-east-2.amazonaws.com/amazon-k8s-cni:v1.23.1-eksbuild.1";
        let want = ("602401143452.dkr.ecr.us-east-2.amazonaws.com".to_owned(), "1.23.1".to_owned());
        assert_eq!(image_parts(image), want);
        assert_eq!(image_parts("registry:5000/cni@sha256:ab"), ("registry:5000".to_owned(), String::new()));
    }

    #[test]
    fn only_plain_values_of_the_environment_are_kept() {
        let set: DaemonSet = serde_json::from_value(serde_json::json!({
            "spec": {"selector": {}, "template": {"spec": {"containers": [
                {"name": "aws-eks-nodeagent", "image": "r/agent:v1"},
                {"name": "aws-node", "image": "r/cni:v1.20.0", "env": [
                    {"name": "WARM_ENI_TARGET", "value": "1"},
                    {"name": "MY_NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
                ]}
            ]}}}
        }))
        .unwrap();
        let cni = from_kube(&set, true).unwrap();
        assert_eq!(cni.version, "1.20.0");
        assert_eq!(cni.env, BTreeMap::from([("WARM_ENI_TARGET".to_owned(), "1".to_owned())]));
    }
}
