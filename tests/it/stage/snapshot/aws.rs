//! The AWS side of a world as JSON. Client tokens, serials and times of creation are left out: they tell how something
//! was made, not what stands.

use eks_wizard::sim::services::ec2::{Group, Instance, Template};
use eks_wizard::sim::services::{autoscaling, eks, iam};
use eks_wizard::sim::world::World;
use serde_json::{Value, json};

/// Every object with its kind and name.
pub fn objects(world: &World) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    all.extend(world.iam.roles.values().map(|role| (format!("Role {}", role.name), role_of(role))));
    let ec2 = &world.ec2;
    all.extend(ec2.groups.values().map(|group| (format!("SecurityGroup {}", group.name), group_of(world, group))));
    all.extend(ec2.templates.values().map(|one| (format!("LaunchTemplate {}", one.name), template_of(one))));
    all.extend(ec2.placement_groups.values().map(|group| {
        (format!("PlacementGroup {}", group.name), json!({"strategy": group.strategy, "tags": group.tags}))
    }));
    let live = ec2.instances.values().filter(|instance| instance.is_live());
    all.extend(live.map(|instance| ("Instance".to_owned(), instance_of(world, instance))));
    all.extend(world.autoscaling.groups.values().map(|group| (format!("AutoScalingGroup {}", group.name), asg(group))));
    for (name, plane) in &world.eks.clusters {
        all.extend(eks_objects(name, plane));
    }
    all
}

fn role_of(role: &iam::Role) -> Value {
    json!({
        "path": role.path, "trust": role.trust, "description": role.description, "maxSession": role.max_session,
        "tags": role.tags, "attached": role.attached, "inline": role.inline,
    })
}

fn group_of(world: &World, group: &Group) -> Value {
    let rules = world.ec2.rules.values().filter(|rule| rule.group == group.id);
    let rules: std::collections::BTreeSet<String> = rules
        .map(|rule| {
            format!(
                "egress {} {} {:?} {:?} {:?} {:?}",
                rule.egress, rule.protocol, rule.ports, rule.peer, rule.description, rule.tags
            )
        })
        .collect();
    let count = world.ec2.rules.values().filter(|rule| rule.group == group.id).count();
    json!({"description": group.description, "tags": group.tags, "rules": rules, "ruleCount": count})
}

fn template_of(template: &Template) -> Value {
    let versions: Vec<Value> = template
        .versions
        .iter()
        .map(|(number, version)| json!({"number": number, "description": version.description, "data": version.data}))
        .collect();
    json!({
        "tags": template.tags, "default": template.default_version, "latest": template.latest_version,
        "versions": versions,
    })
}

fn instance_of(world: &World, instance: &Instance) -> Value {
    let mut interfaces: Vec<Value> = instance
        .interfaces
        .iter()
        .filter_map(|id| world.ec2.interfaces.get(id))
        .map(|one| {
            json!({"slot": one.slot, "kind": one.kind.text(), "groups": one.groups, "subnet": one.subnet, "tags": one.tags,
                "addresses": one.addresses.len()})
        })
        .collect();
    interfaces.sort_by_key(Value::to_string);
    json!({
        "type": instance.instance_type, "gpus": instance.gpus, "efa": instance.efa_interfaces, "tags": instance.tags,
        "subnet": instance.subnet, "interfaces": interfaces, "placementGroup": instance.placement_group,
        "state": instance.state(world.now),
    })
}

fn asg(group: &autoscaling::Group) -> Value {
    let members: Vec<_> = group.instances.iter().map(|one| (&one.kind, &one.zone, &one.state)).collect();
    json!({
        "sizes": [group.min, group.desired, group.max], "instances": members, "subnets": group.subnets, "tags": group.tags,
    })
}

fn eks_objects(cluster: &str, plane: &eks::ControlPlane) -> Vec<(String, Value)> {
    let mut all = vec![(
        format!("Cluster {cluster}"),
        json!({"version": plane.version, "status": plane.status, "view": plane.view}),
    )];
    all.extend(plane.addons.values().map(|addon| {
        let value = json!({
            "version": addon.version, "status": addon.status, "issues": issues(&addon.issues),
            "configuration": addon.configuration, "tags": addon.origin.1,
        });
        (format!("Addon {}", addon.name), value)
    }));
    all.extend(plane.nodegroups.values().map(|group| {
        let sizes = [group.scaling.min, group.scaling.desired, group.scaling.max];
        let value = json!({
            "status": group.status, "sizes": sizes, "spec": group.spec, "type": group.instance_type,
            "nodes": group.nodes.values().map(|node| (node.ready.is_some(), &node.made_from)).collect::<Vec<_>>(),
            "issues": issues(&group.issues),
        });
        (format!("Nodegroup {}", group.name), value)
    }));
    all.extend(plane.associations.values().map(|one| {
        let value = json!({"role": one.role, "owner": one.owner, "tags": one.tags});
        (format!("Association {}/{}", one.namespace, one.service_account), value)
    }));
    all.extend(plane.access.values().map(|entry| {
        let value = json!({"kind": entry.kind, "groups": entry.groups, "user": entry.username, "tags": entry.tags});
        (format!("AccessEntry {}", entry.principal), value)
    }));
    all
}

fn issues(issues: &[eks::Issue]) -> Vec<(&String, &String)> {
    issues.iter().map(|issue| (&issue.code, &issue.message)).collect()
}
