//! VPC, subnets, zones, interfaces, routes: what can be asked about the network.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::addresses::free_addresses;
use crate::sim::services::ec2::query::{Query, compact, invalid_value, known_ids, texts};
use crate::sim::services::ec2::state::{Interface, Subnet, fresh_id};
use crate::sim::services::ec2::tags;
use crate::sim::world::World;

/// DescribeSubnets.
pub fn describe_subnets(world: &World, call: &mut Call) -> Answer {
    let known = ["subnet-id", "vpc-id", "availability-zone", "availability-zone-id", "state", "cidr-block"];
    let query = Query::take(call, &known, 3)?;
    let ids = texts(call.params.take("SubnetId").as_ref());
    known_ids(&world.ec2.subnets, &ids, "subnet-not-found")?;
    let rows = world.ec2.subnets.values().filter(|s| ids.is_empty() || ids.contains(&s.id));
    let rows = rows.filter(|s| query.keeps(&s.tags, |name| vec![subnet_key(world, s, name)]));
    query.answer("subnetSet", rows.map(|s| subnet(world, s)).collect())
}

fn subnet_key(world: &World, subnet: &Subnet, name: &str) -> String {
    match name {
        "subnet-id" => subnet.id.clone(),
        "vpc-id" => world.ec2.vpc.id.clone(),
        "availability-zone-id" => subnet.zone_id.clone(),
        "availability-zone" => zone_name(world, &subnet.zone_id),
        "cidr-block" => subnet.range.to_string(),
        _ => "available".to_owned(),
    }
}

fn zone_name(world: &World, zone_id: &str) -> String {
    world.ec2.zones.get(zone_id).cloned().unwrap_or_default()
}

fn subnet(world: &World, subnet: &Subnet) -> Value {
    compact(json!({
        "subnetId": subnet.id,
        "subnetArn": format!("arn:aws:ec2:{}:{}:subnet/{}", world.region, world.account, subnet.id),
        "state": "available",
        "vpcId": world.ec2.vpc.id,
        "ownerId": world.account,
        "cidrBlock": subnet.range.to_string(),
        "availableIpAddressCount": free_addresses(&world.ec2, subnet),
        "availabilityZone": zone_name(world, &subnet.zone_id),
        "availabilityZoneId": subnet.zone_id,
        "defaultForAz": false,
        "mapPublicIpOnLaunch": false,
        "assignIpv6AddressOnCreation": false,
        "ipv6Native": false,
        "privateDnsNameOptionsOnLaunch": {
            "hostnameType": "ip-name", "enableResourceNameDnsARecord": false, "enableResourceNameDnsAAAARecord": false,
        },
        "tagSet": tags::set(&subnet.tags),
    }))
}

/// DescribeVpcs.
pub fn describe_vpcs(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["vpc-id", "state", "cidr"], 5)?;
    let vpc = &world.ec2.vpc;
    let ids = texts(call.params.take("VpcId").as_ref());
    if let Some(id) = ids.iter().find(|id| **id != vpc.id) {
        return Err(refuse("vpc-not-found", &[("id", id)]));
    }
    let keeps = query.keeps(&vpc.tags, |name| match name {
        "vpc-id" => vec![vpc.id.clone()],
        "cidr" => vec![vpc.cidr.clone()],
        _ => vec!["available".to_owned()],
    });
    let row = compact(json!({
        "vpcId": vpc.id,
        "ownerId": world.account,
        "state": "available",
        "cidrBlock": vpc.cidr,
        "instanceTenancy": "default",
        "isDefault": false,
        "dhcpOptionsId": "dopt-0aa30c1d2b6f4e985",
        "cidrBlockAssociationSet": [{
            "associationId": "vpc-cidr-assoc-0b1d9c2ff5e3a7460",
            "cidrBlock": vpc.cidr,
            "cidrBlockState": {"state": "associated"},
        }],
        "tagSet": tags::set(&vpc.tags),
    }));
    query.answer("vpcSet", if keeps { vec![row] } else { Vec::new() })
}

