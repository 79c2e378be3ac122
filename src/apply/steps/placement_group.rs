//! Cluster placement groups.

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::types::{PlacementStrategy, ResourceType};

use super::template_sdk::owner_tags;
use crate::components::desired::PlacementGroup;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// `CreatePlacementGroup` of strategy `cluster`. It takes no client token, so the SDK does not retry it.
pub(super) async fn create(clients: &Clients, group: &PlacementGroup) -> Result<(), Problem> {
    clients
        .aws
        .ec2
        .create_placement_group()
        .group_name(&group.name)
        .strategy(PlacementStrategy::Cluster)
        .tag_specifications(owner_tags(&clients.cluster, ResourceType::PlacementGroup))
        .customize()
        .config_override(aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("ec2:CreatePlacementGroup", &error))
}
