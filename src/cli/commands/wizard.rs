//! The wizard: needs a terminal.

use std::io::IsTerminal;
use std::sync::Arc;

use super::Ended;
use crate::cli::backend::Live;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::domain::problem::{Problem, ProblemKind};
use crate::tui;

/// Opens the wizard.
///
/// # Errors
/// There is no terminal, the configuration file cannot be read, or the terminal cannot be used.
pub async fn run(context: &Context) -> Ended {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Problem::new(ProblemKind::Usage, "The wizard needs a terminal; stdin or stdout is none.")
            .hint("run a command instead: eks-wizard --help"));
    }
    let loaded = context.request.load()?;
    let session = context.open().await?;
    let backend = Arc::new(Live::new(session, &loaded, context.request.shown_env_file()));
    let options = tui::Options { ascii: context.ascii, no_color: context.no_color };
    match tui::run(backend, loaded.draft, options).await? {
        tui::Ended::Left => Ok(Exit::Done),
        tui::Ended::LeftRunning => {
            Context::say("The run is paused. eks-wizard resume goes on with it.");
            Ok(Exit::Paused)
        }
        tui::Ended::Signalled => Ok(Exit::Cancelled),
        tui::Ended::Simulator => {
            Context::say("Start the simulator with: eks-wizard --simulate");
            Ok(Exit::Done)
        }
    }
}
