//! Placement groups and capacity reservations.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::query::{Query, compact, texts};
use crate::sim::services::ec2::state::{PlacementGroup, fresh_id};
use crate::sim::services::ec2::tags;
use crate::sim::world::World;

/// CreatePlacementGroup.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let name = call.params.text("GroupName").unwrap_or_default();
    let strategy = call.params.text("Strategy").unwrap_or_else(|| "cluster".to_owned());
    let own_tags = tags::specified(call, "placement-group")?;
    if name.is_empty() {
        return Err(refuse("ec2-missing-parameter", &[("name", "groupName")]));
    }
    if world.ec2.placement_groups.contains_key(&name) {
        return Err(refuse("placement-group-duplicate", &[("name", &name)]));
    }
    let group = PlacementGroup { id: fresh_id(world.next_serial(), "pg"), name, strategy, tags: own_tags };
    let answer = json!({"placementGroup": view(world, &group)});
    world.ec2.placement_groups.insert(group.name.clone(), group);
    Ok(answer)
}

fn view(world: &World, group: &PlacementGroup) -> Value {
    compact(json!({
        "groupId": group.id,
        "groupName": group.name,
        "groupArn": format!("arn:aws:ec2:{}:{}:placement-group/{}", world.region, world.account, group.name),
        "state": "available",
        "strategy": group.strategy,
        "tagSet": tags::set(&group.tags),
    }))
}

/// DescribePlacementGroups. It does not page.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let query = Query::take(call, &["group-name", "state", "strategy"], usize::MAX)?;
    let names = texts(call.params.take("GroupName").as_ref());
    let ids = texts(call.params.take("GroupId").as_ref());
    let groups = &world.ec2.placement_groups;
    if let Some(name) = names.iter().find(|name| !groups.contains_key(*name)) {
        return Err(refuse("placement-group-unknown", &[("name", name)]));
    }
    let rows = groups.values().filter(|g| {
        (names.is_empty() || names.contains(&g.name))
            && (ids.is_empty() || ids.contains(&g.id))
            && query.keeps(&g.tags, |key| match key {
                "group-name" => vec![g.name.clone()],
                "strategy" => vec![g.strategy.clone()],
                _ => vec!["available".to_owned()],
            })
    });
    query.answer("placementGroupSet", rows.map(|g| view(world, g)).collect())
}

/// DescribeCapacityReservations: the account has none.
pub fn describe_reservations(call: &mut Call) -> Answer {
    let query = Query::take(call, &["state", "instance-type", "availability-zone-id", "availability-zone"], 20)?;
    let ids = texts(call.params.take("CapacityReservationId").as_ref());
    match ids.first() {
        Some(id) => Err(refuse("reservation-not-found", &[("id", id)])),
        None => query.answer("capacityReservationSet", Vec::new()),
    }
}
