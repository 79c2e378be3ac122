//! Launching an instance from a template, as Auto Scaling does: everything EC2 did not check before is checked here.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::domain::time::Stamp;
use crate::sim::services::ec2::catalogue::{TypeFacts, offered_in, type_facts};
use crate::sim::services::ec2::query::{items, text, texts};
use crate::sim::services::ec2::state::{Instance, Interface, InterfaceKind, State, Subnet, Tags, fresh_id};
use crate::sim::services::ec2::{addresses, instances, network};
use crate::sim::world::World;

/// What to launch.
#[derive(Debug, Clone)]
pub struct LaunchOrder {
    /// Data of the launch template version, in response names.
    pub data: Value,
    /// Instance type.
    pub instance_type: String,
    /// Subnet that the group chose.
    pub subnet: String,
    /// Groups of interfaces that name none.
    pub groups: Vec<String>,
    /// Tags of the instance.
    pub tags: Tags,
}

/// Why EC2 did not launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchFailure {
    /// Health issue that EKS derives from it.
    pub issue: &'static str,
    /// Words of the failed scaling activity.
    pub message: String,
}

fn failure(issue: &'static str, message: impl Into<String>) -> LaunchFailure {
    LaunchFailure { issue, message: format!("{} Launching EC2 instance failed.", message.into()) }
}

/// One interface that the template asks for.
struct Wanted {
    slot: (u32, u32),
    kind: InterfaceKind,
    groups: Vec<String>,
}

/// Launches one instance and answers its id.
pub fn launch(world: &mut World, order: &LaunchOrder) -> Result<String, LaunchFailure> {
    const FAILED: &str = "AsgInstanceLaunchFailures";
    let subnet = world.ec2.subnets.get(&order.subnet).cloned();
    let subnet = subnet
        .ok_or_else(|| failure("Ec2SubnetNotFound", format!("The subnet ID '{}' does not exist.", order.subnet)))?;
    let facts = type_facts(&order.instance_type)
        .ok_or_else(|| failure(FAILED, format!("The instance type '{}' does not exist.", order.instance_type)))?;
    check_offered(world, order, &subnet)?;
    check_quota(world, order, &facts)?;
    let placement_group = order.data.get("placement").and_then(|placement| text(placement, "groupName"));
    if let Some(name) = placement_group.as_ref().filter(|name| !world.ec2.placement_groups.contains_key(*name)) {
        return Err(failure(FAILED, format!("The placement group '{name}' is unknown.")));
    }
    let wanted = wanted(&world.ec2, order, &facts)?;
    let need = wanted.iter().filter(|w| w.kind != InterfaceKind::EfaOnly).count();
    let seed = world.next_serial();
    let found = addresses::take(&world.ec2, &subnet, need, seed);
    if found.len() < need {
        let message = format!(
            "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
            subnet.id
        );
        return Err(failure("InsufficientFreeAddresses", message));
    }
    Ok(place(world, order, &facts, wanted, found, placement_group))
}

fn check_offered(world: &World, order: &LaunchOrder, subnet: &Subnet) -> Result<(), LaunchFailure> {
    if offered_in(world, &order.instance_type, &subnet.zone_id) {
        return Ok(());
    }
    let name = |zone: &String| world.ec2.zones.get(zone).cloned().unwrap_or_default();
    let offering: Vec<String> =
        world.ec2.zones.keys().filter(|zone| offered_in(world, &order.instance_type, zone)).map(name).collect();
    let message = format!(
        "Your requested instance type ({}) is not supported in your requested Availability Zone ({}). Please retry \
         your request by not specifying an Availability Zone or choosing {}.",
        order.instance_type,
        name(&subnet.zone_id),
        offering.join(", ")
    );
    Err(failure("AsgInstanceLaunchFailures", message))
}

/// Quota code of "Running On-Demand … instances" by family (EC2 user guide, ec2-on-demand-instances).
fn quota_code(instance_type: &str) -> &'static str {
    match instance_type.chars().next() {
        Some('p') => "L-417A185B",
        Some('g' | 'v') => "L-DB2E81BA",
        Some('t') if instance_type.starts_with("trn") => "L-2C3B7624",
        _ => "L-1216C47A",
    }
}

