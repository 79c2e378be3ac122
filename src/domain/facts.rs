//! What discovery read: plain values with the time they were read, or the reason why they are unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::{AccountId, Arn, ClusterName, Region, ResourceId};
use super::instance::InstanceType;
use super::time::Stamp;

/// A value that was asked for, or why it is not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact<T> {
    /// Read.
    Known {
        /// The value.
        value: T,
        /// When it was read.
        at: Stamp,
    },
    /// Asked, but not answered.
    Unknown {
        /// Why, for the operator: the call and the error.
        why: String,
    },
    /// Nobody asked.
    #[default]
    NotAsked,
}

impl<T> Fact<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown { .. } | Self::NotAsked => None,
        }
    }

    /// Why there is no value: for "cannot tell".
    pub fn why_unknown(&self) -> String {
        match self {
            Self::Known { .. } => String::new(),
            Self::Unknown { why } => why.clone(),
            Self::NotAsked => "not read yet".to_owned(),
        }
    }
}

/// Everything discovery may know. Each part is asked for by a probe of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Who calls.
    pub caller: Fact<Caller>,
    /// Clusters of the region.
    pub clusters: Fact<Vec<ClusterSummary>>,
    /// The chosen cluster.
    pub cluster: Fact<Cluster>,
    /// What EKS manages in it.
    pub eks: EksFacts,
    /// Subnets, groups, CNI.
    pub network: NetworkFacts,
    /// What the Kubernetes API says.
    pub kube: KubeFacts,
    /// Types, offerings, quotas.
    pub capacity: CapacityFacts,
    /// ARNs of AWS managed policies that `iam:GetPolicy` finds, of those that were asked for.
    pub policies: Fact<BTreeSet<Arn>>,
}

/// `sts:GetCallerIdentity` and what is known of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Account.
    pub account: AccountId,
    /// ARN of the caller.
    pub arn: Arn,
    /// First account alias, if `iam:ListAccountAliases` is allowed and there is one.
    pub alias: Option<String>,
    /// End of the session credentials, if the provider says.
    pub expires_at: Option<Stamp>,
}

/// A row of the cluster list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSummary {
    /// Name.
    pub name: ClusterName,
    /// Kubernetes minor, such as `1.35`.
    pub version: String,
    /// EKS status, such as `ACTIVE`.
    pub status: String,
    /// Whether EKS Auto Mode is on.
    pub auto_mode: bool,
}

/// The chosen cluster (`eks:DescribeCluster`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Name, version, status, Auto Mode.
    pub summary: ClusterSummary,
    /// ARN.
    pub arn: Arn,
    /// API server endpoint with scheme.
    pub endpoint: String,
    /// CA bundle, base64 PEM as EKS answers it.
    pub certificate_authority: String,
    /// VPC.
    pub vpc: ResourceId,
    /// The cluster security group that EKS made.
    pub security_group: ResourceId,
    /// Subnets of the control plane's interfaces.
    pub subnets: Vec<ResourceId>,
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
    pub authentication_mode: String,
    /// Public endpoint, private endpoint.
    pub endpoint_access: EndpointAccess,
    /// Codes and messages of `health.issues`.
    pub health_issues: Vec<String>,
    /// Service CIDR, IPv4.
    pub service_cidr: Option<String>,
}

/// From where the API endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointAccess {
    /// From the internet (within `publicAccessCidrs`).
    pub public: bool,
    /// From inside the VPC.
    pub private: bool,
}

/// What EKS manages in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EksFacts {
    /// Installed add-ons.
    pub addons: Fact<Vec<Addon>>,
    /// Versions on offer for this cluster's minor, by add-on name.
    pub addon_versions: Fact<BTreeMap<String, Vec<AddonVersion>>>,
    /// Managed node groups.
    pub nodegroups: Fact<Vec<Nodegroup>>,
    /// Pod Identity associations.
    pub associations: Fact<Vec<Association>>,
    /// Updates in progress, as `type id` of what they change.
    pub updates: Fact<Vec<String>>,
}

/// An installed EKS add-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addon {
    /// Name, such as `aws-ebs-csi-driver`.
    pub name: String,
    /// Version, such as `v1.64.0-eksbuild.1`.
    pub version: String,
    /// EKS status.
    pub status: String,
    /// `code: message` of each health issue.
    pub issues: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// `configurationValues`, if set.
    pub configuration: Option<String>,
}

/// A version of an add-on that fits the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddonVersion {
    /// Version.
    pub version: String,
    /// Whether EKS installs it when none is named.
    pub default: bool,
}

