//! The security group for EFA: everything in from itself and out to itself. The egress rule that EC2 makes by default
//! stays: nodes need it to reach everything else. Neither call takes a client token, so the SDK does not retry them.

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::types::{IpPermission, ResourceType, UserIdGroupPair};

use super::not_yet;
use super::template_sdk::owner_tags;
use crate::apply::context::Act;
use crate::components::desired::SecurityGroup;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

fn once() -> aws_sdk_ec2::config::Builder {
    aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled())
}

/// Makes the group if it is absent, then both rules; a rule that stands already is no error.
pub(super) async fn ensure(
    clients: &Clients,
    act: &Act<'_>,
    group: &SecurityGroup,
    absent: bool,
) -> Result<(), Problem> {
    let id = if absent { create(clients, group).await? } else { known(act)? };
    let allowed = allow(clients, &id).await;
    allowed.map_err(|problem| if absent { not_yet(problem) } else { problem })?;
    (act.log)(format!("{id} lets its members reach each other on every port."));
    Ok(())
}

fn known(act: &Act<'_>) -> Result<String, Problem> {
    act.observation
        .outputs
        .get("id")
        .cloned()
        .ok_or_else(|| Problem::new(ProblemKind::Internal, format!("The look at {} gave no id.", act.desired.id)))
}

async fn create(clients: &Clients, group: &SecurityGroup) -> Result<String, Problem> {
    let answer = clients
        .aws
        .ec2
        .create_security_group()
        .group_name(&group.name)
        .description(&group.description)
        .vpc_id(group.vpc.as_str())
        .tag_specifications(owner_tags(&clients.cluster, ResourceType::SecurityGroup))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| classify::aws("ec2:CreateSecurityGroup", &error))?;
    answer
        .group_id
        .ok_or_else(|| Problem::new(ProblemKind::Unavailable, "ec2:CreateSecurityGroup answers without a group id."))
}

async fn allow(clients: &Clients, id: &str) -> Result<(), Problem> {
    let itself = UserIdGroupPair::builder().group_id(id).build();
    let everything = IpPermission::builder().ip_protocol("-1").user_id_group_pairs(itself).build();
    let ec2 = &clients.aws.ec2;
    let ingress = ec2.authorize_security_group_ingress().group_id(id).ip_permissions(everything.clone());
    let ingress = ingress.customize().config_override(once()).send().await.map(|_| ());
    stands(ingress.map_err(|error| classify::aws("ec2:AuthorizeSecurityGroupIngress", &error)))?;
    let egress = ec2.authorize_security_group_egress().group_id(id).ip_permissions(everything);
    let egress = egress.customize().config_override(once()).send().await.map(|_| ());
    stands(egress.map_err(|error| classify::aws("ec2:AuthorizeSecurityGroupEgress", &error)))
}

fn stands(answer: Result<(), Problem>) -> Result<(), Problem> {
    match answer {
        Err(problem) if problem.code.as_deref() == Some("InvalidPermission.Duplicate") => Ok(()),
        answer => answer,
    }
}
