//! What a step works with: the hands that touch the outside, and the outputs of the steps before it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use futures::future::BoxFuture;

use crate::components::desired::{Desired, Val};
use crate::components::observed::Observation;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};

/// Values that steps left for later ones; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    known: Arc<RwLock<BTreeMap<StepId, BTreeMap<String, String>>>>,
}

impl Outputs {
    /// Outputs as a journal recovered them.
    pub fn recovered(known: BTreeMap<StepId, BTreeMap<String, String>>) -> Self {
        Self { known: Arc::new(RwLock::new(known)) }
    }

    /// An output of a step, if it is known yet.
    pub fn get(&self, step: &StepId, key: &str) -> Option<String> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(step)?.get(key).cloned()
    }

    /// Replaces the outputs of a step.
    pub fn set(&self, step: &StepId, outputs: BTreeMap<String, String>) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(step.clone(), outputs);
    }

    /// The text of a value.
    ///
    /// # Errors
    /// When it is an output that no step left.
    pub fn resolve(&self, value: &Val) -> Result<String, Problem> {
        let Some((step, key)) = value.reference() else {
            return Ok(value.as_known().unwrap_or_default().to_owned());
        };
        self.get(&step, key).ok_or_else(|| {
            Problem::new(ProblemKind::Internal, format!("The output {key} of the step {step} is not known."))
                .hint("run eks-wizard plan to see what stands")
        })
    }
}

/// One mutation to make.
pub struct Act<'a> {
    /// What should stand.
    pub desired: &'a Desired,
    /// What stands.
    pub observation: &'a Observation,
    /// Client token for calls that take one.
    pub token: &'a str,
    /// Outputs of earlier steps.
    pub outputs: &'a Outputs,
    /// Takes lines for the step's log.
    pub log: &'a (dyn Fn(String) + Send + Sync),
}

/// What a waiting step can tell about why it waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What AWS or Kubernetes report now, one line each.
    pub lines: Vec<String>,
    /// Lines that explain a failure if one comes.
    pub causes: Vec<String>,
    /// What the operator can do about those causes.
    pub hints: Vec<String>,
}

/// Everything that touches AWS and the cluster. The engine's tests put a small world here.
pub trait Hands: Send + Sync {
    /// Asks what stands in the place of a desired thing.
    fn look<'a>(&'a self, desired: &'a Desired, outputs: &'a Outputs) -> BoxFuture<'a, Result<Observation, Problem>>;

    /// Sends the mutation that brings what stands closer to what should.
    fn act<'a>(&'a self, act: Act<'a>) -> BoxFuture<'a, Result<(), Problem>>;

    /// Reads what may explain a wait. Never fails: what cannot be read is a line.
    fn report<'a>(&'a self, desired: &'a Desired) -> BoxFuture<'a, Report>;
}
