//! `health`: one verdict with reasons.

use super::Ended;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::domain::sample::Condition;
use crate::ops::{health, plan};
use crate::report::{json, out, text};

/// Looks once and prints the verdict.
///
/// # Errors
/// The configuration is invalid, or the cluster cannot be reached.
pub async fn run(context: &Context) -> Ended {
    let (_, spec) = context.spec()?;
    let session = context.open().await?;
    let (ground, planned) = plan::look(&session, spec).await?;
    let sample = health::sample(&ground, &planned).await;
    if context.json() {
        out::record(&json::named("health", &sample));
    } else {
        out::data(&text::sample(&sample));
    }
    Ok(match sample.condition {
        Condition::Healthy | Condition::Degraded => Exit::Done,
        Condition::Unhealthy | Condition::Unknown => Exit::Unhealthy,
    })
}
