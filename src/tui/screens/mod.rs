//! The screens: each turns the model into rows for its body and its right pane. Pure; drawing is the frame's part.

pub mod apply;
pub mod catalogue;
pub mod components;
pub mod connect;
pub mod drivers;
pub mod fields;
pub mod gpu;
pub mod health;
pub mod help;
pub mod kept;
pub mod modal;
pub mod network;
pub mod object;
pub mod palette;
pub mod preflight;
pub mod review;
pub mod states;
pub mod status;
pub mod verify;
pub mod welcome;

use crate::domain::finding::{Finding, Outcome, Severity};
use crate::tui::model::Model;
use crate::tui::section::{Pane, Section};
use crate::tui::widgets::rows::{Row, Target, position};
use crate::tui::widgets::text::{Line, Mark};

/// The body of the section that is shown, for `wide` columns of text.
pub fn body(model: &Model, wide: usize) -> Vec<Row> {
    if model.nav.welcome { welcome::rows(model, wide) } else { body_of(model, model.nav.section, wide) }
}

/// The body of a section.
pub fn body_of(model: &Model, section: Section, wide: usize) -> Vec<Row> {
    match section {
        Section::Connect => connect::rows(model, wide),
        Section::Components => components::rows(model, wide),
        Section::Gpu => gpu::rows(model, wide),
        Section::Network => network::rows(model, wide),
        Section::Drivers => drivers::rows(model, wide),
        Section::Preflight => preflight::rows(model, wide),
        Section::Review => review::rows(model, wide),
        Section::Apply => apply::rows(model, wide),
        Section::Verify => verify::rows(model, wide),
        Section::Health => health::rows(model, wide),
    }
}

/// The right pane: its title and its rows.
pub fn side(model: &Model, wide: usize) -> (Line, Vec<Row>) {
    let rows = body(model, BODY_TEXT);
    let row = focused(model, &rows);
    match model.nav.section {
        _ if model.nav.welcome => (Line::new(), Vec::new()),
        Section::Connect => connect::side(model, row, wide),
        Section::Components => components::side(model, row, wide),
        Section::Gpu => gpu::side(model, row, wide),
        Section::Network => network::side(model, row, wide),
        Section::Drivers => drivers::side(model, row, wide),
        Section::Preflight => preflight::side(model, row, wide),
        Section::Review => review::side(model, row, wide),
        Section::Apply => apply::side(model, row, wide),
        Section::Verify => verify::side(model, row, wide),
        Section::Health => health::side(model, row, wide),
    }
}

/// Text columns of a body at 120 columns; `update` builds rows for this width, since only their targets matter there.
pub const BODY_TEXT: usize = 59;

/// The row of the body that the cursor stands on.
pub fn focused<'rows>(model: &Model, rows: &'rows [Row]) -> Option<&'rows Row> {
    rows.get(body_cursor(model, rows)?)
}

/// Position of the body's cursor.
pub fn body_cursor(model: &Model, rows: &[Row]) -> Option<usize> {
    if model.nav.welcome {
        return position(rows, model.nav.start.map(Target::Start).as_ref());
    }
    let section = model.nav.section;
    let wanted = model.nav.cursors.get(section.index()).cloned().flatten().or_else(|| first(model, section));
    position(rows, wanted.as_ref())
}

/// Position of the right pane's cursor, when that pane has rows to stand on.
pub fn side_cursor(model: &Model, rows: &[Row]) -> Option<usize> {
    position(rows, model.nav.side.as_ref())
}

/// Where the cursor of a section stands before anybody moved it.
fn first(model: &Model, section: Section) -> Option<Target> {
    match section {
        Section::Connect => connect::first(model),
        Section::Network => network::first(model),
        Section::Review => review::first(model),
        Section::Apply => apply::first(model),
        Section::Verify => verify::first(model),
        Section::Health => health::first(model),
        _ => None,
    }
}

/// Title of the section shown, with its state at the right end.
pub fn title(model: &Model) -> (String, Option<(Mark, String)>) {
    if model.nav.welcome {
        return ("Welcome".to_owned(), None);
    }
    let section = model.nav.section;
    let name = match section {
        Section::Review => review::name(model),
        Section::Apply => apply::name(model),
        Section::Verify => verify::name(model),
        Section::Health => health::name(model),
        _ => section.name().to_owned(),
    };
    let state = status::of(model, section);
    (name, Some((state.mark, state.headline)))
}

/// Whether the cursor is in the right pane.
pub fn in_side(model: &Model) -> bool {
    model.nav.pane == Pane::Side && !model.nav.welcome
}

/// Order of findings, worst first: blockers, unknown errors, warnings, infos, by plan, pass, the rest.
pub fn rank(finding: &Finding) -> (u8, Severity) {
    let class = match &finding.outcome {
        Outcome::Fail if finding.severity == Severity::Error => 0,
        Outcome::CannotTell { .. } if finding.severity == Severity::Error => 1,
        Outcome::Fail => 2,
        Outcome::CannotTell { .. } => 3,
        Outcome::Suppressed { .. } => 4,
        Outcome::Pass { by: Some(_) } => 5,
        Outcome::Pass { by: None } => 6,
        Outcome::NotApplicable { .. } => 7,
    };
    (class, finding.severity)
}

/// The mark of a finding.
pub fn finding_mark(finding: &Finding) -> Mark {
    match (&finding.outcome, finding.severity) {
        (Outcome::Pass { by: None }, _) => Mark::Proven,
        (Outcome::Pass { by: Some(_) }, _) => Mark::Done,
        (Outcome::Fail, Severity::Error) => Mark::Failed,
        (Outcome::Fail, _) => Mark::Warning,
        (Outcome::CannotTell { .. }, _) => Mark::Unknown,
        (Outcome::NotApplicable { .. }, _) => Mark::No,
        (Outcome::Suppressed { .. }, _) => Mark::Suppressed,
    }
}

/// The mark of a check, `·` before anybody ran it.
pub fn check_mark(model: &Model, check: &str) -> Mark {
    model.finding(check).map_or(Mark::NotYet, finding_mark)
}
