//! Records for programs: one JSON object a line.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::finding::Finding;
use crate::domain::ladder::Verification;
use crate::domain::problem::Problem;
use crate::plan::model::{Plan, PlannedStep, Verb};

/// A finding as a record.
pub fn finding(finding: &Finding) -> Value {
    json!({ "finding": finding })
}

/// A step of a plan as a record: what an operator's script asks of it, and the whole object.
pub fn step(step: &PlannedStep) -> Value {
    json!({ "step": {
        "id": step.id(),
        "verb": step.verb,
        "reason": step.reason,
        "component": step.desired.component,
        "title": step.desired.title,
        "after": step.after,
        "changes": step.changes,
        "desired": step.desired.ensure,
    }})
}

/// The last record of a plan.
pub fn plan_summary(plan: &Plan) -> Value {
    let count = |verb| plan.count(verb);
    json!({ "summary": {
        "plan": plan.id,
        "cluster": plan.place.cluster,
        "account": plan.place.account,
        "region": plan.place.region,
        "create": count(Verb::Create),
        "change": count(Verb::Update),
        "wait": count(Verb::Wait),
        "adopt": count(Verb::Adopt),
        "keep": count(Verb::Keep),
        "delete": count(Verb::Delete),
        "notes": plan.notes,
    }})
}

/// The records of a verification; the last one is its summary.
pub fn verification(verification: &Verification) -> Vec<Value> {
    let rungs = verification
        .ladders
        .iter()
        .flat_map(|ladder| ladder.rungs.iter().map(|rung| json!({ "rung": rung, "ladder": ladder.id })));
    let summary = json!({ "summary": {
        "nodes": verification.nodes,
        "verdict": verification.verdict,
        "at": verification.at,
    }});
    rungs.chain([summary]).collect()
}

/// A problem as a record.
pub fn problem(problem: &Problem) -> Value {
    json!({ "problem": problem })
}

/// Anything under a name.
pub fn named<T: Serialize>(name: &str, value: &T) -> Value {
    json!({ name: value })
}
