//! The clients of one session: the unmodified SDK and kube clients, over the network or over a wire.

use crate::domain::ids::{AccountId, ClusterName, Region};

use super::time::Timer;

/// AWS clients of one profile and region, with the session's clock.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Region all clients speak to.
    pub region: Region,
    /// EKS.
    pub eks: aws_sdk_eks::Client,
    /// EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// STS.
    pub sts: aws_sdk_sts::Client,
    /// EC2 Auto Scaling.
    pub autoscaling: aws_sdk_autoscaling::Client,
    /// Service Quotas.
    pub quotas: aws_sdk_servicequotas::Client,
    /// Clock and sleep.
    pub timer: Timer,
}

/// AWS and the Kubernetes API of one cluster.
#[derive(Clone)]
pub struct Clients {
    /// AWS side.
    pub aws: Aws,
    /// Kubernetes side.
    pub kube: kube::Client,
    /// Account of the caller.
    pub account: AccountId,
    /// Cluster.
    pub cluster: ClusterName,
}

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clients").field("aws", &self.aws).field("cluster", &self.cluster).finish_non_exhaustive()
    }
}
