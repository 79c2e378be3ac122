//! The nodes of a group.

use super::look::{Look, change, presence};
use super::owner;
use crate::components::desired::Nodes;
use crate::components::observed::{Change, Observation, Presence, Settled};
use crate::discover::probes::{nodegroups, nodes, tags};
use crate::domain::facts::Node;
use crate::domain::problem::Problem;

/// Label that EKS puts on the nodes of a managed group.
const GROUP_LABEL: &str = "eks.amazonaws.com/nodegroup";

/// As many Ready nodes as the group's live desired size, each with its labels and taints.
///
/// Too few are no difference but something to wait for. Absent means that there is no group.
pub(super) async fn observe(look: &Look<'_>, desired: &Nodes) -> Result<Observation, Problem> {
    let Some(group) = nodegroups::describe(look.clients, &desired.nodegroup).await? else {
        return Ok(Observation::absent());
    };
    let selector = format!("{GROUP_LABEL}={}", desired.nodegroup);
    let found = nodes::matching(look.clients, Some(&selector)).await?;
    let (_, expected, _) = nodegroups::sizes(&group);
    let owner = owner::of_tags(&tags(group.tags()), &look.clients.cluster);
    Ok(Observation { owner, ..see(desired, &found, expected) })
}

fn see(desired: &Nodes, found: &[Node], expected: u32) -> Observation {
    let changes = found.iter().filter(|node| node.ready).flat_map(|node| differs(desired, node)).collect();
    let presence: Presence = presence(changes);
    let ready = u32::try_from(found.iter().filter(|node| node.ready).count()).unwrap_or(u32::MAX);
    let settled = if ready >= expected {
        Settled::Yes
    } else {
        let late: Vec<&str> = found.iter().filter(|node| !node.ready).map(|node| node.name.as_str()).collect();
        let late = if late.is_empty() { String::new() } else { format!("; not Ready: {}", late.join(", ")) };
        Settled::Waiting { what: format!("{ready} of {expected} nodes Ready{late}") }
    };
    let notes = if expected == desired.count {
        Vec::new()
    } else {
        vec![format!("Node group {} wants {expected} nodes now, not {}.", desired.nodegroup, desired.count)]
    };
    Observation { presence, settled, notes, ..Observation::absent() }
}

fn differs(desired: &Nodes, node: &Node) -> Vec<Change> {
    let label = |(key, want): (&String, &String)| {
        change(format!("{} label {key}", node.name), node.labels.get(key).cloned(), Some(want.clone()))
    };
    let taint = |want: &String| {
        let have = node.taints.contains(want).then(|| want.clone());
        change(format!("{} taint", node.name), have, Some(want.clone()))
    };
    desired.labels.iter().filter_map(label).chain(desired.taints.iter().filter_map(taint)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn desired() -> Nodes {
        Nodes {
            nodegroup: "gpu-compute".to_owned(),
            count: 2,
            labels: BTreeMap::from([("nvidia.com/gpu".to_owned(), "true".to_owned())]),
            taints: vec!["nvidia.com/gpu=true:NoSchedule".to_owned()],
        }
    }

    fn node(name: &str, ready: bool) -> Node {
        Node {
            name: name.to_owned(),
            ready,
            labels: desired().labels,
            taints: desired().taints,
            allocatable: BTreeMap::new(),
            instance: None,
        }
    }

    #[test]
    fn too_few_nodes_are_waited_for() {
        let seen = see(&desired(), &[node("a", true), node("b", false)], 2);
        assert_eq!(seen.presence, Presence::Same);
        assert_eq!(seen.settled, Settled::Waiting { what: "1 of 2 nodes Ready; not Ready: b".to_owned() });
    }

    #[test]
    fn the_live_size_decides_and_is_noted() {
        let seen = see(&desired(), &[], 0);
        assert_eq!((seen.presence, seen.settled), (Presence::Same, Settled::Yes));
        assert_eq!(seen.notes, ["Node group gpu-compute wants 0 nodes now, not 2."]);
    }

    #[test]
    fn a_ready_node_without_its_taint_differs() {
        let mut bare = node("a", true);
        bare.taints.clear();
        let seen = see(&desired(), &[bare], 1);
        assert!(matches!(seen.presence, Presence::Differs { changes } if changes[0].path == "a taint"));
    }
}
