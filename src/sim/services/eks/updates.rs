//! Updates of node groups, and the records of all updates.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::{compact, resolve_template, text};
use crate::sim::services::eks::lookup::{
    cluster, invalid, invalid_request, page, plane, plane_mut, required, seconds, uuid,
};
use crate::sim::services::eks::nodegroups::find;
use crate::sim::services::eks::state::{Nodegroup, Update};
use crate::sim::services::eks::{group_life, group_rules};
use crate::sim::world::World;

/// The `update` structure.
pub fn view(update: &Update) -> Value {
    let params = update.params.iter().map(|(kind, value)| json!({"type": kind, "value": value}));
    compact(json!({
        "id": update.id,
        "status": update.status,
        "type": update.kind,
        "params": params.collect::<Vec<_>>(),
        "createdAt": seconds(update.created),
        "errors": [],
    }))
}

/// ListUpdates: those of the cluster itself unless a node group or an add-on is named.
pub fn list(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    let (group, addon) = (call.params.text("nodegroupName"), call.params.text("addonName"));
    let rows = plane(world, &name)?.updates.values().filter(|u| u.nodegroup == group && u.addon == addon);
    page(call, "updateIds", rows.map(|u| json!(u.id)).collect())
}

/// DescribeUpdate.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let (name, id) = (cluster(world, call)?, required(call, "updateId")?);
    let (group, addon) = (call.params.text("nodegroupName"), call.params.text("addonName"));
    let found = plane(world, &name)?.updates.get(&id).filter(|u| u.nodegroup == group && u.addon == addon);
    Ok(json!({"update": view(found.ok_or_else(|| refuse("update-not-found", &[("id", &id)]))?)}))
}

/// An earlier answer for the same client token.
fn repeated(world: &World, cluster: &str, token: Option<&str>) -> Result<Option<Value>, Fault> {
    let same = plane(world, cluster)?.updates.values().find(|u| token.is_some() && u.token.as_deref() == token);
    Ok(same.map(|update| json!({"update": view(update)})))
}

fn editable(world: &World, cluster: &str, name: &str) -> Result<Nodegroup, Fault> {
    let group = find(world, cluster, name)?.clone();
    match group.status.as_str() {
        "ACTIVE" | "DEGRADED" => Ok(group),
        _ => Err(invalid_request("Nodegroup cannot be updated as it is currently not in Active State")),
    }
}

fn record(
    world: &mut World,
    cluster: &str,
    group: Nodegroup,
    kind: &str,
    params: Vec<(String, String)>,
    token: Option<String>,
) -> Answer {
    let id = uuid(world);
    let update = Update {
        id: id.clone(),
        kind: kind.to_owned(),
        status: "InProgress".to_owned(),
        params,
        created: world.now,
        nodegroup: Some(group.name.clone()),
        addon: None,
        token,
    };
    let answer = json!({"update": view(&update)});
    let plane = plane_mut(world, cluster)?;
    plane.updates.insert(id, update);
    plane.nodegroups.insert(group.name.clone(), group);
    group_life::watch(world);
    Ok(answer)
}

