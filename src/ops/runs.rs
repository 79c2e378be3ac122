//! The list of runs.

use serde::Serialize;

use super::session::Session;
use super::setup::Request;
use crate::domain::ids::ClusterName;
use crate::domain::problem::Problem;
use crate::events::event::RunEnd;
use crate::journal::store::{RunStore, RunSummary};

/// A run as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Run.
    pub run: String,
    /// Cluster.
    pub cluster: String,
    /// When it was made.
    pub at: String,
    /// Plan.
    pub plan: String,
    /// Whether it was simulated.
    pub simulated: bool,
    /// `done`, `failed`, `paused`, `cancelled`, `superseded`, or `interrupted` for a run that was killed.
    pub end: String,
    /// Steps done.
    pub done: usize,
    /// Steps.
    pub steps: usize,
    /// Whether `resume` has something to do.
    pub unfinished: bool,
}

impl From<RunSummary> for Listed {
    fn from(run: RunSummary) -> Self {
        Self {
            run: run.run.to_string(),
            cluster: run.cluster.to_string(),
            at: run.at.to_string(),
            plan: run.plan.to_string(),
            simulated: run.backend == crate::journal::record::Backend::Simulated,
            end: word(run.end).to_owned(),
            done: run.progress.0,
            steps: run.progress.1,
            unfinished: run.unfinished,
        }
    }
}

fn word(end: Option<RunEnd>) -> &'static str {
    match end {
        Some(RunEnd::Done) => "done",
        Some(RunEnd::Failed) => "failed",
        Some(RunEnd::Paused) => "paused",
        Some(RunEnd::Cancelled) => "cancelled",
        Some(RunEnd::Superseded) => "superseded",
        None => "interrupted",
    }
}

/// Runs of the request's state folder, newest first, and one sentence for each journal that cannot be read.
///
/// # Errors
/// The folder exists and cannot be read.
pub fn list(request: &Request) -> Result<(Vec<Listed>, Vec<String>), Problem> {
    let (runs, notes) = RunStore::open(&request.state()).runs()?;
    Ok((runs.into_iter().map(Listed::from).collect(), notes))
}

/// The newest run of `cluster` (of any, when none is named) if it can be resumed.
pub fn unfinished(session: &Session, cluster: Option<&ClusterName>) -> Option<RunSummary> {
    let store = RunStore::open(&session.state());
    match cluster {
        Some(cluster) => store.newest_unfinished(cluster).ok().flatten(),
        None => store.runs().ok()?.0.into_iter().next().filter(|run| run.unfinished),
    }
}

/// A run as a line of text.
pub fn line(run: &Listed) -> String {
    let mode = if run.simulated { "SIMULATED " } else { "" };
    format!(
        "{}  {}  {:<11} {:>3} of {:<3} steps  {mode}cluster {}  plan {}",
        run.run, run.at, run.end, run.done, run.steps, run.cluster, run.plan
    )
}
