//! Managed node groups.

use aws_sdk_eks::types;

use crate::domain::facts::Nodegroup;
use crate::domain::ids::{Arn, ResourceId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::{each, owned, tags};

/// `eks:ListNodegroups` and `eks:DescribeNodegroup` of each, by name.
///
/// # Errors
/// A call fails.
pub async fn read(clients: &Clients) -> Result<Vec<Nodegroup>, Problem> {
    let pages = clients.aws.eks.list_nodegroups().cluster_name(clients.cluster.as_str()).into_paginator().items();
    let mut names = pages.send().try_collect().await.map_err(|error| classify::aws("eks:ListNodegroups", &error))?;
    names.sort();
    let found = each(names, async |name: String| describe(clients, &name).await).await?;
    Ok(found.iter().flatten().map(from_sdk).collect())
}

/// `eks:DescribeNodegroup`; `None` when there is no such group.
///
/// # Errors
/// The call fails for another reason.
pub async fn describe(clients: &Clients, name: &str) -> Result<Option<types::Nodegroup>, Problem> {
    let call = clients.aws.eks.describe_nodegroup().cluster_name(clients.cluster.as_str()).nodegroup_name(name);
    match call.send().await {
        Ok(answer) => Ok(answer.nodegroup),
        Err(error) => match classify::aws("eks:DescribeNodegroup", &error) {
            problem if problem.kind == ProblemKind::NotFound && !problem.message.contains("No cluster found") => {
                Ok(None)
            }
            problem => Err(problem),
        },
    }
}

/// The parts that count.
pub fn from_sdk(group: &types::Nodegroup) -> Nodegroup {
    Nodegroup {
        name: owned(group.nodegroup_name()),
        status: owned(group.status().map(types::NodegroupStatus::as_str)),
        instance_types: group.instance_types().to_vec(),
        subnets: group.subnets().iter().map(|id| ResourceId::new(id.as_str())).collect(),
        sizes: sizes(group),
        node_role: Arn::new(owned(group.node_role())),
        labels: tags(group.labels()),
        taints: group.taints().iter().map(taint).collect(),
        release: group.release_version().map(str::to_owned),
        tags: tags(group.tags()),
        issues: issues(group),
    }
}

/// Minimum, desired, maximum.
pub fn sizes(group: &types::Nodegroup) -> (u32, u32, u32) {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
    group.scaling_config().map_or((0, 0, 0), |config| {
        (number(config.min_size()), number(config.desired_size()), number(config.max_size()))
    })
}

/// `code: message` of each health issue.
pub fn issues(group: &types::Nodegroup) -> Vec<String> {
    let text = |issue: &types::Issue| {
        let code = issue.code().map_or("Unknown", types::NodegroupIssueCode::as_str);
        format!("{code}: {}", issue.message().unwrap_or_default())
    };
    group.health().map(|health| health.issues().iter().map(text).collect()).unwrap_or_default()
}

/// `key=value:Effect`, the effect as Kubernetes spells it.
fn taint(taint: &types::Taint) -> String {
    let effect = match taint.effect().map_or("", types::TaintEffect::as_str) {
        "NO_SCHEDULE" => "NoSchedule",
        "NO_EXECUTE" => "NoExecute",
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule",
        other => other,
    };
    format!("{}={}:{effect}", taint.key().unwrap_or_default(), taint.value().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_are_spelled_as_kubernetes_does() {
        let one = types::Taint::builder().key("nvidia.com/gpu").value("true").effect(types::TaintEffect::NoSchedule);
        let scaling = types::NodegroupScalingConfig::builder().min_size(0).desired_size(2).max_size(10).build();
        let group = types::Nodegroup::builder().taints(one.build()).scaling_config(scaling).build();
        let read = from_sdk(&group);
        assert_eq!(read.taints, ["nvidia.com/gpu=true:NoSchedule"]);
        assert_eq!(read.sizes, (0, 2, 10));
    }
}
