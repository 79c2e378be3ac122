//! Required components, and who provides them.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility, is};
use crate::config::form;

/// Values of the variables that say who provides a component.
const OWNERS: &[&str] = &["auto", "adopt", "skip"];

/// Who provides the EBS CSI driver.
pub(in crate::config) static EBS_CSI: FieldDef = FieldDef {
    name: "EBS_CSI",
    section: Section::Required,
    label: "EBS CSI",
    help: "Who provides the EBS CSI driver",
    details: "auto adopts the EBS CSI driver where it is present and healthy, and installs it where it is \
              absent. adopt takes only what is there. skip leaves it alone, and health shows it as skipped.",
    kind: Kind::Choice(OWNERS),
    default: DefaultValue::Is("auto"),
    visible: Visibility::Always,
    checks: &["CLU-004", "PID-001", "STO-002"],
    mandatory: false,
};

/// Who provides Metrics Server.
pub(in crate::config) static METRICS_SERVER: FieldDef = FieldDef {
    name: "METRICS_SERVER",
    section: Section::Required,
    label: "Metrics Server",
    help: "Who provides Metrics Server",
    details: "auto adopts Metrics Server where it is present and healthy, and installs it where it is absent. \
              adopt takes only what is there. skip leaves it alone, and health shows it as skipped.",
    kind: Kind::Choice(OWNERS),
    default: DefaultValue::Is("auto"),
    visible: Visibility::Always,
    checks: &["CLU-004"],
    mandatory: false,
};

/// Metrics Server does not check the kubelets' certificates.
pub(in crate::config) static METRICS_SERVER_INSECURE_TLS: FieldDef = FieldDef {
    name: "METRICS_SERVER_INSECURE_TLS",
    section: Section::Required,
    label: "Insecure TLS",
    help: "Metrics Server does not check the kubelets' certificates",
    details: "The original project always set --kubelet-insecure-tls. EKS kubelets serve certificates that the \
              cluster's CA signed, so it is off by default; on, it draws a warning.",
    kind: Kind::Flag,
    default: DefaultValue::Is("false"),
    visible: Visibility::When(&[is("METRICS_SERVER", &["auto"])]),
    checks: &[],
    mandatory: false,
};

/// Who provides Cluster Autoscaler.
pub(in crate::config) static CLUSTER_AUTOSCALER: FieldDef = FieldDef {
    name: "CLUSTER_AUTOSCALER",
    section: Section::Required,
    label: "Autoscaler",
    help: "Who provides Cluster Autoscaler",
    details: "auto adopts Cluster Autoscaler where it is present and healthy, and installs it where it is \
              absent. adopt takes only what is there. skip leaves it alone, and health shows it as skipped.",
    kind: Kind::Choice(OWNERS),
    default: DefaultValue::Is("auto"),
    visible: Visibility::Always,
    checks: &["CLU-004", "CAS-002", "KAR-002"],
    mandatory: false,
};

/// Who provides the AWS Load Balancer Controller.
pub(in crate::config) static LOAD_BALANCER_CONTROLLER: FieldDef = FieldDef {
    name: "LOAD_BALANCER_CONTROLLER",
    section: Section::Required,
    label: "Load balancer",
    help: "Who provides the AWS Load Balancer Controller",
    details: "auto adopts the AWS Load Balancer Controller where it is present and healthy, and installs it \
              where it is absent. adopt takes only what is there. skip leaves it alone, and health shows it as \
              skipped.",
    kind: Kind::Choice(OWNERS),
    default: DefaultValue::Is("auto"),
    visible: Visibility::Always,
    checks: &["CLU-004"],
    mandatory: false,
};

/// Node group that system pods run on.
pub(in crate::config) static SYSTEM_NODEGROUP: FieldDef = FieldDef {
    name: "SYSTEM_NODEGROUP",
    section: Section::Required,
    label: "System nodes",
    help: "Node group that system pods run on",
    details: "Controllers get the node selector eks.amazonaws.com/nodegroup with this name, but only if the \
              cluster has such a group; otherwise they get none.",
    kind: Kind::Formed(&form::NODE_GROUP),
    default: DefaultValue::Is("eks-utils"),
    visible: Visibility::Always,
    checks: &["CLU-006"],
    mandatory: false,
};
