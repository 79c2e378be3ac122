//! Spec, Facts → Desired → Observed → Plan → Findings.

use std::sync::Arc;

use super::ground::{self, Ground};
use super::session::Session;
use crate::components::observed::Observed;
use crate::config::Spec;
use crate::discover::observe::observe;
use crate::domain::finding::{Finding, Outcome};
use crate::domain::instance::lookup;
use crate::domain::problem::{Problem, ProblemKind};
use crate::plan::model::Plan;
use crate::plan::planner;
use crate::preflight;

/// A plan with everything that was considered for it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What is meant.
    pub spec: Arc<Spec>,
    /// The plan; `None` while a choice is missing that a finding names.
    pub plan: Option<Arc<Plan>>,
    /// What stands.
    pub observed: Observed,
    /// Every result of every check.
    pub findings: Vec<Finding>,
}

impl Planned {
    /// Whether a failed check of severity error stands in the way.
    pub fn blocked(&self) -> bool {
        self.findings.iter().any(Finding::blocks)
    }

    /// How many checks could not be told.
    pub fn unknown(&self) -> usize {
        self.findings.iter().filter(|finding| matches!(finding.outcome, Outcome::CannotTell { .. })).count()
    }

    /// Findings that an operator should see beside the plan.
    pub fn notable(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| {
            matches!(finding.outcome, Outcome::Fail | Outcome::CannotTell { .. } | Outcome::Suppressed { .. })
        })
    }
}

/// Reads what `spec` needs, plans and checks.
///
/// # Errors
/// The cluster cannot be reached, the instance type is unknown, or nothing can be planned and no finding says why.
pub async fn look(session: &Session, spec: Spec) -> Result<(Ground, Planned), Problem> {
    let needs = ground::needs(&spec);
    let ground = ground::read(session, &spec.cluster, spec.region.as_ref(), &needs).await?;
    let planned = plan(session, &ground, Arc::new(spec)).await?;
    Ok((ground, planned))
}

/// Plans and checks on facts that were read.
///
/// # Errors
/// As [`look`], but for reading.
pub async fn plan(session: &Session, ground: &Ground, spec: Arc<Spec>) -> Result<Planned, Problem> {
    known_types(&spec, ground)?;
    let desired = planner::desired(&spec, &ground.facts, &ground.place);
    let (plan, observed, missing) = match desired {
        Ok(desired) => {
            let observed = observe(&ground.clients, &desired).await;
            let plan = planner::plan(&spec, &ground.facts, &observed, &desired, &ground.place);
            (Some(Arc::new(plan)), observed, Vec::new())
        }
        Err(problems) => (None, Observed::default(), problems),
    };
    let today: String = session.timer().now().to_string().chars().take(10).collect();
    let findings = preflight::run(&preflight::Inputs {
        spec: &spec,
        facts: &ground.facts,
        observed: &observed,
        plan: plan.as_deref(),
        today: &today,
    });
    let planned = Planned { spec, plan, observed, findings };
    match missing.into_iter().next() {
        // A finding that blocks says it better, with fixes.
        Some(problem) if !planned.blocked() => Err(problem),
        _ => Ok(planned),
    }
}

/// An instance type that neither the API nor the table knows is an error of the configuration.
fn known_types(spec: &Spec, ground: &Ground) -> Result<(), Problem> {
    for group in &spec.gpu {
        if lookup(&ground.facts, &group.instance_type).is_none() {
            let types = &ground.facts.capacity.instance_types;
            let problem = Problem::new(
                ProblemKind::Usage,
                format!("GPU_INSTANCE_TYPE is {}: neither EC2 nor the built-in table knows it.", group.instance_type),
            )
            .hint("set GPU_INSTANCE_TYPE to an NVIDIA type with EFA, such as p5en.48xlarge");
            // When EC2 answered there is no further cause.
            return Err(match types.known() {
                Some(_) => problem,
                None => problem.because(types.why_unknown()),
            });
        }
    }
    Ok(())
}
