//! CLU-004: nobody else owns what would be installed.

use crate::components::component::{Choice, Component, find, registry};
use crate::components::observed::Presence;
use crate::components::standing::{Standing, installed_addon, standing};
use crate::config::{ComponentChoices, Owner};
use crate::domain::finding::Severity;
use crate::plan::planner::conflicts;
use crate::preflight::check::{Check, Inputs, Said};

/// No overlap with Auto Mode or with what someone else installed.
pub const CLU_004: Check = Check {
    id: "CLU-004",
    severity: Severity::Error,
    title: "No overlap with EKS Auto Mode or components someone else installed",
    details: "Two installers that own the same object undo each other. What others own and is fit is adopted and never \
              deleted; what is not fit stops here, with the variable that decides.",
    run: clu_004,
};

fn clu_004(inputs: &Inputs<'_>) -> Vec<Said> {
    let mut said = blocked(inputs);
    said.extend(contested(inputs));
    if said.is_empty() { vec![nothing_found(inputs)] } else { said }
}

/// Components that can neither be installed nor adopted.
fn blocked(inputs: &Inputs<'_>) -> Vec<Said> {
    let of = |component: &&'static dyn Component| match component.choice(inputs.spec, inputs.facts) {
        Choice::Blocked { why, variable } => {
            let said = Said::fail(component.id(), why).evidence(format!("{variable} decides"));
            Some(owners(inputs, *component, true, said))
        }
        _ => None,
    };
    registry().iter().filter_map(of).collect()
}

/// Steps that would change what somebody else owns.
fn contested(inputs: &Inputs<'_>) -> Vec<Said> {
    let Some(plan) = inputs.plan else { return Vec::new() };
    let of = |(step, why): (crate::domain::ids::StepId, String)| {
        let said = match inputs.observed.0.get(&step).map(|seen| &seen.presence) {
            Some(Presence::Conflict { managers }) => {
                Said::fail(step.as_str(), "other field managers own fields that would be set")
                    .evidence_lines(managers.iter().cloned())
            }
            _ => Said::fail(step.as_str(), why),
        };
        match inputs.step(step.as_str()).and_then(|planned| find(&planned.desired.component)) {
            Some(component) => owners(inputs, component, false, said),
            None => said.ask("remove or rename what stands there, or let its owner give it up"),
        }
    };
    conflicts(plan, inputs.observed).into_iter().map(of).collect()
}

/// Offers the owners of `component` under which this finding goes away. Only a block is cured by installing ours.
fn owners(inputs: &Inputs<'_>, component: &dyn Component, blocked: bool, mut said: Said) -> Said {
    let Some((variable, of)) = variable(component.id()) else {
        return said.ask(format!("repair or remove the {} that stands there", component.name()));
    };
    let mut spec = inputs.spec.clone();
    let present = *of(&mut spec.components);
    let words = [
        (Owner::Auto, "auto", "installs ours where none stands"),
        (Owner::Adopt, "adopt", "uses what is there and leaves it alone"),
        (Owner::Skip, "skip", "leaves the component out; health shows it"),
    ];
    for (owner, word, says) in words.into_iter().filter(|(owner, ..)| *owner != present) {
        *of(&mut spec.components) = owner;
        let cures = match component.choice(&spec, inputs.facts) {
            Choice::Install => blocked,
            Choice::Adopt { .. } => !failed_addon(inputs, component),
            Choice::Skip { .. } => true,
            Choice::Off { .. } | Choice::Blocked { .. } => false,
        };
        if cures {
            said = said.set(variable, word, says);
        }
    }
    said
}

/// Whether it is somebody else's add-on that EKS says has failed: its step would go on to report that.
fn failed_addon(inputs: &Inputs<'_>, component: &dyn Component) -> bool {
    component.addon().is_some_and(|name| installed_addon(inputs.facts, name).is_some())
        && matches!(standing(component, inputs.spec, inputs.facts), Standing::Foreign { works: Err(_), .. })
}

/// A place in the component choices.
type OwnerOf = fn(&mut ComponentChoices) -> &mut Owner;

/// The variable that decides about a component that others may own, and where its value is.
fn variable(component: &str) -> Option<(&'static str, OwnerOf)> {
    match component {
        "ebs-csi" => Some(("EBS_CSI", |choices| &mut choices.ebs_csi)),
        "metrics-server" => Some(("METRICS_SERVER", |choices| &mut choices.metrics_server)),
        _ => None,
    }
}

fn nothing_found(inputs: &Inputs<'_>) -> Said {
    let Some(cluster) = inputs.facts.cluster.known() else { return Said::unread("", &inputs.facts.cluster) };
    let mode = if cluster.summary.auto_mode { "Auto Mode on: what it supplies is left to it" } else { "Auto Mode off" };
    match inputs.observed.0.len() {
        0 => Said::unknown("", "nothing could be compared yet"),
        looked => Said::pass("", format!("{looked} things compared with what stands; {mode}")),
    }
}
