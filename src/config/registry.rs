//! All settings, in the order of the file.

use super::field::FieldDef;
use super::fields::{checks, cluster, drivers, gpu, network, optional, required};

static ALL: [&FieldDef; 49] = [
    &cluster::CLUSTER_NAME,
    &cluster::AWS_REGION,
    &cluster::PRIVATE_SUBNET_A,
    &cluster::PRIVATE_SUBNET_B,
    &cluster::PRIVATE_SUBNET_C,
    &required::EBS_CSI,
    &required::METRICS_SERVER,
    &required::METRICS_SERVER_INSECURE_TLS,
    &required::CLUSTER_AUTOSCALER,
    &required::LOAD_BALANCER_CONTROLLER,
    &required::SYSTEM_NODEGROUP,
    &optional::INSTALL_IO2_STORAGECLASS,
    &optional::IO2_IOPS,
    &optional::INSTALL_KARPENTER,
    &optional::KARPENTER_VERSION,
    &optional::KARPENTER_NODEPOOL_TAINT,
    &optional::INSTALL_EFS_CSI,
    &optional::INSTALL_FSX_CSI,
    &optional::FSX_CSI_DELIVERY,
    &optional::INSTALL_S3_CSI,
    &optional::S3_BUCKET_ARNS,
    &optional::INSTALL_DCGM_EXPORTER,
    &optional::INSTALL_NODE_MONITORING_AGENT,
    &gpu::INSTALL_GPU_NODEGROUP,
    &gpu::GPU_INSTANCE_TYPE,
    &gpu::GPU_NODE_GROUP_NAME,
    &gpu::GPU_MIN_SIZE,
    &gpu::GPU_DESIRED_SIZE,
    &gpu::GPU_MAX_SIZE,
    &gpu::GPU_CAPACITY,
    &gpu::GPU_CAPACITY_RESERVATION_ID,
    &gpu::GPU_PLACEMENT_GROUP,
    &gpu::GPU_ROOT_VOLUME_SIZE,
    &gpu::GPU_DATA_VOLUME_SIZE,
    &gpu::GPU_NODE_REPAIR,
    &gpu::GPU_PROVISIONER,
    &network::GPU_SUBNET_A,
    &network::GPU_SUBNET_B,
    &network::GPU_SUBNET_C,
    &network::GPU_SUBNET,
    &network::GPU_ENI_LAYOUT,
    &network::GPU_NUM_ENIS,
    &network::GPU_IMDS_HOP_LIMIT,
    &drivers::GPU_DRIVER_MODE,
    &drivers::GPU_AMI_RELEASE,
    &drivers::NVIDIA_DRIVER_VERSION,
    &drivers::EFA_DRIVER_VERSION,
    &drivers::NCCL_VERSION,
    &checks::SUPPRESS_CHECKS,
];

/// All settings, in the order of the file.
pub fn registry() -> &'static [&'static FieldDef] {
    &ALL
}

/// The setting of this name.
pub fn find(name: &str) -> Option<&'static FieldDef> {
    registry().iter().copied().find(|def| def.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::check_field;
    use crate::config::field::{DefaultValue, Visibility};

    #[test]
    fn names_are_unique_and_sections_are_together() {
        let names: BTreeSet<&str> = registry().iter().map(|def| def.name).collect();
        assert_eq!(names.len(), registry().len());
        let sections: Vec<_> = registry().iter().map(|def| def.section).collect();
        assert!(sections.is_sorted(), "the file groups variables by section");
    }

    #[test]
    fn each_default_passes_its_own_check() {
        for def in registry() {
            if let DefaultValue::Is(text) = def.default {
                assert_eq!(check_field(def, text), None, "{}", def.name);
            }
        }
    }

    #[test]
    fn references_name_settings() {
        for def in registry() {
            if let DefaultValue::Follows(name) = def.default {
                assert!(find(name).is_some(), "{} follows {name}", def.name);
            }
            if let Visibility::When(conditions) = def.visible {
                for condition in conditions {
                    let of = find(condition.variable).unwrap();
                    for value in condition.is {
                        assert!(check_field(of, value).is_none(), "{} = {value}", of.name);
                    }
                }
            }
        }
    }

    #[test]
    fn texts_fit_their_places() {
        for def in registry() {
            assert!(def.label.chars().count() <= 17, "label of {}", def.name);
            assert!(def.help.chars().count() <= 90 && !def.help.ends_with('.'), "help of {}", def.name);
            assert!(def.details.ends_with('.'), "details of {}", def.name);
        }
    }
}
