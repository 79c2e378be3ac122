//! One file a command. Each ends with an exit code or with a problem that the caller reports.

pub mod apply;
pub mod completions;
pub mod config;
pub mod discover;
pub mod health;
pub mod plan;
pub mod preflight;
pub mod render;
pub mod resume;
pub mod runs;
pub mod verify;
pub mod wizard;

use crate::cli::exit::Exit;
use crate::domain::problem::Problem;

/// How a command ends.
pub type Ended = Result<Exit, Problem>;
