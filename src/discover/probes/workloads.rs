//! Workloads that tell which components run, and whose they are.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::Api;
use kube::api::ListParams;

use crate::domain::facts::Workload;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::cni::SYSTEM;
use super::list_all;

/// The APIService of Metrics Server.
const METRICS: &str = "v1beta1.metrics.k8s.io";
/// Annotation that Helm puts on what a release owns.
const HELM_RELEASE: &str = "meta.helm.sh/release-name";

/// Deployments and DaemonSets of kube-system, those elsewhere whose name or image holds a part of `watched`, and the
/// APIService of Metrics Server; by kind, namespace and name.
///
/// # Errors
/// A list fails.
pub async fn read(clients: &Clients, watched: &BTreeSet<String>) -> Result<Vec<Workload>, Problem> {
    let deployments: Api<Deployment> = Api::all(clients.kube.clone());
    let sets: Api<DaemonSet> = Api::all(clients.kube.clone());
    let services: Api<APIService> = Api::all(clients.kube.clone());
    let (deployments, sets, metrics) = futures::join!(
        list_all(&deployments, ListParams::default(), "list deployments"),
        list_all(&sets, ListParams::default(), "list daemonsets"),
        services.get_opt(METRICS),
    );
    let metrics = metrics.map_err(|error| classify::kube("get apiservice v1beta1.metrics.k8s.io", &error))?;
    let mut found: Vec<Workload> = deployments?.iter().map(deployment).collect();
    found.extend(sets?.iter().map(daemon_set));
    found.retain(|one| one.namespace == SYSTEM || is_watched(one, watched));
    found.extend(metrics.iter().map(api_service));
    found.sort_by(|a, b| (&a.kind, &a.namespace, &a.name).cmp(&(&b.kind, &b.namespace, &b.name)));
    Ok(found)
}

fn is_watched(one: &Workload, watched: &BTreeSet<String>) -> bool {
    let image = one.image.as_deref().unwrap_or_default();
    watched.iter().any(|part| one.name.contains(part.as_str()) || image.contains(part.as_str()))
}

fn deployment(one: &Deployment) -> Workload {
    let wanted = one.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let ready = one.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or(0);
    let image = one.spec.as_ref().and_then(|spec| image(&spec.template));
    workload("Deployment", &one.metadata, image, (count(ready), count(wanted)))
}

fn daemon_set(one: &DaemonSet) -> Workload {
    let ready = one
        .status
        .as_ref()
        .map_or((0, 0), |status| (count(status.number_ready), count(status.desired_number_scheduled)));
    workload("DaemonSet", &one.metadata, one.spec.as_ref().and_then(|spec| image(&spec.template)), ready)
}

fn api_service(one: &APIService) -> Workload {
    let conditions = one.status.as_ref().and_then(|status| status.conditions.as_ref());
    let available = conditions.into_iter().flatten().any(|it| it.type_ == "Available" && it.status == "True");
    workload("APIService", &one.metadata, None, (u32::from(available), 1))
}

fn workload(kind: &str, metadata: &ObjectMeta, image: Option<String>, ready: (u32, u32)) -> Workload {
    Workload {
        kind: kind.to_owned(),
        namespace: metadata.namespace.clone().unwrap_or_default(),
        name: metadata.name.clone().unwrap_or_default(),
        image,
        managers: managers(metadata),
        labels: metadata.labels.clone().unwrap_or_default(),
        ready,
    }
}

/// Who owns part of an object: `Helm release NAME` first if there is one, then field managers in their order, each
/// once. Managers of the status only are not owners.
pub fn managers(metadata: &ObjectMeta) -> Vec<String> {
    let empty = BTreeMap::new();
    let annotations = metadata.annotations.as_ref().unwrap_or(&empty);
    let mut found: Vec<String> =
        annotations.get(HELM_RELEASE).map(|release| format!("Helm release {release}")).into_iter().collect();
    for entry in metadata.managed_fields.iter().flatten().filter(|entry| entry.subresource.is_none()) {
        if let Some(manager) = entry.manager.as_ref().filter(|manager| !found.contains(manager)) {
            found.push(manager.clone());
        }
    }
    found
}

fn image(template: &PodTemplateSpec) -> Option<String> {
    template.spec.as_ref()?.containers.first()?.image.clone()
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_shows_first_and_status_writers_do_not_show() {
        let one: Deployment = serde_json::from_value(serde_json::json!({
            "metadata": {
                "name": "metrics-server", "namespace": "kube-system",
                "annotations": {"meta.helm.sh/release-name": "metrics"},
                "managedFields": [
                    {"manager": "helm", "operation": "Update"},
                    {"manager": "helm", "operation": "Apply"},
                    {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status"}
                ]
            },
            "spec": {"replicas": 2, "selector": {}, "template": {"spec": {"containers": [
                {"name": "metrics-server", "image": "registry.k8s.io/metrics-server/metrics-server:v0.8.1"}
            ]}}},
            "status": {"readyReplicas": 1}
        }))
        .unwrap();
        let read = deployment(&one);
        assert_eq!(read.managers, ["Helm release metrics", "helm"]);
        assert_eq!(read.ready, (1, 2));
        assert!(read.image.is_some_and(|image| image.ends_with(":v0.8.1")));
    }

    #[test]
    fn a_plugin_under_another_name_shows_by_its_image() {
        let mut one = daemon_set(&DaemonSet::default());
        one.name = "gpu-plugin".to_owned();
        one.image = Some("nvcr.io/nvidia/k8s-device-plugin:v0.17.0".to_owned());
        assert!(is_watched(&one, &BTreeSet::from(["nvidia/k8s-device-plugin".to_owned()])));
        assert!(!is_watched(&one, &BTreeSet::from(["metrics-server".to_owned()])));
    }
}
