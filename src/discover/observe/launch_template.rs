//! The launch template: its default version against the data that should be in it.

use aws_sdk_ec2::types;
use serde_json::{Value, json};

use super::look::{Look, presence, stands};
use super::{json as diff, owner};
use crate::components::desired::{LaunchTemplate, Val};
use crate::components::observed::{Change, Observation};
use crate::components::template::{
    BlockDeviceMapping, CapacityReservation, CapacityReservationTarget, Ebs, LaunchTemplateData, MarketOptions,
    MetadataOptions, NetworkInterface, Placement, Tag, TagSpecification,
};
use crate::domain::problem::Problem;
use crate::transport::classify;

/// Data of the version `$Default`. Outputs are the id and the number of that version.
pub(super) async fn observe(look: &Look<'_>, desired: &LaunchTemplate) -> Result<Observation, Problem> {
    let ec2 = &look.clients.aws.ec2;
    // By filter: a name that does not exist is then an empty answer and no error.
    let filter = types::Filter::builder().name("launch-template-name").values(&desired.name).build();
    let found = ec2.describe_launch_templates().filters(filter).into_paginator().items().send().try_collect().await;
    let found = found.map_err(|error| classify::aws("ec2:DescribeLaunchTemplates", &error))?;
    let Some((template, id)) = found.first().and_then(|one| Some((one, one.launch_template_id()?))) else {
        return Ok(Observation::absent());
    };
    let versions = ec2.describe_launch_template_versions().launch_template_id(id).versions("$Default").send().await;
    let versions = versions.map_err(|error| classify::aws("ec2:DescribeLaunchTemplateVersions", &error))?;
    let version = versions.launch_template_versions().first();
    let changes = match version.and_then(types::LaunchTemplateVersion::launch_template_data) {
        Some(live) => changes(live, &resolved(look, &desired.data)),
        None => vec![Change { path: "LaunchTemplateData".to_owned(), have: None, want: Some("present".to_owned()) }],
    };
    let owner = owner::of_tags(&owner::map(template.tags()), &look.clients.cluster);
    let number = version.and_then(types::LaunchTemplateVersion::version_number).map(|number| number.to_string());
    let outputs = [("id", Some(id)), ("version", number.as_deref()), ("name", template.launch_template_name())];
    Ok(stands(presence(changes), owner, outputs))
}

/// The data with every reference replaced by its value, or by words that differ from any value.
fn resolved(look: &Look<'_>, data: &LaunchTemplateData) -> LaunchTemplateData {
    let mut data = data.clone();
    for group in data.network_interfaces.iter_mut().flat_map(|interface| &mut interface.groups) {
        *group = Val::known(look.want(group));
    }
    data
}

/// Every difference of meaning, both ways for what we model; members that we never send are reported when they are set.
fn changes(live: &types::ResponseLaunchTemplateData, want: &LaunchTemplateData) -> Vec<Change> {
    let mut have = from_sdk(live);
    // EC2 may hold tag specifications of more resources; ours are compared.
    let ours = |one: &TagSpecification| want.tag_specifications.iter().any(|it| it.resource_type == one.resource_type);
    have.tag_specifications.retain(ours);
    let mut found = diff::differences(&comparable(&have), &comparable(want));
    found.extend(surplus(live));
    found
}

/// The data as JSON with its lists in an order of their own: EC2 keeps none.
fn comparable(data: &LaunchTemplateData) -> Value {
    let mut data = data.clone();
    data.network_interfaces.sort_by_key(|one| (one.network_card_index, one.device_index));
    for interface in &mut data.network_interfaces {
        interface.groups.sort();
    }
    data.block_device_mappings.sort_by(|a, b| a.device_name.cmp(&b.device_name));
    data.tag_specifications.sort_by(|a, b| a.resource_type.cmp(&b.resource_type));
    for specification in &mut data.tag_specifications {
        specification.tags.sort();
    }
    // Plain data with text keys: this cannot fail.
    serde_json::to_value(&data).unwrap_or_else(|_| json!({}))
}

