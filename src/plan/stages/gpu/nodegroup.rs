//! The managed node group and its nodes.

use std::collections::BTreeMap;

use super::Group;
use crate::components::component::{Inputs, expected_nodes, gpu_step};
use crate::components::desired::{Desired, Ensure, Nodegroup, NodegroupLaunch, Nodes, Val};
use crate::components::naming::GROUP_LABEL;
use crate::config::{AmiRelease, Capacity, GpuGroup, NodeRepair};
use crate::domain::facts;
use crate::domain::ids::ResourceId;
use crate::domain::problem::{Problem, ProblemKind};

/// Seconds from CreateNodegroup to ACTIVE. EKS itself gives up on nodes that do not join after 15 minutes.
const GROUP_DEADLINE_S: u64 = 2_400;
/// Seconds until every node is Ready, once the group is ACTIVE.
const NODES_DEADLINE_S: u64 = 1_800;

/// Node group and nodes.
///
/// # Errors
/// `GPU_AMI_RELEASE` names a release that EKS cannot take.
pub fn steps(of: &Group<'_>, subnet: &ResourceId, template: &Desired) -> Result<Vec<Desired>, Problem> {
    let sizes = of.spec.sizes;
    let ensure = Nodegroup {
        name: of.spec.name.clone(),
        subnet: subnet.clone(),
        node_role: Val::output(&gpu_step(&of.spec.name, "node-role"), "arn"),
        launch: launch(of, template)?,
        sizes: (sizes.min, sizes.desired, sizes.max),
        labels: labels(of.spec),
        taints: vec![("nvidia.com/gpu".to_owned(), "true".to_owned(), "NO_SCHEDULE".to_owned())],
        update_strategy: "MINIMAL".to_owned(),
        repair: of.spec.repair == NodeRepair::On,
    };
    let title = format!("node group, {} × {}", sizes.desired, of.spec.instance_type);
    let group = of.step("nodegroup", title, Vec::new(), Ensure::Nodegroup(ensure), GROUP_DEADLINE_S);
    let count = expected_nodes(of.spec, of.inputs.facts);
    let nodes = Nodes {
        nodegroup: of.spec.name.clone(),
        count,
        labels: labels(of.spec),
        taints: vec!["nvidia.com/gpu=true:NoSchedule".to_owned()],
    };
    let title = format!("{count} {} Ready", if count == 1 { "node" } else { "nodes" });
    let nodes = of.step("nodes", title, vec![group.id.clone()], Ensure::Nodes(nodes), NODES_DEADLINE_S);
    Ok(vec![group, nodes])
}

/// Labels under domains of their own: EKS refuses the reserved prefixes (aws-facts §10).
fn labels(group: &GpuGroup) -> BTreeMap<String, String> {
    [("nvidia.com/gpu", "true"), ("nvidia.com/gpu.present", "true"), (GROUP_LABEL, group.name.as_str())]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn launch(of: &Group<'_>, template: &Desired) -> Result<NodegroupLaunch, Problem> {
    let (capacity_type, in_template) = match of.spec.capacity {
        Capacity::OnDemand | Capacity::Reservation { .. } => ("ON_DEMAND", false),
        Capacity::Spot => ("SPOT", false),
        Capacity::CapacityBlock { .. } => ("CAPACITY_BLOCK", true),
    };
    let ami_type = if of.kind.arch == "arm64" { "AL2023_ARM_64_NVIDIA" } else { "AL2023_x86_64_NVIDIA" };
    Ok(NodegroupLaunch {
        template: Val::output(&template.id, "id"),
        template_version: Val::output(&template.id, "version"),
        instance_types: if in_template { Vec::new() } else { vec![of.spec.instance_type.clone()] },
        ami_type: ami_type.to_owned(),
        release: release(of.inputs, of.spec)?,
        capacity_type: capacity_type.to_owned(),
    })
}

fn live<'a>(inputs: &Inputs<'a>, group: &GpuGroup) -> Option<&'a facts::Nodegroup> {
    inputs.facts.eks.nodegroups.known()?.iter().find(|live| live.name == group.name)
}

/// EKS takes `1.35.6-20260714`. `v20260714` names the same release only where the patch version is known.
fn release(inputs: &Inputs<'_>, group: &GpuGroup) -> Result<Option<String>, Problem> {
    let standing = live(inputs, group).and_then(|live| live.release.clone());
    match &group.drivers.ami_release {
        AmiRelease::Latest => Ok(standing),
        AmiRelease::Exactly(release) => match release.strip_prefix('v') {
            None => Ok(Some(release.clone())),
            Some(date) => match standing {
                Some(live) if live.ends_with(&format!("-{date}")) => Ok(Some(live)),
                _ => Err(Problem::new(
                    ProblemKind::Usage,
                    format!("GPU_AMI_RELEASE={release} does not say for which Kubernetes patch version."),
                )
                .hint(format!("Write it as EKS names releases, such as GPU_AMI_RELEASE=1.35.6-{date}."))),
            },
        },
    }
}

/// Which AMI release the plan takes, as a sentence.
pub fn release_note(inputs: &Inputs<'_>, group: &GpuGroup) -> String {
    match (&group.drivers.ami_release, live(inputs, group).and_then(|live| live.release.as_deref())) {
        (AmiRelease::Exactly(release), _) => format!("AMI release: {release}, as GPU_AMI_RELEASE says."),
        (AmiRelease::Latest, Some(live)) => format!("AMI release: {live} is kept while the node group stands."),
        (AmiRelease::Latest, None) => "AMI release: the newest that EKS has when the node group is created.".to_owned(),
    }
}
