//! SG-001: the security group of EFA interfaces.

use crate::domain::finding::Severity;
use crate::domain::ids::StepId;
use crate::plan::model::Verb;
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
            return vec![Said::unread("", &inputs.facts.network.cluster_group)];
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
        let group_id = rules.group.as_str();
        vec![match inputs.step(step.as_str()).map(|planned| planned.verb) {
            Some(Verb::Keep) => Said::pass(group_id, evidence).evidence("the group of its own has both rules"),
            Some(_) => Said::by_plan(group_id, &step, evidence),
            None => Said::unknown(group_id, inputs.why_unplanned(group)).evidence(evidence),
        }]
    })
}
