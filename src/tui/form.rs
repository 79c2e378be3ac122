//! The draft as forms need it: effective values, where they come from, what is wrong with them.

use crate::config::field::{FieldDef, Kind, Section, parse_flag};
use crate::config::{Draft, Layer, check_field, registry, validate};

use super::section::Section as Screen;

/// What validation says of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Check of the catalogue.
    pub check: String,
    /// Variable; empty when it is about the configuration as a whole.
    pub variable: &'static str,
    /// The sentence.
    pub message: String,
    /// A value that would be right.
    pub suggestion: Option<String>,
}

/// The declaration of a variable.
pub fn find(variable: &str) -> Option<&'static FieldDef> {
    registry::find(variable)
}

/// The declarations of a part, in their order.
pub fn of_part(part: Section) -> impl Iterator<Item = &'static FieldDef> {
    registry().iter().copied().filter(move |def| def.section == part)
}

/// The section that holds a variable.
pub fn screen(variable: &str) -> Screen {
    if variable.starts_with("PRIVATE_SUBNET") {
        return Screen::Network;
    }
    match find(variable).map(|def| def.section) {
        Some(Section::Required | Section::Optional) => Screen::Components,
        Some(Section::GpuNodes) => Screen::Gpu,
        Some(Section::GpuNetwork) => Screen::Network,
        Some(Section::GpuDrivers) => Screen::Drivers,
        Some(Section::Checks) => Screen::Preflight,
        Some(Section::Cluster) | None => Screen::Connect,
    }
}

/// The value that counts.
pub fn value(draft: &Draft, variable: &str) -> String {
    draft.effective(variable)
}

/// Whether a switch is on.
pub fn is_on(draft: &Draft, variable: &str) -> bool {
    parse_flag(&draft.effective(variable)).unwrap_or(false)
}

/// Where the value comes from, as a form shows it: `default`, `.env:31`, `env`, `flag`, `you`.
pub fn source(draft: &Draft, variable: &str) -> String {
    match draft.provenance(variable) {
        Layer::Default => "default".to_owned(),
        Layer::Environment => "env".to_owned(),
        Layer::Flag => "flag".to_owned(),
        Layer::Wizard => "you".to_owned(),
        Layer::File { path } => {
            let name =
                path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
            match draft.entry(variable).and_then(|entry| entry.line) {
                Some(line) => format!("{name}:{line}"),
                None => name,
            }
        }
    }
}

/// Sets a value as typed in the wizard.
pub fn set(draft: &mut Draft, variable: &str, text: &str) {
    draft.set(variable, text, Layer::Wizard);
}

/// The option after (or before) the value, going round; `None` when the variable offers none.
pub fn cycle(draft: &Draft, def: &FieldDef, forward: bool) -> Option<String> {
    let options = def.kind.options();
    if options.is_empty() || matches!(def.kind, Kind::Flag) {
        return None;
    }
    let now = draft.effective(def.name);
    let count = options.len();
    let at = options.iter().position(|option| *option == now);
    let next = match (at, forward) {
        (Some(at), true) => (at + 1) % count,
        (Some(at), false) => (at + count - 1) % count,
        (None, _) => 0,
    };
    options.get(next).map(|option| (*option).to_owned())
}

/// The number one more or one less, within the range; `None` when the variable holds none.
pub fn nudge(draft: &Draft, def: &FieldDef, up: bool) -> Option<String> {
    let Kind::Integer { min, max, .. } = def.kind else { return None };
    let now: u32 = draft.effective(def.name).parse().ok()?;
    let next = if up { now.saturating_add(1) } else { now.saturating_sub(1) };
    Some(next.clamp(min, max).to_string())
}

/// What is wrong with a text before it is kept: the sentence and a better value.
pub fn check(variable: &str, text: &str) -> Option<(String, Option<String>)> {
    let issue = check_field(find(variable)?, text)?;
    Some((issue.message, issue.suggestion))
}

/// What is wrong with the draft.
pub fn issues(draft: &Draft) -> Vec<Issue> {
    let Err(found) = validate(draft) else { return Vec::new() };
    found
        .into_iter()
        .filter(crate::config::Issue::is_error)
        .map(|issue| Issue {
            check: issue.check.to_string(),
            variable: issue.variable.as_deref().and_then(find).map_or("", |def| def.name),
            message: issue.message,
            suggestion: issue.suggestion,
        })
        .collect()
}

/// What is switched on but not made by this version: variable and sentence.
pub fn not_yet(draft: &Draft) -> Vec<(&'static str, String)> {
    validate(draft).map_or_else(|_| Vec::new(), |(spec, _)| spec.not_yet())
}
