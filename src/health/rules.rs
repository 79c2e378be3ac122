//! From a look to a verdict with reasons. Pure.

use std::collections::BTreeMap;

use super::look::{Group, Look, Watched};
use crate::domain::facts::{Node, StorageClass};
use crate::domain::ipam::nodes_that_fit;
use crate::domain::sample::{Addresses, ComponentHealth, Condition, GpuNode, Reason, Sample};

/// Label that managed node groups put on their nodes.
const GROUP_LABEL: &str = "eks.amazonaws.com/nodegroup";

/// Judges a look.
pub fn judge(look: &Look) -> Sample {
    let mut reasons = Vec::new();
    let gpu_nodes: Vec<GpuNode> = look.groups.iter().flat_map(|group| nodes_of(look, group)).collect();
    if let Err(why) = &look.nodes {
        reasons.push(reason(Condition::Unknown, "nodes", why.clone(), None));
    }
    for group in &look.groups {
        group_reasons(look, group, &mut reasons);
    }
    for node in &gpu_nodes {
        node_reasons(node, &mut reasons);
    }
    let components: Vec<ComponentHealth> =
        look.components.iter().map(|watched| component(look, watched, &gpu_nodes)).collect();
    for one in components.iter().filter(|one| one.condition != Condition::Healthy) {
        reasons.push(reason(one.condition, &one.name, one.says.clone(), Some("eks-wizard plan".to_owned())));
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(weight(reason.condition)));
    Sample {
        at: look.at,
        condition: reasons.first().map_or(Condition::Healthy, |worst| worst.condition),
        gpu_nodes_expected: look.groups.iter().filter_map(|group| group.desired).sum(),
        coverage: coverage(look, &gpu_nodes),
        addresses: look.groups.iter().filter_map(addresses).collect(),
        reasons,
        gpu_nodes,
        components,
    }
}

/// Unhealthy outweighs unknown: what is known to be broken is said first.
fn weight(condition: Condition) -> u8 {
    match condition {
        Condition::Unhealthy => 3,
        Condition::Unknown => 2,
        Condition::Degraded => 1,
        Condition::Healthy => 0,
    }
}

fn reason(condition: Condition, subject: &str, says: String, next: Option<String>) -> Reason {
    Reason { condition, subject: subject.to_owned(), says, next }
}

fn nodes_of(look: &Look, group: &Group) -> Vec<GpuNode> {
    let nodes = look.nodes.as_deref().unwrap_or_default();
    let ours = nodes.iter().filter(|(node, _)| node.labels.get(GROUP_LABEL).is_some_and(|name| *name == group.name));
    ours.map(|(node, since)| GpuNode {
        name: node.name.clone(),
        instance_type: label(node, "node.kubernetes.io/instance-type"),
        az_id: label(node, "topology.k8s.aws/zone-id"),
        ready: node.ready,
        gpus: (quantity(node, "nvidia.com/gpu"), group.per_node.0),
        efa: (quantity(node, "vpc.amazonaws.com/efa"), group.per_node.1),
        gpus_requested: look.requested.get(&node.name).copied().unwrap_or(0),
        conditions: look.conditions.get(&node.name).cloned().unwrap_or_default(),
        driver: node.labels.get("nvidia.com/cuda.driver-version.full").cloned(),
        since: *since,
    })
    .collect()
}

fn label(node: &Node, key: &str) -> String {
    node.labels.get(key).cloned().unwrap_or_default()
}

