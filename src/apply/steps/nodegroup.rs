//! EKS managed node groups. Desired size counts at creation only: later it belongs to the autoscaler and to `gpu scale`.

use std::collections::HashMap;

use aws_sdk_eks::types::{
    self as sdk, CapacityTypes, LaunchTemplateSpecification, NodeRepairConfig, NodegroupScalingConfig,
    NodegroupUpdateConfig, Taint, TaintEffect, UpdateLabelsPayload, UpdateTaintsPayload,
};

use super::OWNER_TAG;
use crate::apply::context::Act;
use crate::apply::token::second;
use crate::components::desired::Nodegroup;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

/// `CreateNodegroup`.
pub(super) async fn create(clients: &Clients, act: &Act<'_>, group: &Nodegroup) -> Result<(), Problem> {
    let (minimum, desired, maximum) = group.sizes;
    let launch = &group.launch;
    clients
        .aws
        .eks
        .create_nodegroup()
        .cluster_name(clients.cluster.as_str())
        .nodegroup_name(&group.name)
        .subnets(group.subnet.as_str())
        .node_role(act.outputs.resolve(&group.node_role)?)
        .launch_template(template(act, group)?)
        .set_instance_types((!launch.instance_types.is_empty()).then(|| launch.instance_types.clone()))
        .ami_type(launch.ami_type.as_str().into())
        .set_release_version(launch.release.clone())
        .capacity_type(CapacityTypes::from(launch.capacity_type.as_str()))
        .scaling_config(scaling(minimum, Some(desired), maximum))
        .set_labels((!group.labels.is_empty()).then(|| group.labels.clone().into_iter().collect()))
        .set_taints((!group.taints.is_empty()).then(|| group.taints.iter().map(taint).collect()))
        .update_config(update_config(group))
        .node_repair_config(NodeRepairConfig::builder().enabled(group.repair).build())
        .client_request_token(act.token)
        .tags(OWNER_TAG, clients.cluster.as_str())
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("eks:CreateNodegroup", &error))
}

/// One update of what differs: first the configuration, then what is launched. EKS takes one update at a time, so the
/// other one follows when this one has settled.
pub(super) async fn update(clients: &Clients, act: &Act<'_>, group: &Nodegroup) -> Result<(), Problem> {
    let answer = clients
        .aws
        .eks
        .describe_nodegroup()
        .cluster_name(clients.cluster.as_str())
        .nodegroup_name(&group.name)
        .send()
        .await
        .map_err(|error| classify::aws("eks:DescribeNodegroup", &error))?;
    let Some(found) = answer.nodegroup() else {
        return Err(Problem::new(ProblemKind::Unavailable, "eks:DescribeNodegroup answers without a node group."));
    };
    let changes = Changes::between(found, group);
    if changes.any() {
        return configure(clients, act, group, changes).await;
    }
    launch(clients, act, group).await
}

/// What of the configuration differs.
#[derive(Debug, Default, PartialEq)]
struct Changes {
    labels: HashMap<String, String>,
    taints: Vec<Taint>,
    surplus: Vec<Taint>,
    sizes: Option<NodegroupScalingConfig>,
    strategy: bool,
    repair: bool,
}

impl Changes {
    /// Labels that others added stay; a surplus taint goes, because it keeps pods away. The desired size moves only to stay inside new limits.
    fn between(found: &sdk::Nodegroup, group: &Nodegroup) -> Self {
        let has = |key: &str| found.labels().and_then(|labels| labels.get(key));
        let labels = group.labels.iter().filter(|(key, value)| has(key) != Some(*value));
        let taints = group.taints.iter().map(taint).filter(|taint| !found.taints().contains(taint));
        let unwanted = |live: &&Taint| {
            let effect = live.effect().map(TaintEffect::as_str);
            !group.taints.iter().any(|(key, _, of)| live.key() == Some(key) && effect == Some(of))
        };
        let surplus = found.taints().iter().filter(unwanted).cloned().collect();
        let (minimum, _, maximum) = group.sizes;
        let same_sizes = found
            .scaling_config()
            .is_some_and(|sizes| sizes.min_size() == Some(size(minimum)) && sizes.max_size() == Some(size(maximum)));
        let live = found.scaling_config().and_then(NodegroupScalingConfig::desired_size);
        let inside = live.map(|live| live.clamp(size(minimum), size(maximum).max(size(minimum))));
        let sizes = NodegroupScalingConfig::builder().min_size(size(minimum)).max_size(size(maximum));
        let strategy = found.update_config().and_then(NodegroupUpdateConfig::update_strategy);
        let repair = found.node_repair_config().and_then(NodeRepairConfig::enabled).unwrap_or(false);
        Self {
            labels: labels.map(|(key, value)| (key.clone(), value.clone())).collect(),
            taints: taints.collect(),
            surplus,
            sizes: (!same_sizes).then(|| sizes.set_desired_size(inside).build()),
            // A group that never had a strategy reports none, which means DEFAULT.
            strategy: strategy.map_or("DEFAULT", |strategy| strategy.as_str()) != group.update_strategy,
            repair: repair != group.repair,
        }
    }

