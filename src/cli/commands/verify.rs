//! `verify`: the ladders.

use super::Ended;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::domain::ladder::Verdict;
use crate::ops::ground::Ground;
use crate::ops::plan::Planned;
use crate::ops::session::Session;
use crate::ops::{plan, verify};
use crate::report::{json, out, text};

/// Verifies what the configuration wants.
///
/// # Errors
/// The configuration is invalid, or the cluster cannot be reached.
pub async fn run(context: &Context) -> Ended {
    let (_, spec) = context.spec()?;
    let session = context.open().await?;
    super::apply::writable(&session)?;
    let (ground, planned) = plan::look(&session, spec).await?;
    prove(context, &session, &ground, &planned).await
}

/// Runs the ladders and prints them.
///
/// # Errors
/// The cluster cannot be reached.
pub async fn prove(context: &Context, session: &Session, ground: &Ground, planned: &Planned) -> Ended {
    let proof = verify::verify(session, ground, planned);
    let verification = tokio::select! {
        proven = proof => proven?,
        () = signals::first() => return broken_off(ground).await,
    };
    if context.json() {
        json::verification(&verification).iter().for_each(out::record);
    } else {
        out::data(&format!("\n{}", text::verification(&verification)));
    }
    Ok(match verification.verdict {
        Verdict::Broken => Exit::Unhealthy,
        Verdict::Proven | Verdict::CannotTell | Verdict::NotApplicable => Exit::Done,
    })
}

/// Removes the probes of a verification that was stopped.
async fn broken_off(ground: &Ground) -> Ended {
    out::talk("The verification stops; its probes are removed. Ctrl-C again leaves them.");
    let swept = tokio::select! {
        swept = verify::sweep(ground) => swept,
        () = signals::first() => Ok(()),
    };
    swept.map(|()| Exit::Cancelled)
}
