//! Whether applied objects work: from their status, never from the fact that they were applied.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::Api;
use serde_json::Value;

use super::look::Look;
use crate::components::desired::Readiness;
use crate::components::observed::Settled;
use crate::discover::probes::{each, nodes};
use crate::domain::facts::Node;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;

/// Where Metrics Server answers.
const NODE_METRICS: &str = "/apis/metrics.k8s.io/v1beta1/nodes";

/// Yes when every condition holds, else what is waited for.
pub(super) async fn settled(look: &Look<'_>, conditions: &[Readiness]) -> Result<Settled, Problem> {
    let waiting = each(conditions, async |condition: &Readiness| waits(look, condition).await).await?;
    let waiting: Vec<String> = waiting.into_iter().flatten().collect();
    Ok(if waiting.is_empty() { Settled::Yes } else { Settled::Waiting { what: waiting.join("; ") } })
}

/// What one condition waits for; `None` when it holds.
async fn waits(look: &Look<'_>, condition: &Readiness) -> Result<Option<String>, Problem> {
    let client = look.clients.kube.clone();
    match condition {
        Readiness::Deployment { namespace, name } => {
            let found = Api::<Deployment>::namespaced(client, namespace).get_opt(name).await;
            let found = found.map_err(|error| classify::kube(&format!("get deployment {namespace}/{name}"), &error))?;
            Ok(found.map_or_else(|| Some(format!("Deployment {name} is absent")), |one| deployment(name, &one)))
        }
        Readiness::DaemonSet { namespace, name, at_least } => {
            let found = Api::<DaemonSet>::namespaced(client, namespace).get_opt(name).await;
            let found = found.map_err(|error| classify::kube(&format!("get daemonset {namespace}/{name}"), &error))?;
            let absent = || Some(format!("DaemonSet {name} is absent"));
            Ok(found.map_or_else(absent, |one| daemon_set(name, &one, *at_least)))
        }
        Readiness::ApiService { name } => {
            let found = Api::<APIService>::all(client).get_opt(name).await;
            let found = found.map_err(|error| classify::kube(&format!("get apiservice {name}"), &error))?;
            Ok(found.map_or_else(|| Some(format!("APIService {name} is absent")), |one| api_service(name, &one)))
        }
        Readiness::NodeMetrics => node_metrics(look).await,
        Readiness::Allocatable { selector, resource, per_node, nodes: wanted } => {
            let found = nodes::matching(look.clients, Some(selector)).await?;
            Ok(allocatable(&found, resource, *per_node, *wanted))
        }
    }
}

fn deployment(name: &str, one: &Deployment) -> Option<String> {
    let wanted = one.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let status = one.status.clone().unwrap_or_default();
    if status.observed_generation < one.metadata.generation {
        return Some(format!("Deployment {name} is not taken up yet"));
    }
    let number = |value: Option<i32>| value.unwrap_or(0);
    let (updated, available) = (number(status.updated_replicas), number(status.available_replicas));
    if updated >= wanted && available >= wanted && number(status.replicas) <= updated {
        return None;
    }
    let stuck = status.conditions.iter().flatten().find(|it| it.type_ == "Progressing" && it.status == "False");
    let stuck = stuck.and_then(|it| it.message.as_deref()).map_or_else(String::new, |message| format!(" ({message})"));
    Some(format!("Deployment {name}: {} of {wanted} pods available{stuck}", available.min(updated)))
}

fn daemon_set(name: &str, one: &DaemonSet, at_least: u32) -> Option<String> {
    let status = one.status.clone().unwrap_or_default();
    if status.observed_generation < one.metadata.generation {
        return Some(format!("DaemonSet {name} is not taken up yet"));
    }
    let wanted = status.desired_number_scheduled;
    let ready = status.number_ready.min(status.updated_number_scheduled.unwrap_or(0));
    let floor = i32::try_from(at_least).unwrap_or(i32::MAX);
    let done = wanted >= floor && ready >= wanted;
    (!done).then(|| format!("DaemonSet {name}: {ready} of {} pods Ready", wanted.max(floor)))
}

fn api_service(name: &str, one: &APIService) -> Option<String> {
    let conditions = one.status.as_ref().and_then(|status| status.conditions.as_ref());
    let available = conditions.into_iter().flatten().find(|condition| condition.type_ == "Available");
    match available {
        Some(condition) if condition.status == "True" => None,
        Some(condition) => {
            let reason = condition.reason.as_deref().unwrap_or("no reason given");
            let message = condition.message.as_deref().unwrap_or_default();
            Some(format!("APIService {name} is not Available: {reason} {message}").trim_end().to_owned())
        }
        None => Some(format!("APIService {name} has no condition yet")),
    }
}

async fn node_metrics(look: &Look<'_>) -> Result<Option<String>, Problem> {
    let ready = nodes::matching(look.clients, None).await?;
    let ready: BTreeSet<String> = ready.into_iter().filter(|node| node.ready).map(|node| node.name).collect();
    let request = http::Request::get(NODE_METRICS).body(Vec::new()).map_err(|error| {
        Problem::new(ProblemKind::Internal, "The request for node metrics cannot be built.").because(error.to_string())
    })?;
    match look.clients.kube.request::<Value>(request).await {
        Ok(answer) => Ok(figures(&answer, &ready)),
        // Not registered yet, or the aggregator does not reach the pods yet.
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 500 | 503) => {
            Ok(Some(format!("metrics.k8s.io does not answer yet ({})", status.code)))
        }
        Err(error) => Err(classify::kube("list nodes.metrics.k8s.io", &error)),
    }
}

