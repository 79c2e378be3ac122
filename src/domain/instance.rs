//! Facts of an EC2 instance type: network cards, EFA, addresses, GPUs.

use serde::{Deserialize, Serialize};

/// Where the numbers of an instance type come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// `DescribeInstanceTypes`, read in this session.
    Api,
    /// `assets/instance-types.csv`, dated.
    Table,
}

/// One network card of an instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkCard {
    /// Network card index, from 0.
    pub index: u16,
    /// Interfaces that fit on this card; device indices are 0 … `max_interfaces` − 1.
    pub max_interfaces: u16,
    /// Whether an EFA interface may sit on it.
    pub efa: bool,
}

/// The GPUs of an instance type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpus {
    /// Name, such as `H200`.
    pub name: String,
    /// Devices an instance.
    pub count: u32,
    /// Memory of one device in MiB.
    pub memory_mib: u64,
}

/// What the wizard must know of an instance type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceType {
    /// Name, such as `p5en.48xlarge`.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Network cards in order of index.
    pub cards: Vec<NetworkCard>,
    /// EFA interfaces at most, over all cards.
    pub max_efa: u16,
    /// IPv4 addresses an interface can hold.
    pub ipv4_per_interface: u32,
    /// GPUs; `None` for a type without NVIDIA devices.
    pub gpus: Option<Gpus>,
    /// Instance store in GB; 0 for none.
    pub instance_store_gb: u64,
    /// `amd64` or `arm64`.
    pub arch: String,
    /// Where the numbers come from.
    pub source: Source,
}
