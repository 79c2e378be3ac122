//! What time does to managed node groups: launch, join, replace, fail, go.

use std::time::Duration;

use serde_json::json;

use crate::domain::time::Stamp;
use crate::sim::services::ec2::{self, LaunchOrder};
use crate::sim::services::eks::state::{Issue, NodeRecord, Nodegroup};
use crate::sim::services::eks::{access, asg, nodes};
use crate::sim::world::World;

/// From CreateNodegroup to the Auto Scaling group.
const PREPARE: Duration = Duration::from_secs(20);
/// Between two attempts of a group whose launch failed.
const RETRY: Duration = Duration::from_secs(120);
/// EKS gives up on nodes that do not join (EKS user guide, NodeCreationFailure).
const GIVE_UP: Duration = Duration::from_secs(900);
/// A change of settings takes this long when no node has to change.
const SETTLE_CONFIG: Duration = Duration::from_secs(15);
/// From the last node gone to the group gone.
const DELETE: Duration = Duration::from_secs(60);
/// Label prefixes that EKS keeps for itself (eksctl issue 4007, containers-roadmap issue 1451).
const RESERVED: [&str; 3] = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/"];

/// Asks for the looks that a changing node group needs.
pub fn watch(world: &mut World) {
    for span in [Duration::from_millis(1), SETTLE_CONFIG, PREPARE, DELETE, PREPARE + GIVE_UP] {
        world.wake_at(world.now + span);
    }
}

/// Moves every node group of a cluster as far as it is due.
pub fn settle(world: &mut World, cluster: &str) {
    let Some(plane) = world.eks.clusters.get(cluster) else { return };
    let groups: Vec<Nodegroup> = plane.nodegroups.values().cloned().collect();
    for mut group in groups {
        let keep = advance(world, cluster, &mut group);
        let Some(plane) = world.eks.clusters.get_mut(cluster) else { return };
        if keep {
            plane.nodegroups.insert(group.name.clone(), group);
        } else {
            plane.nodegroups.remove(&group.name);
        }
    }
}

/// One look at one group; false when it is gone.
fn advance(world: &mut World, cluster: &str, group: &mut Nodegroup) -> bool {
    let creating = group.status == "CREATING";
    if group.status == "CREATE_FAILED" || (creating && world.now.since(group.created) < PREPARE) {
        return true;
    }
    if group.status == "DELETING" {
        return !remove(world, cluster, group);
    }
    if creating && group.asg.is_none() && !prepare(world, cluster, group) {
        return true;
    }
    asg::resize(world, group);
    forget_gone(world, cluster, group);
    shrink(world, cluster, group);
    grow(world, cluster, group);
    nodes::settle(world, cluster, group);
    conclude(world, cluster, group);
    true
}

/// Makes the Auto Scaling group and the access entry of the node role; false when the labels are not allowed.
fn prepare(world: &mut World, cluster: &str, group: &mut Nodegroup) -> bool {
    let labels = group.spec["labels"].as_object();
    let reserved = |key: &&String| {
        let domain = key.split_once('/').map_or("", |(domain, _)| domain);
        RESERVED.iter().any(|prefix| format!("{domain}/").ends_with(prefix))
    };
    if let Some(label) = labels.into_iter().flat_map(|map| map.keys()).find(reserved) {
        let message =
            format!("Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]: {label}");
        group.issues = vec![Issue::new("KubernetesLabelInvalid", message, vec![label.clone()])];
        turn(world, group, "CREATE_FAILED");
        return false;
    }
    group.asg = Some(asg::make(world, cluster, group));
    let role = group.spec["nodeRole"].as_str().unwrap_or_default().to_owned();
    access::add_entry(world, cluster, &role, "EC2_LINUX");
    true
}

fn turn(world: &World, group: &mut Nodegroup, status: &str) {
    status.clone_into(&mut group.status);
    group.since = world.now;
}

/// Release and template version that new nodes are made from.
pub fn recipe(group: &Nodegroup) -> (String, String) {
    let text = |path: &str| group.spec.pointer(path).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    (text("/releaseVersion"), text("/launchTemplate/version"))
}

fn forget_gone(world: &mut World, cluster: &str, group: &mut Nodegroup) {
    let live = |id: &String| world.ec2.instances.get(id).is_some_and(ec2::Instance::is_live);
    let gone: Vec<String> = group.nodes.keys().filter(|id| !live(id)).cloned().collect();
    for id in gone {
        nodes::remove(world, cluster, &id);
        group.nodes.remove(&id);
    }
}

/// Takes out nodes: those above the desired number, newest first, and one outdated node when all others are Ready.
fn shrink(world: &mut World, cluster: &str, group: &mut Nodegroup) {
    let desired = usize::try_from(group.scaling.desired).unwrap_or(0);
    let launched = |id: &String| world.ec2.instances.get(id).map_or(Stamp::EPOCH, |i| i.launched);
    let mut ids: Vec<String> = group.nodes.keys().cloned().collect();
    ids.sort_by_key(launched);
    let mut victims: Vec<String> = ids.iter().skip(desired).cloned().collect();
    let all_ready = group.nodes.values().all(|node| node.ready.is_some());
    if group.status == "UPDATING" && victims.is_empty() && all_ready && ids.len() == desired {
        let wanted = recipe(group);
        victims.extend(ids.into_iter().find(|id| group.nodes[id].made_from != wanted));
    }
    for id in victims {
        if let Some(name) = &group.asg {
            asg::terminating(world, name, &id);
        }
        nodes::remove(world, cluster, &id);
        ec2::terminate(world, &id);
        group.nodes.remove(&id);
    }
}

