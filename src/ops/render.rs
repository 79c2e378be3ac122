//! Artefacts as they would be sent.

use super::plan::Planned;
use crate::components::desired::Ensure;
use crate::domain::problem::{Problem, ProblemKind};
use crate::plan::render;

/// The launch template data of the GPU group, as JSON in AWS's member names.
///
/// # Errors
/// The plan has no launch template.
pub fn launch_template(planned: &Planned) -> Result<String, Problem> {
    let plan = planned.plan.as_deref().ok_or_else(|| no_plan(planned))?;
    let group = planned.spec.gpu.first().ok_or_else(|| {
        Problem::new(ProblemKind::Usage, "There is no launch template: INSTALL_GPU_NODEGROUP is off.")
            .hint("--set INSTALL_GPU_NODEGROUP=true")
    })?;
    let data = render::launch_template(plan, &group.name).ok_or_else(|| no_plan(planned))?;
    serde_json::to_string_pretty(&data).map_err(|error| Problem::new(ProblemKind::Internal, error.to_string()))
}

/// Every Kubernetes object of the plan, as a stream of YAML documents.
///
/// # Errors
/// There is no plan.
pub fn manifests(planned: &Planned) -> Result<String, Problem> {
    let plan = planned.plan.as_deref().ok_or_else(|| no_plan(planned))?;
    let mut text = String::new();
    for step in &plan.steps {
        let Ensure::Objects(objects) = &step.desired.ensure else { continue };
        for object in &objects.objects {
            let yaml = serde_saphyr::to_string(object)
                .map_err(|error| Problem::new(ProblemKind::Internal, error.to_string()))?;
            text.push_str("---\n");
            text.push_str(&yaml);
            if !yaml.ends_with('\n') {
                text.push('\n');
            }
        }
    }
    Ok(text)
}

fn no_plan(planned: &Planned) -> Problem {
    let problem = Problem::new(ProblemKind::Blocked, "There is no plan to render from.");
    planned
        .findings
        .iter()
        .filter(|finding| finding.blocks())
        .fold(problem, |problem, finding| problem.because(format!("{}: {}", finding.check, finding.title)))
        .hint("eks-wizard preflight")
}
