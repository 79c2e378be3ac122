//! What was gathered: plain values, so that judging is pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a probe job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Probe {
    /// Its container ended with 0; the log is here.
    Succeeded {
        /// Standard output.
        log: String,
    },
    /// Its container ended with another code.
    Failed {
        /// What Kubernetes says, and the last lines of the log.
        why: String,
    },
    /// It could not be started or its log could not be read: no statement about the subject.
    NotRun {
        /// Why.
        why: String,
    },
}

/// One GPU node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeEvidence {
    /// Node name.
    pub name: String,
    /// EC2 instance id.
    pub instance: Option<String>,
    /// Condition Ready is True.
    pub ready: bool,
    /// Allocatable `nvidia.com/gpu`.
    pub gpus: u32,
    /// Allocatable `vpc.amazonaws.com/efa`.
    pub efa: u32,
    /// EFA interfaces that EC2 says are attached; an error text when it could not be asked.
    pub attached: Result<u32, String>,
    /// Names of device plugin DaemonSets with a pod here, and whether it is Ready; an error text when pods could not be
    /// listed.
    pub plugins: Result<BTreeMap<String, bool>, String>,
    /// nvidia-smi in a pod; `None` when not run.
    pub gpu_probe: Option<Probe>,
    /// EFA devices in a pod; `None` when not run.
    pub efa_probe: Option<Probe>,
}

/// A GPU group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEvidence {
    /// Node group name.
    pub name: String,
    /// Live desired size; `None` when there is no such group, an error text when it could not be described.
    pub desired: Result<Option<u32>, String>,
    /// Its nodes, by name; an error text when nodes could not be listed.
    pub nodes: Result<Vec<NodeEvidence>, String>,
}

/// Everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// GPU groups, in the order of the expectation.
    pub groups: Vec<GroupEvidence>,
    /// Identity probes, in the order of the expectation.
    pub identities: Vec<Option<Probe>>,
    /// Storage probes, in the order of the expectation.
    pub classes: Vec<Option<Probe>>,
}
