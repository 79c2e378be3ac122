//! The Node object of an instance, as kubelet and cloud provider would fill it.

use serde_json::{Map, Value, json};

use crate::domain::time::Stamp;
use crate::sim::services::ec2::{Instance, TypeFacts, type_facts};
use crate::sim::services::eks::state::Nodegroup;
use crate::sim::world::World;

/// Huge pages of 2 MiB that an EFA instance preallocates, in MiB (EKS user guide, node-efa: 5128 pages).
const HUGE_MIB: u64 = 5128 * 2;

/// Builds the Node: `ready` is when the pod network came up, nothing before that.
pub fn build(
    world: &World,
    group: &Nodegroup,
    instance: &Instance,
    minor: &str,
    registered: Stamp,
    ready: Option<Stamp>,
) -> Value {
    let zone_id = world.ec2.subnets.get(&instance.subnet).map(|s| s.zone_id.clone()).unwrap_or_default();
    let zone = world.ec2.zones.get(&zone_id).cloned().unwrap_or_default();
    let facts = type_facts(&instance.instance_type);
    let mut spec = json!({"providerID": format!("aws:///{zone}/{}", instance.id)});
    let taints = taints(group);
    if !taints.is_empty() {
        spec["taints"] = Value::Array(taints);
    }
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": instance.node_name,
            "labels": labels(world, group, instance, (&zone, &zone_id), minor, facts.as_ref()),
            "annotations": {
                "alpha.kubernetes.io/provided-node-ip": instance.private_ip.to_string(),
                "node.alpha.kubernetes.io/ttl": "0",
            },
        },
        "spec": spec,
        "status": status(world, group, instance, minor, facts.as_ref(), (registered, ready)),
    })
}

fn nvidia_ami(group: &Nodegroup) -> bool {
    group.spec["amiType"].as_str().is_some_and(|ami| ami.ends_with("_NVIDIA"))
}

fn labels(
    world: &World,
    group: &Nodegroup,
    instance: &Instance,
    (zone, zone_id): (&str, &str),
    minor: &str,
    facts: Option<&TypeFacts>,
) -> Value {
    let arch = facts.map_or("amd64", |facts| facts.arch);
    let fixed = [
        ("beta.kubernetes.io/arch", arch),
        ("beta.kubernetes.io/instance-type", &instance.instance_type),
        ("beta.kubernetes.io/os", "linux"),
        ("eks.amazonaws.com/capacityType", group.spec["capacityType"].as_str().unwrap_or("ON_DEMAND")),
        ("eks.amazonaws.com/nodegroup", &group.name),
        ("failure-domain.beta.kubernetes.io/region", &world.region),
        ("failure-domain.beta.kubernetes.io/zone", zone),
        ("k8s.io/cloud-provider-aws", "f94eb1d0bb1d4f0c5bd1e9957a1f4a04"),
        ("kubernetes.io/arch", arch),
        ("kubernetes.io/hostname", &instance.node_name),
        ("kubernetes.io/os", "linux"),
        ("node.kubernetes.io/instance-type", &instance.instance_type),
        ("topology.k8s.aws/zone-id", zone_id),
        ("topology.kubernetes.io/region", &world.region),
        ("topology.kubernetes.io/zone", zone),
    ];
    let mut labels: Map<String, Value> = fixed.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    if let Some(template) = group.spec["launchTemplate"].as_object() {
        labels.insert("eks.amazonaws.com/sourceLaunchTemplateId".to_owned(), template["id"].clone());
        labels.insert("eks.amazonaws.com/sourceLaunchTemplateVersion".to_owned(), template["version"].clone());
    }
    // nodeadm labels GPU nodes itself from Kubernetes 1.35 on (amazon-eks-ami, nodeadm/internal/kubelet/config.go).
    let number = minor.split_once('.').and_then(|(_, minor)| minor.parse::<u32>().ok());
    if nvidia_ami(group) && instance.gpus > 0 && number.is_some_and(|minor| minor >= 35) {
        labels.insert("nvidia.com/gpu.present".to_owned(), json!("true"));
    }
    labels.extend(group.spec["labels"].as_object().cloned().unwrap_or_default());
    Value::Object(labels)
}

