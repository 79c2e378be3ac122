//! The placement group of strategy `cluster`.

use aws_sdk_ec2::types;

use super::look::{Look, stands};
use super::owner;
use crate::components::desired::PlacementGroup;
use crate::components::observed::{Observation, Presence, Settled};
use crate::domain::ids::ClusterName;
use crate::domain::problem::Problem;
use crate::transport::classify;

/// Strategy and state. The name is unique in an account and Region.
pub(super) async fn observe(look: &Look<'_>, desired: &PlacementGroup) -> Result<Observation, Problem> {
    let filter = types::Filter::builder().name("group-name").values(&desired.name).build();
    let found = look.clients.aws.ec2.describe_placement_groups().filters(filter).send().await;
    let found = found.map_err(|error| classify::aws("ec2:DescribePlacementGroups", &error))?;
    let live = |group: &&types::PlacementGroup| group.state() != Some(&types::PlacementGroupState::Deleted);
    Ok(found
        .placement_groups()
        .iter()
        .find(live)
        .map_or_else(Observation::absent, |group| see(group, &look.clients.cluster)))
}

fn see(group: &types::PlacementGroup, cluster: &ClusterName) -> Observation {
    let strategy = group.strategy().map_or("unknown", types::PlacementStrategy::as_str);
    let name = group.group_name().unwrap_or_default();
    let presence = match group.strategy() {
        Some(types::PlacementStrategy::Cluster) => Presence::Same,
        _ => Presence::Incompatible {
            why: format!(
                "Placement group {name} has strategy {strategy}, not cluster, and a strategy cannot be changed; \
                 set GPU_PLACEMENT_GROUP."
            ),
        },
    };
    let settled = match group.state() {
        Some(types::PlacementGroupState::Available) | None => Settled::Yes,
        Some(state) => Settled::Waiting { what: format!("placement group is {}", state.as_str()) },
    };
    let owner = owner::of_tags(&owner::map(group.tags()), cluster);
    Observation { settled, ..stands(presence, owner, [("name", group.group_name()), ("id", group.group_id())]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_strategy_cannot_be_changed() {
        let group = |strategy| {
            let group = types::PlacementGroup::builder().group_name("g").strategy(strategy);
            see(&group.state(types::PlacementGroupState::Pending).build(), &ClusterName::from("demo"))
        };
        assert!(matches!(group(types::PlacementStrategy::Spread).presence, Presence::Incompatible { .. }));
        let fits = group(types::PlacementStrategy::Cluster);
        assert_eq!(fits.presence, Presence::Same);
        assert_eq!(fits.settled, Settled::Waiting { what: "placement group is pending".to_owned() });
    }
}
