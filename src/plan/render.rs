//! Artefacts exactly as they are sent, in AWS's own member names. What exists only after apply is
//! `{"Ref": "<step>.<output>"}`.

use serde_json::{Value, json};

use super::model::Plan;
use super::stages::gpu::user_data;
use crate::components::component::gpu_step;
use crate::components::desired::{Ensure, LaunchTemplate, Nodegroup, Role};

/// `LaunchTemplateName` and `LaunchTemplateData` of CreateLaunchTemplate; `None` without such a group.
pub fn launch_template(plan: &Plan, group: &str) -> Option<Value> {
    let template = template(plan, group)?;
    Some(json!({ "LaunchTemplateName": template.name, "LaunchTemplateData": template.data }))
}

/// The user data as the node reads it; `None` when the template has none.
pub fn user_data(plan: &Plan, group: &str) -> Option<String> {
    user_data::decoded(template(plan, group)?.data.user_data.as_deref()?)
}

/// The request of CreateNodegroup; `None` without such a group.
pub fn nodegroup(plan: &Plan, group: &str) -> Option<Value> {
    match &plan.step(&gpu_step(group, "nodegroup"))?.desired.ensure {
        Ensure::Nodegroup(group) => Some(create_nodegroup(plan, group)),
        _ => None,
    }
}

/// Every Kubernetes object, in the order in which they are applied.
pub fn manifests(plan: &Plan) -> Vec<Value> {
    let objects = plan.steps.iter().filter_map(|step| match &step.desired.ensure {
        Ensure::Objects(objects) => Some(objects.objects.iter().cloned()),
        _ => None,
    });
    objects.flatten().collect()
}

/// Every IAM role with its trust, managed and inline policies.
pub fn roles(plan: &Plan) -> Vec<Value> {
    let roles = plan.steps.iter().filter_map(|step| match &step.desired.ensure {
        Ensure::Role(role) => Some(role),
        _ => None,
    });
    roles.map(create_role).collect()
}

fn template<'a>(plan: &'a Plan, group: &str) -> Option<&'a LaunchTemplate> {
    match &plan.step(&gpu_step(group, "launch-template"))?.desired.ensure {
        Ensure::LaunchTemplate(template) => Some(template),
        _ => None,
    }
}

fn create_role(role: &Role) -> Value {
    json!({
        "RoleName": role.name,
        "Description": role.description,
        "AssumeRolePolicyDocument": role.trust,
        "ManagedPolicyArns": role.managed,
        "InlinePolicies": role.inline,
    })
}

fn create_nodegroup(plan: &Plan, group: &Nodegroup) -> Value {
    let (min, desired, max) = group.sizes;
    let taints: Vec<Value> = group
        .taints
        .iter()
        .map(|(key, value, effect)| json!({ "key": key, "value": value, "effect": effect }))
        .collect();
    let mut request = json!({
        "clusterName": plan.place.cluster,
        "nodegroupName": group.name,
        "subnets": [group.subnet],
        "nodeRole": group.node_role,
        "amiType": group.launch.ami_type,
        "capacityType": group.launch.capacity_type,
        "launchTemplate": { "id": group.launch.template, "version": group.launch.template_version },
        "scalingConfig": { "minSize": min, "maxSize": max, "desiredSize": desired },
        "labels": group.labels,
        "taints": taints,
        "updateConfig": { "maxUnavailable": 1, "updateStrategy": group.update_strategy },
        "nodeRepairConfig": { "enabled": group.repair },
    });
    if let Some(fields) = request.as_object_mut() {
        if !group.launch.instance_types.is_empty() {
            fields.insert("instanceTypes".to_owned(), json!(group.launch.instance_types));
        }
        if let Some(release) = &group.launch.release {
            fields.insert("releaseVersion".to_owned(), json!(release));
        }
    }
    request
}
