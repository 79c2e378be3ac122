//! NET-003: addresses for the nodes.

use super::room::Room;
use crate::components::component::expected_nodes;
use crate::config::GpuGroup;
use crate::domain::finding::Severity;
use crate::domain::ipam::nodes_that_fit;
use crate::plan::placement::{Candidate, PODS_PER_NODE, node_bill};
use crate::preflight::check::{Check, Inputs, Said, per_subnet};

/// Addresses.
pub const NET_003: Check = Check {
    id: "NET-003",
    severity: Severity::Error,
    title: "Subnet has addresses for maximum nodes plus update surge",
    details: "Each interface with an address takes one, and the VPC CNI reserves 50 or more on network card 0 of every \
              node. The desired size must fit; a maximum that does not fit is a warning that names the largest one that \
              does. Updates replace nodes one by one without launching more first, so they need nothing on top.",
    run: net_003,
};

fn net_003(inputs: &Inputs<'_>) -> Vec<Said> {
    per_subnet(inputs, |group, kind, subnet| {
        let mut said = public(inputs, group, subnet);
        if inputs.facts.network.cni.known().is_none() {
            said.insert(0, Said::unread(subnet.id.as_str(), &inputs.facts.network.cni));
            return said;
        }
        let node = node_bill(group, inputs.facts, kind);
        let live = inputs.live_nodes(group);
        let wanted = expected_nodes(group, inputs.facts);
        let fit = live.saturating_add(nodes_that_fit(node, subnet.free, subnet.free_blocks));
        let room = Room {
            subject: subnet.id.as_str(),
            within: &format!("that fits {}", subnet.id),
            group,
            wanted,
            fit,
            sum: format!(
                "{} free in {}, {} a node with {PODS_PER_NODE} pods: {fit} nodes fit, {live} run already",
                subnet.free, subnet.id, node.addresses
            ),
        };
        let judged = room.judge(|said| {
            elsewhere(inputs, group, subnet, wanted.max(group.sizes.desired), said).ask(if live > 0 {
                "free addresses in it"
            } else {
                "choose another subnet of the zone (GPU_SUBNET), or free addresses"
            })
        });
        judged.into_iter().chain(said).collect()
    })
}

/// Offers the candidates with more room. A group that stands cannot move.
fn elsewhere(inputs: &Inputs<'_>, group: &GpuGroup, subnet: &Candidate, wanted: u32, said: Said) -> Said {
    if inputs.live_nodes(group) > 0 || wanted == 0 {
        return said;
    }
    let Some(choice) = inputs.placement(group) else { return said };
    let roomy = choice.candidates().iter().filter(|one| {
        one.id != subnet.id && one.offered != Some(false) && one.fits >= wanted && one.fits > subnet.fits
    });
    roomy.fold(said, |said, one| {
        said.set("GPU_SUBNET", one.id.as_str(), format!("{}, {} nodes fit", one.az_id, one.fits))
    })
}

/// A subnet that maps public addresses: the launch of an instance with several interfaces fails there.
fn public(inputs: &Inputs<'_>, group: &GpuGroup, subnet: &Candidate) -> Vec<Said> {
    let maps = inputs.subnet(&subnet.id).is_some_and(|subnet| subnet.public);
    let interfaces = inputs.interfaces(group).len();
    if !maps || interfaces < 2 {
        return Vec::new();
    }
    let id = &subnet.id;
    vec![
        Said::fail(id.as_str(), format!("{id} maps public addresses on launch (MapPublicIpOnLaunch)"))
            .weighing(Severity::Warning)
            .evidence(format!("a node has {interfaces} interfaces, and EC2 gives such instances no public address"))
            .command(
                format!("aws ec2 modify-subnet-attribute --subnet-id {id} --no-map-public-ip-on-launch"),
                "turns the mapping off for every later launch in this subnet",
            )
            .ask("or choose a private subnet: GPU_SUBNET"),
    ]
}
