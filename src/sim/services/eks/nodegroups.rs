//! Managed node groups: what the API does at once. What takes time is in `group_life`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::eks::lookup::{active, cluster, page, plane, plane_mut, required};
use crate::sim::services::eks::state::{Nodegroup, Scaling};
use crate::sim::services::eks::{group_life, group_rules, view};
use crate::sim::world::World;

/// ListNodegroups.
pub fn list(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    page(call, "nodegroups", plane(world, &name)?.nodegroups.keys().map(|group| json!(group)).collect())
}

/// The group of that name.
pub fn find<'a>(world: &'a World, cluster: &str, group: &str) -> Result<&'a Nodegroup, Fault> {
    plane(world, cluster)?.nodegroups.get(group).ok_or_else(|| refuse("nodegroup-not-found", &[("name", group)]))
}

/// DescribeNodegroup.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let (name, group) = (cluster(world, call)?, required(call, "nodegroupName")?);
    Ok(json!({"nodegroup": view::nodegroup(world, &name, find(world, &name, &group)?)}))
}

/// CreateNodegroup.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let (name, group) = (cluster(world, call)?, required(call, "nodegroupName")?);
    let token = call.params.text("clientRequestToken");
    active(world, &name)?;
    let request = group_rules::Request::take(call)?;
    if let Ok(have) = find(world, &name, &group) {
        return match token.is_some() && have.token == token {
            true => Ok(json!({"nodegroup": view::nodegroup(world, &name, have)})),
            false => Err(refuse("resource-in-use", &[("name", &group), ("cluster", &name)])),
        };
    }
    let minor = plane(world, &name)?.version.clone();
    let (spec, instance_type) = group_rules::accept(world, &request, &minor)?;
    let scaling = group_rules::scaling(request.scaling.as_ref(), Scaling { min: 1, desired: 2, max: 2 })?;
    let made = Nodegroup {
        name: group.clone(),
        status: "CREATING".to_owned(),
        created: world.now,
        since: world.now,
        scaling,
        spec,
        instance_type,
        asg: None,
        nodes: BTreeMap::new(),
        issues: Vec::new(),
        retry: None,
        token,
    };
    let answer: Value = json!({"nodegroup": view::nodegroup(world, &name, &made)});
    plane_mut(world, &name)?.nodegroups.insert(group, made);
    group_life::watch(world);
    Ok(answer)
}

/// DeleteNodegroup.
pub fn delete(world: &mut World, call: &mut Call) -> Answer {
    let (name, group) = (cluster(world, call)?, required(call, "nodegroupName")?);
    let mut have = find(world, &name, &group)?.clone();
    if have.status != "DELETING" {
        (have.since, have.status) = (world.now, "DELETING".to_owned());
        have.scaling.desired = 0;
    }
    let answer = json!({"nodegroup": view::nodegroup(world, &name, &have)});
    plane_mut(world, &name)?.nodegroups.insert(group, have);
    group_life::watch(world);
    Ok(answer)
}
