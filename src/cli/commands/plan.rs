//! `plan`: the steps.

use std::path::Path;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::domain::finding::Finding;
use crate::domain::problem::{Problem, ProblemKind};
use crate::ops::plan::{self, Planned};
use crate::report::{json, out, text};

/// Plans and prints; blockers end with 4.
///
/// # Errors
/// The configuration is invalid, the cluster cannot be reached, or the file cannot be written.
pub async fn run(context: &Context, detailed_exitcode: bool, file: Option<&Path>) -> Ended {
    let (_, spec) = context.spec()?;
    let session = context.open().await?;
    let (_, planned) = plan::look(&session, spec).await?;
    show(context, &planned);
    if let Some(file) = file
        && let Some(plan) = &planned.plan
    {
        write(file, plan.as_ref())?;
    }
    if planned.blocked() {
        return Ok(Exit::Blocked);
    }
    let pending = planned.plan.as_ref().is_some_and(|plan| !plan.is_settled());
    Ok(if detailed_exitcode && pending { Exit::Pending } else { Exit::Done })
}

/// Prints a plan and every finding that failed or cannot be told.
pub fn show(context: &Context, planned: &Planned) {
    if context.json() {
        for step in planned.plan.iter().flat_map(|plan| &plan.steps) {
            out::record(&json::step(step));
        }
        planned.findings.iter().for_each(|finding| out::record(&json::finding(finding)));
        if let Some(plan) = &planned.plan {
            out::record(&json::plan_summary(plan));
        }
        return;
    }
    if let Some(plan) = &planned.plan {
        out::data(&text::plan(plan));
    }
    let notable: Vec<Finding> = planned.notable().cloned().collect();
    if !notable.is_empty() {
        out::data(&format!("\nFINDINGS\n{}", text::findings(&notable)));
    }
}

fn write<T: serde::Serialize>(file: &Path, value: &T) -> Result<(), Problem> {
    let refused = |why: String| {
        Problem::new(ProblemKind::Usage, format!("The plan cannot be written to {}.", file.display())).because(why)
    };
    let text = serde_json::to_string_pretty(value).map_err(|error| refused(error.to_string()))?;
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(|error| refused(error.to_string()))?;
    std::io::Write::write_all(&mut temporary, text.as_bytes()).map_err(|error| refused(error.to_string()))?;
    temporary.persist(file).map_err(|error| refused(error.to_string()))?;
    Ok(())
}
