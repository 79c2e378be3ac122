//! The scenario `installed`: a world in which this program has already done its work.
//!
//! It is made by the real pipeline on a fast clock, so it can never differ from what an install makes.

use std::path::{Path, PathBuf};

use super::apply::{Channels, apply};
use super::plan;
use super::session::{Session, SessionOptions};
use crate::apply::cancel::Control;
use crate::config::{self, LoadOptions};
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::event::RunEnd;
use crate::events::sink::Silent;

/// Simulated seconds a second while the world is prepared: fast, and slow enough for a token's 15 minutes.
const SPEED: f64 = 1000.0;
/// Marks a world that was prepared to its end.
const MARK: &str = "installed";

/// Prepares the world of `options` when its scenario asks for it and nobody did yet; then the world must not be reset
/// once more, and the answer says so.
///
/// # Errors
/// The world cannot be opened, or the install does not end well.
pub async fn prepare(options: &SessionOptions, on_gap: impl Fn(&str) + Send + Sync + 'static) -> Result<bool, Problem> {
    let Some(simulate) = &options.simulate else { return Ok(false) };
    if !crate::sim::scenario_installed(&simulate.scenario) {
        return Ok(false);
    }
    let mark = options.folders.simulated(&simulate.scenario).join(MARK);
    if mark.exists() && !simulate.reset {
        return Ok(false);
    }
    let mut quick = options.clone();
    if let Some(simulate) = &mut quick.simulate {
        (simulate.speed, simulate.reset) = (SPEED, true);
        simulate.faults.clear();
    }
    quick.read_only = false;
    let session = Session::open(quick, on_gap)?;
    install(&session, &super::session::seeded_env(&options.folders, &simulate.scenario, simulate.reset)?).await?;
    drop(session);
    done(&mark)
}

async fn install(session: &Session, env_file: &Path) -> Result<(), Problem> {
    let loaded =
        config::load(LoadOptions { env_file: Some(PathBuf::from(env_file)), named: true, ..LoadOptions::default() })?;
    let (spec, _) = loaded.spec().map_err(|issues| {
        let says = issues.first().map(ToString::to_string).unwrap_or_default();
        Problem::new(ProblemKind::Internal, "The scenario's own configuration is not valid.").because(says)
    })?;
    let (ground, planned) = plan::look(session, spec).await?;
    let view = apply(session, &ground, &planned, Channels::to(Box::new(Silent), &Control::new())).await?;
    match view.end {
        Some(RunEnd::Done) => Ok(()),
        _ => {
            let problem =
                Problem::new(ProblemKind::Internal, "The simulated install of this scenario does not end well.");
            Err(view.problems().fold(problem, |problem, (step, why)| problem.because(format!("{step}: {why}"))))
        }
    }
}

fn done(mark: &Path) -> Result<bool, Problem> {
    std::fs::write(mark, b"").map(|()| true).map_err(|error| {
        Problem::new(ProblemKind::Usage, format!("{} cannot be written.", mark.display())).because(error.to_string())
    })
}
