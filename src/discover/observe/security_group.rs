//! The security group for EFA.

use aws_sdk_ec2::types;

use super::look::{Look, presence, stands};
use super::owner;
use crate::components::desired::SecurityGroup;
use crate::components::observed::{Change, Observation};
use crate::discover::probes::cluster_group;
use crate::domain::facts::GroupRules;
use crate::domain::ids::{ClusterName, ResourceId};
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
    Ok(see(group, &rules, &look.clients.cluster))
}

/// Tags by which the load balancer controller and the in-tree provider take a group for the cluster's own.
const CLUSTER_TAG: &str = "kubernetes.io/cluster/";

fn see(group: &types::SecurityGroup, rules: &GroupRules, cluster: &ClusterName) -> Observation {
    let rule =
        |path: &str| Change { path: path.to_owned(), have: None, want: Some("all traffic with itself".to_owned()) };
    let missing = [(rules.self_ingress, "ingress"), (rules.self_egress, "egress")];
    let changes = missing.into_iter().filter(|(has, _)| !has).map(|(_, path)| rule(path)).collect();
    let tags = owner::map(group.tags());
    let notes = tags
        .keys()
        .filter(|key| key.starts_with(CLUSTER_TAG))
        .map(|key| {
            format!("Security group {} carries {key}; nodes with two such groups confuse load balancers.", rules.group)
        })
        .collect();
    Observation { notes, ..stands(presence(changes), owner::of_tags(&tags, cluster), [("id", group.group_id())]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::observed::Presence;

    #[test]
    fn each_missing_self_rule_is_one_change() {
        let tag = types::Tag::builder().key("kubernetes.io/cluster/demo").value("owned").build();
        let group = types::SecurityGroup::builder().group_id("sg-9").tags(tag).build();
        let rules = |egress| GroupRules { group: ResourceId::from("sg-9"), self_ingress: true, self_egress: egress };
        let seen = see(&group, &rules(false), &ClusterName::from("demo"));
        assert!(
            matches!(seen.presence, Presence::Differs { changes } if changes.len() == 1 && changes[0].path == "egress")
        );
        assert_eq!((seen.outputs["id"].as_str(), seen.notes.len()), ("sg-9", 1));
        assert_eq!(see(&group, &rules(true), &ClusterName::from("demo")).presence, Presence::Same);
    }
}
