//! Instances becoming nodes: they register, get their pod network, and turn Ready.

use std::time::Duration;

use crate::domain::time::Stamp;
use crate::sim::apiserver::Gvr;
use crate::sim::services::eks::state::Nodegroup;
use crate::sim::services::eks::{access, asg, associations, node_object};
use crate::sim::services::{ec2, iam};
use crate::sim::world::World;

/// From launch to the Node object.
const JOIN: Duration = Duration::from_secs(90);
/// From the Node object to Ready, when the CNI may call EC2.
const NETWORK: Duration = Duration::from_secs(30);
/// How often a node whose CNI lacks rights is looked at again.
const AGAIN: Duration = Duration::from_secs(30);
/// From a node turning Ready to the next look at its group.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Manager of Node objects in the world.
const MANAGER: &str = "aws-cloud-controller-manager";

fn nodes_resource() -> Gvr {
    Gvr { group: String::new(), version: "v1".to_owned(), plural: "nodes".to_owned() }
}

/// Asks for the looks that a new instance needs.
pub fn watch(world: &mut World) {
    for span in [JOIN, JOIN + NETWORK] {
        world.wake_at(world.now + span);
    }
}

/// Whether the node of an instance is registered in some cluster.
pub fn joined(world: &World, instance: &str) -> bool {
    let groups = world.eks.clusters.values().flat_map(|plane| plane.nodegroups.values());
    groups.filter_map(|group| group.nodes.get(instance)).any(|node| node.registered.is_some())
}

/// Registers nodes and turns them Ready as far as they are due.
pub fn settle(world: &mut World, cluster: &str, group: &mut Nodegroup) {
    let now = world.now;
    let ids: Vec<String> = group.nodes.keys().cloned().collect();
    for id in ids {
        let Some(launched) = world.ec2.instances.get(&id).map(|instance| instance.launched) else { continue };
        if world.ec2.instances.get(&id).is_some_and(|i| i.state(now) == "running")
            && let Some(name) = &group.asg
        {
            asg::finish(world, name, &id);
        }
        let record = group.nodes.get(&id).cloned().unwrap_or_default();
        match (record.registered, record.ready) {
            (None, _) if now.since(launched) >= JOIN => {
                if may_join(world, cluster, group) {
                    join(world, cluster, group, &id, now);
                    world.wake_at(now + NETWORK);
                } else {
                    world.wake_at(now + AGAIN);
                }
            }
            (Some(at), None) if now.since(at) >= NETWORK => {
                if cni_allowed(world, cluster, group) {
                    make_ready(world, cluster, group, &id, now);
                    // The group looks again at once: a version update goes on with its next node.
                    world.wake_at(now + LOOK_AGAIN);
                } else {
                    world.wake_at(now + AGAIN);
                }
            }
            _ => {}
        }
    }
}

fn has_policy(world: &World, arn: &str, policy: &str) -> bool {
    let suffix = format!("/{policy}");
    iam::role(world, arn).is_some_and(|role| iam::attached(role).iter().any(|have| have.ends_with(&suffix)))
}

fn node_role(group: &Nodegroup) -> &str {
    group.spec["nodeRole"].as_str().unwrap_or_default()
}

/// A node joins when its role may describe the cluster and the cluster lets the role in.
fn may_join(world: &World, cluster: &str, group: &Nodegroup) -> bool {
    let role = node_role(group);
    let entry = access::access_entry(world, cluster, role).is_some_and(|entry| entry.kind == "EC2_LINUX");
    entry
        && (has_policy(world, role, "AmazonEKSWorkerNodePolicy")
            || has_policy(world, role, "AmazonEKSWorkerNodeMinimalPolicy"))
}

/// The CNI may call EC2 through the node role, or through an association of its own service account.
fn cni_allowed(world: &World, cluster: &str, group: &Nodegroup) -> bool {
    let own = associations::association_for(world, cluster, "kube-system", "aws-node");
    has_policy(world, node_role(group), "AmazonEKS_CNI_Policy")
        || own.is_some_and(|a| has_policy(world, &a.role, "AmazonEKS_CNI_Policy"))
}

/// Registers the node of an instance.
pub fn join(world: &mut World, cluster: &str, group: &mut Nodegroup, id: &str, now: Stamp) {
    put(world, cluster, group, id, (now, None));
    if let Some(record) = group.nodes.get_mut(id) {
        record.registered = Some(now);
    }
}

/// Gives the node its pod addresses and turns it Ready.
pub fn make_ready(world: &mut World, cluster: &str, group: &mut Nodegroup, id: &str, now: Stamp) {
    let warm = warm_interfaces(world, cluster);
    ec2::assign_pod_addresses(world, id, warm);
    let registered = group.nodes.get(id).and_then(|record| record.registered).unwrap_or(now);
    put(world, cluster, group, id, (registered, Some(now)));
    if let Some(record) = group.nodes.get_mut(id) {
        record.ready = Some(now);
    }
}

/// `WARM_ENI_TARGET` of the cluster's aws-node DaemonSet; 1 is the CNI's default.
fn warm_interfaces(world: &World, cluster: &str) -> u32 {
    let daemons = Gvr { group: "apps".to_owned(), version: "v1".to_owned(), plural: "daemonsets".to_owned() };
    let found = world.clusters.get(cluster).and_then(|api| api.get(&daemons, Some("kube-system"), "aws-node"));
    let env = found.and_then(|set| set.pointer("/spec/template/spec/containers/0/env")).and_then(|env| env.as_array());
    let value = env.into_iter().flatten().find(|var| var["name"] == "WARM_ENI_TARGET").map(|var| var["value"].clone());
    value.and_then(|value| value.as_str()?.parse().ok()).unwrap_or(1)
}

fn put(world: &mut World, cluster: &str, group: &Nodegroup, id: &str, (registered, ready): (Stamp, Option<Stamp>)) {
    let Some(instance) = world.ec2.instances.get(id).cloned() else { return };
    let minor = world.eks.clusters.get(cluster).map(|plane| plane.version.clone()).unwrap_or_default();
    let object = node_object::build(world, group, &instance, &minor, registered, ready);
    let now = world.now;
    if let Some(api) = world.clusters.get_mut(cluster) {
        api.put_as(now, MANAGER, object);
    }
}

/// Takes the node of an instance out of the cluster.
pub fn remove(world: &mut World, cluster: &str, id: &str) {
    let (now, name) = (world.now, world.ec2.instances.get(id).map(|instance| instance.node_name.clone()));
    if let (Some(api), Some(name)) = (world.clusters.get_mut(cluster), name) {
        api.remove(now, &nodes_resource(), None, &name);
    }
}
