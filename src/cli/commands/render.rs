//! `render`: exactly what would be sent, and nothing else on stdout.

use super::Ended;
use crate::cli::args::Artefact;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::ops::{plan, render};
use crate::report::out;

/// Prints an artefact. It never blocks on findings.
///
/// # Errors
/// The configuration is invalid, the cluster cannot be reached, or the artefact does not exist in this plan.
pub async fn run(context: &Context, what: Artefact) -> Ended {
    let (_, spec) = context.spec()?;
    let session = context.open().await?;
    let (_, planned) = plan::look(&session, spec).await?;
    match what {
        Artefact::LaunchTemplate => out::data(&render::launch_template(&planned)?),
        Artefact::Manifests => out::data(&render::manifests(&planned)?),
    }
    Ok(Exit::Done)
}
