//! Desired: what should stand in AWS and in the cluster, as plain data. Nothing here does anything.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::LaunchTemplateData;
use crate::domain::ids::{Arn, ResourceId, StepId};

/// A value that is known now, or only after another step was applied.
///
/// Serialised as the plain value, or as `{"Ref": "<step>.<output>"}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Val {
    /// Known.
    Known(String),
    /// An output of a step.
    Output {
        /// `<step>.<output>`.
        #[serde(rename = "Ref")]
        reference: String,
    },
}

impl Val {
    /// A known value.
    pub fn known(text: impl Into<String>) -> Self {
        Self::Known(text.into())
    }

    /// The output `key` of `step`.
    pub fn output(step: &StepId, key: &str) -> Self {
        Self::Output { reference: format!("{step}.{key}") }
    }

    /// Step and key, when it is an output. Step ids may hold dots, keys never do.
    pub fn reference(&self) -> Option<(StepId, &str)> {
        match self {
            Self::Known(_) => None,
            Self::Output { reference } => reference.rsplit_once('.').map(|(step, key)| (StepId::from(step), key)),
        }
    }

    /// The value, when it is known.
    pub fn as_known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Output { .. } => None,
        }
    }
}

/// Where in the tree of an apply a step belongs; also the order in which stages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Pod Identity agent: everything with an association needs it.
    Identity,
    /// Storage classes and CSI drivers.
    Storage,
    /// Metrics, scaling.
    Cluster,
    /// Node role, group, template, node group, nodes.
    GpuNodes,
    /// Device plugins.
    Devices,
}

impl Stage {
    /// As operators read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identity => "Pod Identity",
            Self::Storage => "Storage",
            Self::Cluster => "Cluster services",
            Self::GpuNodes => "GPU nodes",
            Self::Devices => "Device plugins",
        }
    }
}

/// One thing that should stand, with everything a step needs to make it so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Desired {
    /// Stable path.
    pub id: StepId,
    /// What it is, as a short noun phrase: `add-on 1.3.10`, `role, 1 policy`.
    pub title: String,
    /// Id of the component it belongs to: `pod-identity-agent`, `ebs-csi`, `gpu.gpu-compute` …
    pub component: String,
    /// Where it is shown.
    pub stage: Stage,
    /// Steps that must be done before; outputs it reads count besides.
    pub needs: Vec<StepId>,
    /// The thing itself.
    pub ensure: Ensure,
    /// Longest time from the request to "stands and works", in seconds.
    pub deadline_s: u64,
}

impl Desired {
    /// The deadline as a span.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_s)
    }
}

/// A thing that can be made to stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "spec", rename_all = "kebab-case")]
pub enum Ensure {
    /// An EKS add-on.
    Addon(Addon),
    /// An IAM role with its policies.
    Role(Role),
    /// Kubernetes objects by server-side apply.
    Objects(Objects),
    /// The named StorageClass is not the default one.
    NotDefaultClass(NotDefaultClass),
    /// A security group with self rules.
    SecurityGroup(SecurityGroup),
    /// A placement group.
    PlacementGroup(PlacementGroup),
    /// An EC2 launch template; each change is a new default version.
    LaunchTemplate(LaunchTemplate),
    /// An EKS managed node group.
    Nodegroup(Nodegroup),
    /// Nodes of a group are Ready and carry what they should.
    Nodes(Nodes),
}

/// An EKS add-on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Addon {
    /// Add-on name.
    pub name: String,
    /// Version to install; an installed one that is not older is kept.
    pub version: String,
    /// `configurationValues` as JSON; `None` leaves it to the add-on.
    pub configuration: Option<Value>,
    /// Pod Identity associations that belong to the add-on.
    pub associations: Vec<AddonAssociation>,
}

/// A Pod Identity association inside CreateAddon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddonAssociation {
    /// Service account in the add-on's namespace.
    pub service_account: String,
    /// ARN of the role.
    pub role: Val,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Role name, at most 64 characters.
    pub name: String,
    /// What it is for, at most 1,000 characters.
    pub description: String,
    /// Trust policy document.
    pub trust: Value,
    /// Managed policies to attach. Others that are attached stay.
    pub managed: Vec<Arn>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Value>,
}

/// Kubernetes objects that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objects {
    /// The objects, in the order in which they are applied.
    pub objects: Vec<Value>,
    /// What must hold after.
    pub ready: Vec<Readiness>,
}

/// A condition that tells that applied objects work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Readiness {
    /// Every replica of a Deployment is available at its newest generation.
    Deployment {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
    },
    /// A DaemonSet has a Ready pod on every node it wants, and on at least `at_least` nodes.
    DaemonSet {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
        /// Fewest nodes that count as done.
        at_least: u32,
    },
    /// An APIService is Available.
    ApiService {
        /// Name, such as `v1beta1.metrics.k8s.io`.
        name: String,
    },
    /// `metrics.k8s.io` has figures for every Ready node.
    NodeMetrics,
    /// Every node with this label has `at_least` of an extended resource allocatable.
    Allocatable {
        /// Label selector, `key=value`.
        selector: String,
        /// Resource, such as `nvidia.com/gpu`.
        resource: String,
        /// Units a node.
        per_node: u32,
        /// Nodes that must have it.
        nodes: u32,
    },
}

/// A StorageClass that must lose its default mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotDefaultClass {
    /// StorageClass name.
    pub name: String,
}

/// A security group for EFA: all traffic in from itself and out to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Group name.
    pub name: String,
    /// Description.
    pub description: String,
    /// VPC.
    pub vpc: ResourceId,
}

/// A placement group of strategy `cluster`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementGroup {
    /// Group name.
    pub name: String,
}

/// A launch template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// Template name.
    pub name: String,
    /// Data of the default version.
    pub data: LaunchTemplateData,
}

/// A managed node group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nodegroup {
    /// Name, at most 63 characters.
    pub name: String,
    /// The one subnet.
    pub subnet: ResourceId,
    /// ARN of the node role.
    pub node_role: Val,
    /// What is launched.
    pub launch: NodegroupLaunch,
    /// Minimum, desired, maximum. Desired counts only at creation.
    pub sizes: (u32, u32, u32),
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Taints: key, value, effect as EKS spells it (`NO_SCHEDULE`).
    pub taints: Vec<(String, String, String)>,
    /// `DEFAULT` or `MINIMAL`.
    pub update_strategy: String,
    /// Node auto repair on.
    pub repair: bool,
}

/// What a node group launches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodegroupLaunch {
    /// Launch template id.
    pub template: Val,
    /// Launch template version number.
    pub template_version: Val,
    /// Instance types; empty when the template names one (Capacity Block).
    pub instance_types: Vec<String>,
    /// `AL2023_x86_64_NVIDIA` …
    pub ami_type: String,
    /// AMI release pinned in the plan; `None` lets EKS take its newest at creation.
    pub release: Option<String>,
    /// `ON_DEMAND`, `SPOT`, `CAPACITY_BLOCK`.
    pub capacity_type: String,
}

/// Nodes that must have joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nodes {
    /// Node group.
    pub nodegroup: String,
    /// How many, when the group is created; later the group's live desired size counts.
    pub count: u32,
    /// Labels each must carry.
    pub labels: BTreeMap<String, String>,
    /// Taints each must carry, as `key=value:Effect`.
    pub taints: Vec<String>,
}
