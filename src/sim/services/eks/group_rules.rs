//! What EKS checks when a node group is made.

use serde_json::{Value, json};

use crate::sim::call::{Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::{compact, items, resolve_template, text, texts, type_facts};
use crate::sim::services::eks::lookup::{invalid, invalid_request};
use crate::sim::services::eks::state::Scaling;
use crate::sim::services::iam;
use crate::sim::world::World;

/// Newest AMI release of the world; releases are `<minor>.<patch>-<date>`.
const NEWEST_RELEASE: &str = "20260714";

/// Members of CreateNodegroup besides the names.
#[derive(Debug)]
pub struct Request {
    /// `scalingConfig`.
    pub scaling: Option<Value>,
    subnets: Vec<String>,
    instance_types: Vec<String>,
    role: String,
    template: Option<Value>,
    disk: Option<i64>,
    kept: Value,
}

impl Request {
    /// Takes every member that the simulator knows.
    pub fn take(call: &mut Call) -> Result<Self, Fault> {
        let params = &mut call.params;
        let mut list = |name: &str| texts(params.take(name).as_ref());
        let (subnets, instance_types) = (list("subnets"), list("instanceTypes"));
        let kept = json!({
            "amiType": params.text("amiType"),
            "capacityType": params.text("capacityType").unwrap_or_else(|| "ON_DEMAND".to_owned()),
            "labels": params.take("labels").unwrap_or_else(|| json!({})),
            "taints": params.take("taints").filter(|t| !t.is_null()),
            "tags": params.take("tags").unwrap_or_else(|| json!({})),
            "updateConfig": params.take("updateConfig").filter(|u| !u.is_null()),
            "nodeRepairConfig": params.take("nodeRepairConfig").filter(|r| !r.is_null()),
            "version": params.text("version"),
            "releaseVersion": params.text("releaseVersion"),
        });
        let request = Self {
            scaling: params.take("scalingConfig").filter(|s| !s.is_null()),
            subnets,
            instance_types,
            role: params.text("nodeRole").unwrap_or_default(),
            template: params.take("launchTemplate").filter(|t| !t.is_null()),
            disk: params.int("diskSize"),
            kept,
        };
        match (request.subnets.is_empty(), request.role.is_empty()) {
            (true, _) => Err(invalid("Subnets are required.")),
            (_, true) => Err(invalid("The nodeRole in your request is required.")),
            _ => Ok(request),
        }
    }
}

/// Sizes of a request over those that hold.
pub fn scaling(given: Option<&Value>, have: Scaling) -> Result<Scaling, Fault> {
    let number = |name: &str, usual: u32| match given.and_then(|sizes| text(sizes, name)) {
        Some(number) => number.parse::<u32>().map_err(|_| invalid(&format!("{name} is not a number of nodes."))),
        None => Ok(usual),
    };
    let sizes = Scaling {
        min: number("minSize", have.min)?,
        desired: number("desiredSize", have.desired)?,
        max: number("maxSize", have.max)?,
    };
    match sizes {
        Scaling { max: 0, .. } => Err(invalid("Maximum capacity must be at least 1")),
        Scaling { min, desired, .. } if min > desired => {
            Err(invalid(&format!("Minimum capacity {min} can't be greater than desired size {desired}")))
        }
        Scaling { desired, max, .. } if desired > max => {
            Err(invalid(&format!("Desired capacity {desired} can't be greater than max size {max}")))
        }
        sizes => Ok(sizes),
    }
}

/// The newest AMI release of a minor.
pub fn latest_release(minor: &str) -> String {
    let patch = match minor {
        "1.34" => 6,
        "1.35" => 3,
        _ => 1,
    };
    format!("{minor}.{patch}-{NEWEST_RELEASE}")
}

/// Refuses a release of another minor, or one that is not out.
pub fn check_release(release: &str, minor: &str) -> Result<(), Fault> {
    let date =
        release.strip_prefix(minor).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| rest.split_once('-'));
    match date {
        Some((patch, date))
            if patch.parse::<u8>().is_ok() && date.len() == 8 && ("20250101"..=NEWEST_RELEASE).contains(&date) =>
        {
            Ok(())
        }
        _ => Err(invalid(&format!("Requested release version {release} is not valid for kubernetes version {minor}."))),
    }
}

