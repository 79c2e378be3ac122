//! The IAM role of the nodes.

use std::collections::BTreeMap;

use super::Group;
use crate::components::desired::{Desired, Ensure, Role};
use crate::components::manifest::{Values, policy};
use crate::components::naming::{managed_policy, role_name};
use crate::domain::problem::Problem;

/// Trust in EC2.
const TRUST: &str = include_str!("../../../../iam-policies/trust-ec2.json");

/// The step. The CNI policy is left out where aws-node has a role of its own.
pub fn step(of: &Group<'_>) -> Result<Desired, Problem> {
    let place = of.inputs.place;
    let mut managed = vec!["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];
    if !of.inputs.facts.network.cni.known().is_some_and(|cni| cni.own_role) {
        managed.push("AmazonEKS_CNI_Policy");
    }
    managed.push("AmazonSSMManagedInstanceCore");
    let title = format!("role, {} policies", managed.len());
    let role = Role {
        name: role_name(&place.cluster, "gpu-node"),
        description: format!("GPU nodes of the EKS cluster {}.", place.cluster),
        trust: policy(TRUST, &Values::new())?,
        managed: managed.into_iter().map(|name| managed_policy(&place.region, name)).collect(),
        inline: BTreeMap::new(),
    };
    Ok(of.step("node-role", title, Vec::new(), Ensure::Role(role), 120))
}
