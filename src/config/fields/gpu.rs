//! The GPU node group.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility, is, on};
use crate::config::form;

/// Far above the quota of 450 nodes a managed group (EKS service quotas, adjustable): beyond it is a slip.
const MOST_NODES: u32 = 1_000;

/// Make the GPU node group.
pub(in crate::config) static INSTALL_GPU_NODEGROUP: FieldDef = FieldDef {
    name: "INSTALL_GPU_NODEGROUP",
    section: Section::GpuNodes,
    label: "Node group",
    help: "Make the GPU node group",
    details: "All settings that begin with GPU_, NVIDIA_, EFA_ or NCCL_ count only when this is true. \
              Switching it off removes nothing.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &["CAP-001"],
    mandatory: false,
};

/// EC2 instance type of the GPU nodes.
pub(in crate::config) static GPU_INSTANCE_TYPE: FieldDef = FieldDef {
    name: "GPU_INSTANCE_TYPE",
    section: Section::GpuNodes,
    label: "Instance type",
    help: "EC2 instance type of the GPU nodes",
    details: "Each NVIDIA type with EFA that the instance table knows. p5 and p5e have 32 network cards, p5en \
              has 16.",
    kind: Kind::Formed(&form::INSTANCE_TYPE),
    default: DefaultValue::Is("p5en.48xlarge"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-002", "QUO-001", "LT-003"],
    mandatory: false,
};

/// Name of the GPU node group.
pub(in crate::config) static GPU_NODE_GROUP_NAME: FieldDef = FieldDef {
    name: "GPU_NODE_GROUP_NAME",
    section: Section::GpuNodes,
    label: "Name",
    help: "Name of the GPU node group",
    details: "Its node role, launch template and security group are named after it and the cluster.",
    kind: Kind::Formed(&form::NODE_GROUP),
    default: DefaultValue::Is("gpu-compute"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["CLU-004"],
    mandatory: false,
};

/// Least number of GPU nodes.
pub(in crate::config) static GPU_MIN_SIZE: FieldDef = FieldDef {
    name: "GPU_MIN_SIZE",
    section: Section::GpuNodes,
    label: "Minimum",
    help: "Least number of GPU nodes",
    details: "The Auto Scaling group never goes below it.",
    kind: Kind::Integer { min: 0, max: MOST_NODES, unit: "nodes", word: None },
    default: DefaultValue::Is("0"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["CAP-009"],
    mandatory: false,
};

/// GPU nodes at creation.
pub(in crate::config) static GPU_DESIRED_SIZE: FieldDef = FieldDef {
    name: "GPU_DESIRED_SIZE",
    section: Section::GpuNodes,
    label: "Desired",
    help: "GPU nodes at creation",
    details: "It counts once, when the group is made; later changes go through gpu scale. At 0 nothing starts \
              and nothing is verified.",
    kind: Kind::Integer { min: 0, max: MOST_NODES, unit: "nodes", word: None },
    default: DefaultValue::Is("0"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-003", "QUO-001", "CAP-009"],
    mandatory: false,
};

/// Greatest number of GPU nodes.
pub(in crate::config) static GPU_MAX_SIZE: FieldDef = FieldDef {
    name: "GPU_MAX_SIZE",
    section: Section::GpuNodes,
    label: "Maximum",
    help: "Greatest number of GPU nodes",
    details: "The Auto Scaling group never goes above it. Addresses and quota are compared with it as a \
              warning.",
    kind: Kind::Integer { min: 1, max: MOST_NODES, unit: "nodes", word: None },
    default: DefaultValue::Is("10"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-003", "QUO-001"],
    mandatory: false,
};

/// How the instances are bought.
pub(in crate::config) static GPU_CAPACITY: FieldDef = FieldDef {
    name: "GPU_CAPACITY",
    section: Section::GpuNodes,
    label: "Purchase",
    help: "How the instances are bought",
    details: "on-demand comes without a promise of capacity. reservation and capacity-block need \
              GPU_CAPACITY_RESERVATION_ID. spot ends with two minutes' notice.",
    kind: Kind::Choice(&["on-demand", "reservation", "capacity-block", "spot"]),
    default: DefaultValue::Is("on-demand"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["CAP-001", "CAP-003"],
    mandatory: false,
};

/// Id of the reservation or Capacity Block.
pub(in crate::config) static GPU_CAPACITY_RESERVATION_ID: FieldDef = FieldDef {
    name: "GPU_CAPACITY_RESERVATION_ID",
    section: Section::GpuNodes,
    label: "Reservation",
    help: "Id of the reservation or Capacity Block",
    details: "EC2 starts the nodes in this reservation. Its type, Availability Zone and tenancy must be those \
              of the group.",
    kind: Kind::Formed(&form::RESERVATION),
    default: DefaultValue::Unset,
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP"), is("GPU_CAPACITY", &["reservation", "capacity-block"])]),
    checks: &["CAP-002", "CAP-003", "CAP-010"],
    mandatory: false,
};

/// Placement group of the nodes.
pub(in crate::config) static GPU_PLACEMENT_GROUP: FieldDef = FieldDef {
    name: "GPU_PLACEMENT_GROUP",
    section: Section::GpuNodes,
    label: "Placement group",
    help: "Placement group of the nodes",
    details: "auto makes a cluster group for on-demand and spot, takes the reservation's own, and none for a \
              Capacity Block. none makes none. Anything else names an existing group.",
    kind: Kind::Formed(&form::PLACEMENT_GROUP),
    default: DefaultValue::Is("auto"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["CAP-005", "CAP-006"],
    mandatory: false,
};

/// Root volume of each node.
pub(in crate::config) static GPU_ROOT_VOLUME_SIZE: FieldDef = FieldDef {
    name: "GPU_ROOT_VOLUME_SIZE",
    section: Section::GpuNodes,
    label: "Root volume",
    help: "Root volume of each node",
    details: "gp3, encrypted, 16,000 IOPS, 1,000 MiB/s. Container images of GPU workloads are large.",
    kind: Kind::Integer { min: 200, max: 65_536, unit: "GiB", word: None },
    default: DefaultValue::Is("200"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["LT-011"],
    mandatory: false,
};

/// Data volume of each node, 0 for none.
pub(in crate::config) static GPU_DATA_VOLUME_SIZE: FieldDef = FieldDef {
    name: "GPU_DATA_VOLUME_SIZE",
    section: Section::GpuNodes,
    label: "Data volume",
    help: "Data volume of each node, 0 for none",
    details: "At 0 the instance store becomes one RAID0 volume. From 1 a gp3 volume of this size is mounted at \
              /data.",
    kind: Kind::Integer { min: 0, max: 65_536, unit: "GiB", word: None },
    default: DefaultValue::Is("0"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["LT-011", "LT-012"],
    mandatory: false,
};

/// What EKS does with a broken GPU node.
pub(in crate::config) static GPU_NODE_REPAIR: FieldDef = FieldDef {
    name: "GPU_NODE_REPAIR",
    section: Section::GpuNodes,
    label: "Node repair",
    help: "What EKS does with a broken GPU node",
    details: "off leaves it to you. reboot-only reboots. on reboots or replaces. Both need the node monitoring \
              agent.",
    kind: Kind::Choice(&["off", "reboot-only", "on"]),
    default: DefaultValue::Is("off"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &[],
    mandatory: false,
};

/// What makes the GPU nodes.
pub(in crate::config) static GPU_PROVISIONER: FieldDef = FieldDef {
    name: "GPU_PROVISIONER",
    section: Section::GpuNodes,
    label: "Made by",
    help: "What makes the GPU nodes",
    details: "managed is an EKS managed node group in one subnet. fleet starts instances itself, with a subnet \
              for each interface. karpenter leaves it to Karpenter.",
    kind: Kind::Choice(&["managed", "fleet", "karpenter"]),
    default: DefaultValue::Is("managed"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["LT-001", "KAR-004"],
    mandatory: false,
};