fn taints(group: &Nodegroup) -> Vec<Value> {
    let taints = group.spec["taints"].as_array().into_iter().flatten();
    let effect = |taint: &Value| match taint["effect"].as_str() {
        Some("NO_EXECUTE") => "NoExecute",
        Some("PREFER_NO_SCHEDULE") => "PreferNoSchedule",
        _ => "NoSchedule",
    };
    taints
        .map(|t| json!({"key": t["key"], "value": t["value"].as_str().unwrap_or_default(), "effect": effect(t)}))
        .collect()
}

/// Most pods of a node: addresses of card 0 as EKS computes them, capped by the size of the type.
fn max_pods(facts: &TypeFacts) -> u64 {
    let interfaces = facts.cards.first().map_or(1, |card| u64::from(card.interfaces));
    let per_interface = u64::try_from(facts.addresses_per_interface).unwrap_or(1);
    let pods = interfaces * per_interface.saturating_sub(1) + 2;
    pods.min(if facts.vcpus < 30 { 110 } else { 250 })
}

fn status(
    world: &World,
    group: &Nodegroup,
    instance: &Instance,
    minor: &str,
    facts: Option<&TypeFacts>,
    (registered, ready): (Stamp, Option<Stamp>),
) -> Value {
    let (vcpus, memory, pods) = facts.map_or((2, 8192, 17), |f| (u64::from(f.vcpus), f.memory_mib, max_pods(f)));
    let huge = if instance.efa_interfaces > 0 && nvidia_ami(group) { HUGE_MIB } else { 0 };
    // Firmware and kernel keep about 4 %; nodeadm reserves 255 MiB and 11 MiB a pod, and kubelet evicts at 100 MiB.
    let capacity = memory * 1024 / 100 * 96;
    let reserved = (255 + 11 * pods + 100 + huge) * 1024;
    let release = group.spec["releaseVersion"].as_str().unwrap_or_default();
    let patch = release.split_once('-').map_or(minor, |(version, _)| version);
    let kernel = if minor == "1.36" { "6.18.9-12.amzn2023.x86_64" } else { "6.12.40-63.114.amzn2023.x86_64" };
    let milli = vcpus * 1000 - 60 - 10 * (vcpus.min(4)) - vcpus * 5 / 2;
    json!({
        "capacity": {
            "cpu": vcpus.to_string(), "memory": format!("{capacity}Ki"), "pods": pods.to_string(),
            "ephemeral-storage": "209612780Ki", "hugepages-1Gi": "0", "hugepages-2Mi": format!("{huge}Mi"),
        },
        "allocatable": {
            "cpu": format!("{milli}m"), "memory": format!("{}Ki", capacity.saturating_sub(reserved)),
            "pods": pods.to_string(), "ephemeral-storage": "192105393Ki", "hugepages-1Gi": "0",
            "hugepages-2Mi": format!("{huge}Mi"),
        },
        "addresses": [
            {"type": "InternalIP", "address": instance.private_ip.to_string()},
            {"type": "InternalDNS", "address": instance.node_name},
            {"type": "Hostname", "address": instance.node_name},
        ],
        "conditions": conditions(world, registered, ready),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": facts.map_or("amd64", |f| f.arch),
            "bootID": format!("{}-boot", instance.id),
            "containerRuntimeVersion": "containerd://2.2.4",
            "kernelVersion": kernel,
            "kubeProxyVersion": "",
            "kubeletVersion": format!("v{patch}-eks-8f4a1b2"),
            "machineID": instance.id.replace("i-", "ec2"),
            "operatingSystem": "linux",
            "osImage": "Amazon Linux 2023.12.20260709",
            "systemUUID": instance.id.replace("i-", "ec2-"),
        },
    })
}

fn conditions(world: &World, registered: Stamp, ready: Option<Stamp>) -> Vec<Value> {
    let (beat, since) = (world.now.rfc3339_seconds(), registered.rfc3339_seconds());
    let calm = [
        ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ];
    let mut all: Vec<Value> = calm
        .into_iter()
        .map(|(kind, reason, message)| {
            json!({
                "type": kind, "status": "False", "reason": reason, "message": message,
                "lastHeartbeatTime": beat, "lastTransitionTime": since,
            })
        })
        .collect();
    all.push(match ready {
        Some(at) => json!({
            "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
            "lastHeartbeatTime": beat, "lastTransitionTime": at.rfc3339_seconds(),
        }),
        None => json!({
            "type": "Ready", "status": "False", "reason": "KubeletNotReady",
            "message": "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady \
                        message:Network plugin returns error: cni plugin not initialized",
            "lastHeartbeatTime": beat, "lastTransitionTime": since,
        }),
    });
    all
}
