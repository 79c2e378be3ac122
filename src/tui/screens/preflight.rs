//! 6 Preflight: totals, what needs a look, and the fixes of the focused finding.

use crate::domain::finding::{Finding, Fix, Outcome, Severity};
use crate::tui::model::{Loadable, Model};
use crate::tui::widgets::rows::{FindingKey, Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_middle, plural, width, wrap};

use super::states::{banner, failed};
use super::{fields, finding_mark, rank};

/// Groups of checks by prefix, in the order of the table.
const GROUPS: [(&str, &[&str]); 10] = [
    ("Configuration", &["CFG"]),
    ("Access", &["ACC", "ENG"]),
    ("Cluster", &["CLU"]),
    ("Network", &["NET", "SG"]),
    ("Launch template", &["LT"]),
    ("Capacity, cost", &["CAP", "QUO", "COST"]),
    ("AMI and drivers", &["AMI"]),
    ("GPU, EFA plugins", &["GPU", "EFA"]),
    ("Pod Identity", &["PID", "IAM"]),
    ("Storage", &["STO"]),
];

/// The group of a check; those of no group are components.
fn group_of(finding: &Finding) -> &'static str {
    let prefix = finding.check.as_str().split('-').next().unwrap_or_default();
    GROUPS.iter().find(|(_, prefixes)| prefixes.contains(&prefix)).map_or("Components", |(name, _)| name)
}

/// Findings that are neither pass nor not applicable, worst first.
pub fn needs_a_look(model: &Model) -> Vec<&Finding> {
    let mut found: Vec<&Finding> =
        model.world.plan.value().iter().flat_map(|planned| &planned.findings).filter(|one| rank(one).0 <= 3).collect();
    found.sort_by_key(|one| rank(one));
    found
}

/// Whether both are about the same: a check may say several things of one subject.
fn alike(one: &Finding, check: &str, subject: &str) -> bool {
    one.check.as_str() == check && one.subject == subject
}

/// The row of a finding among `all`.
fn key(all: &[Finding], finding: &Finding, grouped: bool) -> FindingKey {
    let (check, subject) = (finding.check.to_string(), finding.subject.clone());
    let nth = all.iter().filter(|one| alike(one, &check, &subject)).position(|one| std::ptr::eq(one, finding));
    FindingKey { check, subject, nth: nth.unwrap_or(0), grouped }
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for issue in &model.config.issues {
        let line =
            Line::new().mark(Mark::Failed).put(Role::Bold, format!("{:<9}", issue.check)).plain(issue.message.clone());
        let mut row = Row::new(line.cut(wide)).marked(Mark::Failed);
        if let Some(def) = crate::tui::form::find(issue.variable) {
            row = row.on(Target::Field(def.name));
        }
        rows.push(row);
    }
    if !rows.is_empty() {
        rows.push(Row::new(Line::of(Role::Muted, "The checks run when the configuration is valid.")));
        rows.push(Row::blank());
    }
    if model.world.facts.is_loading() {
        rows.extend(banner("AWS and the cluster", &model.world.facts, model.clock, wide));
    }
    rows.extend(banner("and checking", &model.world.plan, model.clock, wide));
    if let (Loadable::Idle, Loadable::Failed { problem, at, .. }) = (&model.world.plan, &model.world.facts) {
        rows.extend(failed("discovery", problem, *at, wide));
    }
    if let Some(planned) = model.world.plan.value() {
        let at = match &model.world.plan {
            Loadable::Ready(_, at) | Loadable::Stale { at, .. } => at.clock_seconds(),
            _ => "–".to_owned(),
        };
        rows.push(Row::text(format!("{} at {at}", plural(planned.findings.len(), "check"))));
        rows.push(Row::blank());
        rows.push(Row::head("NEEDS A LOOK"));
        let look = needs_a_look(model);
        if look.is_empty() {
            rows.push(Row::new(Line::new().to(2).put(Role::Muted, "nothing")));
        }
        for one in &look {
            let twice = look.iter().filter(|other| other.check == one.check).count() > 1;
            rows.push(finding_row(&planned.findings, one, &Place { grouped: false, twice }, wide));
        }
        rows.push(Row::blank());
        rows.extend(table(model, &planned.findings, wide));
        let suppressed: Vec<_> =
            planned.findings.iter().filter(|one| matches!(one.outcome, Outcome::Suppressed { .. })).collect();
        rows.push(Row::blank());
        rows.push(
            Row::head("SUPPRESSED").right(
                Role::Muted,
                if suppressed.is_empty() { "none".to_owned() } else { suppressed.len().to_string() },
            ),
        );
        let place = Place { grouped: false, twice: true };
        rows.extend(suppressed.into_iter().map(|one| finding_row(&planned.findings, one, &place, wide)));
    } else if rows.is_empty() {
        rows.push(Row::new(Line::new().mark(Mark::NotYet).plain("not run yet: r runs the checks, they only read")));
    }
    rows.push(Row::blank());
    rows.extend(fields::rows(model, "SUPPRESS_CHECKS", wide));
    rows
}

