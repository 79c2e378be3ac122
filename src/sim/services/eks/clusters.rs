//! ListClusters and DescribeCluster.

use serde_json::json;

use crate::sim::call::{Answer, Call};
use crate::sim::services::eks::lookup::{cluster, page, plane};
use crate::sim::world::World;

/// ListClusters.
pub fn list(world: &World, call: &mut Call) -> Answer {
    let _include = call.params.list("include");
    page(call, "clusters", world.eks.clusters.keys().map(|name| json!(name)).collect())
}

/// DescribeCluster.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    Ok(json!({"cluster": plane(world, &name)?.view}))
}
