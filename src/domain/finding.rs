//! What a check says: five results, evidence, and the operator's next act.

use serde::{Deserialize, Serialize};

use super::ids::{CheckId, StepId};

/// How much a failed check weighs. Only a failed check of severity error blocks an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Blocks.
    Error,
    /// Works now, worse or trouble later.
    Warning,
    /// Worth knowing.
    Info,
}

/// One of the five results of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Outcome {
    /// True now, or true once the step `by` is applied.
    Pass {
        /// The step that makes it true; `None` when it is true already.
        by: Option<StepId>,
    },
    /// Not true.
    Fail,
    /// Missing permission, no API that knows, a call failed, or not read yet. Never blocks.
    CannotTell {
        /// Which of these, in words.
        why: String,
    },
    /// Does not concern this configuration.
    NotApplicable {
        /// The reason.
        why: String,
    },
    /// Failed, but the operator accepted it (`SUPPRESS_CHECKS`).
    Suppressed {
        /// The operator's reason.
        why: String,
        /// Last day, `YYYY-MM-DD`.
        until: String,
    },
}

/// A typed remedy. The first of a finding is the advised one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "UPPERCASE")]
pub enum Fix {
    /// Changes one variable of the draft.
    Set {
        /// Variable name.
        variable: String,
        /// Its new value.
        value: String,
        /// What it buys, in words.
        says: String,
    },
    /// A command for the operator; never run by this program.
    Run {
        /// The command line.
        command: String,
        /// What it does, in words.
        says: String,
    },
    /// Needs a decision that this program cannot take.
    Ask {
        /// The decision, in words.
        says: String,
    },
}

/// The result of one check about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Id in the catalogue.
    pub check: CheckId,
    /// Weight when it fails.
    pub severity: Severity,
    /// What the check demands, as a sentence without a period.
    pub title: String,
    /// The thing it is about: a subnet id, a node group, a DaemonSet; empty for the cluster as a whole.
    pub subject: String,
    /// The result.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What was read or computed, one line each.
    pub evidence: Vec<String>,
    /// What makes it pass, the advised one first.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// Whether an apply must not start.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.outcome == Outcome::Fail
    }

    /// Whether it failed at any severity.
    pub fn failed(&self) -> bool {
        self.outcome == Outcome::Fail
    }
}
