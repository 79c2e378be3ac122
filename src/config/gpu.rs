//! The GPU part of a [`Spec`](super::Spec).

use serde::{Deserialize, Serialize};

use super::spec::{NamedSubnet, VersionRule};
use super::validate::Reader;
use crate::domain::eni::EniLayout;
use crate::domain::ids::ResourceId;

/// One GPU node group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuGroup {
    /// Node group name, at most 63 characters.
    pub name: String,
    /// EC2 instance type; only its form is checked here.
    pub instance_type: String,
    /// Node counts.
    pub sizes: Sizes,
    /// Where the nodes may lie.
    pub subnets: SubnetChoice,
    /// Network interfaces.
    pub enis: EniChoice,
    /// Purchase option.
    pub capacity: Capacity,
    /// Placement group.
    pub placement: Placement,
    /// EBS volumes.
    pub volumes: Volumes,
    /// Driver, EFA and NCCL versions.
    pub drivers: Drivers,
    /// What EKS does with a node that it finds broken.
    pub repair: NodeRepair,
    /// Hops that an instance-metadata answer may take, 1–64: 1 keeps pods away from the node's role.
    pub imds_hop_limit: u8,
    /// What makes the nodes.
    pub provisioner: Provisioner,
}

/// Node counts with `min <= desired <= max` and `max >= 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Lower bound of the Auto Scaling group.
    pub min: u32,
    /// Size at creation; later changes go through `gpu scale`.
    pub desired: u32,
    /// Upper bound of the Auto Scaling group.
    pub max: u32,
}

/// Candidates, and the one that the operator chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetChoice {
    /// `GPU_SUBNET_A/B/C`, or the private subnets that they default to. Empty only if `chosen` is set.
    pub candidates: Vec<NamedSubnet>,
    /// `GPU_SUBNET`.
    pub chosen: Option<ResourceId>,
}

/// How many interfaces, and where they sit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EniChoice {
    /// The number the operator demands (LT-003 compares it with the layout's); `None` is `auto`.
    pub count: Option<u32>,
    /// The layout.
    pub layout: EniLayout,
}

/// How the instances are bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "option", rename_all = "kebab-case")]
pub enum Capacity {
    /// On demand, without a promise of capacity.
    OnDemand,
    /// An on-demand capacity reservation.
    Reservation {
        /// `cr-…`.
        id: ResourceId,
    },
    /// A Capacity Block for ML.
    CapacityBlock {
        /// `cr-…`.
        id: ResourceId,
    },
    /// Spot.
    Spot,
}

impl Capacity {
    /// The reservation that it names, of either kind.
    pub fn reservation(&self) -> Option<&ResourceId> {
        match self {
            Self::Reservation { id } | Self::CapacityBlock { id } => Some(id),
            Self::OnDemand | Self::Spot => None,
        }
    }

    /// As `GPU_CAPACITY` spells it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Reservation { .. } => "reservation",
            Self::CapacityBlock { .. } => "capacity-block",
            Self::Spot => "spot",
        }
    }
}

/// Which placement group the nodes start in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// On demand and spot: a cluster group of our own; reservation: the one it names; Capacity Block: none.
    Auto,
    /// No placement group.
    None,
    /// An existing group of this name.
    Named(String),
}

/// Sizes of the EBS volumes in GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volumes {
    /// Root volume, at least 200.
    pub root_gib: u32,
    /// Data volume at `/data`; 0 is none.
    pub data_gib: u32,
}

/// Where the driver comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriverMode {
    /// The EKS AL2023 NVIDIA AMI carries it.
    #[default]
    Ami,
    /// User data installs it on the standard AMI. Experimental.
    Install,
}

/// A release of the EKS optimised AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmiRelease {
    /// The newest that fits; the plan pins it.
    Latest,
    /// `v20260714` or `1.35.6-20260714`.
    Exactly(String),
}

/// Driver, EFA and NCCL versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drivers {
    /// Who brings the driver.
    pub mode: DriverMode,
    /// NVIDIA driver: a minimum in `ami` mode, pinned in `install` mode.
    pub nvidia: VersionRule,
    /// EFA installer: a minimum in `ami` mode, pinned in `install` mode.
    pub efa: VersionRule,
    /// NCCL of the verification image.
    pub nccl: String,
    /// AMI release.
    pub ami_release: AmiRelease,
}

/// EKS node auto repair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeRepair {
    /// EKS leaves broken nodes alone.
    #[default]
    Off,
    /// EKS reboots them and never replaces them.
    RebootOnly,
    /// EKS reboots or replaces them.
    On,
}

