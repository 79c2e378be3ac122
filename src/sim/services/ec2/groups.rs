//! Security groups.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::query::{Query, compact, invalid_value, known_ids, texts};
use crate::sim::services::ec2::rules;
use crate::sim::services::ec2::state::{Group, Peer, Rule, Tags, fresh_id};
use crate::sim::services::ec2::tags;
use crate::sim::world::World;

/// DescribeSecurityGroups.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["group-id", "group-name", "vpc-id", "description"], 3)?;
    let ids = texts(call.params.take("GroupId").as_ref());
    let names = texts(call.params.take("GroupName").as_ref());
    known_ids(&world.ec2.groups, &ids, "group-not-found")?;
    if let Some(name) = names.iter().find(|name| world.ec2.groups.values().all(|g| g.name != **name)) {
        return Err(refuse("group-not-found", &[("id", name)]));
    }
    let rows = world.ec2.groups.values().filter(|g| {
        (ids.is_empty() || ids.contains(&g.id))
            && (names.is_empty() || names.contains(&g.name))
            && query.keeps(&g.tags, |name| match name {
                "group-id" => vec![g.id.clone()],
                "group-name" => vec![g.name.clone()],
                "description" => vec![g.description.clone()],
                _ => vec![world.ec2.vpc.id.clone()],
            })
    });
    query.answer("securityGroupInfo", rows.map(|g| view(world, g)).collect())
}

fn view(world: &World, group: &Group) -> Value {
    let side = |egress: bool| {
        let rules = world.ec2.rules.values().filter(|r| r.group == group.id && r.egress == egress);
        rules.map(|rule| rules::permission(world, rule)).collect::<Vec<_>>()
    };
    compact(json!({
        "groupId": group.id,
        "groupName": group.name,
        "groupDescription": group.description,
        "securityGroupArn": arn(world, &group.id),
        "ownerId": world.account,
        "vpcId": world.ec2.vpc.id,
        "ipPermissions": side(false),
        "ipPermissionsEgress": side(true),
        "tagSet": tags::set(&group.tags),
    }))
}

fn arn(world: &World, id: &str) -> String {
    format!("arn:aws:ec2:{}:{}:security-group/{id}", world.region, world.account)
}

/// CreateSecurityGroup. EC2 adds a rule that lets everything out over IPv4, by address and not by group.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let name = call.params.text("GroupName").unwrap_or_default();
    let description = call.params.text("GroupDescription").unwrap_or_default();
    let vpc = call.params.text("VpcId").unwrap_or_default();
    let given = tags::specified(call, "security-group")?;
    for (member, value) in [("groupName", &name), ("groupDescription", &description)] {
        if value.is_empty() {
            return Err(refuse("ec2-missing-parameter", &[("name", member)]));
        }
    }
    if vpc != world.ec2.vpc.id {
        return Err(refuse("vpc-not-found", &[("id", &vpc)]));
    }
    if name.starts_with("sg-") {
        return Err(invalid_value("Group names may not be in the format sg-*."));
    }
    if world.ec2.groups.values().any(|group| group.name == name) {
        return Err(refuse("group-duplicate", &[("name", &name), ("vpc", &vpc)]));
    }
    let id = fresh_id(world.next_serial(), "sg");
    let group = Group { id: id.clone(), name, description, tags: given };
    world.ec2.groups.insert(id.clone(), group.clone());
    everything_out(world, &id);
    Ok(compact(json!({"groupId": id, "securityGroupArn": arn(world, &id), "tagSet": tags::set(&group.tags)})))
}

fn everything_out(world: &mut World, group: &str) {
    rules::add(world, group, true, Peer::Cidr("0.0.0.0/0".to_owned()));
}

/// Makes the security group that EKS gives a cluster: everything in from itself, everything out by address. Whether
/// there is also a rule out to itself depends on the age of the cluster (EKS user guide, sec-group-reqs).
pub fn cluster_group(world: &mut World, id: &str, cluster: &str, self_egress: bool) {
    let name = format!("eks-cluster-sg-{cluster}-1573906218");
    let description = "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, \
                       as well as any managed workloads."
        .to_owned();
    let tags = Tags::from([
        ("Name".to_owned(), name.clone()),
        ("aws:eks:cluster-name".to_owned(), cluster.to_owned()),
        (format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned()),
    ]);
    world.ec2.groups.insert(id.to_owned(), Group { id: id.to_owned(), name, description, tags });
    everything_out(world, id);
    rules::add(world, id, false, Peer::Group(id.to_owned()));
    if self_egress {
        rules::add(world, id, true, Peer::Group(id.to_owned()));
    }
}

/// The rule for every protocol and port.
pub fn all_traffic(id: String, group: &str, egress: bool, peer: Peer) -> Rule {
    let group = group.to_owned();
    Rule {
        id,
        group,
        egress,
        protocol: "-1".to_owned(),
        ports: (-1, -1),
        peer,
        description: String::new(),
        tags: Tags::new(),
    }
}
