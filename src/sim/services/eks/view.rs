//! DescribeNodegroup's structure.

use serde_json::{Value, json};

use crate::sim::services::ec2::compact;
use crate::sim::services::eks::lookup::{arn, health, seconds};
use crate::sim::services::eks::state::Nodegroup;
use crate::sim::world::World;

/// The `nodegroup` structure: what the caller sent, plus everything EKS decided.
pub fn nodegroup(world: &World, cluster: &str, group: &Nodegroup) -> Value {
    let groups: Vec<Value> = group.asg.iter().map(|name| json!({"name": name})).collect();
    let mut view = json!({
        "nodegroupName": group.name,
        "nodegroupArn": arn(world, &format!("nodegroup/{cluster}/{}/{:08x}-eks", group.name, group.created.seconds())),
        "clusterName": cluster,
        "createdAt": seconds(group.created),
        "modifiedAt": seconds(group.since),
        "status": group.status,
        "scalingConfig": {
            "minSize": group.scaling.min, "maxSize": group.scaling.max, "desiredSize": group.scaling.desired,
        },
        "resources": {"autoScalingGroups": groups},
        "health": health(&group.issues),
    });
    if let (Some(view), Some(spec)) = (view.as_object_mut(), group.spec.as_object()) {
        view.extend(spec.clone());
    }
    compact(view)
}
