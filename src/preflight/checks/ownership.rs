//! CLU-004: nobody else owns what would be installed.

use crate::components::observed::Presence;
use crate::domain::finding::Severity;
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
    let mut said = Vec::new();
    for (step, observation) in &inputs.observed.0 {
        let refused = match &observation.presence {
            Presence::Conflict { managers } => {
                Said::fail(step.as_str(), "other field managers own fields that would be set")
                    .evidence_lines(managers.iter().cloned())
            }
            Presence::Incompatible { why } => Said::fail(step.as_str(), why.clone()),
            _ => continue,
        };
        let component = inputs.step(step.as_str()).map_or("", |planned| planned.desired.component.as_str());
        said.push(match decides(component) {
            Some(variable) => refused.set(variable, "adopt", "uses what is there and leaves it alone").set(
                variable,
                "skip",
                "leaves the component out; health shows it",
            ),
            None => refused.ask("remove or rename what stands there, or give this one another name"),
        });
    }
    if said.is_empty() {
        let auto = inputs.facts.cluster.known().is_some_and(|cluster| cluster.summary.auto_mode);
        let mode = if auto { "Auto Mode on: what it supplies is left to it" } else { "Auto Mode off" };
        let looked = inputs.observed.0.len();
        said.push(match (inputs.facts.cluster.known(), looked) {
            (None, _) => Said::unknown("", inputs.facts.cluster.why_unknown()),
            (Some(_), 0) => Said::unknown("", "nothing could be compared yet"),
            (Some(_), _) => Said::pass("", format!("{looked} things compared with what stands; {mode}")),
        });
    }
    said
}

/// The variable that decides about a component that others may own.
fn decides(component: &str) -> Option<&'static str> {
    match component {
        "ebs-csi" => Some("EBS_CSI"),
        "metrics-server" => Some("METRICS_SERVER"),
        _ => None,
    }
}