/// Checks a request and answers the members that DescribeNodegroup returns, and the instance type.
pub fn accept(world: &World, request: &Request, minor: &str) -> Result<(Value, String), Fault> {
    check_role(world, &request.role)?;
    if let Some(unknown) = request.subnets.iter().find(|id| !world.ec2.subnets.contains_key(*id)) {
        return Err(refuse("nodegroup-subnet-unknown", &[("subnet", unknown)]));
    }
    let (template, data) = check_template(world, request)?;
    let from_template = text(&data, "instanceType");
    let instance_type = match (request.instance_types.first(), from_template) {
        (Some(_), Some(_)) => return Err(refuse("nodegroup-instance-types-twice", &[])),
        (Some(asked), None) => asked.clone(),
        (None, Some(named)) => named,
        (None, None) => "t3.medium".to_owned(),
    };
    let Some(facts) = type_facts(&instance_type) else {
        return Err(invalid(&format!("The following supplied instance types do not exist: [{instance_type}]")));
    };
    check_interfaces(world, &data, &facts.cards)?;
    let mut spec = request.kept.clone();
    let block = data.pointer("/instanceMarketOptions/marketType") == Some(&json!("capacity-block"));
    if block != (spec["capacityType"] == "CAPACITY_BLOCK") {
        return Err(refuse("nodegroup-capacity-block-type", &[]));
    }
    if let Some(version) = spec["version"].as_str().filter(|version| *version != minor) {
        return Err(invalid(&format!("Requested Nodegroup version {version} is not supported by a {minor} cluster")));
    }
    let custom = text(&data, "imageId").is_some();
    match spec["releaseVersion"].as_str() {
        Some(_) if custom => {
            return Err(invalid_request("You cannot specify a releaseVersion with an AMI ID in the launch template."));
        }
        Some(release) => check_release(release, minor)?,
        None => spec["releaseVersion"] = json!(latest_release(minor)),
    }
    spec["version"] = json!(minor);
    let usual = if facts.nvidia { "AL2023_x86_64_NVIDIA" } else { "AL2023_x86_64_STANDARD" };
    let ami = match spec["amiType"].as_str() {
        _ if custom => "CUSTOM".to_owned(),
        None => usual.to_owned(),
        Some(known) if known.starts_with("AL2023_") || known.starts_with("BOTTLEROCKET_") => known.to_owned(),
        Some(other) => return Err(invalid(&format!("The AMI type {other} is not supported for Kubernetes {minor}."))),
    };
    spec["amiType"] = json!(ami);
    if spec["updateConfig"].is_null() {
        spec["updateConfig"] = json!({"maxUnavailable": 1});
    }
    if spec["updateConfig"]["updateStrategy"].is_null() {
        spec["updateConfig"]["updateStrategy"] = json!("DEFAULT");
    }
    spec["subnets"] = json!(request.subnets);
    spec["nodeRole"] = json!(request.role);
    spec["instanceTypes"] =
        if template.is_some() && request.instance_types.is_empty() { Value::Null } else { json!([instance_type]) };
    spec["diskSize"] = if template.is_some() { Value::Null } else { json!(request.disk.unwrap_or(20)) };
    spec["launchTemplate"] = template.unwrap_or(Value::Null);
    Ok((compact(spec), instance_type))
}

fn check_role(world: &World, arn: &str) -> Result<(), Fault> {
    let known = iam::role(world, arn).filter(|role| iam::known_to_services(role, world.now));
    let Some(role) = known else { return Err(refuse("node-role-not-known-yet", &[("role", arn)])) };
    match iam::trusts_ec2(role) {
        true => Ok(()),
        false => Err(refuse("trust-policy-ec2", &[("role", arn)])),
    }
}

/// The template as DescribeNodegroup shows it, and its data.
fn check_template(world: &World, request: &Request) -> Result<(Option<Value>, Value), Fault> {
    let Some(template) = &request.template else { return Ok((None, json!({}))) };
    if request.disk.is_some() {
        return Err(refuse("nodegroup-template-disk-size", &[]));
    }
    let (id, name, version) = (text(template, "id"), text(template, "name"), text(template, "version"));
    let label = id.clone().or_else(|| name.clone()).unwrap_or_default();
    let found = resolve_template(world, id.as_deref(), name.as_deref(), version.as_deref());
    let (id, name, number, data) = found.map_err(|_| refuse("nodegroup-template-missing", &[("template", &label)]))?;
    if items(&data, "networkInterfaceSet").iter().any(|interface| text(interface, "subnetId").is_some()) {
        return Err(refuse("nodegroup-template-subnet", &[("template", &id)]));
    }
    if data.get("iamInstanceProfile").is_some() {
        return Err(refuse("nodegroup-template-instance-profile", &[("template", &id)]));
    }
    if data.pointer("/instanceMarketOptions/marketType") == Some(&json!("spot")) {
        return Err(refuse("nodegroup-template-spot", &[("template", &id)]));
    }
    Ok((Some(json!({"id": id, "name": name, "version": number.to_string()})), data))
}

fn check_interfaces(world: &World, data: &Value, cards: &[crate::sim::services::ec2::Card]) -> Result<(), Fault> {
    let mut groups = texts(data.get("securityGroupIdSet"));
    for interface in items(data, "networkInterfaceSet") {
        let number = |name: &str| text(interface, name).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        let (card, index) = (number("networkCardIndex"), number("deviceIndex"));
        let limit = usize::try_from(card).ok().and_then(|at| cards.get(at)).map_or(0, |card| card.interfaces);
        if index >= limit {
            let (card, index, max) = (card.to_string(), index.to_string(), limit.to_string());
            let last = limit.saturating_sub(1).to_string();
            let words = [("index", index.as_str()), ("card", &card), ("max", &max), ("last", &last)];
            return Err(refuse("nodegroup-template-device-index", &words));
        }
        groups.extend(texts(interface.get("groupSet")));
    }
    match groups.iter().find(|id| !world.ec2.groups.contains_key(*id)) {
        Some(id) => Err(invalid(&format!("The security group '{id}' does not exist"))),
        None => Ok(()),
    }
}