fn check_quota(world: &World, order: &LaunchOrder, facts: &TypeFacts) -> Result<(), LaunchFailure> {
    let code = quota_code(&order.instance_type);
    let Some(limit) = world.quotas.quotas.get(code).copied() else { return Ok(()) };
    let live = world.ec2.instances.values().filter(|i| i.is_live() && quota_code(&i.instance_type) == code);
    let used: u32 = live.filter_map(|i| type_facts(&i.instance_type)).map(|f| f.vcpus).sum();
    if f64::from(used + facts.vcpus) <= limit {
        return Ok(());
    }
    let message = format!(
        "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance bucket \
         that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to \
         request an adjustment to this limit. (VcpuLimitExceeded)"
    );
    Err(failure("InstanceLimitExceeded", message))
}

fn wanted(state: &State, order: &LaunchOrder, facts: &TypeFacts) -> Result<Vec<Wanted>, LaunchFailure> {
    const BAD: &str = "Ec2LaunchTemplateInvalidConfiguration";
    let top = texts(order.data.get("securityGroupIdSet"));
    let usual = if top.is_empty() { order.groups.clone() } else { top };
    let mut wanted = Vec::new();
    for spec in items(&order.data, "networkInterfaceSet") {
        let number = |name: &str| text(spec, name).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        let slot = (number("networkCardIndex"), number("deviceIndex"));
        let kind = InterfaceKind::parse(text(spec, "interfaceType").as_deref())
            .ok_or_else(|| failure(BAD, "The interface type of a network interface is not valid."))?;
        let groups = Some(texts(spec.get("groupSet"))).filter(|g| !g.is_empty()).unwrap_or_else(|| usual.clone());
        wanted.push(Wanted { slot, kind, groups });
    }
    if wanted.is_empty() {
        wanted.push(Wanted { slot: (0, 0), kind: InterfaceKind::Interface, groups: usual });
    }
    wanted.sort_by_key(|w| w.slot);
    for (at, want) in wanted.iter().enumerate() {
        let (card, device) = want.slot;
        let limits = usize::try_from(card).ok().and_then(|card| facts.cards.get(card));
        let efa = want.kind != InterfaceKind::Interface;
        let twice = |other: &Wanted| other.slot == want.slot;
        let second_efa = |other: &Wanted| efa && other.slot.0 == card && other.kind != InterfaceKind::Interface;
        let wrong = match limits {
            None => Some(format!("The network card index {card} does not exist on {}.", order.instance_type)),
            Some(limits) if device >= limits.interfaces => {
                Some(format!("The device index {device} is too high for network card {card}."))
            }
            Some(limits) if efa && !limits.efa => {
                Some(format!("Network card {card} of {} does not support EFA.", order.instance_type))
            }
            Some(_) if wanted[..at].iter().any(twice) => {
                Some(format!("Device index {device} of network card {card} is named twice."))
            }
            Some(_) if wanted[..at].iter().any(second_efa) => {
                Some(format!("Network card {card} takes one EFA interface."))
            }
            Some(_) => None,
        };
        if let Some(message) = wrong {
            return Err(failure(BAD, message));
        }
        if let Some(id) = want.groups.iter().find(|id| !state.groups.contains_key(*id)) {
            return Err(failure("Ec2SecurityGroupNotFound", format!("The security group '{id}' does not exist.")));
        }
    }
    let primary = wanted.first().is_some_and(|w| w.slot == (0, 0) && w.kind != InterfaceKind::EfaOnly);
    if primary {
        Ok(wanted)
    } else {
        Err(failure(BAD, "The primary network interface must hold an address and be device 0 of card 0."))
    }
}

