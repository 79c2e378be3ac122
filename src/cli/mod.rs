//! The command line: parses, opens a session, runs one command, ends with its exit code.

pub mod args;
mod assignment;
pub mod backend;
pub mod commands;
pub mod context;
pub mod exit;
pub mod signals;

use std::collections::BTreeMap;

use args::{Cli, Command};
use context::Context;
use exit::Exit;

use crate::report::out;

/// Runs one command line to its exit code.
pub async fn run(cli: Cli, environment: BTreeMap<String, String>) -> Exit {
    let json = cli.show.output == args::Output::Json;
    let context = match Context::new(&cli, environment) {
        Ok(context) => context,
        Err(problem) => return context::report(json, &problem),
    };
    let ended = match cli.command {
        Some(Command::Config { what }) => commands::config::run(&context, &what),
        Some(Command::Discover) => commands::discover::run(&context).await,
        Some(Command::Preflight { fail_on }) => commands::preflight::run(&context, fail_on).await,
        Some(Command::Plan { detailed_exitcode, out }) => {
            commands::plan::run(&context, detailed_exitcode, out.as_deref()).await
        }
        Some(Command::Apply { yes, no_verify }) => commands::apply::run(&context, yes, !no_verify).await,
        Some(Command::Resume { run, yes, no_verify }) => {
            commands::resume::run(&context, run.as_deref(), yes, !no_verify).await
        }
        Some(Command::Runs) => commands::runs::run(&context),
        Some(Command::Verify) => commands::verify::run(&context).await,
        Some(Command::Health) => commands::health::run(&context).await,
        Some(Command::Render { what }) => commands::render::run(&context, what).await,
        Some(Command::Completions { shell }) => commands::completions::run(shell),
        None => commands::wizard::run(&context).await,
    };
    match ended {
        Ok(exit) => exit,
        Err(problem) => context::report(json, &problem),
    }
}

/// Tells what the simulator does not implement and ends the process: a silent gap would look like a fact.
pub fn end_on_gap(what: &str) {
    out::talk(&format!("The simulator does not implement {what}."));
    std::process::exit(i32::from(Exit::Internal.code()));
}