/// DescribeNetworkInterfaces.
pub fn describe_interfaces(world: &World, call: &mut Call) -> Answer {
    let known = [
        "subnet-id",
        "vpc-id",
        "status",
        "interface-type",
        "group-id",
        "network-interface-id",
        "attachment.instance-id",
        "addresses.private-ip-address",
        "availability-zone-id",
    ];
    let query = Query::take(call, &known, 100)?;
    let ids = texts(call.params.take("NetworkInterfaceId").as_ref());
    if let Some(id) = ids.iter().find(|id| !world.ec2.interfaces.contains_key(*id)) {
        return Err(invalid_value(&format!("The networkInterface ID '{id}' does not exist.")));
    }
    let rows = world.ec2.interfaces.values().filter(|i| ids.is_empty() || ids.contains(&i.id));
    let rows = rows.filter(|i| query.keeps(&i.tags, |name| interface_key(world, i, name)));
    query.answer("networkInterfaceSet", rows.map(|i| interface(world, i)).collect())
}

fn interface_key(world: &World, interface: &Interface, name: &str) -> Vec<String> {
    match name {
        "subnet-id" => vec![interface.subnet.clone()],
        "vpc-id" => vec![world.ec2.vpc.id.clone()],
        "interface-type" => vec![interface.kind.text().to_owned()],
        "group-id" => interface.groups.clone(),
        "network-interface-id" => vec![interface.id.clone()],
        "attachment.instance-id" => interface.instance.clone().into_iter().collect(),
        "addresses.private-ip-address" => interface.addresses.iter().map(ToString::to_string).collect(),
        "availability-zone-id" => {
            world.ec2.subnets.get(&interface.subnet).map(|s| s.zone_id.clone()).into_iter().collect()
        }
        _ => vec!["in-use".to_owned()],
    }
}

fn interface(world: &World, interface: &Interface) -> Value {
    let zone = world.ec2.subnets.get(&interface.subnet).map(|s| s.zone_id.clone()).unwrap_or_default();
    let addresses = interface.addresses.iter().enumerate().map(|(at, address)| {
        let address = address.to_string();
        json!({"privateDnsName": dns_name(world, &address), "privateIpAddress": address, "primary": at == 0})
    });
    let first = interface.addresses.first().map(ToString::to_string);
    compact(json!({
        "networkInterfaceId": interface.id,
        "subnetId": interface.subnet,
        "vpcId": world.ec2.vpc.id,
        "availabilityZone": zone_name(world, &zone),
        "availabilityZoneId": zone,
        "description": interface.description,
        "ownerId": world.account,
        "requesterManaged": interface.instance.is_none(),
        "status": "in-use",
        "interfaceType": interface.kind.text(),
        "sourceDestCheck": true,
        "groupSet": group_set(world, &interface.groups),
        "privateDnsName": first.as_deref().map(|address| dns_name(world, address)),
        "privateIpAddress": first,
        "privateIpAddressesSet": addresses.collect::<Vec<_>>(),
        "attachment": attachment(world, interface),
        "tagSet": tags::set(&interface.tags),
    }))
}

/// Host name that EC2 gives an address in this region.
pub fn dns_name(world: &World, address: &str) -> String {
    format!("ip-{}.{}.compute.internal", address.replace('.', "-"), world.region)
}

/// Groups as `[{groupId, groupName}]`.
pub fn group_set(world: &World, ids: &[String]) -> Value {
    let name = |id: &String| world.ec2.groups.get(id).map(|group| group.name.clone());
    Value::Array(ids.iter().map(|id| compact(json!({"groupId": id, "groupName": name(id)}))).collect())
}

/// The attachment of an interface.
pub fn attachment(world: &World, interface: &Interface) -> Value {
    compact(json!({
        "attachmentId": interface.id.replacen("eni-", "eni-attach-", 1),
        "instanceId": interface.instance,
        "instanceOwnerId": if interface.instance.is_some() { world.account.as_str() } else { "amazon-aws" },
        "networkCardIndex": interface.slot.0,
        "deviceIndex": interface.slot.1,
        "deleteOnTermination": interface.instance.is_some(),
        "attachTime": interface.created.to_string(),
        "status": "attached",
    }))
}

/// GetSubnetCidrReservations.
pub fn reservations(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["reservationType", "subnet-id"], 100)?;
    let id = call.params.text("SubnetId").unwrap_or_default();
    let Some(subnet) = world.ec2.subnets.get(&id) else { return Err(refuse("subnet-not-found", &[("id", &id)])) };
    let rows = subnet.reservations.iter().map(|r| {
        json!({
            "subnetCidrReservationId": r.id, "subnetId": id, "cidr": r.cidr, "reservationType": r.kind,
            "ownerId": world.account,
        })
    });
    query.answer("subnetIpv4CidrReservationSet", rows.collect())
}

