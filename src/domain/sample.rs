//! One look at the health of cluster, GPU nodes and components.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::time::Stamp;

/// The one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Everything that should work was seen working.
    Healthy,
    /// It works, worse than it should.
    Degraded,
    /// Something that should work does not.
    Unhealthy,
    /// It could not be read.
    Unknown,
}

impl Condition {
    /// As operators read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        }
    }
}

/// Why the verdict is not healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// How bad.
    pub condition: Condition,
    /// Node, component or class it is about.
    pub subject: String,
    /// The sentence.
    pub says: String,
    /// What to do next.
    pub next: Option<String>,
}

/// A GPU node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuNode {
    /// Name.
    pub name: String,
    /// Instance type.
    pub instance_type: String,
    /// AZ id, if the label is there.
    pub az_id: String,
    /// Condition Ready.
    pub ready: bool,
    /// Allocatable GPUs and how many there should be.
    pub gpus: (u32, u32),
    /// Allocatable EFA interfaces and how many there should be.
    pub efa: (u32, u32),
    /// GPUs requested by pods.
    pub gpus_requested: u32,
    /// Conditions that are not as they should, as `Type=Status`.
    pub conditions: Vec<String>,
    /// Driver version label, if there is one.
    pub driver: Option<String>,
    /// When it joined.
    pub since: Option<Stamp>,
}

/// A component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentHealth {
    /// Component id.
    pub id: String,
    /// Name as operators know it.
    pub name: String,
    /// State.
    pub condition: Condition,
    /// Installed version, if it shows.
    pub version: Option<String>,
    /// Ready, wanted.
    pub ready: (u32, u32),
    /// The sentence.
    pub says: String,
}

impl ComponentHealth {
    /// Whether nothing of it was demanded, because it is skipped or left to somebody else; `says` has the reason.
    pub fn is_left_alone(&self) -> bool {
        self.condition == Condition::Healthy && self.ready == (0, 0) && self.version.is_none()
    }
}

/// Free addresses of a subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Subnet id.
    pub subnet: String,
    /// Free.
    pub free: u32,
    /// Whole free /28 blocks, if they could be counted.
    pub free_blocks: Option<u32>,
    /// More GPU nodes that fit.
    pub nodes_fit: Option<u32>,
}

/// One look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: Stamp,
    /// The one word.
    pub condition: Condition,
    /// Why, worst first.
    pub reasons: Vec<Reason>,
    /// GPU nodes expected: the live desired size of the groups.
    pub gpu_nodes_expected: u32,
    /// GPU nodes.
    pub gpu_nodes: Vec<GpuNode>,
    /// Components.
    pub components: Vec<ComponentHealth>,
    /// Pod state by DaemonSet and GPU node: `ok`, or what is wrong.
    pub coverage: BTreeMap<String, BTreeMap<String, String>>,
    /// Subnets of the GPU groups.
    pub addresses: Vec<Addresses>,
}
