//! `resume`: goes on with an interrupted run, with its recorded plan.

use super::Ended;
use super::apply::{finish, sink, writable};
use crate::apply::Control;
use crate::cli::context::Context;
use crate::cli::signals;
use crate::domain::ids::RunId;
use crate::ops::apply;
use crate::report::out;

/// Resumes `run`, or the newest unfinished one.
///
/// # Errors
/// Nothing to resume, somebody else holds the lock, the cluster cannot be reached.
pub async fn run(context: &Context, run: Option<&str>, yes: bool, verify: bool) -> Ended {
    let session = context.open()?;
    writable(&session)?;
    let wanted = run.map(RunId::from);
    let resumable = apply::resumable(&session, wanted.as_ref())?;
    for line in apply::changed_since(&resumable, context.request.load().ok().as_ref()) {
        out::talk(&line);
    }
    let (ground, planned) = apply::recorded(&session, &resumable).await?;
    if !yes {
        super::plan::show(context, &planned);
        super::apply::confirm(&planned)?;
    }
    let control = Control::new();
    let watch = signals::watch(&control);
    let view = apply::resume(&session, &ground, resumable, sink(context), &control).await?;
    drop(watch);
    finish(context, &session, &ground, &planned, &view, verify).await
}
