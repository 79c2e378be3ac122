//! What a journal says about its run. Pure.

use std::collections::BTreeMap;

use super::record::{Header, Intent, Record};
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::view::RunView;

/// A run as its journal tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// Run, plan, Spec, version, backend.
    pub header: Header,
    /// The fold over every event. Its `head` is absent when the run was killed before its first event.
    pub view: RunView,
    /// Generation for the next client token, for each step that was refused.
    pub generations: BTreeMap<StepId, u32>,
    /// Last intent of each step: the mutation may or may not have happened.
    pub intents: BTreeMap<StepId, Intent>,
}

impl Recovered {
    /// Whether there is something to resume: it did not end, or ended failed, paused or cancelled.
    pub fn unfinished(&self) -> bool {
        use crate::events::event::RunEnd;
        !matches!(self.view.end, Some(RunEnd::Done | RunEnd::Superseded))
    }

    /// Outputs of every step, as journaled.
    pub fn outputs(&self) -> BTreeMap<StepId, BTreeMap<String, String>> {
        self.view.resources.iter().map(|(step, resource)| (step.clone(), resource.outputs.clone())).collect()
    }
}

/// Puts a run together from its records.
///
/// # Errors
/// When the first record is not a header: the run was killed before it began, and there is nothing to resume.
pub fn recover(records: &[Record]) -> Result<Recovered, Problem> {
    let Some((Record::Header(header), rest)) = records.split_first() else {
        return Err(Problem::new(ProblemKind::Usage, "The journal has no header, so its run never began.")
            .hint("run eks-wizard apply"));
    };
    let mut recovered = Recovered {
        header: header.as_ref().clone(),
        view: RunView::default(),
        generations: BTreeMap::new(),
        intents: BTreeMap::new(),
    };
    for record in rest {
        match record {
            Record::Header(_) => {
                return Err(Problem::new(ProblemKind::Internal, "The journal has a second header."));
            }
            Record::Intent(intent) => {
                recovered.intents.insert(intent.step.clone(), intent.clone());
            }
            Record::Refused(refused) => {
                recovered.generations.insert(refused.step.clone(), refused.generation + 1);
            }
            Record::Event(event) => recovered.view.fold(event),
        }
    }
    Ok(recovered)
}