/// Members that this program never sends, as EKS refuses them or chooses them itself.
fn surplus(live: &types::ResponseLaunchTemplateData) -> Vec<Change> {
    let change = |path: String, have: String| Change { path, have: Some(have), want: None };
    let mut found: Vec<Change> = Vec::new();
    found.extend(live.image_id().map(|id| change("ImageId".to_owned(), id.to_owned())));
    found.extend(live.security_group_ids().iter().map(|id| change("SecurityGroupIds".to_owned(), id.clone())));
    for interface in live.network_interfaces() {
        let (card, device) = (interface.network_card_index().unwrap_or(0), interface.device_index().unwrap_or(0));
        let path = |member: &str| format!("NetworkInterfaces({card},{device}).{member}");
        found.extend(interface.subnet_id().map(|id| change(path("SubnetId"), id.to_owned())));
        let public = interface.associate_public_ip_address();
        found.extend(public.map(|public| change(path("AssociatePublicIpAddress"), public.to_string())));
    }
    found
}

/// EC2's answer in our own type; a number that is missing is 0.
pub(super) fn from_sdk(live: &types::ResponseLaunchTemplateData) -> LaunchTemplateData {
    let placement = live.placement().and_then(|placement| placement.group_name());
    let target = live.capacity_reservation_specification().and_then(|one| one.capacity_reservation_target());
    let reservation = target.and_then(|target| target.capacity_reservation_id());
    let market = live.instance_market_options().and_then(|options| options.market_type());
    LaunchTemplateData {
        instance_type: live.instance_type().map(|name| name.as_str().to_owned()),
        network_interfaces: live.network_interfaces().iter().map(interface).collect(),
        block_device_mappings: live.block_device_mappings().iter().map(volume).collect(),
        metadata_options: live.metadata_options().map(metadata).unwrap_or_default(),
        placement: placement.map(|name| Placement { group_name: name.to_owned() }),
        tag_specifications: live.tag_specifications().iter().map(tags).collect(),
        user_data: live.user_data().map(str::to_owned),
        capacity_reservation_specification: reservation.map(|id| CapacityReservation {
            capacity_reservation_target: CapacityReservationTarget { capacity_reservation_id: id.to_owned() },
        }),
        instance_market_options: market.map(|kind| MarketOptions { market_type: kind.as_str().to_owned() }),
    }
}

fn interface(live: &types::LaunchTemplateInstanceNetworkInterfaceSpecification) -> NetworkInterface {
    NetworkInterface {
        network_card_index: live.network_card_index().unwrap_or(0),
        device_index: live.device_index().unwrap_or(0),
        // Without a type EC2 makes a plain one.
        interface_type: live.interface_type().unwrap_or("interface").to_owned(),
        groups: live.groups().iter().map(Val::known).collect(),
        delete_on_termination: live.delete_on_termination().unwrap_or(false),
    }
}

fn volume(live: &types::LaunchTemplateBlockDeviceMapping) -> BlockDeviceMapping {
    let ebs = live.ebs();
    BlockDeviceMapping {
        device_name: live.device_name().unwrap_or_default().to_owned(),
        ebs: Ebs {
            volume_size: ebs.and_then(|ebs| ebs.volume_size()).unwrap_or(0),
            volume_type: ebs.and_then(|ebs| ebs.volume_type()).map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            iops: ebs.and_then(|ebs| ebs.iops()).unwrap_or(0),
            throughput: ebs.and_then(|ebs| ebs.throughput()).unwrap_or(0),
            encrypted: ebs.and_then(|ebs| ebs.encrypted()).unwrap_or(false),
            delete_on_termination: ebs.and_then(|ebs| ebs.delete_on_termination()).unwrap_or(false),
        },
    }
}

fn metadata(live: &types::LaunchTemplateInstanceMetadataOptions) -> MetadataOptions {
    MetadataOptions {
        http_tokens: live.http_tokens().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        http_endpoint: live.http_endpoint().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        http_put_response_hop_limit: live.http_put_response_hop_limit().unwrap_or(0),
    }
}

