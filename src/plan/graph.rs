//! Which step comes after which: declared needs, and outputs that a step reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::components::desired::{Desired, Ensure, Val};
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};

/// The values in `ensure` that may be outputs of other steps.
pub fn values(ensure: &Ensure) -> Vec<&Val> {
    match ensure {
        Ensure::Addon(addon) => addon.associations.iter().map(|one| &one.role).collect(),
        Ensure::LaunchTemplate(template) => {
            template.data.network_interfaces.iter().flat_map(|interface| &interface.groups).collect()
        }
        Ensure::Nodegroup(group) => vec![&group.node_role, &group.launch.template, &group.launch.template_version],
        Ensure::Role(_)
        | Ensure::Objects(_)
        | Ensure::NotDefaultClass(_)
        | Ensure::SecurityGroup(_)
        | Ensure::PlacementGroup(_)
        | Ensure::Nodes(_) => Vec::new(),
    }
}

/// Step and key of every output that `ensure` reads.
pub fn outputs_read(ensure: &Ensure) -> BTreeSet<(StepId, String)> {
    let references = values(ensure).into_iter().filter_map(Val::reference);
    references.map(|(step, key)| (step, key.to_owned())).collect()
}

/// Every step that must be done before `step`.
pub fn after(step: &Desired) -> BTreeSet<StepId> {
    let read = outputs_read(&step.ensure).into_iter().map(|(id, _)| id);
    step.needs.iter().cloned().chain(read).collect()
}

/// `steps` in an order in which each comes after all that it needs; among those that could come next, the one of the
/// earlier stage and then the earlier in `steps`.
///
/// # Errors
/// An id twice, a need that no step has, or a circle: faults of this program, each named.
pub fn ordered(mut steps: Vec<Desired>) -> Result<Vec<Desired>, Vec<Problem>> {
    let faults = faults(&steps);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut done: BTreeSet<StepId> = BTreeSet::new();
    let mut made = Vec::with_capacity(steps.len());
    while !steps.is_empty() {
        let ready = steps.iter().enumerate().filter(|(_, step)| after(step).is_subset(&done));
        let Some(next) = ready.min_by_key(|(at, step)| (step.stage, *at)).map(|(at, _)| at) else {
            let circle: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
            return Err(vec![internal(format!("These steps wait for one another: {}.", circle.join(", ")))]);
        };
        let step = steps.remove(next);
        done.insert(step.id.clone());
        made.push(step);
    }
    Ok(made)
}

fn faults(steps: &[Desired]) -> Vec<Problem> {
    let mut seen: BTreeMap<&StepId, u32> = BTreeMap::new();
    for step in steps {
        *seen.entry(&step.id).or_default() += 1;
    }
    let twice = seen.iter().filter(|(_, times)| **times > 1);
    let mut found: Vec<Problem> =
        twice.map(|(id, times)| internal(format!("The plan holds step {id} {times} times."))).collect();
    for step in steps {
        for need in after(step).iter().filter(|need| !seen.contains_key(need)) {
            found.push(internal(format!("Step {} waits for {need}, which the plan does not hold.", step.id)));
        }
    }
    found
}

fn internal(what: String) -> Problem {
    Problem::new(ProblemKind::Internal, what)
}
