//! Instances: what can be asked about them, and their life.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::catalogue::type_facts;
use crate::sim::services::ec2::network::{attachment, group_set};
use crate::sim::services::ec2::query::{Query, compact, known_ids, texts};
use crate::sim::services::ec2::state::{Instance, Interface, fresh_id};
use crate::sim::services::ec2::tags;
use crate::sim::world::World;

/// From launch to `running`.
pub const BOOT: Duration = Duration::from_secs(15);
/// From the call to `terminated`; then the addresses are free.
pub const SHUTDOWN: Duration = Duration::from_secs(30);
/// How long a terminated instance still shows.
const FADE: Duration = Duration::from_secs(3600);

/// DescribeInstances.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let known = [
        "instance-type",
        "instance-state-name",
        "instance-id",
        "subnet-id",
        "vpc-id",
        "private-ip-address",
        "private-dns-name",
        "placement-group-name",
    ];
    let query = Query::take(call, &known, 5)?;
    let ids = texts(call.params.take("InstanceId").as_ref());
    known_ids(&world.ec2.instances, &ids, "instance-not-found")?;
    let rows = world.ec2.instances.values().filter(|i| ids.is_empty() || ids.contains(&i.id));
    let rows = rows.filter(|i| query.keeps(&i.tags, |name| vec![key(world, i, name)]));
    let rows = rows.map(|i| {
        json!({
            "reservationId": i.id.replacen("i-", "r-", 1), "ownerId": world.account, "groupSet": [],
            "instancesSet": [view(world, i)],
        })
    });
    query.answer("reservationSet", rows.collect())
}

fn key(world: &World, instance: &Instance, name: &str) -> String {
    match name {
        "instance-type" => instance.instance_type.clone(),
        "instance-id" => instance.id.clone(),
        "subnet-id" => instance.subnet.clone(),
        "vpc-id" => world.ec2.vpc.id.clone(),
        "private-ip-address" => instance.private_ip.to_string(),
        "private-dns-name" => instance.node_name.clone(),
        "placement-group-name" => instance.placement_group.clone().unwrap_or_default(),
        _ => instance.state(world.now).to_owned(),
    }
}

fn view(world: &World, instance: &Instance) -> Value {
    let state = instance.state(world.now);
    let code = match state {
        "pending" => 0,
        "running" => 16,
        "shutting-down" => 32,
        _ => 48,
    };
    let gone = state == "terminated";
    let zone = world.ec2.subnets.get(&instance.subnet).and_then(|s| world.ec2.zones.get(&s.zone_id));
    let facts = type_facts(&instance.instance_type);
    let groups = instance.interfaces.first().and_then(|id| world.ec2.interfaces.get(id)).map(|i| i.groups.clone());
    let address = instance.private_ip.to_string();
    compact(json!({
        "instanceId": instance.id,
        "imageId": fresh_id(7, "ami"),
        "instanceState": {"code": code, "name": state},
        "privateDnsName": if gone { "" } else { instance.node_name.as_str() },
        "privateIpAddress": (!gone).then_some(address),
        "instanceType": instance.instance_type,
        "launchTime": instance.launched.to_string(),
        "placement": {"availabilityZone": zone, "groupName": instance.placement_group, "tenancy": "default"},
        "monitoring": {"state": "disabled"},
        "subnetId": (!gone).then_some(&instance.subnet),
        "vpcId": (!gone).then_some(&world.ec2.vpc.id),
        "architecture": if facts.is_some_and(|f| f.arch == "arm64") { "arm64" } else { "x86_64" },
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "ebsOptimized": true,
        "enaSupport": true,
        "hypervisor": "xen",
        "virtualizationType": "hvm",
        "amiLaunchIndex": 0,
        "sourceDestCheck": true,
        "groupSet": group_set(world, &groups.unwrap_or_default()),
        "networkInterfaceSet": interfaces(world, instance),
        "tagSet": tags::set(&instance.tags),
    }))
}

/// The attachment as an instance tells it: the instance is not named again (`InstanceNetworkInterfaceAttachment`).
fn own_attachment(world: &World, interface: &Interface) -> Value {
    let mut told = attachment(world, interface);
    if let Some(members) = told.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "instanceId" | "instanceOwnerId"));
    }
    told
}

fn interfaces(world: &World, instance: &Instance) -> Vec<Value> {
    let have = instance.interfaces.iter().filter_map(|id| world.ec2.interfaces.get(id));
    have.map(|i| {
        let addresses = i.addresses.iter().enumerate();
        let addresses = addresses.map(|(at, a)| json!({"privateIpAddress": a.to_string(), "primary": at == 0}));
        compact(json!({
            "networkInterfaceId": i.id,
            "subnetId": i.subnet,
            "vpcId": world.ec2.vpc.id,
            "description": i.description,
            "ownerId": world.account,
            "status": "in-use",
            "interfaceType": i.kind.text(),
            "sourceDestCheck": true,
            "groupSet": group_set(world, &i.groups),
            "privateIpAddress": i.addresses.first().map(ToString::to_string),
            "privateIpAddressesSet": addresses.collect::<Vec<_>>(),
            "attachment": own_attachment(world, i),
        }))
    })
    .collect()
}

/// GetConsoleOutput: nothing before the instance runs, as at AWS.
pub fn console_output(world: &World, call: &mut Call) -> Answer {
    let id = call.params.text("InstanceId").unwrap_or_default();
    let _latest = call.params.flag("Latest");
    let Some(instance) = world.ec2.instances.get(&id) else { return Err(refuse("instance-not-found", &[("id", &id)])) };
    let output = (instance.state(world.now) != "pending").then(|| STANDARD.encode(console(world, instance)));
    Ok(compact(json!({"instanceId": id, "timestamp": world.now.to_string(), "output": output})))
}

/// Console text of an instance: the transcript that fits whether its node joined.
pub fn console(world: &World, instance: &Instance) -> String {
    let joined = crate::sim::services::eks::joined(world, &instance.id);
    let transcript = if joined {
        include_str!("../../../../assets/sim/console/joined.txt")
    } else {
        include_str!("../../../../assets/sim/console/not-joined.txt")
    };
    transcript.replace("{{node}}", &instance.node_name).replace("{{instance}}", &instance.id)
}

/// Tells an instance to go away; its addresses stay taken until it is terminated.
pub fn terminate(world: &mut World, id: &str) {
    let now = world.now;
    if let Some(instance) = world.ec2.instances.get_mut(id).filter(|instance| instance.is_live()) {
        instance.terminated = Some(now);
    }
    world.wake_at(now + SHUTDOWN);
    world.wake_at(now + FADE);
}

/// Frees what terminated instances held and forgets those that faded.
pub fn settle(world: &mut World) {
    let now = world.now;
    let gone: Vec<String> =
        world.ec2.instances.values().filter(|i| i.state(now) == "terminated").map(|i| i.id.clone()).collect();
    world.ec2.interfaces.retain(|_, i| i.instance.as_ref().is_none_or(|id| !gone.contains(id)));
    for id in &gone {
        if let Some(instance) = world.ec2.instances.get_mut(id) {
            instance.interfaces.clear();
        }
    }
    world.ec2.instances.retain(|_, i| i.terminated.is_none_or(|at| now.since(at) < FADE));
}
