//! The plan: steps with verb, reason and difference. Data only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use crate::components::desired::{Desired, Ensure};
pub use crate::components::observed::Change;
use crate::domain::facts::Place;
use crate::domain::ids::{PlanId, StepId};

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Makes what is absent.
    Create,
    /// Uses what someone else made; records it, never deletes it.
    Adopt,
    /// Changes what stands.
    Update,
    /// Leaves what stands and works.
    Keep,
    /// What stands is right but does not work yet.
    Wait,
    /// Removes.
    Delete,
}

impl Verb {
    /// The mark of a plan line: `+ ~ … = > -`.
    pub fn mark(self) -> char {
        match self {
            Self::Create => '+',
            Self::Update => '~',
            Self::Wait => '…',
            Self::Keep => '=',
            Self::Adopt => '>',
            Self::Delete => '-',
        }
    }

    /// As the heading spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "change",
            Self::Keep => "keep",
            Self::Wait => "wait",
            Self::Delete => "delete",
        }
    }

    /// Whether applying it changes AWS or the cluster.
    pub fn mutates(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Delete)
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What should stand. Its id is the step's id.
    pub desired: Desired,
    /// What is done about it.
    pub verb: Verb,
    /// Why this verb, in words.
    pub reason: String,
    /// What changes, for Update.
    pub changes: Vec<Change>,
    /// Every step that must be done before: declared needs and outputs read.
    pub after: BTreeSet<StepId>,
}

impl PlannedStep {
    /// Id of the step.
    pub fn id(&self) -> &StepId {
        &self.desired.id
    }
}

/// Something left as it is, with the reason: `keep (off in .env)`, skipped components, foreign things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Component or resource.
    pub subject: String,
    /// The sentence.
    pub says: String,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Digest of what the planner read, without times and counters.
    pub id: PlanId,
    /// Where it applies.
    pub place: Place,
    /// Steps in an order in which each comes after all of its `after`.
    pub steps: Vec<PlannedStep>,
    /// What is left alone and why; choices taken on the operator's behalf (subnet, AMI release).
    pub notes: Vec<Note>,
}

impl Plan {
    /// Steps that are not Keep.
    pub fn pending(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.verb != Verb::Keep)
    }

    /// Whether there is nothing to do.
    pub fn is_settled(&self) -> bool {
        self.pending().next().is_none()
    }

    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&PlannedStep> {
        self.steps.iter().find(|step| step.id() == id)
    }

    /// How many steps have this verb.
    pub fn count(&self, verb: Verb) -> usize {
        self.steps.iter().filter(|step| step.verb == verb).count()
    }
}