    fn any(&self) -> bool {
        *self != Self::default()
    }
}

async fn configure(clients: &Clients, act: &Act<'_>, group: &Nodegroup, changes: Changes) -> Result<(), Problem> {
    let labels = UpdateLabelsPayload::builder().set_add_or_update_labels(Some(changes.labels.clone())).build();
    let listed = |taints: &[Taint]| (!taints.is_empty()).then(|| taints.to_vec());
    let (added, removed) = (listed(&changes.taints), listed(&changes.surplus));
    let taints = (added.is_some() || removed.is_some())
        .then(|| UpdateTaintsPayload::builder().set_add_or_update_taints(added).set_remove_taints(removed).build());
    let repair = NodeRepairConfig::builder().enabled(group.repair).build();
    clients
        .aws
        .eks
        .update_nodegroup_config()
        .cluster_name(clients.cluster.as_str())
        .nodegroup_name(&group.name)
        .set_labels((!changes.labels.is_empty()).then_some(labels))
        .set_taints(taints)
        .set_scaling_config(changes.sizes)
        .set_update_config(changes.strategy.then(|| update_config(group)))
        .set_node_repair_config(changes.repair.then_some(repair))
        .client_request_token(act.token)
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("eks:UpdateNodegroupConfig", &error))
}

async fn launch(clients: &Clients, act: &Act<'_>, group: &Nodegroup) -> Result<(), Problem> {
    clients
        .aws
        .eks
        .update_nodegroup_version()
        .cluster_name(clients.cluster.as_str())
        .nodegroup_name(&group.name)
        .launch_template(template(act, group)?)
        .set_release_version(group.launch.release.clone())
        .client_request_token(second(act.token, "version"))
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("eks:UpdateNodegroupVersion", &error))
}

fn template(act: &Act<'_>, group: &Nodegroup) -> Result<LaunchTemplateSpecification, Problem> {
    let id = act.outputs.resolve(&group.launch.template)?;
    let version = act.outputs.resolve(&group.launch.template_version)?;
    Ok(LaunchTemplateSpecification::builder().id(id).version(version).build())
}

fn scaling(minimum: u32, desired: Option<u32>, maximum: u32) -> NodegroupScalingConfig {
    NodegroupScalingConfig::builder()
        .min_size(size(minimum))
        .set_desired_size(desired.map(size))
        .max_size(size(maximum))
        .build()
}

fn size(nodes: u32) -> i32 {
    i32::try_from(nodes).unwrap_or(i32::MAX)
}

fn taint((key, value, effect): &(String, String, String)) -> Taint {
    Taint::builder().key(key).value(value).effect(effect.as_str().into()).build()
}

/// One node at a time: GPU capacity for more is seldom there.
fn update_config(group: &Nodegroup) -> NodegroupUpdateConfig {
    NodegroupUpdateConfig::builder().max_unavailable(1).update_strategy(group.update_strategy.as_str().into()).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::components::desired::{NodegroupLaunch, Val};

    fn wanted() -> Nodegroup {
        Nodegroup {
            name: "gpu".into(),
            subnet: "subnet-1".into(),
            node_role: Val::known("arn"),
            launch: NodegroupLaunch {
                template: Val::known("lt-1"),
                template_version: Val::known("1"),
                instance_types: vec!["p5en.48xlarge".into()],
                ami_type: "AL2023_x86_64_NVIDIA".into(),
                release: None,
                capacity_type: "ON_DEMAND".into(),
            },
            sizes: (0, 2, 10),
            labels: BTreeMap::from([("nvidia.com/gpu".to_owned(), "true".to_owned())]),
            taints: vec![("nvidia.com/gpu".into(), "true".into(), "NO_SCHEDULE".into())],
            update_strategy: "MINIMAL".into(),
            repair: false,
        }
    }

    fn standing() -> sdk::builders::NodegroupBuilder {
        let group = wanted();
        sdk::Nodegroup::builder()
            .labels("nvidia.com/gpu", "true")
            .labels("team", "research")
            .set_taints(Some(group.taints.iter().map(taint).collect()))
            .scaling_config(scaling(0, Some(7), 10))
            .update_config(update_config(&group))
    }

    #[test]
    fn a_drifted_desired_size_and_foreign_labels_are_left_alone() {
        assert!(!Changes::between(&standing().build(), &wanted()).any());
    }

    #[test]
    fn only_what_differs_is_sent() {
        let found = standing().scaling_config(scaling(0, Some(12), 12)).labels("nvidia.com/gpu", "false").build();
        let changes = Changes::between(&found, &wanted());
        assert_eq!(changes.sizes, Some(scaling(0, Some(10), 10)), "desired is pulled inside the new maximum");
        assert_eq!(changes.labels.len(), 1);
        assert!(changes.taints.is_empty() && changes.surplus.is_empty() && !changes.strategy && !changes.repair);
        let other = taint(&("dedicated".into(), "x".into(), "NO_EXECUTE".into()));
        let changes = Changes::between(&standing().taints(other.clone()).build(), &wanted());
        assert_eq!(changes.surplus, [other]);
    }
}
