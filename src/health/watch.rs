//! Takes a look: asks EKS, EC2 and the API server, and judges.

use std::collections::BTreeMap;

use futures::future::join_all;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::api::core::v1::{Node as KubeNode, Pod};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::Api;
use kube::api::ListParams;

use super::look::{Group, Look, Part, PartState, Watched};
use super::rules;
use crate::discover::probes;
use crate::domain::ipam::NodeBill;
use crate::domain::sample::Sample;
use crate::domain::time::Stamp;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// A GPU group to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedGroup {
    /// Node group.
    pub name: String,
    /// GPUs and EFA interfaces a node.
    pub per_node: (u32, u32),
    /// What a node takes from its subnet.
    pub bill: NodeBill,
}

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    /// GPU groups.
    pub groups: Vec<WatchedGroup>,
    /// Components; their states are filled in by the look.
    pub components: Vec<Watched>,
}

/// Looks once.
pub async fn sample(clients: &Clients, scene: &Scene) -> Sample {
    rules::judge(&take(clients, scene).await)
}

async fn take(clients: &Clients, scene: &Scene) -> Look {
    let groups = join_all(scene.groups.iter().map(|group| group_state(clients, group)));
    let components = join_all(scene.components.iter().map(|watched| component_state(clients, watched)));
    let (nodes, classes, pods, groups, components) =
        futures::join!(nodes(clients), probes::storage_classes::read(clients), pods(clients), groups, components);
    let (nodes, conditions) = match nodes {
        Ok(listed) => (
            Ok(listed.iter().map(|node| (probes::nodes::from_kube(node), joined(node))).collect()),
            listed.iter().filter_map(troubles).collect(),
        ),
        Err(why) => (Err(why), BTreeMap::new()),
    };
    let components = components.into_iter().map(|watched| covered(watched, &pods)).collect();
    let pods = pods.unwrap_or_default();
    Look {
        at: clients.aws.timer.now(),
        nodes,
        conditions,
        requested: requested(&pods),
        classes: classes.map_err(|problem| problem.message),
        groups,
        components,
    }
}

async fn nodes(clients: &Clients) -> Result<Vec<KubeNode>, String> {
    let listed = Api::<KubeNode>::all(clients.kube.clone()).list(&ListParams::default()).await;
    let mut nodes = listed.map_err(|error| classify::kube("list nodes", &error).message)?.items;
    nodes.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    Ok(nodes)
}

/// Pods of every namespace, or why they cannot be listed.
async fn pods(clients: &Clients) -> Result<Vec<Pod>, String> {
    let listed = Api::<Pod>::all(clients.kube.clone()).list(&ListParams::default()).await;
    listed.map(|list| list.items).map_err(|error| classify::kube("list pods", &error).message)
}

fn joined(node: &KubeNode) -> Option<Stamp> {
    let at = node.metadata.creation_timestamp.as_ref()?;
    Some(Stamp::from_millis(at.0.as_millisecond()))
}

/// Conditions that are not as they should: Ready that is not True, and any other that is not False. Conditions of the node
/// monitoring agent (`…Ready`) are good when True.
fn troubles(node: &KubeNode) -> Option<(String, Vec<String>)> {
    let conditions = node.status.as_ref()?.conditions.as_ref()?;
    let bad = conditions.iter().filter(|one| {
        let good = if one.type_.ends_with("Ready") { "True" } else { "False" };
        one.status != good && one.type_ != "Ready"
    });
    let words: Vec<String> = bad.map(|one| format!("{}={}", one.type_, one.status)).collect();
    (!words.is_empty()).then(|| (node.metadata.name.clone().unwrap_or_default(), words))
}

fn requested(pods: &[Pod]) -> BTreeMap<String, u32> {
    let mut by_node: BTreeMap<String, u32> = BTreeMap::new();
    for pod in pods {
        let Some(spec) = &pod.spec else { continue };
        let ended = pod.status.as_ref().and_then(|status| status.phase.as_deref());
        if matches!(ended, Some("Succeeded" | "Failed")) {
            continue;
        }
        let gpus: u32 = spec
            .containers
            .iter()
            .filter_map(|container| container.resources.as_ref()?.limits.as_ref()?.get("nvidia.com/gpu"))
            .filter_map(|quantity| quantity.0.parse::<u32>().ok())
            .sum();
        if let Some(node) = spec.node_name.as_ref().filter(|_| gpus > 0) {
            *by_node.entry(node.clone()).or_default() += gpus;
        }
    }
    by_node
}