fn tags(live: &types::LaunchTemplateTagSpecification) -> TagSpecification {
    TagSpecification {
        resource_type: live.resource_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        tags: Tag::list(&owner::map(live.tags())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type LiveInterface = types::LaunchTemplateInstanceNetworkInterfaceSpecification;

    fn live_interface(card: i32, device: i32, kind: &str) -> LiveInterface {
        LiveInterface::builder()
            .network_card_index(card)
            .device_index(device)
            .interface_type(kind)
            .groups("sg-1")
            .delete_on_termination(true)
            .build()
    }

    fn live(interfaces: Vec<LiveInterface>) -> types::ResponseLaunchTemplateData {
        let ebs = types::LaunchTemplateEbsBlockDevice::builder()
            .volume_size(200)
            .volume_type(types::VolumeType::Gp3)
            .iops(16_000)
            .throughput(1_000)
            .encrypted(true)
            .delete_on_termination(true)
            .build();
        let root = types::LaunchTemplateBlockDeviceMapping::builder().device_name("/dev/xvda").ebs(ebs).build();
        let imds = types::LaunchTemplateInstanceMetadataOptions::builder()
            .http_tokens(types::LaunchTemplateHttpTokensState::Required)
            .http_endpoint(types::LaunchTemplateInstanceMetadataEndpointState::Enabled)
            .http_put_response_hop_limit(1)
            .build();
        let tag = |key: &str| types::Tag::builder().key(key).value("v").build();
        let instance = types::LaunchTemplateTagSpecification::builder()
            .resource_type(types::ResourceType::Instance)
            .tags(tag("b"))
            .tags(tag("a"))
            .build();
        let template = types::LaunchTemplateTagSpecification::builder()
            .resource_type(types::ResourceType::LaunchTemplate)
            .tags(tag("x"))
            .build();
        types::ResponseLaunchTemplateData::builder()
            .set_network_interfaces(Some(interfaces))
            .block_device_mappings(root)
            .metadata_options(imds)
            .tag_specifications(template)
            .tag_specifications(instance)
            .build()
    }

    fn wanted() -> LaunchTemplateData {
        let interface = |card, device, kind: &str| NetworkInterface {
            network_card_index: card,
            device_index: device,
            interface_type: kind.to_owned(),
            groups: vec![Val::known("sg-1")],
            delete_on_termination: true,
        };
        let tag = |key: &str| Tag { key: key.to_owned(), value: "v".to_owned() };
        LaunchTemplateData {
            network_interfaces: vec![interface(0, 0, "efa"), interface(1, 1, "efa-only")],
            tag_specifications: vec![TagSpecification {
                resource_type: "instance".to_owned(),
                tags: vec![tag("a"), tag("b")],
            }],
            ..from_sdk(&live(Vec::new()))
        }
    }

    fn paths(live: &types::ResponseLaunchTemplateData, want: &LaunchTemplateData) -> Vec<String> {
        changes(live, want).into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn order_and_the_servers_own_tags_make_no_difference() {
        let live = live(vec![live_interface(1, 1, "efa-only"), live_interface(0, 0, "efa")]);
        assert_eq!(paths(&live, &wanted()), Vec::<String>::new());
    }

    #[test]
    fn interfaces_differ_both_ways() {
        let fewer = live(vec![live_interface(0, 0, "efa")]);
        assert_eq!(paths(&fewer, &wanted()), ["NetworkInterfaces[1]"]);
        let more =
            live(vec![live_interface(0, 0, "efa"), live_interface(1, 1, "efa-only"), live_interface(2, 1, "efa-only")]);
        assert_eq!(paths(&more, &wanted()), ["NetworkInterfaces[2]"]);
        let other = live(vec![live_interface(0, 0, "interface"), live_interface(1, 1, "efa-only")]);
        assert_eq!(paths(&other, &wanted()), ["NetworkInterfaces[0].InterfaceType"]);
    }

    #[test]
    fn a_subnet_in_the_template_is_surplus() {
        let with_subnet = LiveInterface::builder()
            .network_card_index(0)
            .device_index(0)
            .interface_type("efa")
            .groups("sg-1")
            .delete_on_termination(true)
            .subnet_id("subnet-1")
            .build();
        let live = live(vec![with_subnet, live_interface(1, 1, "efa-only")]);
        assert_eq!(paths(&live, &wanted()), ["NetworkInterfaces(0,0).SubnetId"]);
    }

    #[test]
    fn a_placement_group_that_is_no_longer_wanted_differs() {
        let placement = types::LaunchTemplatePlacement::builder().group_name("g").build();
        let interfaces = vec![live_interface(0, 0, "efa"), live_interface(1, 1, "efa-only")];
        let mut have = live(interfaces);
        have.placement = Some(placement);
        assert_eq!(paths(&have, &wanted()), ["Placement"]);
    }
}
