//! `config check` and `config example`: contact nothing.

use super::Ended;
use crate::cli::args::ConfigCommand;
use crate::cli::context::{Context, issue};
use crate::cli::exit::Exit;
use crate::config;
use crate::report::{json, out, text};

/// Runs a `config` command.
///
/// # Errors
/// A file that cannot be read.
pub fn run(context: &Context, what: &ConfigCommand) -> Ended {
    match what {
        ConfigCommand::Example => {
            out::data(&config::example());
            Ok(Exit::Done)
        }
        ConfigCommand::Check => check(context),
    }
}

fn check(context: &Context) -> Ended {
    let loaded = context.request.load()?;
    let (issues, valid) = match loaded.spec() {
        Ok((_, warnings)) => (warnings, true),
        Err(issues) => (issues, false),
    };
    for one in &issues {
        if context.json() {
            out::record(&json::named("issue", one));
        } else {
            out::data(&issue(one));
        }
    }
    let errors = issues.iter().filter(|one| one.is_error()).count();
    let warnings = issues.len() - errors;
    if context.json() {
        out::record(&serde_json::json!({ "summary": { "errors": errors, "warnings": warnings, "valid": valid } }));
    } else {
        out::data(&format!("{}, {}.", text::counted(errors, "error"), text::counted(warnings, "warning")));
    }
    Ok(if valid { Exit::Done } else { Exit::Usage })
}
