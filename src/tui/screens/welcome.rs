//! The welcome screen: what this is, how a screen is read, where to start.

use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Start, Target};
use crate::tui::widgets::text::{Line, Role};

use super::states::span;

const WAY: [(&str, &str, &str); 4] = [
    ("DECIDE", "1–5", "five short forms; most rows hold a value that works"),
    ("CHECK", "6–7", "checks only read, then you read the plan step by step"),
    ("INSTALL", "8", "the only part that changes things; asks once, can be resumed"),
    ("PROVE", "9–0", "short-lived pods show that GPUs and EFA work; then it watches"),
];

const MARKS: [&str; 4] = [
    "✓ proven: read or tested just now     [x] [ ]  Space changes it",
    "● set, done; not proven               ‹ one ›  ← → change it",
    "○ needs you   … running   ! warning   (•) ( )  Enter chooses it",
    "✗ failed   ? cannot tell   · not yet  n always goes to what needs you",
];

/// Rows of the whole screen.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = Row::toned(
        Role::Bold,
        "From an EKS cluster that you have, to components installed, GPU nodes running, and proven.",
        wide,
    );
    rows.push(Row::blank());
    rows.push(Row::head("START"));
    rows.extend(
        [Start::Live, Start::Simulated, Start::ReadOnly, Start::Resume]
            .into_iter()
            .map(|start| start_row(model, start, wide)),
    );
    rows.push(Row::blank());
    rows.push(Row::head("THE WAY"));
    for (group, digits, says) in WAY {
        let line = Line::new()
            .to(2)
            .put(Role::Bold, format!("{group:<9}"))
            .put(Role::Accent, format!("{digits:<6}"))
            .plain(says);
        rows.push(Row::new(line.cut(wide)));
    }
    rows.push(Row::blank());
    rows.push(Row::head("BEFORE YOU ANSWER YES"));
    let says = format!(
        "Nothing is created, changed or deleted. AWS and the cluster are only read. One file is written, {}, and only when \
         you press s. What runs did is kept in {}. No secret is stored anywhere.",
        model.session.env_file, model.session.state_dir
    );
    rows.extend(Row::prose(&says, wide));
    rows.push(Row::blank());
    rows.push(Row::head("HOW TO READ A SCREEN"));
    rows.extend(MARKS.iter().map(|text| Row::new(Line::new().to(2).plain(*text).cut(wide))));
    rows.push(Row::blank());
    rows.push(Row::new(credentials(model).cut(wide)));
    rows
}

/// What a start does, and why it cannot be chosen.
fn describe(model: &Model, start: Start) -> (&'static str, String, Option<String>) {
    let session = &model.session;
    match start {
        Start::Live if session.simulated => (
            "with the .env of this folder",
            "a live account".to_owned(),
            Some("This session is simulated. Start eks-wizard without --simulate.".to_owned()),
        ),
        Start::Live => {
            let says = if session.env_exists {
                let errors = model.config.issues.len();
                let cluster = model.value("CLUSTER_NAME");
                format!("{errors} errors, cluster {}", if cluster.is_empty() { "not set" } else { &cluster })
            } else {
                format!("{} does not exist yet; s writes it", session.env_file)
            };
            ("with the .env of this folder", says, None)
        }
        Start::Simulated => {
            let scenario = session.scenario.as_ref().map_or_else(String::new, |name| format!(", scenario {name}"));
            ("in the simulator", format!("no account, nothing is real{scenario}"), None)
        }
        Start::ReadOnly => ("read only", "the same screens, nothing can be changed".to_owned(), None),
        Start::Resume => match &session.unfinished {
            Some(run) => (
                "resume a run",
                format!(
                    "{} on {}, {} of {} done, {} ago",
                    run.run,
                    run.cluster,
                    run.progress.0,
                    run.progress.1,
                    span(model.clock, run.at)
                ),
                None,
            ),
            None => (
                "resume a run",
                "no unfinished run".to_owned(),
                Some("No unfinished run is in the state folder.".to_owned()),
            ),
        },
    }
}

fn start_row(model: &Model, start: Start, wide: usize) -> Row {
    let (label, says, why) = describe(model, start);
    let role = if why.is_some() { Role::Muted } else { Role::Plain };
    let line = Line::of(role, if why.is_some() { "– " } else { "" })
        .put(role, label)
        .to(31)
        .put(Role::Muted, format!(" {says}"));
    let mut row = Row::new(line.cut(wide)).on(Target::Start(start));
    row.blocked = why;
    row
}

fn credentials(model: &Model) -> Line {
    let line = Line::of(Role::Muted, "CREDENTIALS   ");
    if model.session.simulated {
        return line.plain("simulated: none is used");
    }
    match model.facts().map(|facts| &facts.caller) {
        Some(crate::domain::facts::Fact::Known { value, .. }) => line.plain(format!("found: {}", value.arn)),
        Some(crate::domain::facts::Fact::Unknown { why }) => line.put(Role::Error, format!("✗ {why}")),
        _ => line.plain("– another profile: AWS_PROFILE or --profile"),
    }
}
