//! The cluster and its subnets.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility};
use crate::config::form;

/// Name of the existing EKS cluster.
pub(in crate::config) static CLUSTER_NAME: FieldDef = FieldDef {
    name: "CLUSTER_NAME",
    section: Section::Cluster,
    label: "Cluster",
    help: "Name of the existing EKS cluster",
    details: "The cluster that gets the components and the GPU nodes. It is never created or deleted here.",
    kind: Kind::Formed(&form::CLUSTER),
    default: DefaultValue::Unset,
    visible: Visibility::Always,
    checks: &["ACC-002", "CLU-001"],
    mandatory: true,
};

/// Region of the cluster.
pub(in crate::config) static AWS_REGION: FieldDef = FieldDef {
    name: "AWS_REGION",
    section: Section::Cluster,
    label: "Region",
    help: "Region of the cluster",
    details: "Unset, the Region comes from the AWS profile or from the environment, as the SDK finds it.",
    kind: Kind::Formed(&form::REGION),
    default: DefaultValue::Unset,
    visible: Visibility::Always,
    checks: &["ACC-001"],
    mandatory: false,
};

/// Private subnet A of the cluster.
pub(in crate::config) static PRIVATE_SUBNET_A: FieldDef = FieldDef {
    name: "PRIVATE_SUBNET_A",
    section: Section::Cluster,
    label: "Subnet A",
    help: "Private subnet A of the cluster",
    details: "A private subnet of the cluster's VPC, as in the original project. The GPU candidates default to \
              these.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Unset,
    visible: Visibility::Always,
    checks: &["NET-001", "NET-008"],
    mandatory: false,
};

/// Private subnet B of the cluster.
pub(in crate::config) static PRIVATE_SUBNET_B: FieldDef = FieldDef {
    name: "PRIVATE_SUBNET_B",
    section: Section::Cluster,
    label: "Subnet B",
    help: "Private subnet B of the cluster",
    details: "A private subnet of the cluster's VPC, as in the original project. The GPU candidates default to \
              these.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Unset,
    visible: Visibility::Always,
    checks: &["NET-001", "NET-008"],
    mandatory: false,
};

/// Private subnet C of the cluster.
pub(in crate::config) static PRIVATE_SUBNET_C: FieldDef = FieldDef {
    name: "PRIVATE_SUBNET_C",
    section: Section::Cluster,
    label: "Subnet C",
    help: "Private subnet C of the cluster",
    details: "A private subnet of the cluster's VPC, as in the original project. The GPU candidates default to \
              these.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Unset,
    visible: Visibility::Always,
    checks: &["NET-001", "NET-008"],
    mandatory: false,
};
