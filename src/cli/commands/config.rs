//! `config`: validates, explains, edits. Contacts nothing.

use serde_json::json;

use super::Ended;
use crate::cli::args::ConfigCommand;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::config::{self, Draft, Edited, Issue, import};
use crate::domain::problem::{Problem, ProblemKind};
use crate::report::{config as text, json, out};

/// Runs a `config` command.
///
/// # Errors
/// A file that cannot be read or written, an unknown variable, or a change that would break the configuration.
pub fn run(context: &Context, what: &ConfigCommand) -> Ended {
    match what {
        ConfigCommand::Example => out::data(&config::example()),
        ConfigCommand::Docs => out::data(&config::docs()),
        ConfigCommand::Schema => out::data(&format!("{:#}", config::schema())),
        ConfigCommand::Show { names, all } => show(context, names, *all)?,
        ConfigCommand::Set { assignments } => return set(context, assignments),
        ConfigCommand::Check { fix: false } => {
            let loaded = context.request.load()?;
            return Ok(judge(context, &loaded.draft, &loaded.all_issues()));
        }
        ConfigCommand::Check { fix: true } => return fix(context),
    }
    Ok(Exit::Done)
}

fn show(context: &Context, names: &[String], all: bool) -> Result<(), Problem> {
    if let Some(name) = names.iter().find(|name| config::find(name).is_none()) {
        return Err(Problem::new(ProblemKind::Usage, format!("{name} is no variable of this version."))
            .hint("eks-wizard config show --all lists them"));
    }
    let loaded = context.request.load()?;
    let mut settings = config::settings(&loaded.draft);
    settings.retain(|setting| names.is_empty() || names.iter().any(|name| name == setting.variable));
    if context.json() {
        settings.iter().for_each(|setting| out::record(&json::named("setting", setting)));
    } else {
        out::data(&text::settings(&settings, all || !names.is_empty()));
    }
    Ok(())
}

/// Tells every issue and note; the exit code says whether the configuration is valid.
fn judge(context: &Context, draft: &Draft, issues: &[Issue]) -> Exit {
    let changes = import::changes(draft);
    let valid = !issues.iter().any(Issue::is_error);
    if context.json() {
        issues.iter().for_each(|issue| out::record(&json::named("issue", issue)));
        changes.iter().for_each(|change| out::record(&json::named("meaning_changed", change)));
        let errors = issues.iter().filter(|issue| issue.is_error()).count();
        let warnings = issues.len() - errors;
        out::record(&json!({ "summary": { "errors": errors, "warnings": warnings, "valid": valid } }));
    } else {
        issues.iter().for_each(|issue| out::data(&text::issue(issue)));
        if !changes.is_empty() {
            out::data(&text::meaning_changes(&changes));
        }
        out::data(&text::counts(issues));
    }
    if valid { Exit::Done } else { Exit::Usage }
}

fn fix(context: &Context) -> Ended {
    let edited = save(context, context.request.load()?.fixed())?;
    Ok(judge(context, &edited.loaded.draft, &edited.issues))
}

fn set(context: &Context, assignments: &[String]) -> Ended {
    let mut changes = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        let (name, value) = assignment.split_once('=').ok_or_else(|| {
            Problem::new(ProblemKind::Usage, format!("{assignment} is not NAME=VALUE."))
                .hint("eks-wizard config set GPU_DESIRED_SIZE=2")
        })?;
        changes.push((name.trim().to_owned(), value.to_owned()));
    }
    let loaded = context.request.load()?;
    match loaded.with(&changes) {
        Ok(edited) => {
            let edited = save(context, edited)?;
            edited.issues.iter().for_each(|issue| out::talk(&text::issue(issue)));
            Ok(Exit::Done)
        }
        Err(issues) => {
            if context.json() {
                issues.iter().for_each(|issue| out::record(&json::named("issue", issue)));
            }
            issues.iter().for_each(|issue| out::talk(&text::issue(issue)));
            let file = loaded.file.path().display();
            Err(Problem::new(ProblemKind::Usage, format!("{file} is not changed."))
                .hint("give all variables that belong together in one command"))
        }
    }
}

/// Shows the difference, and writes the file unless nothing changed.
fn save(context: &Context, mut edited: Edited) -> Result<Edited, Problem> {
    if !edited.difference.is_empty() {
        edited.loaded.file.save()?;
    }
    if context.json() {
        out::record(&json::named("difference", &edited.difference));
    } else {
        out::data(&text::difference(&edited.difference));
    }
    text::remarks(&edited).iter().for_each(|remark| out::talk(remark));
    Ok(edited)
}
