//! SG-001: the security group of EFA interfaces.

use crate::domain::finding::Severity;
use crate::domain::ids::StepId;
use crate::preflight::check::{Check, Inputs, Said, per_group};

/// Self rules both ways.
pub const SG_001: Check = Check {
    id: "SG-001",
    severity: Severity::Error,
    title: "EFA security group allows all traffic to and from itself",
    details: "EFA needs ingress and egress rules whose peer is the same group id; egress to 0.0.0.0/0 is no substitute. \
              Where the cluster security group lacks one, an own untagged group with both rules joins it.",
    run: sg_001,
};

fn sg_001(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |group| {
        let Some(rules) = inputs.facts.network.cluster_group.known() else {
            return vec![Said::unknown("", inputs.facts.network.cluster_group.why_unknown())];
        };
        let have = |yes: bool| if yes { "yes" } else { "no" };
        let evidence = format!(
            "cluster security group {}: self ingress {}, self egress {}",
            rules.group,
            have(rules.self_ingress),
            have(rules.self_egress)
        );
        if rules.self_ingress && rules.self_egress {
            return vec![Said::pass(rules.group.as_str(), evidence)];
        }
        let step = StepId::new(format!("gpu.{}.security-group", group.name));
        match inputs.step(step.as_str()) {
            Some(_) => vec![Said::by_plan(rules.group.as_str(), &step, evidence)],
            None => vec![Said::unknown(rules.group.as_str(), "no plan yet").evidence(evidence)],
        }
    })
}
