//! PID-001: the Pod Identity agent.

use crate::domain::finding::Severity;
use crate::domain::ids::StepId;
use crate::plan::model::Verb;
use crate::plan::planner::conflicts;
use crate::preflight::check::{Check, Inputs, Said};

/// Name of the add-on.
const NAME: &str = "eks-pod-identity-agent";

/// The agent is there, or will be.
pub const PID_001: Check = Check {
    id: "PID-001",
    severity: Severity::Error,
    title: "Pod Identity agent add-on present and Ready on every node that needs it",
    details: "Without the agent a pod with an association gets no credentials: connection to 169.254.170.23:80 is refused. \
              It is installed first.",
    run: pid_001,
};

fn pid_001(inputs: &Inputs<'_>) -> Vec<Said> {
    if inputs.facts.cluster.known().is_some_and(|cluster| cluster.summary.auto_mode) {
        return vec![Said::pass(NAME, "built in with Auto Mode")];
    }
    let Some(addons) = inputs.facts.eks.addons.known() else {
        return vec![Said::unread(NAME, &inputs.facts.eks.addons)];
    };
    let step = StepId::from("pod-identity-agent.addon");
    let planned = inputs.step(step.as_str()).filter(|step| step.verb != Verb::Keep);
    vec![match (addons.iter().find(|addon| addon.name == NAME), planned) {
        (Some(addon), _) if addon.status == "ACTIVE" => Said::pass(NAME, format!("add-on {} is ACTIVE", addon.version)),
        (Some(addon), planned) => {
            let evidence = format!("add-on {} is {}", addon.version, addon.status);
            // A step that would change somebody else's add-on is stopped, so it repairs nothing.
            match planned.filter(|_| !contested(inputs, &step)) {
                Some(_) => Said::by_plan(NAME, &step, evidence),
                None => broken(inputs, Said::fail(NAME, evidence).evidence_lines(addon.issues.iter().cloned())),
            }
        }
        (None, Some(_)) => Said::by_plan(NAME, &step, "the add-on is not installed"),
        (None, None) => Said::unknown(NAME, "the add-on is not installed, and nothing could be planned yet"),
    }]
}

fn contested(inputs: &Inputs<'_>, step: &StepId) -> bool {
    inputs.plan.is_some_and(|plan| conflicts(plan, inputs.observed).iter().any(|(id, _)| id == step))
}

fn broken(inputs: &Inputs<'_>, said: Said) -> Said {
    let cluster = &inputs.spec.cluster;
    said.command(
        format!("aws eks describe-addon --cluster-name {cluster} --addon-name {NAME} --query addon.health"),
        "says what keeps it from becoming ACTIVE",
    )
}
