//! Components by choice.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility, on};
use crate::config::form;

/// Add the StorageClass io2.
pub(in crate::config) static INSTALL_IO2_STORAGECLASS: FieldDef = FieldDef {
    name: "INSTALL_IO2_STORAGECLASS",
    section: Section::Optional,
    label: "io2 class",
    help: "Add the StorageClass io2",
    details: "For volumes that need low latency. The default class stays gp3.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &["STO-003"],
    mandatory: false,
};

/// IOPS of each io2 volume.
pub(in crate::config) static IO2_IOPS: FieldDef = FieldDef {
    name: "IO2_IOPS",
    section: Section::Optional,
    label: "io2 IOPS",
    help: "IOPS of each io2 volume",
    details: "A volume gets at most 1,000 IOPS a GiB, so claims under a thousandth of this number in GiB get \
              less. The original project's limits of 1,000 and 64,000 no longer hold.",
    kind: Kind::Integer { min: 100, max: 256_000, unit: "IOPS", word: None },
    default: DefaultValue::Is("10000"),
    visible: Visibility::When(&[on("INSTALL_IO2_STORAGECLASS")]),
    checks: &["STO-003"],
    mandatory: false,
};

/// Install Karpenter beside Cluster Autoscaler.
pub(in crate::config) static INSTALL_KARPENTER: FieldDef = FieldDef {
    name: "INSTALL_KARPENTER",
    section: Section::Optional,
    label: "Karpenter",
    help: "Install Karpenter beside Cluster Autoscaler",
    details: "Its NodePool carries a taint, so that the two never manage the same nodes.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &["KAR-001", "KAR-002", "KAR-003"],
    mandatory: false,
};

/// Version of Karpenter's charts.
pub(in crate::config) static KARPENTER_VERSION: FieldDef = FieldDef {
    name: "KARPENTER_VERSION",
    section: Section::Optional,
    label: "Version",
    help: "Version of Karpenter's charts",
    details: "auto takes the newest version that fits the cluster's Kubernetes minor. KAR-001 tells when \
              a version such as the original project's 1.1.0 does not.",
    kind: Kind::Version(&["auto"]),
    default: DefaultValue::Is("auto"),
    visible: Visibility::When(&[on("INSTALL_KARPENTER")]),
    checks: &["KAR-001"],
    mandatory: false,
};

/// Taint of Karpenter's NodePool.
pub(in crate::config) static KARPENTER_NODEPOOL_TAINT: FieldDef = FieldDef {
    name: "KARPENTER_NODEPOOL_TAINT",
    section: Section::Optional,
    label: "NodePool taint",
    help: "Taint of Karpenter's NodePool",
    details: "Pods that shall run on Karpenter's nodes tolerate it. An untainted NodePool beside an untainted \
              tagged node group would have both autoscalers answer the same pod.",
    kind: Kind::Formed(&form::TAINT),
    default: DefaultValue::Is("eks-wizard/karpenter=true:NoSchedule"),
    visible: Visibility::When(&[on("INSTALL_KARPENTER")]),
    checks: &["KAR-002"],
    mandatory: false,
};

/// Install the EFS CSI driver.
pub(in crate::config) static INSTALL_EFS_CSI: FieldDef = FieldDef {
    name: "INSTALL_EFS_CSI",
    section: Section::Optional,
    label: "EFS CSI",
    help: "Install the EFS CSI driver",
    details: "As an EKS add-on with a Pod Identity role.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &["STO-005"],
    mandatory: false,
};

/// Install the FSx for Lustre CSI driver.
pub(in crate::config) static INSTALL_FSX_CSI: FieldDef = FieldDef {
    name: "INSTALL_FSX_CSI",
    section: Section::Optional,
    label: "FSx CSI",
    help: "Install the FSx for Lustre CSI driver",
    details: "It serves Lustre only; ONTAP and OpenZFS need other drivers.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &["STO-005", "STO-008"],
    mandatory: false,
};

/// How the FSx CSI driver is delivered.
pub(in crate::config) static FSX_CSI_DELIVERY: FieldDef = FieldDef {
    name: "FSX_CSI_DELIVERY",
    section: Section::Optional,
    label: "Delivered as",
    help: "How the FSx CSI driver is delivered",
    details: "addon lets EKS manage it; manifest applies manifests/addons/fsx-csi-driver.yaml.",
    kind: Kind::Choice(&["addon", "manifest"]),
    default: DefaultValue::Is("addon"),
    visible: Visibility::When(&[on("INSTALL_FSX_CSI")]),
    checks: &["STO-008"],
    mandatory: false,
};

/// Install the S3 CSI driver (Mountpoint).
pub(in crate::config) static INSTALL_S3_CSI: FieldDef = FieldDef {
    name: "INSTALL_S3_CSI",
    section: Section::Optional,
    label: "S3 CSI",
    help: "Install the S3 CSI driver (Mountpoint)",
    details: "It may read and write exactly the buckets in S3_BUCKET_ARNS, so it needs at least one.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &["STO-006", "STO-007"],
    mandatory: false,
};

/// Buckets that S3 CSI may use.
pub(in crate::config) static S3_BUCKET_ARNS: FieldDef = FieldDef {
    name: "S3_BUCKET_ARNS",
    section: Section::Optional,
    label: "Buckets",
    help: "Buckets that S3 CSI may use",
    details: "ARNs separated by commas. Its role reaches these buckets and no other; wildcards are refused.",
    kind: Kind::ArnList,
    default: DefaultValue::Unset,
    visible: Visibility::When(&[on("INSTALL_S3_CSI")]),
    checks: &["STO-006"],
    mandatory: false,
};

/// Export GPU metrics for Prometheus.
pub(in crate::config) static INSTALL_DCGM_EXPORTER: FieldDef = FieldDef {
    name: "INSTALL_DCGM_EXPORTER",
    section: Section::Optional,
    label: "DCGM exporter",
    help: "Export GPU metrics for Prometheus",
    details: "A DaemonSet on the GPU nodes that serves NVIDIA's metrics.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &[],
    mandatory: false,
};

/// Install the EKS node monitoring agent.
pub(in crate::config) static INSTALL_NODE_MONITORING_AGENT: FieldDef = FieldDef {
    name: "INSTALL_NODE_MONITORING_AGENT",
    section: Section::Optional,
    label: "Monitoring agent",
    help: "Install the EKS node monitoring agent",
    details: "It turns faults of GPU, EFA and kernel into node conditions. GPU_NODE_REPAIR needs it.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::Always,
    checks: &[],
    mandatory: false,
};
