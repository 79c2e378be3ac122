//! What a component is: data about how it is chosen, what should stand for it, and what tells that it works.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::desired::Desired;
use super::{ebs_csi, efa_device_plugin, gp3, io2, metrics_server, nvidia_device_plugin, pod_identity_agent};
use crate::config::{GpuGroup, Spec};
use crate::domain::facts::{Facts, Place};
use crate::domain::ids::{Arn, Region, StepId};
use crate::domain::problem::Problem;

/// Everything that desired objects follow from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What is meant.
    pub spec: &'a Spec,
    /// What is there.
    pub facts: &'a Facts,
    /// Account, Region and cluster.
    pub place: &'a Place,
    /// Tags of every AWS resource that is made.
    pub tags: &'a BTreeMap<String, String>,
}

/// What happens to a component, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Ours is installed, or kept when it stands.
    Install,
    /// Somebody else's is used and left alone.
    Adopt {
        /// Who made it, as far as it shows.
        who: String,
    },
    /// Not wanted, or supplied by something else (EKS Auto Mode).
    Skip {
        /// The reason, as a sentence.
        why: String,
    },
    /// Switched off.
    Off {
        /// The variable and its value, as a sentence.
        why: String,
    },
    /// It cannot be installed or adopted as things stand: CLU-004.
    Blocked {
        /// The reason, as a sentence.
        why: String,
        /// The variable that decides.
        variable: &'static str,
    },
}

/// A workload that tells that a component is there, and whether it is healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchedWorkload {
    /// `Deployment`, `DaemonSet` or `APIService`.
    pub kind: &'static str,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: &'static str,
    /// Name.
    pub name: &'static str,
    /// Whether it must have a pod on every GPU node.
    pub per_gpu_node: bool,
}

/// A thing that can be installed.
pub trait Component: Sync {
    /// Stable id, also the prefix of its step ids: `ebs-csi`.
    fn id(&self) -> &'static str;

    /// Name as operators know it.
    fn name(&self) -> &'static str;

    /// What happens to it.
    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice;

    /// What should stand. Empty unless the choice is Install, or Adopt of an add-on that EKS can tell about.
    ///
    /// # Errors
    /// A fact without which it cannot be said, such as the versions of an add-on.
    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem>;

    /// Workloads that detectors and health look at.
    fn workloads(&self) -> &'static [WatchedWorkload];

    /// Name of the EKS add-on that delivers it, if one can.
    fn addon(&self) -> Option<&'static str> {
        None
    }

    /// Name of its StorageClass, and whether that should be the default one.
    fn storage_class(&self) -> Option<(&'static str, bool)> {
        None
    }

    /// Choices taken on the operator's behalf, as sentences for the plan.
    fn notes(&self, _inputs: &Inputs<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// Every component that this version builds, in the order in which they are shown.
pub fn registry() -> &'static [&'static dyn Component] {
    &[
        &pod_identity_agent::PodIdentityAgent,
        &ebs_csi::EbsCsi,
        &gp3::Gp3,
        &io2::Io2,
        &metrics_server::MetricsServer,
        &nvidia_device_plugin::NvidiaDevicePlugin,
        &efa_device_plugin::EfaDevicePlugin,
    ]
}

/// The component with this id.
pub fn find(id: &str) -> Option<&'static dyn Component> {
    registry().iter().find(|component| component.id() == id).copied()
}

/// Names of the add-ons whose versions on offer the components read (`Needs::addons` of discovery).
pub fn addons_asked() -> BTreeSet<String> {
    registry().iter().filter_map(|component| component.addon()).map(str::to_owned).collect()
}

/// Managed policies whose existence the components read (`Needs::policies` of discovery).
pub fn policies_asked(region: &Region) -> BTreeSet<Arn> {
    BTreeSet::from([ebs_csi::newer_policy(region)])
}

/// Id of a step of a GPU group: `gpu.<group>.<part>`.
pub fn gpu_step(group: &str, part: &str) -> StepId {
    StepId::new(format!("gpu.{group}.{part}"))
}

/// Nodes that the group should have: its live desired size, or that of the Spec before the group exists.
pub fn expected_nodes(group: &GpuGroup, facts: &Facts) -> u32 {
    let live = facts.eks.nodegroups.known().and_then(|groups| groups.iter().find(|live| live.name == group.name));
    live.map_or(group.sizes.desired, |live| live.sizes.1)
}

/// Whether EKS Auto Mode is on; false while the cluster is not known.
pub(super) fn auto_mode(facts: &Facts) -> bool {
    facts.cluster.known().is_some_and(|cluster| cluster.summary.auto_mode)
}

/// The value of a text placeholder.
pub(super) fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}
