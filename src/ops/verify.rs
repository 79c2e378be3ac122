//! Proofs of what stands.

use super::ground::Ground;
use super::plan::Planned;
use super::session::Session;
use crate::domain::ladder::Verification;
use crate::domain::problem::{Problem, ProblemKind};
use crate::verify::{self, expect};

/// Runs the ladders for what `planned` wants. It makes and removes probe pods.
///
/// # Errors
/// Read-only mode, or there is no plan to say what is expected.
pub async fn verify(session: &Session, ground: &Ground, planned: &Planned) -> Result<Verification, Problem> {
    if session.read_only() {
        return Err(Problem::new(ProblemKind::Usage, "A verification runs pods; read-only mode refuses it."));
    }
    let plan = planned.plan.as_deref().ok_or_else(|| {
        Problem::new(ProblemKind::Blocked, "There is no plan that says what to expect.").hint("eks-wizard preflight")
    })?;
    let expectation = expect::expectation(&planned.spec, &ground.facts, plan);
    Ok(verify::verify(&ground.clients, &expectation).await)
}

/// Removes the probes that a verification left, when it was broken off.
///
/// # Errors
/// The probes cannot be listed.
pub async fn sweep(ground: &Ground) -> Result<(), Problem> {
    verify::sweep(&ground.clients).await
}
