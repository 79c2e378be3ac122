//! Events of a run. Each is numbered by the sequencer, journaled, folded, and only then published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{PlanId, RunId, StepId};
use crate::domain::problem::Problem;
use crate::domain::resource::ResourceRef;
use crate::domain::time::Stamp;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Run.
    pub run: RunId,
    /// Number in the run, rising by one from 1.
    pub seq: u64,
    /// When.
    pub at: Stamp,
    /// What.
    #[serde(flatten)]
    pub body: Body,
}

/// Whether an event may be left out of the journal when the disk is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Always kept.
    Keep,
    /// May be dropped: the next one of its kind replaces it.
    Droppable,
}

/// A step as `run_started` announces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepHead {
    /// Id.
    pub id: StepId,
    /// Title.
    pub title: String,
    /// Stage title.
    pub stage: String,
    /// Component.
    pub component: String,
    /// Verb word.
    pub verb: String,
    /// Steps before it.
    pub after: Vec<StepId>,
    /// Longest time it may take, in seconds.
    pub deadline_s: u64,
}

/// What a finished step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// Stood already and works.
    Kept,
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// Used as someone else made it.
    Adopted,
    /// Stood; works now.
    Ready,
    /// Removed.
    Deleted,
}

impl Done {
    /// As operators read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Created => "created",
            Self::Updated => "changed",
            Self::Adopted => "adopted",
            Self::Ready => "ready",
            Self::Deleted => "deleted",
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunEnd {
    /// Every step is done.
    Done,
    /// A step failed; fix and resume.
    Failed,
    /// Paused by the operator; resume.
    Paused,
    /// Cancelled by the operator.
    Cancelled,
    /// A newer plan took its place.
    Superseded,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Body {
    /// First event of a run.
    RunStarted {
        /// Whether AWS and the cluster are simulated.
        simulated: bool,
        /// Version of this program.
        version: String,
        /// Plan.
        plan: PlanId,
        /// Cluster.
        cluster: String,
        /// Every step in order.
        steps: Vec<StepHead>,
    },
    /// An interrupted run goes on.
    RunResumed {
        /// Version of this program.
        version: String,
    },
    /// A step begins.
    StepStarted {
        /// Step.
        step: StepId,
    },
    /// A step waits; replaces what it said before.
    StepWaiting {
        /// Step.
        step: StepId,
        /// What AWS or Kubernetes report, one line each.
        lines: Vec<String>,
        /// When the step gives up.
        deadline: Stamp,
    },
    /// A line for the step's log.
    StepLog {
        /// Step.
        step: StepId,
        /// The line.
        line: String,
    },
    /// A step will be tried again.
    StepRetry {
        /// Step.
        step: StepId,
        /// Attempt that failed, from 1.
        attempt: u32,
        /// Why.
        problem: Problem,
        /// Milliseconds until the next.
        after_ms: u64,
    },
    /// A resource of a step exists: its identity and outputs.
    Resource {
        /// Step.
        step: StepId,
        /// What.
        resource: ResourceRef,
        /// Whether this run made it.
        created: bool,
        /// Values that other steps read.
        outputs: BTreeMap<String, String>,
    },
    /// A step is done.
    StepDone {
        /// Step.
        step: StepId,
        /// What it did.
        done: Done,
    },
    /// A step failed.
    StepFailed {
        /// Step.
        step: StepId,
        /// Why.
        problem: Problem,
    },
    /// A step will not run.
    StepWillNotRun {
        /// Step.
        step: StepId,
        /// The failed step in front of it, or the pause.
        because: String,
    },
    /// The operator asked for a pause: running steps finish, no step starts.
    RunPausing,
    /// Last event of a run.
    RunFinished {
        /// How.
        end: RunEnd,
    },
}

impl Body {
    /// Whether it may be dropped.
    pub fn priority(&self) -> Priority {
        match self {
            Self::StepWaiting { .. } => Priority::Droppable,
            _ => Priority::Keep,
        }
    }

    /// The step it is about.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::StepStarted { step }
            | Self::StepWaiting { step, .. }
            | Self::StepLog { step, .. }
            | Self::StepRetry { step, .. }
            | Self::Resource { step, .. }
            | Self::StepDone { step, .. }
            | Self::StepFailed { step, .. }
            | Self::StepWillNotRun { step, .. } => Some(step),
            Self::RunStarted { .. } | Self::RunResumed { .. } | Self::RunPausing | Self::RunFinished { .. } => None,
        }
    }
}