fn figures(answer: &Value, ready: &BTreeSet<String>) -> Option<String> {
    let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named: BTreeSet<&str> = items.iter().filter_map(|item| item.pointer("/metadata/name")?.as_str()).collect();
    let covered = ready.iter().filter(|name| named.contains(name.as_str())).count();
    (covered < ready.len()).then(|| format!("metrics of {covered} of {} Ready nodes", ready.len()))
}

fn allocatable(found: &[Node], resource: &str, per_node: u32, wanted: u32) -> Option<String> {
    let has = |node: &&Node| {
        node.allocatable.get(resource).and_then(|text| text.parse::<u32>().ok()).is_some_and(|have| have >= per_node)
    };
    let done = u32::try_from(found.iter().filter(has).count()).unwrap_or(u32::MAX);
    let all = wanted.max(u32::try_from(found.len()).unwrap_or(u32::MAX));
    (done < all).then(|| format!("{done} of {all} nodes have {per_node} {resource}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(wanted: i32, ready: i32, updated: i32, observed: i64) -> DaemonSet {
        serde_json::from_value(json!({
            "metadata": {"generation": 2},
            "status": {"observedGeneration": observed, "desiredNumberScheduled": wanted, "numberReady": ready,
                "updatedNumberScheduled": updated, "currentNumberScheduled": wanted, "numberMisscheduled": 0}
        }))
        .unwrap()
    }

    #[test]
    fn a_daemon_set_on_no_node_is_done_only_if_none_is_expected() {
        assert_eq!(daemon_set("efa", &set(0, 0, 0, 2), 0), None);
        assert_eq!(daemon_set("efa", &set(0, 0, 0, 2), 2).as_deref(), Some("DaemonSet efa: 0 of 2 pods Ready"));
    }

    #[test]
    fn old_pods_and_old_generations_do_not_count() {
        assert_eq!(daemon_set("efa", &set(2, 2, 1, 2), 2).as_deref(), Some("DaemonSet efa: 1 of 2 pods Ready"));
        assert!(daemon_set("efa", &set(2, 2, 2, 1), 2).is_some());
        assert_eq!(daemon_set("efa", &set(2, 2, 2, 2), 2), None);
    }

    #[test]
    fn a_deployment_waits_for_its_new_pods() {
        let with = |updated: i32, available: i32, replicas: i32| -> Deployment {
            serde_json::from_value(json!({
                "metadata": {"generation": 1},
                "spec": {"replicas": 2, "selector": {}, "template": {}},
                "status": {"observedGeneration": 1, "replicas": replicas, "updatedReplicas": updated,
                    "availableReplicas": available}
            }))
            .unwrap()
        };
        assert_eq!(deployment("m", &with(2, 2, 2)), None);
        assert_eq!(deployment("m", &with(1, 2, 3)).as_deref(), Some("Deployment m: 1 of 2 pods available"));
        assert!(deployment("m", &with(2, 2, 3)).is_some());
    }

    #[test]
    fn an_api_service_tells_why_it_is_not_available() {
        let service: APIService = serde_json::from_value(json!({"metadata": {}, "status": {"conditions": [
            {"type": "Available", "status": "False", "reason": "MissingEndpoints", "message": "no endpoints"}
        ]}}))
        .unwrap();
        let want = "APIService v1beta1.metrics.k8s.io is not Available: MissingEndpoints no endpoints";
        assert_eq!(api_service("v1beta1.metrics.k8s.io", &service).as_deref(), Some(want));
    }

    #[test]
    fn metrics_must_cover_every_ready_node() {
        let ready = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        let answer = json!({"items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "z"}}]});
        assert_eq!(figures(&answer, &ready).as_deref(), Some("metrics of 1 of 2 Ready nodes"));
        assert_eq!(figures(&json!({"items": []}), &BTreeSet::new()), None);
    }

    #[test]
    fn every_labelled_node_must_have_its_devices() {
        let node = |gpus: &str| Node {
            name: String::new(),
            ready: true,
            labels: std::collections::BTreeMap::new(),
            taints: Vec::new(),
            allocatable: std::collections::BTreeMap::from([("nvidia.com/gpu".to_owned(), gpus.to_owned())]),
            instance: None,
        };
        let check = |nodes: &[Node], wanted| allocatable(nodes, "nvidia.com/gpu", 8, wanted);
        assert_eq!(check(&[node("8"), node("8")], 2), None);
        assert_eq!(check(&[node("8"), node("7")], 2).as_deref(), Some("1 of 2 nodes have 8 nvidia.com/gpu"));
        assert_eq!(check(&[node("8")], 2).as_deref(), Some("1 of 2 nodes have 8 nvidia.com/gpu"));
        assert_eq!(check(&[], 0), None);
    }
}