async fn group_state(clients: &Clients, group: &WatchedGroup) -> Group {
    let found = probes::nodegroups::describe(clients, &group.name).await;
    let mut state =
        Group { name: group.name.clone(), per_node: group.per_node, desired: None, status: Ok(None), subnet: None };
    match found {
        Ok(Some(live)) => {
            let live = probes::nodegroups::from_sdk(&live);
            state.desired = Some(live.sizes.1);
            state.status = Ok(Some((live.status, live.issues)));
            if let Some(id) = live.subnets.first() {
                state.subnet = probes::subnets::one(&clients.aws, id).await.map(|subnet| (subnet, group.bill));
            }
        }
        Ok(None) => {}
        Err(problem) => state.status = Err(problem.message),
    }
    state
}

async fn component_state(clients: &Clients, watched: &Watched) -> Watched {
    let mut state = watched.clone();
    if let Some((name, addon)) = &mut state.addon {
        *addon =
            probes::addons::describe(clients, name).await.ok().flatten().map(|found| probes::addons::from_sdk(&found));
    }
    for part in &mut state.parts {
        match part_state(clients, part).await {
            Ok(found) => part.found = found,
            Err(error) => {
                let what = format!("get {} {}/{}", part.kind.to_lowercase(), part.namespace, part.name);
                part.unread = Some(classify::kube(&what, &error).message);
            }
        }
    }
    state
}

async fn part_state(clients: &Clients, part: &Part) -> Result<Option<PartState>, kube::Error> {
    let (kube, namespace, name) = (clients.kube.clone(), part.namespace.as_str(), part.name.as_str());
    Ok(match part.kind.as_str() {
        "Deployment" => Api::<Deployment>::namespaced(kube, namespace).get_opt(name).await?.map(|found| {
            let status = found.status.unwrap_or_default();
            let wanted = found.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
            let conditions = status.conditions.unwrap_or_default();
            let says = conditions.into_iter().find(|one| one.status == "False").and_then(|one| one.message);
            let image =
                found.spec.and_then(|spec| spec.template.spec).and_then(|pod| pod.containers.into_iter().next()?.image);
            let ready = (whole(status.ready_replicas.unwrap_or(0)), whole(wanted));
            PartState { ready, image, says, on: BTreeMap::new() }
        }),
        "DaemonSet" => Api::<DaemonSet>::namespaced(kube, namespace).get_opt(name).await?.map(|found| {
            let status = found.status.unwrap_or_default();
            let image =
                found.spec.and_then(|spec| spec.template.spec).and_then(|pod| pod.containers.into_iter().next()?.image);
            let ready = (whole(status.number_ready), whole(status.desired_number_scheduled));
            PartState { ready, image, says: None, on: BTreeMap::new() }
        }),
        "APIService" => Api::<APIService>::all(kube).get_opt(name).await?.map(|found| {
            let conditions = found.status.and_then(|status| status.conditions).unwrap_or_default();
            let available = conditions.into_iter().find(|one| one.type_ == "Available");
            let up = available.as_ref().is_some_and(|one| one.status == "True");
            let says = available.filter(|_| !up).and_then(|one| one.message);
            PartState { ready: (u32::from(up), 1), image: None, says, on: BTreeMap::new() }
        }),
        _ => None,
    })
}

fn whole(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

/// Fills in on which nodes the pods of each DaemonSet are Ready.
fn covered(mut watched: Watched, pods: &Result<Vec<Pod>, String>) -> Watched {
    for part in watched.parts.iter_mut().filter(|part| part.kind == "DaemonSet") {
        let pods = match pods {
            Ok(pods) => pods,
            Err(why) => {
                part.unread.get_or_insert_with(|| why.clone());
                continue;
            }
        };
        let Some(found) = &mut part.found else { continue };
        for pod in pods.iter().filter(|pod| pod.metadata.namespace.as_deref() == Some(part.namespace.as_str())) {
            let owners = pod.metadata.owner_references.iter().flatten();
            if !owners.into_iter().any(|owner| owner.kind == "DaemonSet" && owner.name == part.name) {
                continue;
            }
            let Some(node) = pod.spec.as_ref().and_then(|spec| spec.node_name.clone()) else { continue };
            let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
            let ready = conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True");
            found.on.insert(node, ready);
        }
    }
    watched
}
