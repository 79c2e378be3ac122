//! One GPU node group: node role, security group, placement group, launch template, node group, nodes.

pub mod launch_template;
pub mod nodegroup;
pub mod role;
pub mod security_group;
pub mod user_data;

use crate::components::component::{Inputs, gpu_step};
use crate::components::desired::{Desired, Ensure, PlacementGroup, Stage};
use crate::components::naming::shortened;
use crate::config::{Capacity, GpuGroup, NodeRepair, Placement};
use crate::domain::facts::Cluster;
use crate::domain::ids::StepId;
use crate::domain::instance::{InstanceType, lookup};
use crate::domain::problem::{Problem, ProblemKind};
use crate::plan::placement::{SubnetChoice, choose_subnet};

/// A group with everything that its steps follow from.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Spec, facts, place, tags.
    pub inputs: &'a Inputs<'a>,
    /// What is meant.
    pub spec: &'a GpuGroup,
    /// Figures of its instance type.
    pub kind: &'a InstanceType,
    /// The cluster.
    pub cluster: &'a Cluster,
}

impl Group<'_> {
    /// A step of this group.
    pub(super) fn step(
        &self,
        part: &str,
        title: String,
        needs: Vec<StepId>,
        ensure: Ensure,
        deadline_s: u64,
    ) -> Desired {
        Desired {
            id: gpu_step(&self.spec.name, part),
            title,
            component: format!("gpu.{}", self.spec.name),
            stage: Stage::GpuNodes,
            needs,
            ensure,
            deadline_s,
        }
    }
}

/// The steps of `group`. Without one subnet they end before the node group: NET-001 and its kin say why.
///
/// # Errors
/// The cluster or the instance type is not known, or the AMI release cannot be named.
pub fn desired(inputs: &Inputs<'_>, group: &GpuGroup) -> Result<Vec<Desired>, Problem> {
    let kind = lookup(inputs.facts, &group.instance_type).ok_or_else(|| unknown_type(group))?;
    let cluster = inputs.facts.cluster.known().ok_or_else(|| {
        Problem::new(ProblemKind::Unavailable, format!("GPU node group {} cannot be planned.", group.name)).because(
            format!("The cluster {} is not known: {}.", inputs.place.cluster, inputs.facts.cluster.why_unknown()),
        )
    })?;
    let of = Group { inputs, spec: group, kind: &kind, cluster };
    let role = role::step(&of)?;
    let security_group = security_group::step(&of);
    let placement_group = placement_group(&of);
    let template = launch_template::step(&of, security_group.as_ref(), placement_group.as_ref())?;
    let mut steps: Vec<Desired> = std::iter::once(role).chain(security_group).chain(placement_group).collect();
    let subnet = choose_subnet(group, inputs.facts, &kind);
    let node_steps = match subnet.subnet() {
        Some(subnet) => nodegroup::steps(&of, subnet, &template)?,
        None => Vec::new(),
    };
    steps.push(template);
    steps.extend(node_steps);
    Ok(steps)
}

/// Choices taken for the operator, as sentences.
pub fn notes(inputs: &Inputs<'_>, group: &GpuGroup) -> Vec<String> {
    let Some(kind) = lookup(inputs.facts, &group.instance_type) else {
        return Vec::new();
    };
    let mut notes = vec![match choose_subnet(group, inputs.facts, &kind) {
        SubnetChoice::Chosen { why, .. } => format!("Subnet: {why}"),
        SubnetChoice::None { why } => format!("No subnet, so the plan holds no node group. {why}"),
        SubnetChoice::SeveralZones { candidates } => {
            let lines: Vec<String> = candidates
                .iter()
                .map(|one| format!("GPU_SUBNET={} ({}, {} nodes fit)", one.id, one.az_id, one.fits))
                .collect();
            format!(
                "The candidates lie in several Availability Zones, so the plan holds no node group. Set one of: {}.",
                lines.join(", ")
            )
        }
    }];
    notes.push(nodegroup::release_note(inputs, group));
    if inputs.facts.network.cluster_group.known().is_none() {
        notes.push(format!(
            "No EFA security group is made, because the rules of the cluster security group are not known: {}.",
            inputs.facts.network.cluster_group.why_unknown()
        ));
    }
    if group.repair == NodeRepair::RebootOnly {
        notes.push("This version cannot limit node repair to reboots, so it stays off.".to_owned());
    }
    if matches!(group.capacity, Capacity::Reservation { .. }) && group.placement == Placement::Auto {
        let why =
            "No placement group is set with a reservation. Name the one of the reservation in GPU_PLACEMENT_GROUP.";
        notes.push(why.to_owned());
    }
    notes
}

/// A cluster placement group of our own for on demand and spot; reservations and Capacity Blocks bring their placement.
fn placement_group(of: &Group<'_>) -> Option<Desired> {
    let own = of.spec.placement == Placement::Auto && matches!(of.spec.capacity, Capacity::OnDemand | Capacity::Spot);
    own.then(|| {
        let name = group_resource_name(of);
        let ensure = Ensure::PlacementGroup(PlacementGroup { name });
        of.step("placement-group", "placement group, cluster strategy".to_owned(), Vec::new(), ensure, 60)
    })
}

/// `<cluster>-<group>`: the name of the group's placement group and launch template (EC2 allows 128 characters).
pub(super) fn group_resource_name(of: &Group<'_>) -> String {
    shortened(&format!("{}-{}", of.inputs.place.cluster, of.spec.name), 128)
}

fn unknown_type(group: &GpuGroup) -> Problem {
    let what =
        format!("GPU_INSTANCE_TYPE names {}, which neither EC2 nor the embedded table knows.", group.instance_type);
    Problem::new(ProblemKind::Usage, what).hint("Choose an NVIDIA type with EFA, such as p5en.48xlarge.")
}
