//! Placeholder with the agreed signature, replaced by the branch `observe`.

use crate::components::desired::Desired;
use crate::components::observed::Observation;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::clients::Clients;

/// Asks the servers what stands in the place of one desired thing.
///
/// # Errors
/// Always, until the branch `observe` is merged.
#[expect(clippy::unused_async, reason = "placeholder of the agreed signature")]
pub async fn observe_one(
    _clients: &Clients,
    desired: &Desired,
    _resolve: &(dyn Fn(&StepId, &str) -> Option<String> + Sync),
) -> Result<Observation, Problem> {
    Err(Problem::new(ProblemKind::Internal, format!("{} cannot be observed in this build.", desired.id)))
}