/// A managed node group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nodegroup {
    /// Name.
    pub name: String,
    /// EKS status.
    pub status: String,
    /// Instance types, of the group or its template.
    pub instance_types: Vec<String>,
    /// Subnets.
    pub subnets: Vec<ResourceId>,
    /// Minimum, desired, maximum.
    pub sizes: (u32, u32, u32),
    /// Node role.
    pub node_role: Arn,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Taints as `key=value:Effect`, effects as Kubernetes spells them.
    pub taints: Vec<String>,
    /// AMI release, if EKS manages it.
    pub release: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// `code: message` of each health issue.
    pub issues: Vec<String>,
}

/// A Pod Identity association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// Id.
    pub id: String,
    /// Namespace.
    pub namespace: String,
    /// Service account.
    pub service_account: String,
    /// Role, if it was described.
    pub role: Option<Arn>,
    /// ARN of the add-on that owns it, if one does.
    pub owner: Option<Arn>,
}

/// VPC side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkFacts {
    /// Subnets of the cluster's VPC.
    pub subnets: Fact<Vec<Subnet>>,
    /// Rules of the cluster security group.
    pub cluster_group: Fact<GroupRules>,
    /// The VPC CNI.
    pub cni: Fact<Cni>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Id.
    pub id: ResourceId,
    /// `Name` tag, or empty.
    pub name: String,
    /// Availability Zone id, such as `use2-az1`: the same in every account, unlike the name.
    pub az_id: String,
    /// Availability Zone name of this account.
    pub az_name: String,
    /// IPv4 CIDR.
    pub cidr: String,
    /// `AvailableIpAddressCount`.
    pub free: u32,
    /// Whole free /28 blocks (prefix delegation); `None` when the interfaces could not be listed.
    pub free_blocks: Option<u32>,
    /// `MapPublicIpOnLaunch`.
    pub public: bool,
}

/// The self rules of a security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRules {
    /// Group.
    pub group: ResourceId,
    /// All protocols in from itself.
    pub self_ingress: bool,
    /// All protocols out to itself.
    pub self_egress: bool,
}

/// VPC CNI as it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cni {
    /// Image tag of `aws-node`, without leading v and build suffix, such as `1.23.1`.
    pub version: String,
    /// Registry host of its image; the EFA plugin's image comes from there.
    pub registry: String,
    /// Environment of the container, names and plain values.
    pub env: BTreeMap<String, String>,
    /// Whether the service account has its own role (association or annotation), so that nodes need no CNI policy.
    pub own_role: bool,
}

/// Kubernetes side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KubeFacts {
    /// Server version and what the caller may do.
    pub access: Fact<Access>,
    /// Nodes.
    pub nodes: Fact<Vec<Node>>,
    /// Storage classes.
    pub storage_classes: Fact<Vec<StorageClass>>,
    /// Deployments, DaemonSets and APIServices that component detectors look for.
    pub workloads: Fact<Vec<Workload>>,
}

/// Answer of the API server about the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Server git version, such as `v1.35.2-eks-…`; empty when the server does not accept the caller at all (401).
    pub version: String,
    /// Verbs asked for that are denied, as `verb group/resource`.
    pub denied: Vec<String>,
    /// How many were asked.
    pub asked: u32,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Name.
    pub name: String,
    /// Condition Ready is True.
    pub ready: bool,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Taints as `key=value:Effect`.
    pub taints: Vec<String>,
    /// Allocatable quantities as the API spells them.
    pub allocatable: BTreeMap<String, String>,
    /// EC2 instance id of the provider id.
    pub instance: Option<ResourceId>,
}

/// A StorageClass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageClass {
    /// Name.
    pub name: String,
    /// Provisioner.
    pub provisioner: String,
    /// Marked as default, by the current or the beta annotation.
    pub default: bool,
}

/// A workload that some component's detector knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// `Deployment`, `DaemonSet` or `APIService`.
    pub kind: String,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Image of its first container, if it has one.
    pub image: Option<String>,
    /// Field managers that own part of it, in order.
    pub managers: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Ready, wanted.
    pub ready: (u32, u32),
}

/// EC2 capacity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CapacityFacts {
    /// Instance types asked for, by name.
    pub instance_types: Fact<BTreeMap<String, InstanceType>>,
    /// AZ ids that offer the GPU instance type, by type.
    pub offerings: Fact<BTreeMap<String, BTreeSet<String>>>,
    /// Service quotas of EC2 by code, in vCPU.
    pub quotas: Fact<BTreeMap<String, f64>>,
    /// vCPU of running on-demand instances by quota code.
    pub running_vcpus: Fact<BTreeMap<String, u32>>,
}

/// One thing that discovery found, for `discover --output json`: a record a resource, in a stable order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Kind, such as `subnet`.
    pub kind: String,
    /// Name or id.
    pub name: String,
    /// The rest of it.
    pub detail: Value,
}

/// The AWS side of where the facts were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Account.
    pub account: AccountId,
    /// Region.
    pub region: Region,
    /// Cluster.
    pub cluster: ClusterName,
}
