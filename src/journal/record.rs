//! What a journal holds, one record a line.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::ids::{RunId, StepId};
use crate::domain::time::Stamp;
use crate::events::event::{Body, Event};
use crate::plan::model::{Plan, Verb};

/// Format that this program writes. A file of a newer format is refused with the version that can read it.
pub const FORMAT: u32 = 1;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// First line: everything that a resume needs.
    Header(Box<Header>),
    /// A mutation is about to be sent.
    Intent(Intent),
    /// The mutation of an intent is known to have failed.
    Refused(Refused),
    /// Something happened. Resources and their outputs are events too, so that views and `resume` read one truth.
    Event(Event),
}

impl Record {
    /// Whether it has to be on the disk before anything else happens.
    pub fn is_durable(&self) -> bool {
        match self {
            Self::Header(_) | Self::Intent(_) | Self::Refused(_) => true,
            Self::Event(event) => matches!(event.body, Body::RunFinished { .. }),
        }
    }
}

/// Whether a run changes an account or the simulated one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// AWS and a cluster.
    Live,
    /// The simulated account.
    Simulated,
}

/// First record of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Format of the file, [`FORMAT`].
    pub format: u32,
    /// Run.
    pub run: RunId,
    /// When the run was made.
    pub at: Stamp,
    /// Version of this program.
    pub version: String,
    /// Live or simulated.
    pub backend: Backend,
    /// The plan that runs; a resume uses this one and no other.
    pub plan: Plan,
    /// The Spec it was made from, as JSON; the journal does not look inside.
    pub spec: Value,
}

/// A mutation that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Step.
    pub step: StepId,
    /// Create or Update.
    pub verb: Verb,
    /// Client token of the call.
    pub token: String,
    /// Generation in the token; rises by one after each known failure.
    pub generation: u32,
    /// When.
    pub at: Stamp,
    /// What is going to be sent, as a short phrase: `create role demo-ebs-csi-role`.
    pub what: String,
}

/// A failure that is certain: the service said no, or it made the thing and then reported it as failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Step.
    pub step: StepId,
    /// Generation that failed.
    pub generation: u32,
    /// When.
    pub at: Stamp,
    /// What the service said.
    pub why: String,
}
