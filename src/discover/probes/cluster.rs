//! The chosen cluster.

use aws_sdk_eks::types;

use crate::domain::facts::{Cluster, ClusterSummary, EndpointAccess};
use crate::domain::ids::{Arn, ClusterName, ResourceId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::{Aws, Clients};

use super::owned;

/// `eks:DescribeCluster` of the session's cluster.
///
/// # Errors
/// As [`read`].
pub async fn of_session(clients: &Clients) -> Result<Cluster, Problem> {
    read(&clients.aws, &clients.cluster).await
}

/// `eks:DescribeCluster`; also what the session reads before it has a Kubernetes client.
///
/// # Errors
/// The cluster does not exist, the call fails, or the answer names no VPC (a registered cluster outside AWS).
pub async fn read(aws: &Aws, name: &ClusterName) -> Result<Cluster, Problem> {
    let answer = aws.eks.describe_cluster().name(name.as_str()).send().await;
    let answer = answer.map_err(|error| classify::aws("eks:DescribeCluster", &error))?;
    answer.cluster().and_then(from_sdk).ok_or_else(|| {
        Problem::new(
            ProblemKind::Invalid,
            format!("eks:DescribeCluster describes no cluster {name} with a VPC on EKS."),
        )
    })
}

/// The parts that count; `None` without the network of an EKS control plane.
fn from_sdk(cluster: &types::Cluster) -> Option<Cluster> {
    let vpc = cluster.resources_vpc_config()?;
    let text = |status: &types::ClusterIssue| {
        let code = status.code().map_or("Unknown", types::ClusterIssueCode::as_str);
        format!("{code}: {}", status.message().unwrap_or_default())
    };
    Some(Cluster {
        summary: ClusterSummary {
            name: ClusterName::new(owned(cluster.name())),
            version: owned(cluster.version()),
            status: owned(cluster.status().map(types::ClusterStatus::as_str)),
            auto_mode: cluster.compute_config().and_then(|compute| compute.enabled()).unwrap_or(false),
        },
        arn: Arn::new(owned(cluster.arn())),
        endpoint: owned(cluster.endpoint()),
        certificate_authority: owned(cluster.certificate_authority().and_then(|authority| authority.data())),
        vpc: ResourceId::new(vpc.vpc_id()?),
        security_group: ResourceId::new(owned(vpc.cluster_security_group_id())),
        subnets: vpc.subnet_ids().iter().map(|id| ResourceId::new(id.as_str())).collect(),
        authentication_mode: cluster
            .access_config()
            .and_then(|access| access.authentication_mode())
            .map_or_else(|| "CONFIG_MAP".to_owned(), |mode| mode.as_str().to_owned()),
        endpoint_access: EndpointAccess {
            public: vpc.endpoint_public_access(),
            private: vpc.endpoint_private_access(),
        },
        health_issues: cluster.health().map(|health| health.issues().iter().map(text).collect()).unwrap_or_default(),
        service_cidr: cluster
            .kubernetes_network_config()
            .and_then(|network| network.service_ipv4_cidr())
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_without_a_vpc_is_none_of_ours() {
        assert_eq!(from_sdk(&types::Cluster::builder().name("edge").build()), None);
    }

    #[test]
    fn an_old_cluster_without_access_config_maps_users_by_config_map() {
        let vpc = types::VpcConfigResponse::builder().vpc_id("vpc-1").endpoint_public_access(true).build();
        let cluster = types::Cluster::builder().name("old").version("1.31").resources_vpc_config(vpc).build();
        let found = from_sdk(&cluster).unwrap();
        assert_eq!(found.authentication_mode, "CONFIG_MAP");
        assert!(found.endpoint_access.public && !found.summary.auto_mode);
    }
}