/// What makes the nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provisioner {
    /// An EKS managed node group in one subnet.
    #[default]
    Managed,
    /// Self-managed instances by RunInstances, a subnet for each interface.
    Fleet,
    /// Karpenter.
    Karpenter,
}

impl GpuGroup {
    /// What of this group this version cannot make yet: variable and reason.
    pub(super) fn not_yet(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let maker = match self.provisioner {
            Provisioner::Managed => None,
            Provisioner::Fleet => Some("fleet"),
            Provisioner::Karpenter => Some("karpenter"),
        };
        if let Some(word) = maker {
            let why = format!("This version makes GPU nodes with managed only; {word} comes later.");
            found.push(("GPU_PROVISIONER", why));
        }
        if self.drivers.mode == DriverMode::Install {
            let why = "This version takes the drivers from the AMI only; install comes later.".to_owned();
            found.push(("GPU_DRIVER_MODE", why));
        }
        found
    }
}

impl GpuGroup {
    /// Reads the group out of a draft whose values are judged already.
    pub(super) fn read(from: &Reader<'_>) -> Self {
        let number = |name| from.number(name).unwrap_or_default();
        Self {
            name: from.text("GPU_NODE_GROUP_NAME"),
            instance_type: from.text("GPU_INSTANCE_TYPE"),
            sizes: Sizes {
                min: number("GPU_MIN_SIZE"),
                desired: number("GPU_DESIRED_SIZE"),
                max: number("GPU_MAX_SIZE"),
            },
            subnets: SubnetChoice {
                candidates: distinct(from.subnets(["GPU_SUBNET_A", "GPU_SUBNET_B", "GPU_SUBNET_C"])),
                chosen: from.value("GPU_SUBNET").map(ResourceId::from),
            },
            enis: EniChoice { count: from.number("GPU_NUM_ENIS"), layout: layout(&from.text("GPU_ENI_LAYOUT")) },
            capacity: capacity(from),
            placement: match from.text("GPU_PLACEMENT_GROUP").as_str() {
                "" | "auto" => Placement::Auto,
                "none" => Placement::None,
                name => Placement::Named(name.to_owned()),
            },
            volumes: Volumes { root_gib: number("GPU_ROOT_VOLUME_SIZE"), data_gib: number("GPU_DATA_VOLUME_SIZE") },
            drivers: drivers(from),
            repair: match from.text("GPU_NODE_REPAIR").as_str() {
                "reboot-only" => NodeRepair::RebootOnly,
                "on" => NodeRepair::On,
                _ => NodeRepair::Off,
            },
            imds_hop_limit: from.number("GPU_IMDS_HOP_LIMIT").and_then(|hops| u8::try_from(hops).ok()).unwrap_or(1),
            provisioner: match from.text("GPU_PROVISIONER").as_str() {
                "fleet" => Provisioner::Fleet,
                "karpenter" => Provisioner::Karpenter,
                _ => Provisioner::Managed,
            },
        }
    }
}

/// Each subnet once, under its first letter.
fn distinct(subnets: Vec<NamedSubnet>) -> Vec<NamedSubnet> {
    let mut kept: Vec<NamedSubnet> = Vec::new();
    for subnet in subnets {
        if !kept.iter().any(|of| of.id == subnet.id) {
            kept.push(subnet);
        }
    }
    kept
}

fn layout(text: &str) -> EniLayout {
    match text {
        "dedicated-primary" => EniLayout::DedicatedPrimary,
        "all-efa" => EniLayout::AllEfa,
        _ => EniLayout::PrimaryEfa,
    }
}

fn capacity(from: &Reader<'_>) -> Capacity {
    let id = || ResourceId::new(from.text("GPU_CAPACITY_RESERVATION_ID"));
    match from.text("GPU_CAPACITY").as_str() {
        "reservation" => Capacity::Reservation { id: id() },
        "capacity-block" => Capacity::CapacityBlock { id: id() },
        "spot" => Capacity::Spot,
        _ => Capacity::OnDemand,
    }
}

fn drivers(from: &Reader<'_>) -> Drivers {
    let mode = if from.text("GPU_DRIVER_MODE") == "install" { DriverMode::Install } else { DriverMode::Ami };
    let ami_release = match from.text("GPU_AMI_RELEASE").as_str() {
        "" | "latest" => AmiRelease::Latest,
        release => AmiRelease::Exactly(release.to_owned()),
    };
    Drivers {
        mode,
        nvidia: from.version("NVIDIA_DRIVER_VERSION"),
        efa: from.version("EFA_DRIVER_VERSION"),
        nccl: from.text("NCCL_VERSION"),
        ami_release,
    }
}
