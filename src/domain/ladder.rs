//! Verification as a ladder of rungs: each proves a little more than the one below it.

use serde::{Deserialize, Serialize};

use super::ids::CheckId;
use super::time::Stamp;

/// What a rung says about one node or about the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RungState {
    /// Read or tested, and true.
    Proven,
    /// Read or tested, and not true: the ladder ends here.
    Broken {
        /// What is wrong, in words.
        why: String,
    },
    /// A lower rung is broken, so this one cannot be true yet.
    NotReached,
    /// Does not concern this cluster or this group (desired size 0 …).
    NotApplicable {
        /// The reason.
        why: String,
    },
    /// It could not be read or run.
    CannotTell {
        /// Why.
        why: String,
    },
}

/// What was found on one subject of a rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Node name, service account, StorageClass; empty for the cluster.
    pub subject: String,
    /// What was found, short: `8`, `16 of 16`, `Completed`.
    pub found: String,
    /// The state.
    #[serde(flatten)]
    pub state: RungState,
    /// Command, output lines, source and time.
    pub evidence: Vec<String>,
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Stable id, such as `gpu.allocatable`.
    pub id: String,
    /// Check of the catalogue behind it, if there is one.
    pub check: Option<CheckId>,
    /// What it proves.
    pub title: String,
    /// What is expected, short.
    pub expect: String,
    /// One reading a subject.
    pub readings: Vec<Reading>,
}

impl Rung {
    /// Whether every reading is proven (and there is one).
    pub fn proven(&self) -> bool {
        !self.readings.is_empty() && self.readings.iter().all(|reading| reading.state == RungState::Proven)
    }

    /// Whether some reading is broken.
    pub fn broken(&self) -> bool {
        self.readings.iter().any(|reading| matches!(reading.state, RungState::Broken { .. }))
    }
}

/// A ladder: rungs from the ground up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// `gpu`, `efa`, `pod-identity`, `storage`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Rungs, lowest first.
    pub rungs: Vec<Rung>,
}

/// The overall word of a verification or of one node in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every rung that applies is proven.
    Proven,
    /// A rung is broken.
    Broken,
    /// Nothing is broken, but something could not be told.
    CannotTell,
    /// No rung applies.
    NotApplicable,
}

impl Verdict {
    /// As operators read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Broken => "broken",
            Self::CannotTell => "cannot tell",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// A GPU node in the summary of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeVerdict {
    /// Node name.
    pub name: String,
    /// Allocatable GPUs.
    pub gpu: u32,
    /// GPUs of the instance type.
    pub gpu_expected: u32,
    /// Allocatable EFA interfaces.
    pub efa: u32,
    /// EFA interfaces of the launch template.
    pub efa_expected: u32,
    /// The word for this node.
    pub verdict: Verdict,
}

/// The result of `verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// When it ended.
    pub at: Stamp,
    /// Ladders in the order in which they are shown.
    pub ladders: Vec<Ladder>,
    /// GPU nodes, by name.
    pub nodes: Vec<NodeVerdict>,
    /// The overall word.
    pub verdict: Verdict,
}
