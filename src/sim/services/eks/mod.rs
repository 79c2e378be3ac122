//! EKS of the simulated account: clusters, add-ons, Pod Identity associations, access entries, managed node groups.
//!
//! Nothing is instant: an add-on is ACTIVE when its pods are, a node group when its nodes joined the cluster.

mod access;
mod addon_life;
mod addons;
mod asg;
mod associations;
mod catalogue;
mod clusters;
mod group_life;
mod group_rules;
mod lookup;
mod node_object;
mod nodegroups;
mod nodes;
mod state;
#[cfg(test)]
mod tests;
mod updates;
mod view;
mod workloads;

pub use access::{access_entry, add_entry};
pub use asg::{instance_tags, make as make_asg};
pub use associations::{association_for, associations_of};
pub use catalogue::default_version;
pub use group_life::adopt as adopt_instance;
pub use group_rules::latest_release;
pub use lookup::uuid;
pub use nodes::joined;
pub use state::{AccessEntry, Addon, Association, ControlPlane, Issue, NodeRecord, Nodegroup, Scaling, State, Update};
pub use workloads::{install as install_workload, locate};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::world::World;

/// Answers one call.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.operation.as_str() {
        "ListClusters" => clusters::list(world, call),
        "DescribeCluster" => clusters::describe(world, call),
        "ListAddons" => addons::list(world, call),
        "DescribeAddon" => addons::describe(world, call),
        "DescribeAddonVersions" => catalogue::describe_versions(call),
        "CreateAddon" => addons::create(world, call),
        "UpdateAddon" => addons::update(world, call),
        "DeleteAddon" => addons::delete(world, call),
        "ListPodIdentityAssociations" => associations::list(world, call),
        "DescribePodIdentityAssociation" => associations::describe(world, call),
        "CreatePodIdentityAssociation" => associations::create(world, call),
        "DeletePodIdentityAssociation" => associations::delete(world, call),
        "ListNodegroups" => nodegroups::list(world, call),
        "DescribeNodegroup" => nodegroups::describe(world, call),
        "CreateNodegroup" => nodegroups::create(world, call),
        "UpdateNodegroupConfig" => updates::update_group_config(world, call),
        "UpdateNodegroupVersion" => updates::update_group_version(world, call),
        "DeleteNodegroup" => nodegroups::delete(world, call),
        "DescribeUpdate" => updates::describe(world, call),
        "ListUpdates" => updates::list(world, call),
        "ListAccessEntries" => access::list(world, call),
        "DescribeAccessEntry" => access::describe(world, call),
        "CreateAccessEntry" => access::create(world, call),
        other => Err(Fault::gap(format!("eks:{other}"))),
    }
}

/// Does what is due by now for add-ons and node groups. Idempotent.
pub fn settle(world: &mut World) {
    let clusters: Vec<String> = world.eks.clusters.keys().cloned().collect();
    for cluster in &clusters {
        addon_life::settle(world, cluster);
        group_life::settle(world, cluster);
    }
}
