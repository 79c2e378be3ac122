//! Launch template data in AWS's own member names: what `render launch-template` prints is what is sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::desired::Val;

/// `RequestLaunchTemplateData` of EC2, as far as the product uses it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchTemplateData {
    /// Only with a Capacity Block; otherwise the node group names the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// Every interface, in order of card and device. Never a SubnetId: EKS refuses it in a managed node group.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Root and data volume.
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    /// IMDSv2.
    pub metadata_options: MetadataOptions,
    /// Placement group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// Tags of what the template launches.
    pub tag_specifications: Vec<TagSpecification>,
    /// Base64 of the user data, if there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Capacity reservation to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_specification: Option<CapacityReservation>,
    /// `capacity-block`, if one is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_market_options: Option<MarketOptions>,
}

/// One interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterface {
    /// Network card index.
    pub network_card_index: i32,
    /// Device index on the card.
    pub device_index: i32,
    /// `interface`, `efa`, `efa-only`.
    pub interface_type: String,
    /// Security groups by id.
    pub groups: Vec<Val>,
    /// Goes with the instance.
    pub delete_on_termination: bool,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BlockDeviceMapping {
    /// `/dev/xvda` is the root of AL2023.
    pub device_name: String,
    /// EBS settings.
    pub ebs: Ebs,
}

/// EBS settings of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ebs {
    /// GiB.
    pub volume_size: i32,
    /// `gp3`.
    pub volume_type: String,
    /// I/O operations a second.
    pub iops: i32,
    /// MiB/s.
    pub throughput: i32,
    /// Always.
    pub encrypted: bool,
    /// Goes with the instance.
    pub delete_on_termination: bool,
}

/// Instance metadata service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetadataOptions {
    /// `required`: IMDSv2 only.
    pub http_tokens: String,
    /// `enabled`.
    pub http_endpoint: String,
    /// 1: pods without host network cannot reach it.
    pub http_put_response_hop_limit: i32,
}

/// Placement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Placement {
    /// Placement group name.
    pub group_name: String,
}

/// Tags for a resource type that the template launches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagSpecification {
    /// `instance`, `volume`, `network-interface`.
    pub resource_type: String,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}

impl Tag {
    /// Tags from pairs, in order of key.
    pub fn list(pairs: &BTreeMap<String, String>) -> Vec<Self> {
        pairs.iter().map(|(key, value)| Self { key: key.clone(), value: value.clone() }).collect()
    }
}

/// `CapacityReservationSpecification`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CapacityReservation {
    /// The target.
    pub capacity_reservation_target: CapacityReservationTarget,
}

/// Which reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CapacityReservationTarget {
    /// Reservation id, `cr-…`.
    pub capacity_reservation_id: String,
}

/// `InstanceMarketOptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MarketOptions {
    /// `capacity-block`.
    pub market_type: String,
}
