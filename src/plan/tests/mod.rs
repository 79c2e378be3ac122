//! The planner against Specs and facts.

mod gpu;
mod placement;
mod planner;
mod property;
mod verbs;

use serde_json::{Value, json};

use super::model::Plan;
use super::planner::{desired, plan};
use crate::components::component::gpu_step;
use crate::components::desired::{Desired, Ensure, LaunchTemplate, Nodegroup};
use crate::components::observed::{Observation, Observed, Presence};
use crate::components::testing::{facts, place, spec, spec_with};
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::resource::Ownership;

/// The plan for a cluster on which nothing stands.
fn fresh(spec: &Spec, facts: &Facts) -> Plan {
    let desired = desired(spec, facts, &place()).unwrap();
    let observed = Observed(desired.iter().map(|step| (step.id.clone(), Observation::absent())).collect());
    plan(spec, facts, &observed, &desired, &place())
}

/// What servers would say after an apply that went well.
fn as_applied(desired: &[Desired]) -> Observed {
    let same = Observation { presence: Presence::Same, owner: Ownership::Ours, ..Observation::absent() };
    Observed(desired.iter().map(|step| (step.id.clone(), same.clone())).collect())
}

fn group_with(changes: &[(&str, Value)]) -> Spec {
    let changes: Vec<(String, Value)> =
        changes.iter().map(|(pointer, value)| (format!("/gpu/0/{pointer}"), value.clone())).collect();
    let borrowed: Vec<(&str, Value)> = changes.iter().map(|(at, value)| (at.as_str(), value.clone())).collect();
    spec_with(&borrowed)
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id().as_str()).collect()
}

fn template(plan: &Plan) -> &LaunchTemplate {
    match &plan.step(&gpu_step("gpu-compute", "launch-template")).unwrap().desired.ensure {
        Ensure::LaunchTemplate(template) => template,
        other => panic!("{other:?}"),
    }
}

fn nodegroup(plan: &Plan) -> &Nodegroup {
    match &plan.step(&gpu_step("gpu-compute", "nodegroup")).unwrap().desired.ensure {
        Ensure::Nodegroup(group) => group,
        other => panic!("{other:?}"),
    }
}

fn default_plan() -> Plan {
    fresh(&spec(), &facts())
}

fn reservation(option: &str) -> Value {
    json!({"option": option, "id": "cr-1"})
}