/// Where a finding is listed.
struct Place {
    /// In its group: moved right.
    grouped: bool,
    /// Other findings of its check stand beside it, so the subject goes first.
    twice: bool,
}

fn finding_row(all: &[Finding], finding: &Finding, place: &Place, wide: usize) -> Row {
    let mark = finding_mark(finding);
    let weight = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warn",
        Severity::Info => "info",
    };
    let room = wide.saturating_sub(18);
    let subject = cut_middle(&finding.subject, 20);
    let says = match (finding.subject.is_empty(), place.twice) {
        (true, _) => finding.title.clone(),
        (false, true) => format!("{subject}: {}", finding.title),
        (false, false) if width(&finding.title) + width(&subject) + 2 <= room => {
            format!("{}, {subject}", finding.title)
        }
        (false, false) => finding.title.clone(),
    };
    let indent = if place.grouped { 2 } else { 0 };
    let line = Line::new().to(indent).mark(mark).put(Role::Bold, format!("{:<9}", finding.check)).plain(says);
    let target = Target::Finding(key(all, finding, place.grouped));
    let mut row = Row::new(line.cut(wide.saturating_sub(6))).right(Role::Muted, weight).on(target);
    if finding.blocks() {
        row = row.marked(Mark::Failed);
    }
    row
}

fn table(model: &Model, findings: &[Finding], wide: usize) -> Vec<Row> {
    let head = format!(
        "{:<20}{:>5}{:>8}{:>6}{:>6}{:>4}{:>5}{:>5}",
        "GROUP", "PASS", "BY PLAN", "WARN", "ERROR", "?", "N/A", "ALL"
    );
    let mut rows = vec![Row::head(head)];
    for name in GROUPS.iter().map(|(name, _)| *name).chain(["Components"]) {
        let of: Vec<&Finding> = findings.iter().filter(|one| group_of(one) == name).collect();
        if of.is_empty() {
            continue;
        }
        let open = model.nav.toggled.contains(&format!("check {name}"));
        let line = Line::new().plain(if open { "⌄ " } else { "› " }).plain(counts(name, &of));
        rows.push(Row::new(line.cut(wide)).on(Target::Group(format!("check {name}"))));
        if open {
            let place = Place { grouped: true, twice: true };
            rows.extend(of.into_iter().map(|one| finding_row(findings, one, &place, wide)));
        }
    }
    let all: Vec<&Finding> = findings.iter().collect();
    rows.push(Row::new(Line::of(Role::Bold, format!("  {}", counts("total", &all))).cut(wide)));
    rows
}

fn counts(name: &str, of: &[&Finding]) -> String {
    let count = |which: &dyn Fn(&Finding) -> bool| match of.iter().filter(|one| which(one)).count() {
        0 => "·".to_owned(),
        count => count.to_string(),
    };
    format!(
        "{name:<18}{:>5}{:>8}{:>6}{:>6}{:>4}{:>5}{:>5}",
        count(&|one| one.outcome == Outcome::Pass { by: None }),
        count(&|one| matches!(one.outcome, Outcome::Pass { by: Some(_) })),
        count(&|one| one.failed() && !one.blocks()),
        count(&|one| one.blocks()),
        count(&|one| matches!(one.outcome, Outcome::CannotTell { .. })),
        count(&|one| matches!(one.outcome, Outcome::NotApplicable { .. } | Outcome::Suppressed { .. })),
        of.len()
    )
}

/// The focused finding.
pub fn focused_finding<'model>(model: &'model Model, row: Option<&Row>) -> Option<&'model Finding> {
    let Some(Target::Finding(key)) = row.and_then(|row| row.target.as_ref()) else { return None };
    let planned = model.world.plan.value()?;
    planned.findings.iter().filter(|one| alike(one, &key.check, &key.subject)).nth(key.nth)
}

