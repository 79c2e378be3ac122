//! What EKS remembers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::time::Stamp;
use crate::sim::services::ec2::Tags;

/// Clusters of the region by name.
#[derive(Debug, Default)]
pub struct State {
    /// Clusters by name; their API servers are in `World::clusters` under the same name.
    pub clusters: BTreeMap<String, ControlPlane>,
}

/// One cluster as EKS knows it.
#[derive(Debug, Clone, Default)]
pub struct ControlPlane {
    /// Kubernetes minor such as `1.35`.
    pub version: String,
    /// `ACTIVE` or `UPDATING`.
    pub status: String,
    /// The `cluster` structure of DescribeCluster.
    pub view: Value,
    /// Security group that EKS made for the cluster.
    pub security_group: String,
    /// Add-ons by name.
    pub addons: BTreeMap<String, Addon>,
    /// Managed node groups by name.
    pub nodegroups: BTreeMap<String, Nodegroup>,
    /// Pod Identity associations by id.
    pub associations: BTreeMap<String, Association>,
    /// Access entries by principal ARN.
    pub access: BTreeMap<String, AccessEntry>,
    /// Updates by id.
    pub updates: BTreeMap<String, Update>,
}

/// An add-on.
#[derive(Debug, Clone)]
pub struct Addon {
    /// Name, such as `vpc-cni`.
    pub name: String,
    /// Version with its build, such as `v1.23.1-eksbuild.1`.
    pub version: String,
    /// `CREATING`, `ACTIVE`, `UPDATING`, `DEGRADED`, `CREATE_FAILED` or `DELETING`.
    pub status: String,
    /// Creation time.
    pub created: Stamp,
    /// When the status last began to change; what is due is counted from here.
    pub since: Stamp,
    /// Health issues.
    pub issues: Vec<Issue>,
    /// `configurationValues` as given.
    pub configuration: Option<String>,
    /// Whether other managers' fields may be overwritten.
    pub overwrite: bool,
    /// Whether the workload was applied for the present version.
    pub applied: bool,
    /// Whether DeleteAddon leaves the workload.
    pub preserve: bool,
    /// Client token of the creating call and tags.
    pub origin: (Option<String>, Tags),
}

/// A health issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Code, such as `NodeCreationFailure`.
    pub code: String,
    /// Message.
    pub message: String,
    /// Ids it is about.
    pub resources: Vec<String>,
}

/// A Pod Identity association.
#[derive(Debug, Clone)]
pub struct Association {
    /// Id, `a-…`.
    pub id: String,
    /// Namespace.
    pub namespace: String,
    /// Service account.
    pub service_account: String,
    /// Role of the pods.
    pub role: String,
    /// Creation time; it works for pods created five seconds later.
    pub created: Stamp,
    /// Add-on that owns it, by ARN.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
    /// Client token.
    pub token: Option<String>,
}

/// An access entry.
#[derive(Debug, Clone)]
pub struct AccessEntry {
    /// Principal ARN.
    pub principal: String,
    /// `STANDARD`, `EC2_LINUX`, …
    pub kind: String,
    /// Kubernetes groups.
    pub groups: Vec<String>,
    /// User name in Kubernetes.
    pub username: String,
    /// Creation time.
    pub created: Stamp,
    /// Tags.
    pub tags: Tags,
    /// Client token.
    pub token: Option<String>,
}

/// Sizes of a node group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// Least number of nodes.
    pub min: u32,
    /// Wanted number of nodes.
    pub desired: u32,
    /// Greatest number of nodes.
    pub max: u32,
}

/// A managed node group.
#[derive(Debug, Clone)]
pub struct Nodegroup {
    /// Name.
    pub name: String,
    /// `CREATING`, `ACTIVE`, `UPDATING`, `DEGRADED`, `CREATE_FAILED` or `DELETING`.
    pub status: String,
    /// Creation time.
    pub created: Stamp,
    /// When the status last changed.
    pub since: Stamp,
    /// Sizes.
    pub scaling: Scaling,
    /// Members of the request that DescribeNodegroup returns, server defaults included: `subnets`, `instanceTypes`,
    /// `amiType`, `nodeRole`, `labels`, `taints`, `launchTemplate`, `version`, `releaseVersion`, …
    pub spec: Value,
    /// Instance type of its nodes, from the request or the template.
    pub instance_type: String,
    /// Auto Scaling group, once EKS made it.
    pub asg: Option<String>,
    /// Instances and how far their nodes came, by instance id.
    pub nodes: BTreeMap<String, NodeRecord>,
    /// Health issues.
    pub issues: Vec<Issue>,
    /// No launch before this instant, after a failed one.
    pub retry: Option<Stamp>,
    /// Client token.
    pub token: Option<String>,
}

/// One instance of a node group on its way into the cluster.
#[derive(Debug, Clone, Default)]
pub struct NodeRecord {
    /// When its Node object appeared.
    pub registered: Option<Stamp>,
    /// When the node became Ready.
    pub ready: Option<Stamp>,
    /// Release version and template version it was launched with.
    pub made_from: (String, String),
}

/// A recorded update of a node group or an add-on.
#[derive(Debug, Clone)]
pub struct Update {
    /// Id, a UUID.
    pub id: String,
    /// `ConfigUpdate`, `VersionUpdate` or `AddonUpdate`.
    pub kind: String,
    /// `InProgress`, `Successful` or `Failed`.
    pub status: String,
    /// Parameters in the words of the API.
    pub params: Vec<(String, String)>,
    /// Creation time.
    pub created: Stamp,
    /// Node group, if it is about one.
    pub nodegroup: Option<String>,
    /// Add-on, if it is about one.
    pub addon: Option<String>,
    /// Client token.
    pub token: Option<String>,
}

impl Issue {
    /// An issue about `resources`.
    pub fn new(code: &str, message: impl Into<String>, resources: Vec<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), resources }
    }
}
