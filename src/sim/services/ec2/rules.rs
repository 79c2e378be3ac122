//! Rules of security groups.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::groups::all_traffic;
use crate::sim::services::ec2::query::{Query, compact, invalid_value, items, text, texts};
use crate::sim::services::ec2::state::{Peer, Rule, fresh_id};
use crate::sim::services::ec2::tags;
use crate::sim::world::World;

/// Adds a rule for all traffic, without the checks of the API.
pub fn add(world: &mut World, group: &str, egress: bool, peer: Peer) {
    let id = fresh_id(world.next_serial(), "sgr");
    world.ec2.rules.insert(id.clone(), all_traffic(id, group, egress, peer));
}

/// A rule as an `IpPermission` of DescribeSecurityGroups.
pub fn permission(world: &World, rule: &Rule) -> Value {
    let (groups, ranges) = match &rule.peer {
        Peer::Group(id) => (vec![json!({"groupId": id, "userId": world.account})], Vec::new()),
        Peer::Cidr(cidr) => (Vec::new(), vec![json!({"cidrIp": cidr})]),
    };
    let port = |n: i64| (rule.protocol != "-1").then_some(n);
    compact(json!({
        "ipProtocol": rule.protocol,
        "fromPort": port(rule.ports.0),
        "toPort": port(rule.ports.1),
        "groups": groups,
        "ipRanges": ranges,
        "ipv6Ranges": [],
        "prefixListIds": [],
    }))
}

/// DescribeSecurityGroupRules.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["group-id", "security-group-rule-id"], 5)?;
    let ids = texts(call.params.take("SecurityGroupRuleId").as_ref());
    if let Some(id) = ids.iter().find(|id| !world.ec2.rules.contains_key(*id)) {
        return Err(invalid_value(&format!("The security group rule ID '{id}' does not exist.")));
    }
    let rows = world.ec2.rules.values().filter(|r| {
        (ids.is_empty() || ids.contains(&r.id))
            && query.keeps(&r.tags, |name| vec![if name == "group-id" { r.group.clone() } else { r.id.clone() }])
    });
    query.answer("securityGroupRuleSet", rows.map(|r| view(world, r)).collect())
}

fn view(world: &World, rule: &Rule) -> Value {
    let (cidr, group) = match &rule.peer {
        Peer::Cidr(cidr) => (Some(cidr), None),
        Peer::Group(id) => (None, Some(json!({"groupId": id, "userId": world.account, "vpcId": world.ec2.vpc.id}))),
    };
    compact(json!({
        "securityGroupRuleId": rule.id,
        "securityGroupRuleArn":
            format!("arn:aws:ec2:{}:{}:security-group-rule/{}", world.region, world.account, rule.id),
        "groupId": rule.group,
        "groupOwnerId": world.account,
        "isEgress": rule.egress,
        "ipProtocol": rule.protocol,
        "fromPort": rule.ports.0,
        "toPort": rule.ports.1,
        "cidrIpv4": cidr,
        "referencedGroupInfo": group,
        "description": (!rule.description.is_empty()).then_some(&rule.description),
        "tagSet": tags::set(&rule.tags),
    }))
}

/// AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress.
pub fn authorize(world: &mut World, call: &mut Call, egress: bool) -> Answer {
    let group = call.params.text("GroupId").unwrap_or_default();
    if !world.ec2.groups.contains_key(&group) {
        return Err(refuse("group-not-found", &[("id", &group)]));
    }
    let given = tags::specified(call, "security-group-rule")?;
    let permissions = call.params.list("IpPermissions");
    let mut added: Vec<Rule> = Vec::new();
    for permission in &permissions {
        for (peer, description) in peers(world, permission)? {
            let protocol = text(permission, "IpProtocol").unwrap_or_else(|| "-1".to_owned());
            let mut rule = all_traffic(String::new(), &group, egress, peer);
            if protocol != "-1" {
                rule.ports = (port(permission, "FromPort"), port(permission, "ToPort"));
            }
            rule.protocol = protocol;
            rule.description = description;
            rule.tags.clone_from(&given);
            refuse_duplicate(world, &rule)?;
            added.push(rule);
        }
    }
    if added.is_empty() {
        return Err(refuse("ec2-missing-parameter", &[("name", "ipPermissions")]));
    }
    let mut rows = Vec::new();
    for mut rule in added {
        rule.id = fresh_id(world.next_serial(), "sgr");
        rows.push(view(world, &rule));
        world.ec2.rules.insert(rule.id.clone(), rule);
    }
    Ok(json!({"return": true, "securityGroupRuleSet": rows}))
}

fn port(permission: &Value, name: &str) -> i64 {
    text(permission, name).and_then(|n| n.parse().ok()).unwrap_or(-1)
}

fn peers(world: &World, permission: &Value) -> Result<Vec<(Peer, String)>, Fault> {
    for unknown in ["Ipv6Ranges", "PrefixListIds"] {
        if !items(permission, unknown).is_empty() {
            return Err(Fault::gap(format!("ec2:AuthorizeSecurityGroup {unknown}")));
        }
    }
    let mut peers = Vec::new();
    for pair in items(permission, "Groups") {
        let id = text(pair, "GroupId").unwrap_or_default();
        if !world.ec2.groups.contains_key(&id) {
            return Err(refuse("group-not-found", &[("id", &id)]));
        }
        peers.push((Peer::Group(id), text(pair, "Description").unwrap_or_default()));
    }
    for range in items(permission, "IpRanges") {
        let cidr = text(range, "CidrIp").unwrap_or_default();
        peers.push((Peer::Cidr(cidr), text(range, "Description").unwrap_or_default()));
    }
    Ok(peers)
}

fn refuse_duplicate(world: &World, rule: &Rule) -> Result<(), Fault> {
    let same = |have: &&Rule| {
        (&have.group, have.egress, &have.protocol, have.ports, &have.peer)
            == (&rule.group, rule.egress, &rule.protocol, rule.ports, &rule.peer)
    };
    if world.ec2.rules.values().find(same).is_none() {
        return Ok(());
    }
    let peer = match &rule.peer {
        Peer::Cidr(text) | Peer::Group(text) => text,
    };
    let (protocol, ports) = match rule.protocol.as_str() {
        "-1" => ("ALL".to_owned(), String::new()),
        other => (other.to_uppercase(), format!(" from port: {}, to port: {},", rule.ports.0, rule.ports.1)),
    };
    Err(refuse("permission-duplicate", &[("rule", &format!("peer: {peer}, {protocol},{ports} ALLOW"))]))
}