fn place(
    world: &mut World,
    order: &LaunchOrder,
    facts: &TypeFacts,
    wanted: Vec<Wanted>,
    found: Vec<Ipv4Addr>,
    placement_group: Option<String>,
) -> String {
    let id = fresh_id(world.next_serial(), "i");
    let efa_interfaces = wanted.iter().filter(|w| w.kind != InterfaceKind::Interface).count();
    let private_ip = found.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let mut free = found.into_iter();
    let mut attached = Vec::new();
    for want in wanted {
        let addresses =
            if want.kind == InterfaceKind::EfaOnly { Vec::new() } else { free.next().into_iter().collect() };
        let owner = Owner { instance: &id, subnet: &order.subnet, description: String::new() };
        attached.push(attach(world, &owner, want.slot, want.kind, want.groups, addresses));
    }
    let instance = Instance {
        id: id.clone(),
        instance_type: order.instance_type.clone(),
        gpus: facts.gpus,
        efa_interfaces: u32::try_from(efa_interfaces).unwrap_or(0),
        private_ip,
        node_name: network::dns_name(world, &private_ip.to_string()),
        subnet: order.subnet.clone(),
        interfaces: attached,
        launched: world.now,
        terminated: None,
        tags: order.tags.clone(),
        placement_group,
    };
    world.ec2.instances.insert(id.clone(), instance);
    let boot: Stamp = world.now + instances::BOOT;
    world.wake_at(boot);
    id
}

/// Whom a new interface belongs to.
struct Owner<'a> {
    instance: &'a str,
    subnet: &'a str,
    description: String,
}

fn attach(
    world: &mut World,
    owner: &Owner<'_>,
    slot: (u32, u32),
    kind: InterfaceKind,
    groups: Vec<String>,
    addresses: Vec<Ipv4Addr>,
) -> String {
    let id = fresh_id(world.next_serial(), "eni");
    let interface = Interface {
        id: id.clone(),
        subnet: owner.subnet.to_owned(),
        addresses,
        kind,
        instance: Some(owner.instance.to_owned()),
        slot,
        groups,
        description: owner.description.clone(),
        created: world.now,
        tags: Tags::new(),
    };
    world.ec2.interfaces.insert(id.clone(), interface);
    id
}

/// What the VPC CNI takes on network card 0 when it starts on a node: the primary interface is filled, and `warm`
/// more interfaces are attached and filled. It takes what the subnet still has, never more.
pub fn assign_pod_addresses(world: &mut World, instance: &str, warm: u32) {
    let Some(node) = world.ec2.instances.get(instance).cloned() else { return };
    let (Some(facts), Some(subnet)) = (type_facts(&node.instance_type), world.ec2.subnets.get(&node.subnet).cloned())
    else {
        return;
    };
    let Some(primary) = node.interfaces.first().and_then(|id| world.ec2.interfaces.get(id)).cloned() else { return };
    let per_interface = facts.addresses_per_interface;
    let seed = world.next_serial();
    let more = addresses::take(&world.ec2, &subnet, per_interface.saturating_sub(primary.addresses.len()), seed);
    if let Some(interface) = world.ec2.interfaces.get_mut(&primary.id) {
        interface.addresses.extend(more);
    }
    let slots = facts.cards.first().map_or(1, |card| card.interfaces);
    let on_card_0 = |state: &State, device: u32| {
        state.interfaces.values().any(|i| i.instance.as_deref() == Some(instance) && i.slot == (0, device))
    };
    let free: Vec<u32> = (1..slots).filter(|device| !on_card_0(&world.ec2, *device)).collect();
    for device in free.into_iter().take(usize::try_from(warm).unwrap_or(0)) {
        let seed = world.next_serial();
        let found = addresses::take(&world.ec2, &subnet, per_interface, seed);
        if found.is_empty() {
            return;
        }
        let owner = Owner { instance, subnet: &node.subnet, description: format!("aws-K8S-{instance}") };
        let id = attach(world, &owner, (0, device), InterfaceKind::Interface, primary.groups.clone(), found);
        if let Some(node) = world.ec2.instances.get_mut(instance) {
            node.interfaces.push(id);
        }
    }
}
