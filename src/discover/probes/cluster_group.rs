//! Whether a security group lets everything in from itself and out to itself, as EFA demands.

use aws_sdk_ec2::types;

use crate::domain::facts::GroupRules;
use crate::domain::ids::ResourceId;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Aws;

/// `ec2:DescribeSecurityGroupRules` of a group.
///
/// # Errors
/// The call fails.
pub async fn read(aws: &Aws, group: &ResourceId) -> Result<GroupRules, Problem> {
    let filter = types::Filter::builder().name("group-id").values(group.as_str()).build();
    let pages = aws.ec2.describe_security_group_rules().filters(filter).into_paginator().items();
    let rules = pages.send().try_collect().await;
    let rules = rules.map_err(|error| classify::aws("ec2:DescribeSecurityGroupRules", &error))?;
    Ok(self_rules(group, &rules))
}

/// A rule counts when it covers every protocol and names the group itself. A CIDR, however wide, is no substitute.
fn self_rules(group: &ResourceId, rules: &[types::SecurityGroupRule]) -> GroupRules {
    let has = |egress: bool| {
        rules.iter().any(|rule| {
            let referenced = rule.referenced_group_info().and_then(|other| other.group_id());
            rule.is_egress() == Some(egress) && rule.ip_protocol() == Some("-1") && referenced == Some(group.as_str())
        })
    };
    GroupRules { group: group.clone(), self_ingress: has(false), self_egress: has(true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(egress: bool, protocol: &str, to: Option<&str>) -> types::SecurityGroupRule {
        let referenced = to.map(|id| types::ReferencedSecurityGroup::builder().group_id(id).build());
        let rule = types::SecurityGroupRule::builder().is_egress(egress).ip_protocol(protocol);
        let rule = rule.set_referenced_group_info(referenced);
        if to.is_none() { rule.cidr_ipv4("0.0.0.0/0").build() } else { rule.build() }
    }

    #[test]
    fn egress_to_everywhere_is_not_egress_to_itself() {
        let group = ResourceId::from("sg-1");
        let rules = [rule(false, "-1", Some("sg-1")), rule(true, "-1", None), rule(true, "tcp", Some("sg-1"))];
        let read = self_rules(&group, &rules);
        assert!(read.self_ingress && !read.self_egress);
        assert!(self_rules(&group, &[rule(true, "-1", Some("sg-1"))]).self_egress);
        assert!(!self_rules(&group, &[rule(true, "-1", Some("sg-2"))]).self_egress);
    }
}
