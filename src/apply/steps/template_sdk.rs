//! From the rendered launch template to the request: the one place where its data becomes SDK types.

use aws_sdk_ec2::types as sdk;

use super::OWNER_TAG;
use crate::apply::context::Outputs;
use crate::components::template as data;
use crate::domain::ids::ClusterName;
use crate::domain::problem::Problem;

/// The owner tag for a resource that is about to be made.
pub(super) fn owner_tags(cluster: &ClusterName, kind: sdk::ResourceType) -> sdk::TagSpecification {
    let tag = sdk::Tag::builder().key(OWNER_TAG).value(cluster.as_str()).build();
    sdk::TagSpecification::builder().resource_type(kind).tags(tag).build()
}

/// Launch template data as the SDK sends it, with every output in its place.
///
/// # Errors
/// When a security group is not known yet.
pub(super) fn into_sdk(
    template: &data::LaunchTemplateData,
    outputs: &Outputs,
) -> Result<sdk::RequestLaunchTemplateData, Problem> {
    let interfaces: Result<Vec<_>, Problem> =
        template.network_interfaces.iter().map(|interface| network_interface(interface, outputs)).collect();
    let options = &template.metadata_options;
    let metadata = sdk::LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_tokens(options.http_tokens.as_str().into())
        .http_endpoint(options.http_endpoint.as_str().into())
        .http_put_response_hop_limit(options.http_put_response_hop_limit)
        .build();
    let placement = template
        .placement
        .as_ref()
        .map(|placement| sdk::LaunchTemplatePlacementRequest::builder().group_name(&placement.group_name).build());
    let reservation = template.capacity_reservation_specification.as_ref().map(|reservation| {
        let target = sdk::CapacityReservationTarget::builder()
            .capacity_reservation_id(&reservation.capacity_reservation_target.capacity_reservation_id)
            .build();
        sdk::LaunchTemplateCapacityReservationSpecificationRequest::builder()
            .capacity_reservation_target(target)
            .build()
    });
    let market = template.instance_market_options.as_ref().map(|market| {
        sdk::LaunchTemplateInstanceMarketOptionsRequest::builder()
            .market_type(market.market_type.as_str().into())
            .build()
    });
    let volumes: Vec<_> = template.block_device_mappings.iter().map(volume).collect();
    let tags: Vec<_> = template.tag_specifications.iter().map(tags).collect();
    Ok(sdk::RequestLaunchTemplateData::builder()
        .set_instance_type(template.instance_type.as_deref().map(Into::into))
        .set_network_interfaces(filled(interfaces?))
        .set_block_device_mappings(filled(volumes))
        .metadata_options(metadata)
        .set_placement(placement)
        .set_tag_specifications(filled(tags))
        .set_user_data(template.user_data.clone())
        .set_capacity_reservation_specification(reservation)
        .set_instance_market_options(market)
        .build())
}

/// An empty list is left out: the query protocol has no way to send one.
fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn network_interface(
    interface: &data::NetworkInterface,
    outputs: &Outputs,
) -> Result<sdk::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest, Problem> {
    let groups: Result<Vec<_>, Problem> = interface.groups.iter().map(|group| outputs.resolve(group)).collect();
    Ok(sdk::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
        .network_card_index(interface.network_card_index)
        .device_index(interface.device_index)
        .interface_type(&interface.interface_type)
        .set_groups(filled(groups?))
        .delete_on_termination(interface.delete_on_termination)
        .build())
}

fn volume(mapping: &data::BlockDeviceMapping) -> sdk::LaunchTemplateBlockDeviceMappingRequest {
    let ebs = sdk::LaunchTemplateEbsBlockDeviceRequest::builder()
        .volume_size(mapping.ebs.volume_size)
        .volume_type(mapping.ebs.volume_type.as_str().into())
        .iops(mapping.ebs.iops)
        .throughput(mapping.ebs.throughput)
        .encrypted(mapping.ebs.encrypted)
        .delete_on_termination(mapping.ebs.delete_on_termination)
        .build();
    sdk::LaunchTemplateBlockDeviceMappingRequest::builder().device_name(&mapping.device_name).ebs(ebs).build()
}

fn tags(specification: &data::TagSpecification) -> sdk::LaunchTemplateTagSpecificationRequest {
    let tags = specification.tags.iter().map(|tag| sdk::Tag::builder().key(&tag.key).value(&tag.value).build());
    sdk::LaunchTemplateTagSpecificationRequest::builder()
        .resource_type(specification.resource_type.as_str().into())
        .set_tags(filled(tags.collect()))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::components::desired::Val;

    fn template(group: Val) -> data::LaunchTemplateData {
        let interface = |card: i32| data::NetworkInterface {
            network_card_index: card,
            device_index: i32::from(card > 0),
            interface_type: if card == 0 { "efa" } else { "efa-only" }.to_owned(),
            groups: vec![group.clone()],
            delete_on_termination: true,
        };
        data::LaunchTemplateData { network_interfaces: (0..16).map(interface).collect(), ..Default::default() }
    }

    #[test]
    fn every_interface_arrives_with_its_group_and_no_subnet() {
        let outputs = Outputs::default();
        let by_reference = template(Val::output(&"gpu.g.security-group".into(), "id"));
        assert!(into_sdk(&by_reference, &outputs).is_err(), "an unknown output is never sent");
        outputs.set(&"gpu.g.security-group".into(), BTreeMap::from([("id".to_owned(), "sg-1".to_owned())]));
        let sent = into_sdk(&by_reference, &outputs).unwrap();
        let cards: Vec<_> = sent
            .network_interfaces()
            .iter()
            .map(|interface| (interface.network_card_index(), interface.device_index(), interface.interface_type()))
            .collect();
        assert_eq!(cards.len(), 16);
        assert_eq!(cards[0], (Some(0), Some(0), Some("efa")));
        assert_eq!(cards[15], (Some(15), Some(1), Some("efa-only")));
        assert!(sent.network_interfaces().iter().all(|interface| interface.subnet_id().is_none()));
        assert!(sent.network_interfaces().iter().all(|interface| interface.groups() == ["sg-1"]));
        assert!(sent.placement().is_none() && sent.instance_type().is_none());
    }
}
