//! Checks of a plan that hold for every plan, whatever the configuration: a fault here is a fault of this program.

use std::collections::BTreeSet;

use serde_json::Value;

use super::graph;
use super::model::{Plan, PlannedStep};
use crate::components::desired::{Ensure, LaunchTemplate, Role};
use crate::components::naming::{MANAGED_BY, MANAGER};
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};

/// Everything that is wrong with `plan`; empty when it may be applied.
pub fn lint(plan: &Plan) -> Vec<Problem> {
    let mut faults = order(plan);
    for step in &plan.steps {
        let about = step.id();
        match &step.desired.ensure {
            Ensure::LaunchTemplate(template) => faults.extend(template_faults(about, template)),
            Ensure::Role(role) => faults.extend(role_faults(about, role)),
            Ensure::Objects(objects) => {
                faults.extend(objects.objects.iter().flat_map(|object| object_faults(about, object)));
            }
            Ensure::Addon(_)
            | Ensure::NotDefaultClass(_)
            | Ensure::SecurityGroup(_)
            | Ensure::PlacementGroup(_)
            | Ensure::Nodegroup(_)
            | Ensure::Nodes(_) => {}
        }
    }
    faults.into_iter().map(|fault| Problem::new(ProblemKind::Internal, fault)).collect()
}

/// Ids are unique, every step comes after what it needs and after every step whose output it reads, and `after` is whole.
fn order(plan: &Plan) -> Vec<String> {
    let mut faults = Vec::new();
    let mut done: BTreeSet<&StepId> = BTreeSet::new();
    for step in &plan.steps {
        faults.extend(late(step, &done));
        if !done.insert(step.id()) {
            faults.push(format!("The plan holds step {} twice.", step.id()));
        }
    }
    faults
}

fn late(step: &PlannedStep, done: &BTreeSet<&StepId>) -> Vec<String> {
    let needed = graph::after(&step.desired);
    let mut faults: Vec<String> = needed
        .iter()
        .filter(|need| !done.contains(need))
        .map(|need| format!("Step {} does not come after {need}.", step.id()))
        .collect();
    if step.after != needed {
        faults.push(format!("Step {} does not name all that it waits for.", step.id()));
    }
    faults
}

fn template_faults(about: &StepId, template: &LaunchTemplate) -> Vec<String> {
    let mut faults = Vec::new();
    let interfaces = &template.data.network_interfaces;
    let mut with_efa = BTreeSet::new();
    for interface in interfaces {
        if interface.interface_type != "interface" && !with_efa.insert(interface.network_card_index) {
            faults.push(format!("{about} puts two EFA interfaces on network card {}.", interface.network_card_index));
        }
        if interface.groups.is_empty() {
            faults.push(format!("{about} has an interface without security group."));
        }
    }
    let primaries = interfaces.iter().filter(|one| (one.network_card_index, one.device_index) == (0, 0)).count();
    if primaries != 1 {
        faults.push(format!("{about} has {primaries} primary interfaces."));
    }
    if template.data.metadata_options.http_tokens != "required" {
        faults.push(format!("{about} leaves IMDSv1 open."));
    }
    if template.data.block_device_mappings.iter().any(|volume| !volume.ebs.encrypted) {
        faults.push(format!("{about} has a volume that is not encrypted."));
    }
    let whole = serde_json::to_value(&template.data).unwrap_or_default();
    for member in ["SubnetId", "AssociatePublicIpAddress", "IamInstanceProfile"] {
        if holds_key(&whole, member) {
            faults.push(format!("{about} holds {member}, which EKS refuses."));
        }
    }
    faults
}

/// No statement allows every action, or a whole service's actions on everything.
fn role_faults(about: &StepId, role: &Role) -> Vec<String> {
    let mut faults = Vec::new();
    if role.name.chars().count() > 64 {
        faults.push(format!("{about} has a name longer than 64 characters."));
    }
    for (name, policy) in &role.inline {
        for action in allowed_actions(policy) {
            let wide = action == "*" || action.ends_with(":*");
            if wide {
                faults.push(format!("{about} allows {action} in policy {name}."));
            }
        }
    }
    faults
}

fn allowed_actions(policy: &Value) -> Vec<&str> {
    let statements = policy.get("Statement").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let allows = statements.iter().filter(|one| one.get("Effect").and_then(Value::as_str) == Some("Allow"));
    allows
        .filter_map(|one| one.get("Action"))
        .flat_map(|action| match action {
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

fn object_faults(about: &StepId, object: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("without name");
    let labels = object.pointer("/metadata/labels");
    if labels.and_then(|all| all.get(MANAGED_BY)).and_then(Value::as_str) != Some(MANAGER) {
        faults.push(format!("{about} holds object {name}, which does not say who manages it."));
    }
    if holds_key(object, "eks.amazonaws.com/role-arn") {
        faults.push(format!("{about} holds object {name} with a role annotation; roles come through Pod Identity."));
    }
    if object.to_string().contains("{{") {
        faults.push(format!("{about} holds object {name} with a placeholder that was not filled."));
    }
    faults
}

fn holds_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, field)| name == key || holds_key(field, key)),
        Value::Array(items) => items.iter().any(|item| holds_key(item, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