fn quantity(node: &Node, resource: &str) -> u32 {
    node.allocatable.get(resource).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn group_reasons(look: &Look, group: &Group, reasons: &mut Vec<Reason>) {
    let plan = || Some("eks-wizard plan".to_owned());
    match &group.status {
        Err(why) => reasons.push(reason(Condition::Unknown, &group.name, why.clone(), None)),
        Ok(None) => {
            let says = "The node group does not exist.".to_owned();
            reasons.push(reason(Condition::Unhealthy, &group.name, says, plan()));
        }
        Ok(Some((status, issues))) if status != "ACTIVE" || !issues.is_empty() => {
            let condition =
                if status == "ACTIVE" || status == "UPDATING" { Condition::Degraded } else { Condition::Unhealthy };
            let says = std::iter::once(format!("The node group is {status}.")).chain(issues.iter().cloned());
            reasons.push(reason(condition, &group.name, says.collect::<Vec<_>>().join(" "), plan()));
        }
        Ok(Some(_)) => {}
    }
    let Some(desired) = group.desired else {
        if matches!(group.status, Ok(Some(_))) {
            let says = "Its desired size could not be read.".to_owned();
            reasons.push(reason(Condition::Unknown, &group.name, says, None));
        }
        return;
    };
    let have = u32::try_from(nodes_of(look, group).len()).unwrap_or(u32::MAX);
    if look.nodes.is_ok() && have < desired {
        let says = format!("{have} of {desired} nodes are in the cluster.");
        reasons.push(reason(Condition::Unhealthy, &group.name, says, Some("eks-wizard verify".to_owned())));
    }
}

fn node_reasons(node: &GpuNode, reasons: &mut Vec<Reason>) {
    let verify = || Some("eks-wizard verify".to_owned());
    if !node.ready {
        reasons.push(reason(Condition::Unhealthy, &node.name, "The node is not Ready.".to_owned(), verify()));
    }
    for ((have, want), what) in [(node.gpus, "nvidia.com/gpu"), (node.efa, "vpc.amazonaws.com/efa")] {
        if have != want {
            let says = format!("{have} of {want} {what} are allocatable.");
            reasons.push(reason(Condition::Unhealthy, &node.name, says, verify()));
        }
    }
    if node.ready && !node.conditions.is_empty() {
        let says = format!("Node conditions: {}.", node.conditions.join(", "));
        reasons.push(reason(Condition::Degraded, &node.name, says, verify()));
    }
}

fn component(look: &Look, watched: &Watched, gpu_nodes: &[GpuNode]) -> ComponentHealth {
    let mut health = ComponentHealth {
        id: watched.id.clone(),
        name: watched.name.clone(),
        condition: Condition::Healthy,
        version: None,
        ready: (0, 0),
        says: "works".to_owned(),
    };
    if let Some(why) = &watched.left_alone {
        health.says.clone_from(why);
        return health;
    }
    let (mut faults, mut unread) = (Vec::new(), Vec::new());
    if let Some((name, addon)) = &watched.addon {
        match addon {
            // Delivered in another way: then its workloads say whether it works.
            None if !watched.parts.is_empty() => {}
            None => faults.push(format!("Add-on {name} is not installed.")),
            Some(addon) => {
                health.version = Some(addon.version.clone());
                if addon.status != "ACTIVE" {
                    faults.push(format!("Add-on {name} is {}. {}", addon.status, addon.issues.join(" ")));
                }
            }
        }
    }
    for part in &watched.parts {
        let shown =
            if part.namespace.is_empty() { part.name.clone() } else { format!("{}/{}", part.namespace, part.name) };
        if let Some(why) = &part.unread {
            unread.push(why.clone());
            continue;
        }
        let Some(found) = &part.found else {
            faults.push(format!("{} {shown} does not exist.", part.kind));
            continue;
        };
        if health.version.is_none() {
            health.version =
                found.image.as_deref().and_then(|image| image.rsplit_once(':')).map(|(_, tag)| tag.to_owned());
        }
        // A DaemonSet's own wish may be 0 where GPU nodes stand: what each node should have counts.
        let wanted = if part.per_gpu_node { u32::try_from(gpu_nodes.len()).unwrap_or(u32::MAX) } else { found.ready.1 };
        let ready = if part.per_gpu_node {
            u32::try_from(gpu_nodes.iter().filter(|node| found.on.get(&node.name) == Some(&true)).count()).unwrap_or(0)
        } else {
            found.ready.0
        };
        health.ready = (health.ready.0 + ready, health.ready.1 + wanted);
        if ready < wanted || (part.kind == "Deployment" && wanted == 0) {
            let says = found.says.as_deref().map(|says| format!(" {says}")).unwrap_or_default();
            faults.push(format!("{} {shown} is ready {ready} of {wanted}.{says}", part.kind));
        }
    }
    if let Some((name, default)) = &watched.class {
        match &look.classes {
            Ok(classes) => class_faults(classes, name, *default, &mut health, &mut faults),
            Err(why) => unread.push(why.clone()),
        }
    }
    // What is known to be broken is said before what could not be read.
    if !faults.is_empty() || !unread.is_empty() {
        health.condition = if faults.is_empty() { Condition::Unknown } else { Condition::Unhealthy };
        unread.dedup();
        faults.extend(unread);
        health.says = faults.join(" ");
    }
    health
}

fn class_faults(
    classes: &[StorageClass],
    name: &str,
    default: bool,
    health: &mut ComponentHealth,
    faults: &mut Vec<String>,
) {
    health.ready.1 += 1;
    let Some(class) = classes.iter().find(|class| class.name == name) else {
        return faults.push(format!("StorageClass {name} does not exist."));
    };
    health.ready.0 += 1;
    health.version = Some(class.provisioner.clone());
    if !default {
        return;
    }
    let others: Vec<&str> =
        classes.iter().filter(|other| other.default && other.name != name).map(|other| other.name.as_str()).collect();
    if !class.default {
        faults.push(format!("StorageClass {name} is not the default."));
    }
    if !others.is_empty() {
        faults.push(format!("{} is marked as default, too.", others.join(", ")));
    }
}

/// Per DaemonSet that belongs on GPU nodes and per GPU node: `ok`, `not Ready`, `no pod` or `not read`.
fn coverage(look: &Look, gpu_nodes: &[GpuNode]) -> BTreeMap<String, BTreeMap<String, String>> {
    let sets = look.components.iter().flat_map(|watched| &watched.parts).filter(|part| part.kind == "DaemonSet");
    let cell = |part: &super::look::Part, node: &GpuNode| {
        let word = match part.found.as_ref().and_then(|found| found.on.get(&node.name)) {
            Some(true) => "ok",
            Some(false) => "not Ready",
            None if part.unread.is_some() => "not read",
            None => "no pod",
        };
        (node.name.clone(), word.to_owned())
    };
    sets.map(|part| (part.name.clone(), gpu_nodes.iter().map(|node| cell(part, node)).collect())).collect()
}

fn addresses(group: &Group) -> Option<Addresses> {
    let (subnet, bill) = group.subnet.as_ref()?;
    Some(Addresses {
        subnet: subnet.id.to_string(),
        free: subnet.free,
        free_blocks: subnet.free_blocks,
        nodes_fit: (bill.addresses > 0).then(|| nodes_that_fit(*bill, subnet.free, subnet.free_blocks)),
    })
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