fn grow(world: &mut World, cluster: &str, group: &mut Nodegroup) {
    let Some(asg_name) = group.asg.clone() else { return };
    if group.retry.is_some_and(|at| world.now < at) {
        return;
    }
    let desired = usize::try_from(group.scaling.desired).unwrap_or(0);
    while group.nodes.len() < desired {
        let order = order(world, cluster, group, &asg_name);
        match ec2::launch(world, &order) {
            Ok(id) => {
                group.retry = None;
                let zone = world.ec2.subnets.get(&order.subnet).and_then(|s| world.ec2.zones.get(&s.zone_id)).cloned();
                asg::launching(world, &asg_name, &id, &group.instance_type, &zone.unwrap_or_default());
                let made_from = recipe(group);
                group.nodes.insert(id, NodeRecord { made_from, ..NodeRecord::default() });
                nodes::watch(world);
                world.wake_at(world.now + GIVE_UP);
            }
            Err(failure) => {
                asg::failed(world, &asg_name, &failure.message);
                let about = format!("Could not launch On-Demand Instances. {}", failure.message);
                group.issues = vec![Issue::new(failure.issue, about, vec![asg_name])];
                group.retry = Some(world.now + RETRY);
                world.wake_at(world.now + RETRY);
                return;
            }
        }
    }
}

fn order(world: &World, cluster: &str, group: &Nodegroup, asg_name: &str) -> LaunchOrder {
    let subnets: Vec<&str> =
        group.spec["subnets"].as_array().into_iter().flatten().filter_map(|s| s.as_str()).collect();
    let turn = group.nodes.len() % subnets.len().max(1);
    let template = &group.spec["launchTemplate"];
    let found = ec2::resolve_template(world, template["id"].as_str(), None, template["version"].as_str());
    let tags = asg::instance_tags(cluster, &group.name, Some(asg_name));
    let plane = world.eks.clusters.get(cluster);
    LaunchOrder {
        data: found.map_or_else(|_| json!({}), |(_, _, _, data)| data),
        instance_type: group.instance_type.clone(),
        subnet: subnets.get(turn).copied().unwrap_or_default().to_owned(),
        groups: plane.map(|p| p.security_group.clone()).into_iter().collect(),
        tags,
    }
}

/// Decides the status after this look.
fn conclude(world: &mut World, cluster: &str, group: &mut Nodegroup) {
    let desired = usize::try_from(group.scaling.desired).unwrap_or(0);
    let wanted = recipe(group);
    let done = group.nodes.len() == desired
        && group.nodes.values().all(|node| node.ready.is_some() && node.made_from == wanted);
    let waited = world.now.since(group.since);
    match group.status.as_str() {
        "CREATING" | "DEGRADED" if done => {
            group.issues.clear();
            turn(world, group, "ACTIVE");
        }
        "CREATING" if waited >= PREPARE + GIVE_UP => {
            give_up(group);
            turn(world, group, "CREATE_FAILED");
        }
        "UPDATING" if (done && waited >= SETTLE_CONFIG) || waited >= GIVE_UP * 2 => {
            let outcome = if done { "Successful" } else { "Failed" };
            close_updates(world, cluster, &group.name, outcome);
            if done {
                group.issues.clear();
            } else {
                give_up(group);
            }
            turn(world, group, if done { "ACTIVE" } else { "DEGRADED" });
        }
        "UPDATING" => world.wake_at(group.since + GIVE_UP * 2),
        _ => {}
    }
}

fn give_up(group: &mut Nodegroup) {
    let late: Vec<String> =
        group.nodes.iter().filter(|(_, node)| node.ready.is_none()).map(|(id, _)| id.clone()).collect();
    if !late.is_empty() {
        let message = "Instances failed to join the kubernetes cluster";
        group.issues = vec![Issue::new("NodeCreationFailure", message, late)];
    }
}

fn close_updates(world: &mut World, cluster: &str, group: &str, outcome: &str) {
    let Some(plane) = world.eks.clusters.get_mut(cluster) else { return };
    let open = |u: &&mut super::state::Update| u.nodegroup.as_deref() == Some(group) && u.status == "InProgress";
    for update in plane.updates.values_mut().filter(open) {
        outcome.clone_into(&mut update.status);
    }
}

/// Takes everything down; true when the group is gone.
fn remove(world: &mut World, cluster: &str, group: &mut Nodegroup) -> bool {
    group.scaling.desired = 0;
    group.scaling.min = 0;
    asg::resize(world, group);
    shrink(world, cluster, group);
    if world.now.since(group.since) < DELETE {
        return false;
    }
    if let Some(name) = &group.asg {
        world.autoscaling.groups.remove(name);
    }
    true
}

/// Puts a running instance into a group as if it had been launched and joined long ago: for seeding.
pub fn adopt(world: &mut World, cluster: &str, group: &mut Nodegroup, order: &LaunchOrder) -> Result<String, String> {
    let id = ec2::launch(world, order).map_err(|failure| failure.message)?;
    if let Some(name) = &group.asg {
        let zone = world.ec2.subnets.get(&order.subnet).and_then(|s| world.ec2.zones.get(&s.zone_id)).cloned();
        asg::launching(world, name, &id, &group.instance_type, &zone.unwrap_or_default());
        asg::finish(world, name, &id);
    }
    let now = world.now;
    let made_from = recipe(group);
    group.nodes.insert(id.clone(), NodeRecord { made_from, ..NodeRecord::default() });
    nodes::join(world, cluster, group, &id, now);
    nodes::make_ready(world, cluster, group, &id, now);
    Ok(id)
}
