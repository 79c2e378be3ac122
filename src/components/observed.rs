//! Observed: what the servers say stands in the place of each desired thing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::StepId;
use crate::domain::resource::Ownership;

/// One difference between what stands and what should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Path in the object, such as `spec.template.spec.containers[0].image`.
    pub path: String,
    /// What stands; `None` for absent.
    pub have: Option<String>,
    /// What should stand; `None` for absent.
    pub want: Option<String>,
}

/// What stands in the place of a desired thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "presence", rename_all = "kebab-case")]
pub enum Presence {
    /// Nothing.
    Absent,
    /// Exactly what should, as the server sees it.
    Same,
    /// Something else that can be changed into it.
    Differs {
        /// The differences.
        changes: Vec<Change>,
    },
    /// Other field managers own fields that we would set.
    Conflict {
        /// `manager: field` lines, as the API server names them.
        managers: Vec<String>,
    },
    /// Something that cannot be changed into it and is not ours to replace.
    Incompatible {
        /// Why.
        why: String,
    },
    /// It could not be read.
    Unknown {
        /// Why.
        why: String,
    },
}

/// Whether what stands also works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "settled", rename_all = "kebab-case")]
pub enum Settled {
    /// It works, or there is nothing to wait for.
    Yes,
    /// It is on its way; the words say to what.
    Waiting {
        /// Status in the service's words.
        what: String,
    },
    /// The service says that it failed.
    Failed {
        /// What it says.
        why: String,
    },
}

/// The answer for one desired thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What stands.
    #[serde(flatten)]
    pub presence: Presence,
    /// Whose it is.
    pub owner: Ownership,
    /// Whether it works.
    pub settled: Settled,
    /// Values that other steps read, such as `arn`, `id`, `version`.
    pub outputs: BTreeMap<String, String>,
    /// Differences that are left alone on purpose, one line each (a desired size that drifted …).
    pub notes: Vec<String>,
}

impl Observation {
    /// Nothing stands.
    pub fn absent() -> Self {
        Self {
            presence: Presence::Absent,
            owner: Ownership::Nobody,
            settled: Settled::Yes,
            outputs: BTreeMap::new(),
            notes: Vec::new(),
        }
    }
}

/// Observations by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Observed(pub BTreeMap<StepId, Observation>);
