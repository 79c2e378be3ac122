//! What is meant: the configuration after validation. Only [`validate`](super::validate::validate) makes a [`Spec`], so
//! whoever holds one need not check ranges, names or orders again.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::gpu::GpuGroup;
use crate::domain::ids::{Arn, CheckId, ClusterName, Region, ResourceId};

/// The whole valid configuration of one run. It is recorded in the journal, so it round-trips through JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The existing cluster.
    pub cluster: ClusterName,
    /// Region; `None` leaves the choice to the SDK chain.
    pub region: Option<Region>,
    /// The private subnets that are set, in the order A, B, C.
    pub private_subnets: Vec<NamedSubnet>,
    /// Everything that is not a GPU node group.
    pub components: ComponentChoices,
    /// GPU node groups: none or one in this version.
    pub gpu: Vec<GpuGroup>,
    /// Findings that the operator accepts, each with a last day and a reason.
    pub suppressions: Vec<Suppression>,
    #[serde(skip)]
    pub(super) _only_config_builds_this: Sealed,
}

/// Keeps other modules from writing a `Spec` literal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sealed;

/// A subnet and the variable that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedSubnet {
    /// `'A'`, `'B'` or `'C'`.
    pub letter: char,
    /// The variable it comes from, such as `GPU_SUBNET_A`; for messages.
    pub variable: &'static str,
    /// The subnet.
    pub id: ResourceId,
}

/// The variables that a [`NamedSubnet`] can come from.
pub(super) const SUBNET_VARIABLES: [&str; 6] =
    ["PRIVATE_SUBNET_A", "PRIVATE_SUBNET_B", "PRIVATE_SUBNET_C", "GPU_SUBNET_A", "GPU_SUBNET_B", "GPU_SUBNET_C"];

/// By hand, because a derived impl would borrow `variable` from the input and so demand `'de: 'static`.
impl<'de> Deserialize<'de> for NamedSubnet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Recorded {
            letter: char,
            variable: String,
            id: ResourceId,
        }
        let Recorded { letter, variable, id } = Recorded::deserialize(from)?;
        match SUBNET_VARIABLES.into_iter().find(|known| *known == variable) {
            Some(variable) => Ok(Self { letter, variable, id }),
            None => Err(D::Error::custom(format!("{variable} names no subnet"))),
        }
    }
}

/// Who provides a required component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// Adopt it when it is present and healthy, install it when it is absent.
    #[default]
    Auto,
    /// Somebody else's stays as it is; its absence is a finding.
    Adopt,
    /// Not looked after; health shows it as skipped.
    Skip,
}

/// How FSx for Lustre CSI is delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FsxDelivery {
    /// As an EKS add-on.
    #[default]
    Addon,
    /// As `manifests/addons/fsx-csi-driver.yaml`.
    Manifest,
}

/// A version, or the word that lets the program choose one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionRule {
    /// Whatever fits: the newest for the cluster's minor (Karpenter), what the AMI carries (drivers).
    Auto,
    /// The newest there is.
    Latest,
    /// This one: pinned, or a minimum where the AMI carries it (AMI-001).
    Exactly(String),
}

/// A taint in Kubernetes' spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// Key with optional prefix, such as `eks-wizard/karpenter`.
    pub key: String,
    /// Value, possibly empty.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// Karpenter's settings when it is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KarpenterChoice {
    /// Version of both charts; `Auto` is the newest that fits the cluster's minor.
    pub version: VersionRule,
    /// Taint of our NodePool, which keeps it apart from Cluster Autoscaler's groups.
    pub taint: Taint,
}

/// Optional monitoring of GPU nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitoring {
    /// NVIDIA DCGM exporter.
    pub dcgm_exporter: bool,
    /// EKS node monitoring agent.
    pub node_monitoring_agent: bool,
}

/// Which components are wanted, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentChoices {
    /// Amazon EBS CSI driver.
    pub ebs_csi: Owner,
    /// Metrics Server.
    pub metrics_server: Owner,
    /// Metrics Server skips the check of the kubelets' certificates (the original's flag).
    pub metrics_server_insecure_tls: bool,
    /// Cluster Autoscaler.
    pub cluster_autoscaler: Owner,
    /// AWS Load Balancer Controller.
    pub load_balancer_controller: Owner,
    /// IOPS of the io2 StorageClass, 100–256,000; `None` when it is off.
    pub io2: Option<u32>,
    /// Karpenter; `None` when it is off.
    pub karpenter: Option<KarpenterChoice>,
    /// Amazon EFS CSI driver.
    pub efs_csi: bool,
    /// FSx for Lustre CSI driver; `None` when it is off.
    pub fsx_csi: Option<FsxDelivery>,
    /// Exactly the buckets that S3 CSI may read and write; empty when it is off.
    pub s3_buckets: Vec<Arn>,
    /// Node group that system pods prefer, if it exists.
    pub system_nodegroup: String,
    /// Optional monitoring.
    pub monitoring: Monitoring,
}

/// One accepted finding of `SUPPRESS_CHECKS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The check.
    pub check: CheckId,
    /// Last day on which it counts, `YYYY-MM-DD` in UTC.
    pub until: String,
    /// The operator's reason.
    pub reason: String,
}

impl Spec {
    /// Settings that are switched on and valid, but that this version cannot install yet: variable and reason.
    pub fn not_yet(&self) -> Vec<(&'static str, String)> {
        let of = &self.components;
        let mut found = Vec::new();
        let mut add = |on: bool, variable: &'static str, what: &str| {
            if on {
                found.push((variable, format!("This version does not install {what} yet.")));
            }
        };
        add(of.karpenter.is_some(), "INSTALL_KARPENTER", "Karpenter");
        add(of.efs_csi, "INSTALL_EFS_CSI", "the EFS CSI driver");
        add(of.fsx_csi.is_some(), "INSTALL_FSX_CSI", "the FSx for Lustre CSI driver");
        add(!of.s3_buckets.is_empty(), "INSTALL_S3_CSI", "the S3 CSI driver");
        add(of.monitoring.dcgm_exporter, "INSTALL_DCGM_EXPORTER", "the DCGM exporter");
        add(of.monitoring.node_monitoring_agent, "INSTALL_NODE_MONITORING_AGENT", "the node monitoring agent");
        for group in &self.gpu {
            found.extend(group.not_yet());
        }
        found
    }
}
