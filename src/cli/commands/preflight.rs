//! `preflight`: every check that applies.

use super::Ended;
use crate::cli::args::FailOn;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::domain::finding::Finding;
use crate::ops::plan;
use crate::report::{json, out, text};

/// Runs the checks and prints them.
///
/// # Errors
/// The configuration is invalid, or the cluster cannot be reached.
pub async fn run(context: &Context, fail_on: FailOn) -> Ended {
    let (_, spec) = context.spec()?;
    let session = context.open().await?;
    let (_, planned) = plan::look(&session, spec).await?;
    if context.json() {
        planned.findings.iter().for_each(|finding| out::record(&json::finding(finding)));
        out::record(&json::named("summary", &text::tally(&planned.findings)));
    } else {
        out::data(&text::findings(&planned.findings));
    }
    let stops = |finding: &Finding| match fail_on {
        FailOn::Error => finding.blocks(),
        FailOn::Warning => finding.failed(),
    };
    Ok(if planned.findings.iter().any(stops) { Exit::Blocked } else { Exit::Done })
}