/// DescribeAvailabilityZones. It does not page, as at AWS.
pub fn describe_zones(world: &World, call: &mut Call) -> Answer {
    let known = ["zone-id", "zone-name", "region-name", "state", "zone-type", "opt-in-status"];
    let query = Query::take(call, &known, 100)?;
    let _all = call.params.flag("AllAvailabilityZones");
    let (names, ids) = (texts(call.params.take("ZoneName").as_ref()), texts(call.params.take("ZoneId").as_ref()));
    let rows = world.ec2.zones.iter().filter(|(id, name)| {
        (names.is_empty() || names.contains(name))
            && (ids.is_empty() || ids.contains(id))
            && query.keeps(&tags::of_list(&[]), |key| match key {
                "zone-id" => vec![(*id).clone()],
                "zone-name" => vec![(*name).clone()],
                "region-name" => vec![world.region.clone()],
                "zone-type" => vec!["availability-zone".to_owned()],
                "opt-in-status" => vec!["opt-in-not-required".to_owned()],
                _ => vec!["available".to_owned()],
            })
    });
    let rows = rows.map(|(id, name)| {
        json!({
            "zoneId": id, "zoneName": name, "zoneState": "available", "regionName": world.region,
            "groupName": format!("{}-zg-1", world.region), "networkBorderGroup": world.region,
            "optInStatus": "opt-in-not-required", "zoneType": "availability-zone",
        })
    });
    query.answer("availabilityZoneInfo", rows.collect())
}

/// DescribeRouteTables: the main table and one private table that every subnet is associated with.
pub fn describe_route_tables(world: &World, call: &mut Call) -> Answer {
    let known = ["association.subnet-id", "association.main", "vpc-id", "route-table-id"];
    let query = Query::take(call, &known, 5)?;
    let ids = texts(call.params.take("RouteTableId").as_ref());
    let local = json!({
        "destinationCidrBlock": world.ec2.vpc.cidr, "gatewayId": "local", "origin": "CreateRouteTable",
        "state": "active",
    });
    let nat = json!({
        "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": fresh_id(41, "nat"), "origin": "CreateRoute",
        "state": "active",
    });
    let subnets: Vec<String> = world.ec2.subnets.keys().cloned().collect();
    let private = if world.ec2.vpc.nat { vec![local.clone(), nat] } else { vec![local.clone()] };
    let tables = [(fresh_id(42, "rtb"), Vec::new(), vec![local]), (fresh_id(43, "rtb"), subnets, private)];
    let unknown = ids.iter().find(|id| tables.iter().all(|(have, ..)| have != *id));
    if let Some(id) = unknown {
        return Err(invalid_value(&format!("The routeTable ID '{id}' does not exist.")));
    }
    let rows = tables.into_iter().filter(|(id, subnets, _)| {
        (ids.is_empty() || ids.contains(id))
            && query.keeps(&tags::of_list(&[]), |name| match name {
                "association.subnet-id" => subnets.clone(),
                "association.main" => vec![subnets.is_empty().to_string()],
                "route-table-id" => vec![id.clone()],
                _ => vec![world.ec2.vpc.id.clone()],
            })
    });
    let rows: Vec<Value> = rows.map(|(id, subnets, routes)| route_table(world, &id, &subnets, routes)).collect();
    query.answer("routeTableSet", rows)
}

fn route_table(world: &World, id: &str, subnets: &[String], routes: Vec<Value>) -> Value {
    let association = |subnet: Option<&String>, at: u64| {
        compact(json!({
            "routeTableAssociationId": fresh_id(100 + at, "rtbassoc"), "routeTableId": id, "subnetId": subnet,
            "main": subnet.is_none(), "associationState": {"state": "associated"},
        }))
    };
    let mut associations: Vec<Value> =
        subnets.iter().zip(1..).map(|(subnet, at)| association(Some(subnet), at)).collect();
    if subnets.is_empty() {
        associations.push(association(None, 0));
    }
    json!({
        "routeTableId": id, "vpcId": world.ec2.vpc.id, "ownerId": world.account, "routeSet": routes,
        "associationSet": associations, "propagatingVgwSet": [],
    })
}

/// DescribeVpcEndpoints: none, every scenario reaches AWS through its NAT gateway.
pub fn describe_endpoints(_world: &World, call: &mut Call) -> Result<Value, Fault> {
    let query = Query::take(call, &["vpc-id", "service-name", "vpc-endpoint-state", "vpc-endpoint-type"], 100)?;
    query.answer("vpcEndpointSet", Vec::new())
}
