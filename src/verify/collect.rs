//! Gathers the evidence of a verification.

use std::collections::BTreeMap;

use futures::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use serde_json::json;

use super::evidence::{Evidence, GroupEvidence, NodeEvidence, Probe};
use super::expect::{Expectation, Group};
use super::{job, ladders};
use crate::components::manifest;
use crate::discover::probes;
use crate::domain::facts::Node;
use crate::domain::ladder::Verification;
use crate::transport::classify;
use crate::transport::clients::Clients;

const GPU: &str = include_str!("../../manifests/verify/gpu.yaml");
const EFA: &str = include_str!("../../manifests/verify/efa.yaml");
const IDENTITY: &str = include_str!("../../manifests/verify/identity.yaml");
const STORAGE: &str = include_str!("../../manifests/verify/storage.yaml");

/// Proves what `expectation` says, with pods that are removed again.
pub async fn verify(clients: &Clients, expectation: &Expectation) -> Verification {
    let groups = join_all(expectation.groups.iter().map(|group| look_at(clients, group)));
    let identities = join_all(expectation.identities.iter().enumerate().map(|(at, identity)| {
        let values = BTreeMap::from([
            ("name", json!(format!("eks-wizard-verify-identity-{at}"))),
            ("namespace", json!(identity.namespace)),
            ("service_account", json!(identity.service_account)),
        ]);
        probe(clients, IDENTITY, values)
    }));
    let classes = join_all(expectation.classes.iter().map(|class| {
        let values = BTreeMap::from([
            ("name", json!(format!("eks-wizard-verify-storage-{}", class.name))),
            ("class", json!(class.name)),
            ("size", json!(class.size)),
        ]);
        probe(clients, STORAGE, values)
    }));
    let (groups, identities, classes) = futures::join!(groups, identities, classes);
    let evidence = Evidence {
        groups,
        identities: identities.into_iter().map(Some).collect(),
        classes: classes.into_iter().map(Some).collect(),
    };
    ladders::judge(clients.aws.timer.now(), expectation, &evidence)
}

async fn probe(clients: &Clients, yaml: &str, values: manifest::Values<'_>) -> Probe {
    match manifest::objects(yaml, &values) {
        Ok(objects) => job::run(clients, &objects).await,
        Err(problem) => Probe::NotRun { why: problem.message },
    }
}

async fn look_at(clients: &Clients, group: &Group) -> GroupEvidence {
    let desired = desired_size(clients, &group.name).await;
    let nodes = match nodes_of(clients, &group.name).await {
        Ok(nodes) => {
            let pods = plugin_pods(clients).await;
            Ok(join_all(nodes.iter().map(|node| look_at_node(clients, node, &pods))).await)
        }
        Err(why) => Err(why),
    };
    GroupEvidence { name: group.name.clone(), desired, nodes }
}

/// The live desired size: what the group wants now, not what the file says.
async fn desired_size(clients: &Clients, group: &str) -> Result<Option<u32>, String> {
    let found = probes::nodegroups::describe(clients, group).await.map_err(|problem| problem.message)?;
    let Some(found) = found else { return Ok(None) };
    let size = found.scaling_config().and_then(|sizes| sizes.desired_size()).and_then(|size| u32::try_from(size).ok());
    size.map(Some).ok_or_else(|| format!("eks:DescribeNodegroup gives no desired size for {group}"))
}

async fn nodes_of(clients: &Clients, group: &str) -> Result<Vec<Node>, String> {
    let selector = format!("eks.amazonaws.com/nodegroup={group}");
    probes::nodes::matching(clients, Some(&selector)).await.map_err(|problem| problem.message)
}

/// Pods of the device plugin DaemonSets: name of the DaemonSet, node, Ready.
type PluginPods = Result<Vec<(String, String, bool)>, String>;

async fn plugin_pods(clients: &Clients) -> PluginPods {
    let listed = Api::<Pod>::namespaced(clients.kube.clone(), "kube-system").list(&ListParams::default()).await;
    let pods = listed.map_err(|error| classify::kube("list pods in kube-system", &error).message)?;
    let of = |pod: &Pod| {
        let owner = pod.metadata.owner_references.as_ref()?.iter().find(|owner| owner.kind == "DaemonSet")?;
        if !owner.name.contains("device-plugin") {
            return None;
        }
        let node = pod.spec.as_ref()?.node_name.clone()?;
        let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
        let ready = conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True");
        Some((owner.name.clone(), node, ready))
    };
    Ok(pods.items.iter().filter_map(of).collect())
}

async fn look_at_node(clients: &Clients, node: &Node, pods: &PluginPods) -> NodeEvidence {
    let name = node.name.clone();
    let instance = node.instance.as_ref().map(ToString::to_string);
    let (gpus, efa) = (allocatable(node, "nvidia.com/gpu"), allocatable(node, "vpc.amazonaws.com/efa"));
    let hostname = node.labels.get("kubernetes.io/hostname").unwrap_or(&name);
    let values = |probe: &str, key: &'static str, count: u32| {
        // Names of nodes are DNS names of any length; a Job's name has 63 characters.
        let short = instance.as_deref().unwrap_or(&name).replace('.', "-");
        BTreeMap::from([
            ("name", json!(format!("eks-wizard-verify-{probe}-{short}").chars().take(63).collect::<String>())),
            ("hostname", json!(hostname)),
            (key, json!(count.to_string())),
        ])
    };
    // A probe that asks for devices the node does not offer would only wait: the rung below says why.
    let gpu_probe =
        async { if gpus == 0 { None } else { Some(probe(clients, GPU, values("gpu", "gpus", gpus)).await) } };
    let efa_probe = async { if efa == 0 { None } else { Some(probe(clients, EFA, values("efa", "efa", efa)).await) } };
    let (gpu_probe, efa_probe, attached) = futures::join!(gpu_probe, efa_probe, attached(clients, instance.as_deref()));
    NodeEvidence {
        ready: node.ready,
        plugins: pods
            .clone()
            .map(|all| all.into_iter().filter(|(_, on, _)| *on == name).map(|(set, _, ready)| (set, ready)).collect()),
        name,
        instance,
        gpus,
        efa,
        attached,
        gpu_probe,
        efa_probe,
    }
}

fn allocatable(node: &Node, resource: &str) -> u32 {
    node.allocatable.get(resource).and_then(|quantity| quantity.parse().ok()).unwrap_or(0)
}

async fn attached(clients: &Clients, instance: Option<&str>) -> Result<u32, String> {
    let instance = instance.ok_or_else(|| "the node names no EC2 instance".to_owned())?;
    let answer = clients.aws.ec2.describe_instances().instance_ids(instance).send().await;
    let answer = answer.map_err(|error| classify::aws("ec2:DescribeInstances", &error).message)?;
    let interfaces =
        answer.reservations().iter().flat_map(|one| one.instances()).flat_map(|one| one.network_interfaces());
    let efa = interfaces.filter(|one| one.interface_type().is_some_and(|kind| kind.starts_with("efa"))).count();
    u32::try_from(efa).map_err(|error| error.to_string())
}
