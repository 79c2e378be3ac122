//! Scenarios: what a new world holds. A scenario file may stand on another one and change parts of it.

mod build;
mod file;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::time::Stamp;
use crate::sim::world::World;

pub use file::{ClusterSeed, GroupSeed, SubnetSeed, UsedRange, VpcSeed};

const FILES: [(&str, &str); 4] = [
    ("default", include_str!("../../assets/scenarios/default.toml")),
    ("installed", include_str!("../../assets/scenarios/installed.toml")),
    ("ip-exhausted", include_str!("../../assets/scenarios/ip-exhausted.toml")),
    ("three-azs", include_str!("../../assets/scenarios/three-azs.toml")),
];

/// A scenario, complete: what it stands on is merged in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name, as after `--simulate=`.
    pub name: String,
    /// Instant at which the world begins.
    pub origin: Stamp,
    /// Text of the seeded `.env`.
    pub env: String,
    /// Whether the wizard's own pipeline is run on the world before it is shown.
    pub installed: bool,
    /// S3 buckets of the account.
    pub buckets: Vec<String>,
    /// The VPC.
    pub vpc: VpcSeed,
    /// Zone names by zone id.
    pub zones: BTreeMap<String, String>,
    /// Subnets by the short name that other parts of the scenario use.
    pub subnets: BTreeMap<String, SubnetSeed>,
    /// Instance types offered by zone id.
    pub offerings: BTreeMap<String, Vec<String>>,
    /// Service quotas by code, in vCPUs.
    pub quotas: BTreeMap<String, f64>,
    /// Clusters by name.
    pub clusters: BTreeMap<String, ClusterSeed>,
}

/// Names of the scenarios, in order.
pub fn names() -> Vec<&'static str> {
    FILES.iter().map(|(name, _)| *name).collect()
}

/// Reads an embedded scenario. The error lists the names that exist.
pub fn load(name: &str) -> Result<Scenario, String> {
    file::read(name, &FILES)
}

/// Puts what the scenario holds into an empty world and lets it come to rest at the scenario's origin.
pub fn seed(world: &mut World, scenario: &Scenario) {
    build::build(world, scenario);
}

#[cfg(test)]
mod tests;
