//! Spec and Facts to Desired; Desired and Observed to Plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::model::{Note, Plan, PlannedStep, Verb};
use super::stages::gpu;
use super::{graph, verb};
use crate::components::component::{Choice, Inputs, gpu_step, registry};
use crate::components::desired::Desired;
use crate::components::naming::{is_ours, owner_tags, sha256_hex};
use crate::components::observed::Observed;
use crate::config::{Owner, Spec};
use crate::domain::facts::{Facts, Place};
use crate::domain::ids::{PlanId, StepId};
use crate::domain::problem::Problem;

/// Hex digits of a plan id.
const PLAN_ID_DIGITS: usize = 12;

/// Everything that should stand, each after what it needs, ids unique.
///
/// # Errors
/// Every fact that is missing, and every setting that cannot be meant, at once.
pub fn desired(spec: &Spec, facts: &Facts, place: &Place) -> Result<Vec<Desired>, Vec<Problem>> {
    let tags = owner_tags(place);
    let inputs = Inputs { spec, facts, place, tags: &tags };
    let of_components = registry().iter().map(|component| component.desired(&inputs));
    let of_groups = spec.gpu.iter().map(|group| gpu::desired(&inputs, group));
    let (mut steps, mut problems) = (Vec::new(), Vec::new());
    for made in of_components.chain(of_groups) {
        match made {
            Ok(made) => steps.extend(made),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    without_nodes(spec, &mut steps);
    graph::ordered(steps)
}

/// Where a group has no subnet there are no nodes, so what needs them is left out: the notes and NET-001 say why.
fn without_nodes(spec: &Spec, steps: &mut Vec<Desired>) {
    let held: BTreeSet<StepId> = steps.iter().map(|step| step.id.clone()).collect();
    let nodes = spec.gpu.iter().map(|group| gpu_step(&group.name, "nodes"));
    let missing: BTreeSet<StepId> = nodes.filter(|id| !held.contains(id)).collect();
    steps.retain(|step| !step.needs.iter().any(|need| missing.contains(need)));
}

/// The plan: `desired` as [`desired`] gave it, with a verb for each by what was observed.
pub fn plan(spec: &Spec, facts: &Facts, observed: &Observed, desired: &[Desired], place: &Place) -> Plan {
    let mut verbs: BTreeMap<StepId, Verb> = BTreeMap::new();
    let mut steps = Vec::with_capacity(desired.len());
    for wanted in desired {
        let step = planned(wanted, observed, &verbs);
        verbs.insert(wanted.id.clone(), step.verb);
        steps.push(step);
    }
    let mut notes = notes(spec, facts, place);
    notes.extend(desired.iter().filter_map(|step| observed.0.get(&step.id).map(|seen| (step, seen))).flat_map(
        |(step, seen)| seen.notes.iter().map(|says| Note { subject: step.id.to_string(), says: says.clone() }),
    ));
    Plan { id: plan_id(&steps, place), place: place.clone(), steps, notes }
}

/// Steps that must not be applied as things stand, with the reason: what CLU-004 reports.
pub fn conflicts(plan: &Plan, observed: &Observed) -> Vec<(StepId, String)> {
    let decided = plan.steps.iter().map(|step| (step.id(), verb::decide(&step.desired, observed.0.get(step.id()))));
    decided.filter_map(|(id, decision)| decision.conflict.map(|why| (id.clone(), why))).collect()
}

fn planned(wanted: &Desired, observed: &Observed, verbs: &BTreeMap<StepId, Verb>) -> PlannedStep {
    let mut decision = verb::decide(wanted, observed.0.get(&wanted.id));
    if decision.verb == Verb::Keep
        && let Some(source) = moved_source(wanted, verbs)
    {
        decision.verb = Verb::Update;
        decision.reason = format!("follows {source}");
    }
    PlannedStep {
        after: graph::after(wanted),
        desired: wanted.clone(),
        verb: decision.verb,
        reason: decision.reason,
        changes: decision.changes,
    }
}

/// The step that this one reads an id or a version of which the apply will change. ARNs follow from names and stay.
fn moved_source(wanted: &Desired, verbs: &BTreeMap<StepId, Verb>) -> Option<StepId> {
    graph::outputs_read(&wanted.ensure).into_iter().find_map(|(step, key)| {
        let moves = match verbs.get(&step)? {
            Verb::Create => key != "arn",
            Verb::Update => key == "version",
            Verb::Adopt | Verb::Keep | Verb::Wait | Verb::Delete => false,
        };
        moves.then_some(step)
    })
}

/// What is left alone and why, and choices taken on the operator's behalf.
fn notes(spec: &Spec, facts: &Facts, place: &Place) -> Vec<Note> {
    let tags = owner_tags(place);
    let inputs = Inputs { spec, facts, place, tags: &tags };
    let mut notes = Vec::new();
    let mut add = |subject: &str, says: String| notes.push(Note { subject: subject.to_owned(), says });
    for component in registry() {
        match component.choice(spec, facts) {
            Choice::Install => {}
            Choice::Adopt { who } => add(component.id(), format!("Adopted: made by {who}. It is used and left alone.")),
            Choice::Skip { why } => add(component.id(), format!("Skipped. {why}")),
            Choice::Off { why } => add(component.id(), format!("Off. {why}")),
            Choice::Blocked { why, variable } => add(component.id(), format!("Blocked. {why} {variable} decides.")),
        }
        for says in component.notes(&inputs) {
            add(component.id(), says);
        }
    }
    for group in &spec.gpu {
        for says in gpu::notes(&inputs, group) {
            add(&format!("gpu.{}", group.name), says);
        }
    }
    for group in kept_groups(spec, facts) {
        add(&format!("gpu.{group}"), "Kept (off in .env): no setting names this node group any more.".to_owned());
    }
    for (variable, why) in spec.not_yet() {
        add(variable, why);
    }
    let of = &spec.components;
    for (variable, owner, what) in [
        ("CLUSTER_AUTOSCALER", of.cluster_autoscaler, "Cluster Autoscaler"),
        ("LOAD_BALANCER_CONTROLLER", of.load_balancer_controller, "AWS Load Balancer Controller"),
    ] {
        if owner == Owner::Auto {
            add(variable, format!("The {what} is required, but this version does not install it yet."));
        }
    }
    notes
}

/// Node groups that this program made and that the Spec no longer names. A setting never removes anything.
fn kept_groups<'a>(spec: &Spec, facts: &'a Facts) -> Vec<&'a str> {
    let live = facts.eks.nodegroups.known().map_or(&[][..], Vec::as_slice);
    let ours = live.iter().filter(|group| is_ours(&group.tags, &spec.cluster));
    ours.map(|group| group.name.as_str()).filter(|name| !spec.gpu.iter().any(|group| group.name == *name)).collect()
}

/// Digest of place, desired things, verbs and differences. Reasons and notes hold counters and stay out.
fn plan_id(steps: &[PlannedStep], place: &Place) -> PlanId {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| json!({ "desired": step.desired, "verb": step.verb, "changes": step.changes }))
        .collect();
    let text = canonical(json!({ "place": place, "steps": steps })).to_string();
    let mut digest = sha256_hex(text.as_bytes());
    digest.truncate(PLAN_ID_DIGITS);
    PlanId::new(digest)
}

/// The same value with every object's keys in order, so that equal values have equal text.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<String, Value> =
                fields.into_iter().map(|(key, field)| (key, canonical(field))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}
