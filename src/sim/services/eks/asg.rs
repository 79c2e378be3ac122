//! The Auto Scaling group behind a node group: EKS makes it, drives it, and leaves its activities to be read.

use crate::sim::services::autoscaling::{Activity, Group, Member};
use crate::sim::services::ec2::Tags;
use crate::sim::services::eks::lookup::uuid;
use crate::sim::services::eks::state::Nodegroup;
use crate::sim::world::World;

/// Makes the group of a node group and answers its name.
pub fn make(world: &mut World, cluster: &str, group: &Nodegroup) -> String {
    let name = format!("eks-{}-{}", group.name, uuid(world));
    let tags = tags(cluster, &group.name);
    let subnets = group.spec["subnets"].as_array().into_iter().flatten();
    let made = Group {
        name: name.clone(),
        desired: group.scaling.desired.into(),
        min: group.scaling.min.into(),
        max: group.scaling.max.into(),
        instances: Vec::new(),
        subnets: subnets.filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        tags,
        created: world.now,
    };
    world.autoscaling.groups.insert(name.clone(), made);
    name
}

/// Tags that EKS puts on the group and its instances.
pub fn tags(cluster: &str, nodegroup: &str) -> Tags {
    let pairs = [
        ("eks:cluster-name".to_owned(), cluster.to_owned()),
        ("eks:nodegroup-name".to_owned(), nodegroup.to_owned()),
        (format!("kubernetes.io/cluster/{cluster}"), "owned".to_owned()),
        (format!("k8s.io/cluster-autoscaler/{cluster}"), "owned".to_owned()),
        ("k8s.io/cluster-autoscaler/enabled".to_owned(), "true".to_owned()),
    ];
    Tags::from(pairs)
}

/// Tags of an instance of the group.
pub fn instance_tags(cluster: &str, nodegroup: &str, asg: Option<&str>) -> Tags {
    let mut tags = tags(cluster, nodegroup);
    tags.extend(asg.map(|name| ("aws:autoscaling:groupName".to_owned(), name.to_owned())));
    tags
}

/// Carries the sizes of the node group over.
pub fn resize(world: &mut World, group: &Nodegroup) {
    let Some(asg) = group.asg.as_ref().and_then(|name| world.autoscaling.groups.get_mut(name)) else { return };
    asg.desired = group.scaling.desired.into();
    asg.min = group.scaling.min.into();
    asg.max = group.scaling.max.into();
}

/// Records that a launch began; [`finish`] ends it.
pub fn launching(world: &mut World, asg: &str, instance: &str, kind: &str, zone: &str) {
    begin(world, asg, &format!("Launching a new EC2 instance: {instance}"), "PreInService", "");
    if let Some(group) = world.autoscaling.groups.get_mut(asg) {
        let (id, kind, zone) = (instance.to_owned(), kind.to_owned(), zone.to_owned());
        group.instances.push(Member { id, kind, zone, state: "Pending".to_owned() });
    }
}

/// Records a launch that EC2 refused.
pub fn failed(world: &mut World, asg: &str, message: &str) {
    begin(world, asg, "Launching a new EC2 instance.  Status Reason: the request was refused.", "Failed", message);
}

/// Records that an instance is taken out.
pub fn terminating(world: &mut World, asg: &str, instance: &str) {
    begin(world, asg, &format!("Terminating EC2 instance: {instance}"), "Successful", "");
    if let Some(group) = world.autoscaling.groups.get_mut(asg) {
        group.instances.retain(|member| member.id != instance);
    }
}

fn begin(world: &mut World, asg: &str, description: &str, status: &str, message: &str) {
    let id = uuid(world);
    let desired = world.autoscaling.groups.get(asg).map_or(0, |group| group.desired);
    let at = world.now;
    let clock = at.rfc3339_seconds();
    let end = matches!(status, "Failed" | "Successful").then_some(at);
    world.autoscaling.activities.push(Activity {
        id,
        group: asg.to_owned(),
        at,
        end,
        status: status.to_owned(),
        message: message.to_owned(),
        cause: format!("At {clock} an instance was started or stopped to meet the desired capacity of {desired}."),
        description: description.to_owned(),
    });
}

/// Ends the launch of an instance that runs.
pub fn finish(world: &mut World, asg: &str, instance: &str) {
    let now = world.now;
    let description = format!("Launching a new EC2 instance: {instance}");
    let open = |a: &&mut Activity| a.group == asg && a.description == description && a.end.is_none();
    if let Some(activity) = world.autoscaling.activities.iter_mut().find(open) {
        activity.end = Some(now);
        "Successful".clone_into(&mut activity.status);
    }
    let members = world.autoscaling.groups.get_mut(asg).map(|group| group.instances.iter_mut());
    for member in members.into_iter().flatten().filter(|member| member.id == instance) {
        "InService".clone_into(&mut member.state);
    }
}
