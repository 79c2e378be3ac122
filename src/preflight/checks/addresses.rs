//! NET-003: addresses for the nodes.

use crate::domain::finding::Severity;
use crate::domain::ipam::nodes_that_fit;
use crate::plan::placement::{Candidate, PODS_PER_NODE, node_bill};
use crate::preflight::check::{Check, Inputs, Said, per_group};

/// Addresses.
pub const NET_003: Check = Check {
    id: "NET-003",
    severity: Severity::Error,
    title: "Subnet has addresses for the desired nodes and their update",
    details: "Each interface with an address takes one, and the VPC CNI reserves 50 or more on network card 0 of every \
              node. The desired size must fit; a maximum that does not fit is a warning that names the largest one that does.",
    run: net_003,
};

fn net_003(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |group| {
        let (Some(kind), Some(subnet)) = (inputs.instance(group), inputs.chosen(group)) else {
            return vec![Said::unknown(&group.name, "no subnet is chosen yet (NET-001)")];
        };
        if inputs.facts.network.cni.known().is_none() {
            return vec![Said::unknown(subnet.id.as_str(), inputs.facts.network.cni.why_unknown())];
        }
        let node = node_bill(group, inputs.facts, &kind);
        let live = inputs.live_nodes(group);
        let more_fit = nodes_that_fit(node, subnet.free, subnet.free_blocks);
        let fit = live.saturating_add(more_fit);
        // updateStrategy MINIMAL replaces nodes without launching more first, so an update needs nothing on top.
        let sum = format!(
            "{} free in {}, {} a node with {PODS_PER_NODE} pods: {fit} nodes fit, {live} run already",
            subnet.free, subnet.id, node.addresses
        );
        let sizes = &group.sizes;
        if sizes.desired > fit {
            return vec![too_small(sizes.desired, fit, &subnet, sum)];
        }
        let mut said = vec![Said::pass(subnet.id.as_str(), sum.clone())];
        if sizes.max > fit {
            said.push(
                Said::fail(subnet.id.as_str(), sum)
                    .weighing(Severity::Warning)
                    .evidence(format!("the maximum is {}; the largest that fits is {fit}", sizes.max))
                    .set(
                        "GPU_MAX_SIZE",
                        fit.max(1).to_string(),
                        format!("the largest maximum that fits {}", subnet.id),
                    ),
            );
        }
        said
    })
}

fn too_small(desired: u32, fit: u32, subnet: &Candidate, sum: String) -> Said {
    let said = Said::fail(subnet.id.as_str(), sum)
        .evidence(format!("{desired} are wanted; the largest number that fits is {fit}"));
    let said = if fit > 0 {
        said.set("GPU_DESIRED_SIZE", fit.to_string(), format!("the largest size that fits {}", subnet.id))
    } else {
        said.set("GPU_DESIRED_SIZE", "0", "installs everything but launches no node yet")
    };
    said.ask("choose another subnet of the zone (GPU_SUBNET), or free addresses")
}
