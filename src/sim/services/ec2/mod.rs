//! EC2 of the simulated account: network, security groups, launch templates, instance types and instances.
//!
//! It validates only what EC2 validates when it is asked: a launch template is taken as it comes, and a wrong one
//! shows when something is launched from it.

mod addresses;
mod catalogue;
mod groups;
mod instances;
mod launch;
mod network;
mod placement;
mod query;
mod rules;
mod state;
mod tags;
mod template_data;
mod templates;
#[cfg(test)]
mod tests;

pub use addresses::{Range, free_addresses};
pub use catalogue::Card;
pub use catalogue::{TypeFacts, offered_in, type_facts};
pub use groups::cluster_group;
pub use instances::{console, terminate};
pub use launch::{LaunchFailure, LaunchOrder, assign_pod_addresses, launch};
pub use query::{compact, items, page, text, texts, token};
pub use state::{
    Group, Instance, Interface, InterfaceKind, Peer, PlacementGroup, Reservation, Rule, State, Subnet, Tags, Template,
    TemplateVersion, Vpc, fresh_id,
};
pub use tags::of_value as tags_of;
pub use templates::resolve as resolve_template;

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::world::World;

/// Answers one call.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.operation.as_str() {
        "DescribeSubnets" => network::describe_subnets(world, call),
        "DescribeVpcs" => network::describe_vpcs(world, call),
        "DescribeNetworkInterfaces" => network::describe_interfaces(world, call),
        "GetSubnetCidrReservations" => network::reservations(world, call),
        "DescribeAvailabilityZones" => network::describe_zones(world, call),
        "DescribeRouteTables" => network::describe_route_tables(world, call),
        "DescribeVpcEndpoints" => network::describe_endpoints(world, call),
        "DescribeSecurityGroups" => groups::describe(world, call),
        "CreateSecurityGroup" => groups::create(world, call),
        "DescribeSecurityGroupRules" => rules::describe(world, call),
        "AuthorizeSecurityGroupIngress" => rules::authorize(world, call, false),
        "AuthorizeSecurityGroupEgress" => rules::authorize(world, call, true),
        "DescribeInstanceTypes" => catalogue::describe_types(call),
        "DescribeInstanceTypeOfferings" => catalogue::describe_offerings(world, call),
        "CreateLaunchTemplate" => templates::create(world, call),
        "CreateLaunchTemplateVersion" => templates::create_version(world, call),
        "ModifyLaunchTemplate" => templates::modify(world, call),
        "DescribeLaunchTemplates" => templates::describe(world, call),
        "DescribeLaunchTemplateVersions" => templates::describe_versions(world, call),
        "DeleteLaunchTemplate" => templates::delete(world, call),
        "CreatePlacementGroup" => placement::create(world, call),
        "DescribePlacementGroups" => placement::describe(world, call),
        "DescribeCapacityReservations" => placement::describe_reservations(call),
        "DescribeInstances" => instances::describe(world, call),
        "GetConsoleOutput" => instances::console_output(world, call),
        "CreateTags" => tags::create(world, call),
        other => Err(Fault::gap(format!("ec2:{other}"))),
    }
}

/// Moves instances from `pending` to `running` and lets go of terminated ones. Idempotent.
pub fn settle(world: &mut World) {
    instances::settle(world);
}
