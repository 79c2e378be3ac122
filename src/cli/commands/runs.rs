//! `runs`: lists runs.

use super::Ended;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::ops::runs;
use crate::report::{json, out};

/// Lists runs, newest first.
///
/// # Errors
/// The state folder cannot be read.
pub fn run(context: &Context) -> Ended {
    let (runs, notes) = runs::list(&context.request)?;
    for note in notes {
        out::talk(&note);
    }
    if context.json() {
        runs.iter().for_each(|run| out::record(&json::named("run", run)));
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        out::data("No run is recorded.");
    }
    for run in &runs {
        out::data(&runs::line(run));
    }
    Ok(Exit::Done)
}
