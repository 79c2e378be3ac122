//! Which probes run, and about what.

use std::collections::BTreeSet;

use crate::domain::ids::Arn;

/// One question to AWS or to the Kubernetes API; its answer is one part of the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeId {
    /// `sts:GetCallerIdentity`, `iam:ListAccountAliases`.
    Caller,
    /// `eks:ListClusters`, `eks:DescribeCluster` of each.
    Clusters,
    /// `eks:DescribeCluster`.
    Cluster,
    /// `eks:ListAddons`, `eks:DescribeAddon` of each.
    Addons,
    /// `eks:DescribeAddonVersions` for the cluster's minor.
    AddonVersions,
    /// `eks:ListNodegroups`, `eks:DescribeNodegroup` of each.
    Nodegroups,
    /// `eks:ListPodIdentityAssociations`, `eks:DescribePodIdentityAssociation` of each.
    Associations,
    /// `eks:ListUpdates`, `eks:DescribeUpdate` of each.
    Updates,
    /// `ec2:DescribeSubnets` and `ec2:DescribeNetworkInterfaces` of the cluster's VPC.
    Subnets,
    /// `ec2:DescribeSecurityGroupRules` of the cluster security group.
    ClusterGroup,
    /// DaemonSet kube-system/aws-node.
    Cni,
    /// Server version and access reviews.
    Access,
    /// Nodes.
    Nodes,
    /// Storage classes.
    StorageClasses,
    /// Deployments, DaemonSets and APIServices.
    Workloads,
    /// `ec2:DescribeInstanceTypes`.
    InstanceTypes,
    /// `ec2:DescribeInstanceTypeOfferings`.
    Offerings,
    /// `servicequotas:GetServiceQuota`.
    Quotas,
    /// `ec2:DescribeInstances`.
    RunningVcpus,
    /// `iam:GetPolicy`.
    Policies,
}

impl ProbeId {
    /// What can be read before a cluster is chosen.
    const CONNECT: [Self; 2] = [Self::Caller, Self::Clusters];
    /// What a chosen cluster is asked, whatever is to be installed.
    const CLUSTER: [Self; 14] = [
        Self::Caller,
        Self::Cluster,
        Self::Addons,
        Self::AddonVersions,
        Self::Nodegroups,
        Self::Associations,
        Self::Updates,
        Self::Subnets,
        Self::ClusterGroup,
        Self::Cni,
        Self::Access,
        Self::Nodes,
        Self::StorageClasses,
        Self::Workloads,
    ];
    /// What GPU instance types are asked.
    const CAPACITY: [Self; 4] = [Self::InstanceTypes, Self::Offerings, Self::Quotas, Self::RunningVcpus];
}

/// Parts of names and images of workloads that matter in whichever namespace they run: the same plugin may stand under
/// another name. Those of kube-system are read anyway.
const WATCHED: [&str; 7] = [
    "metrics-server",
    "cluster-autoscaler",
    "load-balancer-controller",
    "nvidia-device-plugin",
    "nvidia/k8s-device-plugin",
    "efa-k8s-device-plugin",
    "gpu-operator",
];

/// The probes to run and their subjects. Subjects of a probe that is not in `probes` are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Probes.
    pub probes: BTreeSet<ProbeId>,
    /// Instance types for [`ProbeId::InstanceTypes`], `Offerings`, and the families for `Quotas` and `RunningVcpus`.
    pub instance_types: BTreeSet<String>,
    /// Managed policies for [`ProbeId::Policies`].
    pub policies: BTreeSet<Arn>,
    /// Add-ons for [`ProbeId::AddonVersions`]; empty asks for every add-on there is.
    pub addons: BTreeSet<String>,
    /// Parts of workload names or images for [`ProbeId::Workloads`] outside kube-system.
    pub workloads: BTreeSet<String>,
}

impl Needs {
    /// Who calls, and which clusters there are.
    pub fn connect() -> Self {
        Self { probes: ProbeId::CONNECT.into(), ..Self::default() }
    }

    /// Everything about the chosen cluster that does not depend on what is to be installed.
    pub fn cluster() -> Self {
        Self { probes: ProbeId::CLUSTER.into(), workloads: WATCHED.map(str::to_owned).into(), ..Self::default() }
    }

    /// What a plan reads: the cluster, and the capacity for these instance types if there are any, these managed
    /// policies and the versions of these add-ons (none named: of all).
    pub fn all(instance_types: BTreeSet<String>, policies: BTreeSet<Arn>, addons: BTreeSet<String>) -> Self {
        let mut needs = Self::cluster();
        if !instance_types.is_empty() {
            needs.probes.extend(ProbeId::CAPACITY);
        }
        if !policies.is_empty() {
            needs.probes.insert(ProbeId::Policies);
        }
        Self { instance_types, policies, addons, ..needs }
    }

    /// Whether this probe is to run.
    pub fn wants(&self, probe: ProbeId) -> bool {
        self.probes.contains(&probe)
    }

    /// The same without these probes: for a later stage that must not read again what is known.
    #[must_use]
    pub fn without(mut self, probes: impl IntoIterator<Item = ProbeId>) -> Self {
        for probe in probes {
            self.probes.remove(&probe);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_is_asked_only_with_instance_types() {
        let without = Needs::all(BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        assert!(!without.wants(ProbeId::Quotas) && !without.wants(ProbeId::Policies));
        let types = BTreeSet::from(["p5en.48xlarge".to_owned()]);
        let with = Needs::all(types, BTreeSet::from([Arn::from("arn:aws:iam::aws:policy/X")]), BTreeSet::new());
        assert!(with.wants(ProbeId::Quotas) && with.wants(ProbeId::Policies) && with.wants(ProbeId::Subnets));
    }

    #[test]
    fn a_later_stage_leaves_out_what_is_known() {
        let later = Needs::cluster().without([ProbeId::Caller, ProbeId::Cluster]);
        assert!(!later.wants(ProbeId::Caller) && later.wants(ProbeId::Nodes));
    }
}
