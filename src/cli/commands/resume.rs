//! `resume`: goes on with an interrupted run, with its recorded plan.

use super::Ended;
use super::apply::{finish, sink, writable};
use crate::apply::cancel::Control;
use crate::cli::context::Context;
use crate::cli::signals;
use crate::domain::ids::RunId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::ops::apply::{self, Channels};
use crate::report::out;

/// Resumes `run`, or the newest unfinished one.
///
/// # Errors
/// Nothing to resume, a `--set`, somebody else holds the lock, the cluster cannot be reached.
pub async fn run(context: &Context, run: Option<&str>, yes: bool, verify: bool) -> Ended {
    if let Some(set) = context.request.sets.first() {
        let what = format!("A resume goes on with the recorded configuration, so --set {set} has no place in it.");
        return Err(Problem::new(ProblemKind::Usage, what).hint("eks-wizard apply plans anew with it"));
    }
    let session = context.open().await?;
    writable(&session)?;
    let wanted = run.map(RunId::from);
    let now = context.request.load().ok().and_then(|loaded| loaded.spec().ok()).map(|(spec, _)| spec);
    let resumable = apply::resumable(&session, wanted.as_ref())?;
    for line in apply::changed_since(&resumable, now.as_ref()) {
        out::talk(&line);
    }
    let (ground, planned) = apply::recorded(&session, &resumable).await?;
    if !yes {
        super::plan::show(context, &planned);
        super::apply::confirm(&planned)?;
    }
    let control = Control::new();
    let watch = signals::watch(&control);
    let view = apply::resume(&session, &ground, &resumable, Channels::to(sink(context), &control)).await?;
    drop(watch);
    finish(context, &session, &ground, &planned, &view, verify).await
}
