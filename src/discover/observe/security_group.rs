//! The security group for EFA.

use aws_sdk_ec2::types;

use super::look::{Look, change, presence, stands};
use super::owner;
use crate::components::desired::SecurityGroup;
use crate::components::observed::Observation;
use crate::discover::probes::cluster_group;
use crate::domain::facts::GroupRules;
use crate::domain::ids::ResourceId;
use crate::domain::problem::Problem;
use crate::transport::classify;

/// Both self rules against what EC2 answers. The name is unique in a VPC.
pub(super) async fn observe(look: &Look<'_>, desired: &SecurityGroup) -> Result<Observation, Problem> {
    let filter = |name: &str, value: &str| types::Filter::builder().name(name).values(value).build();
    let call = look.clients.aws.ec2.describe_security_groups();
    let call = call.filters(filter("group-name", &desired.name)).filters(filter("vpc-id", desired.vpc.as_str()));
    let found = call.into_paginator().items().send().try_collect().await;
    let found = found.map_err(|error| classify::aws("ec2:DescribeSecurityGroups", &error))?;
    let Some((group, id)) = found.first().and_then(|group| Some((group, group.group_id()?))) else {
        return Ok(Observation::absent());
    };
    let rules = cluster_group::read(&look.clients.aws, &ResourceId::from(id)).await?;
    Ok(see(look, group, &rules))
}

fn see(look: &Look<'_>, group: &types::SecurityGroup, rules: &GroupRules) -> Observation {
    let missing =
        |has: bool, path: &str| (!has).then(|| change(path, None, Some("all traffic with itself".to_owned())));
    let changes = [missing(rules.self_ingress, "ingress"), missing(rules.self_egress, "egress")];
    let changes = changes.into_iter().flatten().flatten().collect();
    let owner = owner::of_tags(&owner::map(group.tags()), &look.clients.cluster);
    stands(presence(changes), owner, [("id", group.group_id())])
}
