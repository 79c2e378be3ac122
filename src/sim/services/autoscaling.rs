//! EC2 Auto Scaling: the groups behind node groups and what they did. EKS makes and drives the groups; this module
//! answers for them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::time::Stamp;
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::world::World;

/// What this service remembers.
#[derive(Debug, Default)]
pub struct State {
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Activities in the order they began.
    pub activities: Vec<Activity>,
}

/// An Auto Scaling group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Name, unique in the Region.
    pub name: String,
    /// Instances wanted.
    pub desired: i64,
    /// Smallest size.
    pub min: i64,
    /// Largest size.
    pub max: i64,
    /// Its instances.
    pub instances: Vec<Member>,
    /// Subnets it launches into.
    pub subnets: Vec<String>,
    /// Tags by key; all propagate at launch.
    pub tags: BTreeMap<String, String>,
    /// When it was created.
    pub created: Stamp,
}

/// An instance of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Instance id.
    pub id: String,
    /// Instance type.
    pub kind: String,
    /// Availability Zone by name.
    pub zone: String,
    /// `Pending`, `InService`, `Terminating`.
    pub state: String,
}

/// Something a group did or tried.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Id, a UUID.
    pub id: String,
    /// Group.
    pub group: String,
    /// When it began.
    pub at: Stamp,
    /// When it ended.
    pub end: Option<Stamp>,
    /// `InProgress`, `Successful`, `Failed`, `Cancelled`.
    pub status: String,
    /// Why it failed; empty otherwise.
    pub message: String,
    /// Why it began.
    pub cause: String,
    /// What it does, such as `Launching a new EC2 instance: i-…`.
    pub description: String,
}

/// Answers one call.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.operation.as_str() {
        "DescribeAutoScalingGroups" => groups(world, call),
        "DescribeScalingActivities" => activities(world, call),
        other => Err(Fault::gap(format!("autoscaling:{other}"))),
    }
}

/// Does what is due by now. Groups have no time of their own: EKS drives them.
pub fn settle(_world: &mut World) {}

fn groups(world: &World, call: &mut Call) -> Answer {
    let names = call.params.list("AutoScalingGroupNames");
    let named = |group: &&Group| names.is_empty() || names.iter().any(|name| name.as_str() == Some(&group.name));
    let found = world.autoscaling.groups.values().filter(named).map(|group| describe(world, group)).collect();
    page(call, found, "AutoScalingGroups", 50)
}

/// The newest activity comes first.
fn activities(world: &World, call: &mut Call) -> Answer {
    let group = call.params.text("AutoScalingGroupName");
    if let Some(name) = group.as_ref().filter(|name| !world.autoscaling.groups.contains_key(*name)) {
        return Err(refuse("autoscaling-validation", &[("message", &format!("Group name not found - null: {name}"))]));
    }
    let of_group = |activity: &&Activity| group.as_ref().is_none_or(|name| *name == activity.group);
    let found = world.autoscaling.activities.iter().rev().filter(of_group).map(describe_activity).collect();
    page(call, found, "Activities", 100)
}

fn describe(world: &World, group: &Group) -> Value {
    let mut zones: Vec<&str> = group.instances.iter().map(|member| member.zone.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    let instances: Vec<Value> = group.instances.iter().map(describe_member).collect();
    let tag = |(key, value): (&String, &String)| {
        json!({
            "ResourceId": group.name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": true,
        })
    };
    json!({
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": format!(
            "arn:aws:autoscaling:{}:{}:autoScalingGroup:*:autoScalingGroupName/{}",
            world.region, world.account, group.name
        ),
        "MinSize": group.min,
        "MaxSize": group.max,
        "DesiredCapacity": group.desired,
        "DefaultCooldown": 300,
        "AvailabilityZones": zones,
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 15,
        "Instances": instances,
        "CreatedTime": group.created.rfc3339_seconds(),
        "VPCZoneIdentifier": group.subnets.join(","),
        "Tags": group.tags.iter().map(tag).collect::<Vec<_>>(),
        "TerminationPolicies": ["AllocationStrategy", "OldestLaunchTemplate", "OldestInstance"],
        "NewInstancesProtectedFromScaleIn": false,
        "CapacityRebalance": true,
    })
}

fn describe_member(member: &Member) -> Value {
    json!({
        "InstanceId": member.id,
        "InstanceType": member.kind,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.state,
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": false,
    })
}

fn describe_activity(activity: &Activity) -> Value {
    let progress = match activity.status.as_str() {
        "Successful" | "Failed" | "Cancelled" => 100,
        _ => 50,
    };
    json!({
        "ActivityId": activity.id,
        "AutoScalingGroupName": activity.group,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.at.rfc3339_seconds(),
        "EndTime": activity.end.map(Stamp::rfc3339_seconds),
        "StatusCode": activity.status,
        "StatusMessage": Some(&activity.message).filter(|text| !text.is_empty()),
        "Progress": progress,
        "Details": "{}",
    })
}

/// One page: `MaxRecords` is 1 to 100, `NextToken` the number of the first entry of the next page.
fn page(call: &mut Call, entries: Vec<Value>, member: &str, size: i64) -> Answer {
    let size = call.params.int("MaxRecords").unwrap_or(size);
    let size = usize::try_from(size).ok().filter(|size| (1..=100).contains(size)).ok_or_else(|| {
        refuse("autoscaling-validation", &[("message", "The value of MaxRecords must be between 1 and 100.")])
    })?;
    let token = call.params.text("NextToken").unwrap_or_else(|| "0".to_owned());
    let from = token.parse::<usize>().ok().filter(|from| *from <= entries.len());
    let from = from.ok_or_else(|| refuse("autoscaling-token", &[("token", &token)]))?;
    let next = Some(from + size).filter(|next| *next < entries.len()).map(|next| next.to_string());
    let items: Vec<Value> = entries.into_iter().skip(from).take(size).collect();
    Ok(json!({ member: items, "NextToken": next }))
}
