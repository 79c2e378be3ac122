//! Where the GPU nodes lie and how they are wired.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility, on};
use crate::config::form;

/// Candidate subnet A for the GPU nodes.
pub(in crate::config) static GPU_SUBNET_A: FieldDef = FieldDef {
    name: "GPU_SUBNET_A",
    section: Section::GpuNetwork,
    label: "Candidate A",
    help: "Candidate subnet A for the GPU nodes",
    details: "One of up to three subnets that the GPU nodes may lie in. Unset, it follows the private subnet \
              of the same letter; set to nothing, it is no candidate. A managed group with EFA lies in exactly \
              one Availability Zone, so one candidate is used.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Follows("PRIVATE_SUBNET_A"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-001", "NET-002", "NET-003"],
    mandatory: false,
};

/// Candidate subnet B for the GPU nodes.
pub(in crate::config) static GPU_SUBNET_B: FieldDef = FieldDef {
    name: "GPU_SUBNET_B",
    section: Section::GpuNetwork,
    label: "Candidate B",
    help: "Candidate subnet B for the GPU nodes",
    details: "One of up to three subnets that the GPU nodes may lie in. Unset, it follows the private subnet \
              of the same letter; set to nothing, it is no candidate. A managed group with EFA lies in exactly \
              one Availability Zone, so one candidate is used.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Follows("PRIVATE_SUBNET_B"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-001", "NET-002", "NET-003"],
    mandatory: false,
};

/// Candidate subnet C for the GPU nodes.
pub(in crate::config) static GPU_SUBNET_C: FieldDef = FieldDef {
    name: "GPU_SUBNET_C",
    section: Section::GpuNetwork,
    label: "Candidate C",
    help: "Candidate subnet C for the GPU nodes",
    details: "One of up to three subnets that the GPU nodes may lie in. Unset, it follows the private subnet \
              of the same letter; set to nothing, it is no candidate. A managed group with EFA lies in exactly \
              one Availability Zone, so one candidate is used.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Follows("PRIVATE_SUBNET_C"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-001", "NET-002", "NET-003"],
    mandatory: false,
};

/// The one subnet of the GPU node group.
pub(in crate::config) static GPU_SUBNET: FieldDef = FieldDef {
    name: "GPU_SUBNET",
    section: Section::GpuNetwork,
    label: "Subnet",
    help: "The one subnet of the GPU node group",
    details: "Unset, and all candidates in one Availability Zone: the best ranked is used and the plan names \
              it. Candidates in several zones: the plan stops and lists them, because a zone is never picked \
              silently.",
    kind: Kind::Formed(&form::SUBNET),
    default: DefaultValue::Unset,
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["NET-001", "NET-002", "NET-003"],
    mandatory: false,
};

/// How interfaces sit on the network cards.
pub(in crate::config) static GPU_ENI_LAYOUT: FieldDef = FieldDef {
    name: "GPU_ENI_LAYOUT",
    section: Section::GpuNetwork,
    label: "Layout",
    help: "How interfaces sit on the network cards",
    details: "primary-efa: card 0 carries the address and EFA, the others EFA only. dedicated-primary: card 0 \
              has an interface for addresses and one for EFA. all-efa: each interface takes addresses.",
    kind: Kind::Choice(&["primary-efa", "dedicated-primary", "all-efa"]),
    default: DefaultValue::Is("primary-efa"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["LT-002", "LT-003", "LT-004"],
    mandatory: false,
};

/// Number of interfaces of each node.
pub(in crate::config) static GPU_NUM_ENIS: FieldDef = FieldDef {
    name: "GPU_NUM_ENIS",
    section: Section::GpuNetwork,
    label: "Interfaces",
    help: "Number of interfaces of each node",
    details: "auto takes what the layout makes: 16 for p5en, 32 for p5 and p5e. A number that differs from it \
              stops the plan and is never adjusted.",
    kind: Kind::Integer { min: 1, max: 128, unit: "interfaces", word: Some("auto") },
    default: DefaultValue::Is("auto"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["LT-003"],
    mandatory: false,
};

/// Hops an instance-metadata answer may take.
pub(in crate::config) static GPU_IMDS_HOP_LIMIT: FieldDef = FieldDef {
    name: "GPU_IMDS_HOP_LIMIT",
    section: Section::GpuNetwork,
    label: "IMDS hop limit",
    help: "Hops an instance-metadata answer may take",
    details: "1 keeps pods away from the node's role; Pod Identity does not need more. IMDSv2 is always \
              required.",
    kind: Kind::Integer { min: 1, max: 64, unit: "hops", word: None },
    default: DefaultValue::Is("1"),
    visible: Visibility::When(&[on("INSTALL_GPU_NODEGROUP")]),
    checks: &["LT-009"],
    mandatory: false,
};
