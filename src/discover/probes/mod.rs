//! One question a file. `read` asks the servers; what it does with the answer is a pure function beside it.

pub mod access;
pub mod addon_versions;
pub mod addons;
pub mod associations;
pub mod caller;
pub mod cluster;
pub mod cluster_group;
pub mod clusters;
pub mod cni;
pub mod instance_types;
pub mod nodegroups;
pub mod nodes;
pub mod offerings;
mod pages;
pub mod policies;
pub mod quotas;
pub mod running_vcpus;
pub mod storage_classes;
pub mod subnets;
pub mod updates;
pub mod workloads;

pub(super) use pages::{each, list_all, owned, tags};
