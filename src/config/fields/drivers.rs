//! Driver, EFA and NCCL versions.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility, on};
use crate::config::form;

/// Where the drivers come from.
pub(in crate::config) static GPU_DRIVER_MODE: FieldDef = FieldDef {
    name: "GPU_DRIVER_MODE",
    section: Section::GpuDrivers,
    label: "Mode",
    help: "Where the drivers come from",
    details: "ami takes them from the AL2023 NVIDIA AMI. install, experimental, installs pinned versions by \
              user data on the standard AMI.",
    kind: Kind::Choice(&["ami", "install"]),
    default: DefaultValue::Is("ami"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["AMI-003", "AMI-004", "AMI-005"],
    mandatory: false,
};

/// Release of the EKS optimised AMI.
pub(in crate::config) static GPU_AMI_RELEASE: FieldDef = FieldDef {
    name: "GPU_AMI_RELEASE",
    section: Section::GpuDrivers,
    label: "AMI release",
    help: "Release of the EKS optimised AMI",
    details: "The release decides driver, CUDA, EFA and kernel. latest is the newest that fits; the plan pins \
              it and keeps it while the group stands.",
    kind: Kind::Formed(&form::AMI_RELEASE),
    default: DefaultValue::Is("latest"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["AMI-001", "AMI-006", "AMI-007"],
    mandatory: false,
};

/// NVIDIA driver version.
pub(in crate::config) static NVIDIA_DRIVER_VERSION: FieldDef = FieldDef {
    name: "NVIDIA_DRIVER_VERSION",
    section: Section::GpuDrivers,
    label: "NVIDIA driver",
    help: "NVIDIA driver version",
    details: "ami takes what the AMI carries. A version is a minimum in ami mode, and pinned in install mode.",
    kind: Kind::Version(&["ami", "latest"]),
    default: DefaultValue::Is("ami"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["AMI-001"],
    mandatory: false,
};

/// EFA installer version.
pub(in crate::config) static EFA_DRIVER_VERSION: FieldDef = FieldDef {
    name: "EFA_DRIVER_VERSION",
    section: Section::GpuDrivers,
    label: "EFA",
    help: "EFA installer version",
    details: "ami takes what the AMI carries. A version is a minimum in ami mode, and pinned in install mode.",
    kind: Kind::Version(&["ami", "latest"]),
    default: DefaultValue::Is("ami"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["AMI-001", "AMI-008"],
    mandatory: false,
};

/// NCCL version of the verification image.
pub(in crate::config) static NCCL_VERSION: FieldDef = FieldDef {
    name: "NCCL_VERSION",
    section: Section::GpuDrivers,
    label: "NCCL",
    help: "NCCL version of the verification image",
    details: "It tags the image that proves EFA. Only install mode puts NCCL on the host; your workloads carry \
              their own.",
    kind: Kind::Version(&[]),
    default: DefaultValue::Is("2.22.3"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["EFA-010"],
    mandatory: false,
};