/// UpdateNodegroupConfig: sizes, labels, taints, update and repair settings.
pub fn update_group_config(world: &mut World, call: &mut Call) -> Answer {
    let (name, group) = (cluster(world, call)?, required(call, "nodegroupName")?);
    let token = call.params.text("clientRequestToken");
    if let Some(answer) = repeated(world, &name, token.as_deref())? {
        call.params = crate::sim::call::Params::default();
        return Ok(answer);
    }
    let mut group = editable(world, &name, &group)?;
    let mut params = Vec::new();
    if let Some(sizes) = call.params.take("scalingConfig") {
        group.scaling = group_rules::scaling(Some(&sizes), group.scaling)?;
        group.retry = None;
        let sizes =
            [("MinSize", group.scaling.min), ("MaxSize", group.scaling.max), ("DesiredSize", group.scaling.desired)];
        params.extend(sizes.map(|(kind, n)| (kind.to_owned(), n.to_string())));
    }
    if let Some(change) = call.params.take("labels") {
        change_labels(&mut group, &change);
        params.push(("LabelsToAdd".to_owned(), change["addOrUpdateLabels"].to_string()));
    }
    if let Some(change) = call.params.take("taints") {
        change_taints(&mut group, &change);
        params.push(("TaintsToAdd".to_owned(), change["addOrUpdateTaints"].to_string()));
    }
    for member in ["updateConfig", "nodeRepairConfig"] {
        if let (Some(change), Some(spec)) = (call.params.take(member), group.spec.as_object_mut()) {
            params.push((format!("{}{}", member[..1].to_uppercase(), &member[1..]), change.to_string()));
            spec.insert(member.to_owned(), change);
        }
    }
    (group.since, group.status) = (world.now, "UPDATING".to_owned());
    record(world, &name, group, "ConfigUpdate", params, token)
}

fn change_labels(group: &mut Nodegroup, change: &Value) {
    if let Some(labels) = group.spec.get_mut("labels").and_then(Value::as_object_mut) {
        labels.extend(change["addOrUpdateLabels"].as_object().cloned().unwrap_or_default());
        for gone in change["removeLabels"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            labels.remove(gone);
        }
    }
}

fn change_taints(group: &mut Nodegroup, change: &Value) {
    let mut taints = group.spec["taints"].as_array().cloned().unwrap_or_default();
    let same = |a: &Value, b: &Value| a["key"] == b["key"] && a["effect"] == b["effect"];
    let added = change["addOrUpdateTaints"].as_array().cloned().unwrap_or_default();
    let removed = change["removeTaints"].as_array().cloned().unwrap_or_default();
    taints.retain(|have| !added.iter().chain(&removed).any(|other| same(have, other)));
    taints.extend(added);
    group.spec["taints"] = Value::Array(taints);
}

/// UpdateNodegroupVersion: another AMI release or template version; nodes are replaced one after the other.
pub fn update_group_version(world: &mut World, call: &mut Call) -> Answer {
    let (name, group) = (cluster(world, call)?, required(call, "nodegroupName")?);
    let token = call.params.text("clientRequestToken");
    let _force = call.params.flag("force");
    let (version, release) = (call.params.text("version"), call.params.text("releaseVersion"));
    let template = call.params.take("launchTemplate").filter(|t| !t.is_null());
    if let Some(answer) = repeated(world, &name, token.as_deref())? {
        return Ok(answer);
    }
    let mut group = editable(world, &name, &group)?;
    let minor = plane(world, &name)?.version.clone();
    if version.as_ref().is_some_and(|wanted| *wanted != minor) {
        return Err(invalid(&format!("Requested Nodegroup version is not the version {minor} of the cluster")));
    }
    let mut params = Vec::new();
    let release =
        release.or_else(|| (version.is_some() || template.is_none()).then(|| group_rules::latest_release(&minor)));
    if let Some(release) = release {
        group_rules::check_release(&release, &minor)?;
        params.push(("ReleaseVersion".to_owned(), release.clone()));
        group.spec["releaseVersion"] = json!(release);
    }
    if let Some(template) = template {
        let (id, label) = (text(&template, "id"), text(&template, "name"));
        let found = resolve_template(world, id.as_deref(), label.as_deref(), text(&template, "version").as_deref());
        let (id, label, number, _) =
            found.map_err(|_| invalid("The specified launch template version does not exist."))?;
        if group.spec["launchTemplate"]["id"] != json!(id) {
            return Err(invalid_request(
                "You cannot specify a different launch template than the one the node group was created with.",
            ));
        }
        params.push(("LaunchTemplateVersion".to_owned(), number.to_string()));
        group.spec["launchTemplate"] = json!({"id": id, "name": label, "version": number.to_string()});
    }
    (group.since, group.status) = (world.now, "UPDATING".to_owned());
    record(world, &name, group, "VersionUpdate", params, token)
}
