//! PID-001: the Pod Identity agent.

use crate::domain::finding::Severity;
use crate::domain::ids::StepId;
use crate::plan::model::Verb;
use crate::preflight::check::{Check, Inputs, Said};

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
    const NAME: &str = "eks-pod-identity-agent";
    if inputs.facts.cluster.known().is_some_and(|cluster| cluster.summary.auto_mode) {
        return vec![Said::pass(NAME, "built in with Auto Mode")];
    }
    let step = StepId::from("pod-identity-agent.addon");
    let planned = inputs.step(step.as_str()).filter(|step| step.verb != Verb::Keep);
    let Some(addons) = inputs.facts.eks.addons.known() else {
        return vec![Said::unknown(NAME, inputs.facts.eks.addons.why_unknown())];
    };
    let said = match (addons.iter().find(|addon| addon.name == NAME), planned) {
        (Some(addon), None) if addon.status == "ACTIVE" => {
            Said::pass(NAME, format!("add-on {} is ACTIVE", addon.version))
        }
        (Some(addon), Some(_)) => Said::by_plan(NAME, &step, format!("add-on {} is {}", addon.version, addon.status)),
        (None, Some(_)) => Said::by_plan(NAME, &step, "the add-on is not installed"),
        (Some(addon), None) => Said::fail(NAME, format!("add-on {} is {}", addon.version, addon.status))
            .evidence_lines(addon.issues.iter().cloned()),
        (None, None) if inputs.plan.is_none() => Said::unknown(NAME, "no plan yet"),
        (None, None) => Said::fail(NAME, "the add-on is not installed and the plan has no step for it"),
    };
    vec![said]
}
