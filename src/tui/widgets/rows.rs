//! Rows: what a pane shows, and what the cursor can stand on.

use crate::domain::ids::StepId;
use crate::tui::section::Section;

use super::text::{Line, Mark, Role, wrap};

/// Where the wizard may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the env file and the live account.
    Live,
    /// In the simulator.
    Simulated,
    /// Without changing anything.
    ReadOnly,
    /// With an unfinished run.
    Resume,
}

/// What a row is about. The cursor of a pane is kept as a target, so it stays where it was when rows come and go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A choice of the welcome screen.
    Start(Start),
    /// A variable of the configuration.
    Field(&'static str),
    /// One value of a variable.
    Choice(&'static str, String),
    /// A cluster of the list.
    Cluster(String),
    /// A component, by id.
    Component(&'static str),
    /// A candidate subnet, by id.
    Subnet(String),
    /// A what-if row, by position.
    WhatIf(usize),
    /// The pods of the address bill.
    Pods,
    /// A line with evidence: name, or check id.
    Info(&'static str),
    /// A finding.
    Finding(FindingKey),
    /// A fix of the focused finding, by position.
    Fix(usize),
    /// A group that opens and closes.
    Group(String),
    /// A step.
    Step(StepId),
    /// A rung: ladder and rung.
    Rung(String, String),
    /// A tile of Health, by position.
    Tile(usize),
    /// A reason of the verdict, by position.
    Reason(usize),
    /// A GPU node.
    Node(String),
    /// The coverage row of a node.
    Coverage(String),
    /// A component in Health, by id.
    Part(String),
    /// A subnet in Health.
    Addresses(String),
    /// Leads to another section.
    Goto(Section),
}

/// Which row of a finding: a check may say several things of one subject, and a finding may stand in two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingKey {
    /// Check.
    pub check: String,
    /// Subject; empty when the check has none.
    pub subject: String,
    /// Position among the findings of the same check and subject.
    pub nth: usize,
    /// The row in its group, not the one among what needs a look.
    pub grouped: bool,
}

/// A row of a pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The text, from the third column of the pane.
    pub line: Line,
    /// Right-aligned part: source, check id, count. Never cut.
    pub right: Option<(String, Role)>,
    /// What the cursor stands on; `None` for rows it passes over.
    pub target: Option<Target>,
    /// Why it cannot be chosen, when it cannot.
    pub blocked: Option<String>,
    /// How the row stands, where that asks for the operator: the stops of `n`.
    pub mark: Option<Mark>,
    /// It heads the rows below it; where three lines must do, it is left out.
    pub heading: bool,
}

impl Row {
    /// A row with text.
    pub fn new(line: Line) -> Self {
        Self { line, ..Self::default() }
    }

    /// An empty row; the first thing to go when room is short.
    pub fn blank() -> Self {
        Self::default()
    }

    /// A head in capitals.
    pub fn head(text: impl Into<String>) -> Self {
        Self { heading: true, ..Self::new(Line::of(Role::Muted, text)) }
    }

    /// A row of ordinary text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Line::new().plain(text))
    }

    /// Wrapped text.
    pub fn prose(text: &str, wide: usize) -> Vec<Self> {
        wrap(text, wide).into_iter().map(Self::text).collect()
    }

    /// Wrapped text in a role.
    pub fn toned(role: Role, text: &str, wide: usize) -> Vec<Self> {
        wrap(text, wide).into_iter().map(|line| Self::new(Line::of(role, line))).collect()
    }

    /// With a right-aligned part.
    #[must_use]
    pub fn right(mut self, role: Role, text: impl Into<String>) -> Self {
        self.right = Some((text.into(), role));
        self
    }

    /// The cursor can stand here.
    #[must_use]
    pub fn on(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// It cannot be chosen.
    #[must_use]
    pub fn blocked(mut self, why: impl Into<String>) -> Self {
        self.blocked = Some(why.into());
        self
    }

    /// It stands like this.
    #[must_use]
    pub fn marked(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// Whether it is empty.
    pub fn is_blank(&self) -> bool {
        self.right.is_none() && self.target.is_none() && self.line.segments().is_empty()
    }
}

/// Position of `target` among `rows`, else of the first row the cursor can stand on.
pub fn position(rows: &[Row], target: Option<&Target>) -> Option<usize> {
    target
        .and_then(|target| rows.iter().position(|row| row.target.as_ref() == Some(target)))
        .or_else(|| rows.iter().position(|row| row.target.is_some()))
}

/// The target `steps` focusable rows away from `at`, held at both ends.
pub fn moved(rows: &[Row], at: Option<usize>, steps: isize) -> Option<Target> {
    let stops: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| row.target.is_some()).map(|(at, _)| at).collect();
    let here = stops.iter().position(|stop| Some(*stop) == at).unwrap_or(0);
    let there = here.saturating_add_signed(steps).min(stops.len().checked_sub(1)?);
    stops.get(there).and_then(|stop| rows.get(*stop)).and_then(|row| row.target.clone())
}
