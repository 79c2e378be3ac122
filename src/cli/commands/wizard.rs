//! The wizard.

use super::Ended;
use crate::cli::context::Context;
use crate::domain::problem::{Problem, ProblemKind};

/// Opens the wizard.
pub async fn run(_context: &Context) -> Ended {
    Err(Problem::new(ProblemKind::Usage, "The wizard is not in this build."))
}
