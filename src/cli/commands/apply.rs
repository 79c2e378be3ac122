//! `apply`: install, then the short verification.

use std::io::{BufRead, IsTerminal};

use super::Ended;
use crate::apply::cancel::Control;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::event::RunEnd;
use crate::events::sink::Sink;
use crate::events::view::RunView;
use crate::ops::apply::Channels;
use crate::ops::ground::Ground;
use crate::ops::plan::Planned;
use crate::ops::session::Session;
use crate::ops::{apply, plan};
use crate::report::out;
use crate::report::progress::{JsonProgress, TextProgress};

/// Plans, asks unless `yes`, applies, verifies.
///
/// # Errors
/// The configuration is invalid, the cluster cannot be reached, somebody else holds the lock.
pub async fn run(context: &Context, yes: bool, verify: bool) -> Ended {
    let (_, spec) = context.spec()?;
    let session = context.open().await?;
    writable(&session)?;
    let (ground, planned) = plan::look(&session, spec).await?;
    if planned.blocked() {
        super::plan::show(context, &planned);
        out::talk("Nothing was changed: a check of severity error failed.");
        return Ok(Exit::Blocked);
    }
    let Some(steps) = planned.plan.clone() else {
        return Err(Problem::new(ProblemKind::Internal, "There is no plan and no finding that says why."));
    };
    if !steps.is_settled() && !yes {
        super::plan::show(context, &planned);
        confirm(&planned)?;
    }
    if steps.is_settled() {
        out::talk(&format!("Nothing to change: {} steps stand as they should.", steps.steps.len()));
    }
    let control = Control::new();
    let watch = signals::watch(&control);
    let view = apply::apply(&session, &ground, &planned, Channels::to(sink(context), &control)).await?;
    drop(watch);
    finish(context, &session, &ground, &planned, &view, verify).await
}

/// The sink that the output form asks for.
pub fn sink(context: &Context) -> Box<dyn Sink> {
    if context.json() { Box::new(JsonProgress) } else { Box::new(TextProgress::default()) }
}

/// Refuses in read-only mode.
///
/// # Errors
/// `--read-only` was given.
pub fn writable(session: &Session) -> Result<(), Problem> {
    if session.read_only() {
        return Err(Problem::new(
            ProblemKind::Usage,
            "This command changes AWS and the cluster; --read-only refuses it.",
        )
        .hint("leave --read-only out"));
    }
    Ok(())
}

/// From the end of a run to an exit code; a run that is done is verified.
///
/// # Errors
/// The verification cannot be run.
pub async fn finish(
    context: &Context,
    session: &Session,
    ground: &Ground,
    planned: &Planned,
    view: &RunView,
    verify: bool,
) -> Ended {
    match view.end {
        Some(RunEnd::Done) if verify => super::verify::prove(context, session, ground, planned).await,
        Some(RunEnd::Done) => Ok(Exit::Done),
        Some(RunEnd::Paused) | None => Ok(Exit::Paused),
        Some(RunEnd::Cancelled) => Ok(Exit::Cancelled),
        Some(RunEnd::Failed | RunEnd::Superseded) => {
            for (step, problem) in view.problems() {
                out::talk(&format!("\n{step}: {problem}"));
            }
            out::talk("\nThe run can be resumed: eks-wizard resume");
            Ok(Exit::Failed)
        }
    }
}

/// Asks before anything changes. Without a terminal there is nobody to ask.
///
/// # Errors
/// No terminal, or the answer is not `apply`.
pub fn confirm(planned: &Planned) -> Result<(), Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem::new(ProblemKind::Usage, "Nobody can be asked: stdin is no terminal.")
            .hint("give --yes after reading eks-wizard plan"));
    }
    let unknown = planned.unknown();
    if unknown > 0 {
        out::talk(&format!("{unknown} checks could not be told."));
    }
    out::talk("Type apply to change AWS and the cluster, anything else leaves everything as it is:");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && answer.trim() == "apply" {
        Ok(())
    } else {
        Err(Problem::new(ProblemKind::Cancelled, "Nothing was changed: the answer was not apply."))
    }
}
