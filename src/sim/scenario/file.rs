//! Scenario files: their shape, and how one stands on another.

use serde::Deserialize;
use toml::{Table, Value};

use crate::sim::scenario::Scenario;

/// The VPC of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcSeed {
    /// Id, `vpc-…`.
    pub id: String,
    /// IPv4 block.
    pub cidr: String,
    /// Whether private subnets reach the internet through a NAT gateway.
    pub nat: bool,
}

/// A subnet of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubnetSeed {
    /// Id, `subnet-…`.
    pub id: String,
    /// IPv4 block.
    pub cidr: String,
    /// Zone id.
    pub zone: String,
    /// Addresses held by interfaces of other owners.
    pub used: Vec<UsedRange>,
}

/// `take` addresses from `from` on, repeated `times` times at a distance of `every`: one interface each time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsedRange {
    /// First address.
    pub from: std::net::Ipv4Addr,
    /// Addresses of one interface.
    pub take: u32,
    /// Distance of two interfaces.
    #[serde(default)]
    pub every: u32,
    /// Number of interfaces.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// A cluster of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSeed {
    /// Kubernetes minor.
    pub version: String,
    /// `ACTIVE` or `UPDATING`.
    pub status: String,
    /// Short names of its subnets.
    pub subnets: Vec<String>,
    /// Id of the security group EKS made for it.
    pub security_group: String,
    /// Whether that group also lets everything out to itself.
    pub self_egress: bool,
    /// Add-ons at their default versions.
    pub addons: Vec<String>,
    /// Whether Auto Mode is on.
    #[serde(default)]
    pub auto_mode: bool,
    /// Its node group, if it has one.
    pub group: Option<GroupSeed>,
}

/// A node group of a scenario whose nodes are Ready.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSeed {
    /// Name.
    pub name: String,
    /// Instance type.
    #[serde(rename = "type")]
    pub instance_type: String,
    /// Number of nodes.
    pub nodes: u32,
    /// Short names of its subnets.
    pub subnets: Vec<String>,
}

/// Reads the scenario `name` out of `files`.
pub fn read(name: &str, files: &[(&str, &str)]) -> Result<Scenario, String> {
    let table = table(name, files, 4)?;
    Value::Table(table).try_into().map_err(|why| format!("the scenario {name} does not read: {why}"))
}

fn table(name: &str, files: &[(&str, &str)], depth: u8) -> Result<Table, String> {
    let known = files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let found = files.iter().find(|(have, _)| *have == name);
    let (_, text) = found.ok_or_else(|| format!("there is no scenario {name}; known are {known}"))?;
    let mut own: Table = text.parse().map_err(|why| format!("the scenario {name} does not read: {why}"))?;
    let Some(base) = own.remove("base") else { return Ok(own) };
    let base = base.as_str().filter(|_| depth > 0).ok_or_else(|| format!("the scenario {name} stands on itself"))?;
    let mut whole = table(base, files, depth - 1)?;
    merge(&mut whole, own);
    Ok(whole)
}

/// Tables are merged member by member; anything else is replaced.
fn merge(whole: &mut Table, own: Table) {
    for (key, value) in own {
        match (whole.get_mut(&key), value) {
            (Some(Value::Table(have)), Value::Table(more)) => merge(have, more),
            (_, value) => {
                whole.insert(key, value);
            }
        }
    }
}
