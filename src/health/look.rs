//! What a look reads: plain values, so that the rules are pure.

use std::collections::BTreeMap;

use crate::domain::facts::{Addon, Node, StorageClass, Subnet};
use crate::domain::ipam::NodeBill;
use crate::domain::time::Stamp;

/// A workload that a component consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `Deployment`, `DaemonSet` or `APIService`.
    pub kind: String,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether it must have a pod on every GPU node.
    pub per_gpu_node: bool,
    /// What the API server says; `None` when it is not there.
    pub found: Option<PartState>,
    /// Why it, or its pods on GPU nodes, could not be read: then it is not judged.
    pub unread: Option<String>,
}

/// The state of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartState {
    /// Ready, wanted. An APIService has (1, 1) when Available, else (0, 1).
    pub ready: (u32, u32),
    /// Image of the first container, if it has one.
    pub image: Option<String>,
    /// Why not, when the API server says.
    pub says: Option<String>,
    /// For a DaemonSet: Ready by node name.
    pub on: BTreeMap<String, bool>,
}

/// A component to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Component id.
    pub id: String,
    /// Name as operators know it.
    pub name: String,
    /// Skipped or left to somebody else, with the reason; then nothing is demanded.
    pub left_alone: Option<String>,
    /// Its EKS add-on, when it is delivered as one: name, and what EKS says.
    pub addon: Option<(String, Option<Addon>)>,
    /// Its workloads.
    pub parts: Vec<Part>,
    /// Its storage class, when it is one, and whether it should be the default.
    pub class: Option<(String, bool)>,
}

/// A GPU group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Node group.
    pub name: String,
    /// GPUs and EFA interfaces a node.
    pub per_node: (u32, u32),
    /// Live desired size; `None` when it could not be read or the group is not there.
    pub desired: Option<u32>,
    /// EKS status and health issues; `None` when it is not there, an error text when it could not be described.
    pub status: Result<Option<(String, Vec<String>)>, String>,
    /// Its subnet and what one more node takes from it.
    pub subnet: Option<(Subnet, NodeBill)>,
}

/// Everything a look reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// When.
    pub at: Stamp,
    /// Nodes with the time they joined, or why they could not be read.
    pub nodes: Result<Vec<(Node, Option<Stamp>)>, String>,
    /// Conditions of nodes that are not as they should, as `Type=Status`.
    pub conditions: BTreeMap<String, Vec<String>>,
    /// GPUs that pods request, by node.
    pub requested: BTreeMap<String, u32>,
    /// Storage classes, or why they could not be read.
    pub classes: Result<Vec<StorageClass>, String>,
    /// GPU groups.
    pub groups: Vec<Group>,
    /// Components.
    pub components: Vec<Watched>,
}