/// The variable that a finding hangs on: of its first SET fix, else the first one that names its check.
pub fn cause(finding: &Finding) -> Option<&'static str> {
    let fixed = finding.fixes.iter().find_map(|fix| match fix {
        Fix::Set { variable, .. } => crate::tui::form::find(variable),
        Fix::Run { .. } | Fix::Ask { .. } => None,
    });
    let named =
        || crate::config::registry::registry().iter().copied().find(|def| def.checks.contains(&finding.check.as_str()));
    fixed.or_else(named).map(|def| def.name)
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    let Some(finding) = focused_finding(model, row) else {
        if let Some(Target::Field(variable)) = row.and_then(|row| row.target.as_ref()) {
            return fields::side(model, variable, wide);
        }
        let rows = [
            "PASS: read now and found true.",
            "BY PLAN: not true yet; a step of the plan makes it true.",
            "?: nobody can say: no API, or a permission is missing.",
            "N/A: does not concern this configuration; says why.",
        ];
        return (Line::of(Role::Bold, "Checks"), rows.iter().flat_map(|text| Row::prose(text, wide)).collect());
    };
    let mark = finding_mark(finding);
    let word = match (&finding.outcome, mark) {
        (Outcome::Pass { by: None }, _) => "pass",
        (Outcome::Pass { by: Some(_) }, _) => "by plan",
        (Outcome::Fail, Mark::Failed) => "fails, blocks apply",
        (Outcome::Fail, _) => "warns",
        (Outcome::CannotTell { .. }, _) => "cannot tell",
        (Outcome::NotApplicable { .. }, _) => "not applicable",
        (Outcome::Suppressed { .. }, _) => "suppressed",
    };
    let title = Line::of(Role::Bold, format!("{}   ", finding.check)).mark(mark).put(mark.role(), word);
    let mut rows = Row::prose(&format!("{}.", finding.title), wide);
    if !finding.subject.is_empty() {
        rows.extend(fields::pair("About", &finding.subject, wide));
    }
    let why = match &finding.outcome {
        Outcome::Pass { by: Some(step) } => Some(format!("Step {step} makes it true.")),
        Outcome::CannotTell { why } | Outcome::NotApplicable { why } => Some(why.clone()),
        Outcome::Suppressed { why, until } => Some(format!("Suppressed until {until}: {why}")),
        Outcome::Pass { by: None } | Outcome::Fail => None,
    };
    if let Some(text) = why {
        rows.push(Row::blank());
        rows.extend(Row::prose(&text, wide));
    }
    rows.push(Row::blank());
    rows.push(Row::head("EVIDENCE"));
    if finding.evidence.is_empty() {
        rows.push(Row::text("–"));
    }
    rows.extend(finding.evidence.iter().flat_map(|line| Row::prose(line, wide)));
    rows.push(Row::blank());
    rows.push(Row::head(if finding.fixes.is_empty() { "FIXES   none known" } else { "FIXES, Enter takes one" }));
    for (at, fix) in finding.fixes.iter().enumerate() {
        rows.extend(fix_rows(at, fix, wide));
    }
    (title, rows)
}

fn fix_rows(at: usize, fix: &Fix, wide: usize) -> Vec<Row> {
    let (kind, what, says) = match fix {
        Fix::Set { variable, value, says } => {
            let room = wide.saturating_sub(7 + variable.len());
            ("SET", format!("{variable}={}", cut_middle(value, room)), says.clone())
        }
        Fix::Run { command, says } => ("RUN", command.clone(), says.clone()),
        Fix::Ask { says } => ("ASK", says.clone(), String::new()),
    };
    // The cursor takes a column more than the text of the pane.
    let room = wide.saturating_sub(6).max(8);
    let mut parts = wrap(&what, room).into_iter();
    let line = Line::of(Role::Bold, format!("{kind:<5}")).plain(parts.next().unwrap_or_default());
    let mut rows = vec![Row::new(line).on(Target::Fix(at))];
    rows.extend(parts.map(|rest| Row::new(Line::new().to(6).plain(rest))));
    rows.extend(wrap(&says, room).into_iter().map(|text| Row::new(Line::new().to(6).put(Role::Muted, text))));
    rows
}
