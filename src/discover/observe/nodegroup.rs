//! The managed node group.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_eks::types;

use super::look::{Look, change, presence, stands};
use super::owner;
use crate::components::desired::Nodegroup;
use crate::components::observed::{Change, Observation, Presence, Settled};
use crate::discover::probes::{nodegroups, tags};
use crate::domain::problem::Problem;

/// Update strategy when none is set (EKS API, `NodegroupUpdateConfig`).
const DEFAULT_STRATEGY: &str = "DEFAULT";

/// What EKS can change is a difference, what it cannot change makes the group incompatible, and the desired size, which
/// an autoscaler may own, is left alone.
pub(super) async fn observe(look: &Look<'_>, desired: &Nodegroup) -> Result<Observation, Problem> {
    let Some(group) = nodegroups::describe(look.clients, &desired.name).await? else {
        return Ok(Observation::absent());
    };
    let wanted = Wanted {
        group: desired,
        role: look.value(&desired.node_role),
        template: look.value(&desired.launch.template),
        version: look.want(&desired.launch.template_version),
    };
    let owner = owner::of_tags(&tags(group.tags()), &look.clients.cluster);
    let asg = group.resources().and_then(|resources| resources.auto_scaling_groups().first());
    let outputs = [
        ("name", group.nodegroup_name()),
        ("arn", group.nodegroup_arn()),
        ("asg", asg.and_then(types::AutoScalingGroup::name)),
        ("version", group.version()),
        ("release", group.release_version()),
    ];
    let (settled, notes) = (settled(&group), notes(&group, desired));
    Ok(Observation { settled, notes, ..stands(compare(&group, &wanted), owner, outputs) })
}

/// The desired group with its references resolved; an immutable one that is not known yet cannot be compared.
struct Wanted<'a> {
    group: &'a Nodegroup,
    role: Option<String>,
    template: Option<String>,
    version: String,
}

fn compare(have: &types::Nodegroup, want: &Wanted<'_>) -> Presence {
    match fixed(have, want) {
        Some((what, have, wanted)) => Presence::Incompatible {
            why: format!(
                "Node group {} has {what} {have}, not {wanted}, and EKS cannot change that; choose another \
                 GPU_NODE_GROUP_NAME, or delete the group first.",
                want.group.name
            ),
        },
        None => presence(changeable(have, want)),
    }
}

/// The first immutable property that differs: what, have, want.
fn fixed(have: &types::Nodegroup, want: &Wanted<'_>) -> Option<(&'static str, String, String)> {
    let (group, launch) = (want.group, &want.group.launch);
    let one = |what: &'static str, have: &str, want: &str| {
        let have = if have.is_empty() { "none" } else { have };
        (have != want).then(|| (what, have.to_owned(), want.to_owned()))
    };
    let capacity = have.capacity_type().map_or("ON_DEMAND", types::CapacityTypes::as_str);
    let template = have.launch_template().and_then(|template| template.id()).unwrap_or_default();
    let types = (!launch.instance_types.is_empty())
        .then(|| one("instance type", &list(have.instance_types()), &list(&launch.instance_types)));
    one("subnet", &list(have.subnets()), group.subnet.as_str())
        .or(types.flatten())
        .or_else(|| one("capacity type", capacity, &launch.capacity_type))
        .or_else(|| one("AMI type", have.ami_type().map_or("", types::AmiTypes::as_str), &launch.ami_type))
        .or_else(|| one("node role", have.node_role().unwrap_or_default(), want.role.as_deref()?))
        .or_else(|| one("launch template", template, want.template.as_deref()?))
}

/// In an order of its own: EKS keeps none.
fn list(names: &[String]) -> String {
    names.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
}

fn changeable(have: &types::Nodegroup, want: &Wanted<'_>) -> Vec<Change> {
    let group = want.group;
    let ((min, _, max), (want_min, _, want_max)) = (nodegroups::sizes(have), group.sizes);
    let number = |path: &str, have: u32, want: u32| change(path, Some(have.to_string()), Some(want.to_string()));
    let version = have.launch_template().and_then(|template| template.version()).map(str::to_owned);
    let strategy = have.update_config().and_then(|config| config.update_strategy());
    let strategy = strategy.map_or(DEFAULT_STRATEGY, types::NodegroupUpdateStrategies::as_str);
    let repair = have.node_repair_config().and_then(|config| config.enabled()).unwrap_or(false);
    let release = group.launch.release.clone();
    let mut found: Vec<Change> = [
        change("launchTemplate.version", version, Some(want.version.clone())),
        release.and_then(|release| change("releaseVersion", have.release_version().map(str::to_owned), Some(release))),
        number("scalingConfig.minSize", min, want_min),
        number("scalingConfig.maxSize", max, want_max),
        change("updateConfig.updateStrategy", Some(strategy.to_owned()), Some(group.update_strategy.clone())),
        change("nodeRepairConfig.enabled", Some(repair.to_string()), Some(group.repair.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let labels = tags(have.labels());
    found.extend(
        group
            .labels
            .iter()
            .filter_map(|(key, value)| change(format!("labels.{key}"), labels.get(key).cloned(), Some(value.clone()))),
    );
    found.extend(taints(have, group));
    found
}

/// Taints both ways: one too many keeps pods away just as one too few lets them in.
fn taints(have: &types::Nodegroup, want: &Nodegroup) -> Vec<Change> {
    let key = |key: &str, effect: &str| format!("taints.{key}:{effect}");
    let live: BTreeMap<String, String> = have
        .taints()
        .iter()
        .map(|one| {
            let effect = one.effect().map_or("", types::TaintEffect::as_str);
            (key(one.key().unwrap_or_default(), effect), one.value().unwrap_or_default().to_owned())
        })
        .collect();
    let wanted: BTreeMap<String, String> =
        want.taints.iter().map(|(name, value, effect)| (key(name, effect), value.clone())).collect();
    let paths: BTreeSet<&String> = live.keys().chain(wanted.keys()).collect();
    paths.into_iter().filter_map(|path| change(path, live.get(path).cloned(), wanted.get(path).cloned())).collect()
}

fn notes(have: &types::Nodegroup, want: &Nodegroup) -> Vec<String> {
    let mut notes = Vec::new();
    let ((_, desired, _), (_, wanted, _)) = (nodegroups::sizes(have), want.sizes);
    if desired != wanted {
        notes.push(format!("Desired size is {desired}, not {wanted}: it is set at creation only and stays."));
    }
    let surplus = tags(have.labels()).into_keys().filter(|key| !want.labels.contains_key(key));
    notes.extend(surplus.map(|key| format!("Label {key} is not from this configuration and stays.")));
    if have.status() == Some(&types::NodegroupStatus::Active) {
        notes.extend(nodegroups::issues(have).into_iter().map(|issue| format!("EKS reports {issue}")));
    }
    notes
}

fn settled(group: &types::Nodegroup) -> Settled {
    let status = group.status().map_or("of unknown status", types::NodegroupStatus::as_str);
    let issues = nodegroups::issues(group);
    let issues = if issues.is_empty() { String::new() } else { format!(": {}", issues.join("; ")) };
    match group.status() {
        Some(types::NodegroupStatus::Active) => Settled::Yes,
        Some(
            types::NodegroupStatus::CreateFailed
            | types::NodegroupStatus::DeleteFailed
            | types::NodegroupStatus::Degraded,
        ) => {
            let name = group.nodegroup_name().unwrap_or_default();
            Settled::Failed { why: format!("Node group {name} is {status}{issues}") }
        }
        _ => Settled::Waiting { what: format!("node group is {status}{issues}") },
    }
}

#[cfg(test)]
mod tests;
