//! The EFA security group, only where the cluster security group lacks a self rule (SG-001).

use super::Group;
use crate::components::desired::{Desired, Ensure, SecurityGroup};
use crate::components::naming::shortened;

/// The step; `None` when the cluster security group has both self rules, or when its rules are not known.
pub fn step(of: &Group<'_>) -> Option<Desired> {
    let rules = of.inputs.facts.network.cluster_group.known()?;
    if rules.self_ingress && rules.self_egress {
        return None;
    }
    let cluster = &of.inputs.place.cluster;
    let group = SecurityGroup {
        // EC2 allows 255 characters.
        name: shortened(&format!("{cluster}-gpu-efa"), 255),
        description: format!("EFA traffic among GPU nodes of the EKS cluster {cluster}"),
        vpc: of.cluster.vpc.clone(),
    };
    let title = "security group, self ingress and egress".to_owned();
    Some(of.step("security-group", title, Vec::new(), Ensure::SecurityGroup(group), 60))
}
