//! The launch template: interfaces by layout, volumes, metadata service, placement, user data. Never a subnet.

use super::{Group, group_resource_name, user_data};
use crate::components::desired::{Desired, Ensure, LaunchTemplate, Val};
use crate::components::naming::GROUP_TAG;
use crate::components::template::{
    BlockDeviceMapping, CapacityReservation, CapacityReservationTarget, Ebs, LaunchTemplateData, MarketOptions,
    MetadataOptions, NetworkInterface, Placement, Tag, TagSpecification,
};
use crate::config::{self, Capacity};
use crate::domain::eni::{efa_count, interfaces};
use crate::domain::problem::{Problem, ProblemKind};

/// IOPS of the root volume (product.md §5).
const ROOT_IOPS: u32 = 16_000;
/// Throughput of the root volume in MiB/s.
const ROOT_THROUGHPUT: u32 = 1_000;
/// Smallest root volume in GiB.
const ROOT_MIN_GIB: u32 = 200;

/// The step.
///
/// # Errors
/// A number is too large for EC2: a fault of this program, since the Spec bounds it.
pub fn step(of: &Group<'_>, efa_group: Option<&Desired>, own_placement: Option<&Desired>) -> Result<Desired, Problem> {
    let layout = interfaces(of.kind, of.spec.enis.layout);
    let title = format!("launch template, {} interfaces, {} EFA", layout.len(), efa_count(&layout));
    let mut groups = vec![Val::known(of.cluster.security_group.as_str())];
    groups.extend(efa_group.map(|step| Val::output(&step.id, "id")));
    let network_interfaces = layout
        .iter()
        .map(|one| NetworkInterface {
            network_card_index: i32::from(one.card),
            device_index: i32::from(one.device),
            interface_type: one.kind.as_str().to_owned(),
            groups: groups.clone(),
            delete_on_termination: true,
        })
        .collect();
    let block = matches!(of.spec.capacity, Capacity::CapacityBlock { .. });
    let data = LaunchTemplateData {
        instance_type: block.then(|| of.kind.name.clone()),
        network_interfaces,
        block_device_mappings: volumes(of)?,
        metadata_options: MetadataOptions {
            http_tokens: "required".to_owned(),
            http_endpoint: "enabled".to_owned(),
            http_put_response_hop_limit: i32::from(of.spec.imds_hop_limit),
        },
        placement: placement(of, own_placement),
        tag_specifications: tags(of),
        user_data: user_data::encoded(of),
        capacity_reservation_specification: of.spec.capacity.reservation().map(|id| CapacityReservation {
            capacity_reservation_target: CapacityReservationTarget { capacity_reservation_id: id.to_string() },
        }),
        instance_market_options: block.then(|| MarketOptions { market_type: "capacity-block".to_owned() }),
    };
    let needs = own_placement.map(|step| step.id.clone()).into_iter().collect();
    let ensure = Ensure::LaunchTemplate(LaunchTemplate { name: group_resource_name(of), data });
    Ok(of.step("launch-template", title, needs, ensure, 60))
}

fn placement(of: &Group<'_>, own: Option<&Desired>) -> Option<Placement> {
    let group_name = match (&of.spec.placement, own.map(|step| &step.ensure)) {
        (config::Placement::Named(name), _) => name.clone(),
        (_, Some(Ensure::PlacementGroup(group))) => group.name.clone(),
        (config::Placement::Auto | config::Placement::None, _) => return None,
    };
    Some(Placement { group_name })
}

/// Root and data volume. gp3 allows at most 500 IOPS a GiB above its baseline of 3,000 and a quarter MiB/s an IOPS.
fn volumes(of: &Group<'_>) -> Result<Vec<BlockDeviceMapping>, Problem> {
    let root = of.spec.volumes.root_gib.max(ROOT_MIN_GIB);
    let mut made = vec![volume("/dev/xvda", root, ROOT_IOPS, ROOT_THROUGHPUT)?];
    let data = of.spec.volumes.data_gib;
    if data > 0 {
        let iops = ROOT_IOPS.min(data.saturating_mul(500)).max(3_000);
        made.push(volume("/dev/xvdb", data, iops, ROOT_THROUGHPUT.min(iops / 4))?);
    }
    Ok(made)
}

fn volume(device: &str, gib: u32, iops: u32, throughput: u32) -> Result<BlockDeviceMapping, Problem> {
    let number = |value: u32| {
        i32::try_from(value).map_err(|_| {
            Problem::new(ProblemKind::Internal, format!("The volume {device} has a figure that is too large: {value}."))
        })
    };
    Ok(BlockDeviceMapping {
        device_name: device.to_owned(),
        ebs: Ebs {
            volume_size: number(gib)?,
            volume_type: "gp3".to_owned(),
            iops: number(iops)?,
            throughput: number(throughput)?,
            encrypted: true,
            delete_on_termination: true,
        },
    })
}

fn tags(of: &Group<'_>) -> Vec<TagSpecification> {
    let mut pairs = of.inputs.tags.clone();
    pairs.insert(GROUP_TAG.to_owned(), of.spec.name.clone());
    pairs.insert("Name".to_owned(), group_resource_name(of));
    let tags = Tag::list(&pairs);
    ["instance", "volume", "network-interface"]
        .into_iter()
        .map(|resource_type| TagSpecification { resource_type: resource_type.to_owned(), tags: tags.clone() })
        .collect()
}
