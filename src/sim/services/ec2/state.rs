//! What EC2 remembers.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::domain::time::Stamp;
use crate::sim::services::ec2::addresses::Range;

/// Tags of a resource, by key.
pub type Tags = BTreeMap<String, String>;

/// Everything EC2 holds in the one region of the world.
#[derive(Debug, Default)]
pub struct State {
    /// The VPC of the account.
    pub vpc: Vpc,
    /// Subnets by id.
    pub subnets: BTreeMap<String, Subnet>,
    /// Security groups by id.
    pub groups: BTreeMap<String, Group>,
    /// Security group rules by id.
    pub rules: BTreeMap<String, Rule>,
    /// Launch templates by id.
    pub templates: BTreeMap<String, Template>,
    /// Placement groups by name.
    pub placement_groups: BTreeMap<String, PlacementGroup>,
    /// Instances by id, terminated ones included until they fade.
    pub instances: BTreeMap<String, Instance>,
    /// Network interfaces by id: every used address of a subnet belongs to one of them.
    pub interfaces: BTreeMap<String, Interface>,
    /// Instance types offered, by Availability Zone id.
    pub offerings: BTreeMap<String, Vec<String>>,
    /// Zone name by zone id, such as `use2-az1` to `us-east-2a`. The mapping is the account's own.
    pub zones: BTreeMap<String, String>,
}

/// The VPC. It has one NAT gateway that every private subnet routes to.
#[derive(Debug, Default, Clone)]
pub struct Vpc {
    /// Id, `vpc-…`.
    pub id: String,
    /// IPv4 block.
    pub cidr: String,
    /// Tags.
    pub tags: Tags,
    /// Whether the private route table has a default route to the NAT gateway.
    pub nat: bool,
}

/// A private subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// Id, `subnet-…`.
    pub id: String,
    /// Addresses of the subnet.
    pub range: Range,
    /// Zone id, such as `use2-az1`.
    pub zone_id: String,
    /// Tags, `Name` among them.
    pub tags: Tags,
    /// CIDR reservations.
    pub reservations: Vec<Reservation>,
}

/// A part of a subnet that is kept for prefixes or for explicit assignment.
#[derive(Debug, Clone)]
pub struct Reservation {
    /// Id, `scr-…`.
    pub id: String,
    /// IPv4 block.
    pub cidr: String,
    /// `prefix` or `explicit`.
    pub kind: String,
}

/// A security group; its rules are in [`State::rules`].
#[derive(Debug, Clone)]
pub struct Group {
    /// Id, `sg-…`.
    pub id: String,
    /// Name, unique in the VPC.
    pub name: String,
    /// Description.
    pub description: String,
    /// Tags.
    pub tags: Tags,
}

/// One rule of a security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Id, `sgr-…`.
    pub id: String,
    /// Group that the rule belongs to.
    pub group: String,
    /// Outbound or inbound.
    pub egress: bool,
    /// `-1`, `tcp`, `udp`, `icmp`.
    pub protocol: String,
    /// First and last port; -1 and -1 for every port.
    pub ports: (i64, i64),
    /// Block or group on the other side.
    pub peer: Peer,
    /// Description; empty means none.
    pub description: String,
    /// Tags.
    pub tags: Tags,
}

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// An IPv4 block.
    Cidr(String),
    /// A security group, by id.
    Group(String),
}

/// A launch template with its versions.
#[derive(Debug, Clone)]
pub struct Template {
    /// Id, `lt-…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Creation time.
    pub created: Stamp,
    /// Tags of the template itself.
    pub tags: Tags,
    /// Default version number.
    pub default_version: u64,
    /// Highest number ever given.
    pub latest_version: u64,
    /// Versions by number.
    pub versions: BTreeMap<u64, TemplateVersion>,
    /// Client token of the creating call.
    pub token: Option<String>,
}

/// One version of a launch template.
#[derive(Debug, Clone)]
pub struct TemplateVersion {
    /// Description.
    pub description: Option<String>,
    /// Creation time.
    pub created: Stamp,
    /// Data in response names, server defaults included.
    pub data: Value,
    /// Client token of the creating call.
    pub token: Option<String>,
}

/// A placement group.
#[derive(Debug, Clone)]
pub struct PlacementGroup {
    /// Id, `pg-…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// `cluster`, `spread` or `partition`.
    pub strategy: String,
    /// Tags.
    pub tags: Tags,
}

/// An instance. The kubelet of the API server reads the devices of a node here, by the instance id in `providerID`.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Id, `i-…`.
    pub id: String,
    /// Instance type.
    pub instance_type: String,
    /// GPUs of the type.
    pub gpus: u32,
    /// Interfaces of type `efa` or `efa-only` that were attached at launch.
    pub efa_interfaces: u32,
    /// Address of the primary interface.
    pub private_ip: Ipv4Addr,
    /// Host name, which is also the name of the Kubernetes node.
    pub node_name: String,
    /// Subnet of the primary interface.
    pub subnet: String,
    /// Ids of the attached interfaces, the primary one first.
    pub interfaces: Vec<String>,
    /// Launch time.
    pub launched: Stamp,
    /// Termination time.
    pub terminated: Option<Stamp>,
    /// Tags; `eks:nodegroup-name` and `aws:autoscaling:groupName` among them.
    pub tags: Tags,
    /// Placement group, if the template names one.
    pub placement_group: Option<String>,
}

/// What kind of device an interface gives the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceKind {
    /// ENA with addresses.
    Interface,
    /// ENA and EFA with addresses.
    Efa,
    /// EFA without any address.
    EfaOnly,
}

/// A network interface.
#[derive(Debug, Clone)]
pub struct Interface {
    /// Id, `eni-…`.
    pub id: String,
    /// Subnet.
    pub subnet: String,
    /// Addresses, the primary one first; empty for EFA-only.
    pub addresses: Vec<Ipv4Addr>,
    /// Device kind.
    pub kind: InterfaceKind,
    /// Instance, or nothing for interfaces of other services.
    pub instance: Option<String>,
    /// Network card and device index.
    pub slot: (u32, u32),
    /// Security groups.
    pub groups: Vec<String>,
    /// Description.
    pub description: String,
    /// Creation time.
    pub created: Stamp,
    /// Tags.
    pub tags: Tags,
}

impl InterfaceKind {
    /// The kind as the API spells it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Efa => "efa",
            Self::EfaOnly => "efa-only",
        }
    }

    /// Reads the API's spelling; absent means `interface`.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("interface") => Some(Self::Interface),
            Some("efa") => Some(Self::Efa),
            Some("efa-only") => Some(Self::EfaOnly),
            Some(_) => None,
        }
    }
}

impl Instance {
    /// Where the instance is in its life at `now`: `pending`, `running`, `shutting-down` or `terminated`.
    pub fn state(&self, now: Stamp) -> &'static str {
        match self.terminated {
            Some(at) if now.since(at) >= super::instances::SHUTDOWN => "terminated",
            Some(_) => "shutting-down",
            None if now.since(self.launched) >= super::instances::BOOT => "running",
            None => "pending",
        }
    }

    /// Whether the instance exists and was not told to go away.
    pub fn is_live(&self) -> bool {
        self.terminated.is_none()
    }
}

/// A fresh id such as `sg-0a1b2c3d4e5f60718` (17 hex digits), the same on every replay.
pub fn fresh_id(serial: u64, prefix: &str) -> String {
    let mixed = serial.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ 0x5bd1_e995_c3a9_71c2;
    format!("{prefix}-0{mixed:016x}")
}
