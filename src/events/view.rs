//! The one projection of a run: an idempotent fold over its events.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::event::{Body, Done, Event, RunEnd, StepHead};
use crate::domain::ids::{PlanId, RunId, StepId};
use crate::domain::problem::Problem;
use crate::domain::resource::ResourceRef;
use crate::domain::time::Stamp;

/// Log lines kept a step; the journal has all.
pub const LOG_LINES: usize = 500;

/// Where a step is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum StepState {
    /// Not started.
    Pending,
    /// Working or waiting.
    Running,
    /// Done.
    Done {
        /// What it did.
        done: Done,
    },
    /// Failed.
    Failed {
        /// Why.
        problem: Problem,
    },
    /// Will not run.
    WillNotRun {
        /// Because of what.
        because: String,
    },
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// As announced.
    pub head: StepHead,
    /// Where it is.
    #[serde(flatten)]
    pub state: StepState,
    /// First start.
    pub started: Option<Stamp>,
    /// Last end.
    pub ended: Option<Stamp>,
    /// What it waits for, as reported last.
    pub waiting: Vec<String>,
    /// When it gives up, while it waits.
    pub deadline: Option<Stamp>,
    /// Retries so far.
    pub retries: u32,
    /// Last lines of its log.
    pub log: VecDeque<(Stamp, String)>,
}

/// A resource of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceView {
    /// What.
    pub resource: ResourceRef,
    /// Whether this run made it.
    pub created: bool,
    /// Values that other steps read.
    pub outputs: BTreeMap<String, String>,
}

/// What is known about how the run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    /// Run.
    pub run: RunId,
    /// Simulated.
    pub simulated: bool,
    /// Plan.
    pub plan: PlanId,
    /// Cluster.
    pub cluster: String,
    /// Start.
    pub at: Stamp,
}

/// A run as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// How it began; `None` before the first event.
    pub head: Option<RunHead>,
    /// Number of the last event folded.
    pub seq: u64,
    /// Time of the last event folded.
    pub at: Option<Stamp>,
    /// Ids of steps in the order of the plan.
    pub order: Vec<StepId>,
    /// Steps.
    pub steps: BTreeMap<StepId, StepView>,
    /// Resources by step.
    pub resources: BTreeMap<StepId, ResourceView>,
    /// Whether a pause was asked for.
    pub pausing: bool,
    /// How it ended; `None` while it runs or after a kill.
    pub end: Option<RunEnd>,
}

impl RunView {
    /// Folds one event. An event that was folded already changes nothing.
    pub fn fold(&mut self, event: &Event) {
        if event.seq <= self.seq {
            return;
        }
        self.seq = event.seq;
        self.at = Some(event.at);
        match &event.body {
            Body::RunStarted { simulated, plan, cluster, steps, .. } => {
                self.head = Some(RunHead {
                    run: event.run.clone(),
                    simulated: *simulated,
                    plan: plan.clone(),
                    cluster: cluster.clone(),
                    at: event.at,
                });
                self.order = steps.iter().map(|head| head.id.clone()).collect();
                self.steps = steps.iter().map(|head| (head.id.clone(), StepView::pending(head))).collect();
            }
            Body::RunResumed { .. } => self.resumed(),
            Body::Resource { step, resource, created, outputs } => {
                let (resource, outputs) = (resource.clone(), outputs.clone());
                // Made once is made: a later look that finds it standing does not take that back.
                let created = *created || self.resources.get(step).is_some_and(|known| known.created);
                self.resources.insert(step.clone(), ResourceView { resource, created, outputs });
            }
            Body::RunPausing => self.pausing = true,
            Body::RunFinished { end } => self.end = Some(*end),
            body => {
                if let Some(step) = body.step().and_then(|id| self.steps.get_mut(id)) {
                    step.fold(event.at, body);
                }
            }
        }
    }

    fn resumed(&mut self) {
        self.end = None;
        self.pausing = false;
        for step in self.steps.values_mut() {
            if !matches!(step.state, StepState::Done { .. }) {
                step.state = StepState::Pending;
                step.waiting.clear();
                step.deadline = None;
                step.ended = None;
            }
        }
    }

    /// Steps in the order of the plan.
    pub fn in_order(&self) -> impl Iterator<Item = &StepView> {
        self.order.iter().filter_map(|id| self.steps.get(id))
    }

    /// Failed steps with their problems.
    pub fn problems(&self) -> impl Iterator<Item = (&StepId, &Problem)> {
        self.in_order().filter_map(|step| match &step.state {
            StepState::Failed { problem } => Some((&step.head.id, problem)),
            _ => None,
        })
    }

    /// Done, and all.
    pub fn progress(&self) -> (usize, usize) {
        let done = self.steps.values().filter(|step| matches!(step.state, StepState::Done { .. })).count();
        (done, self.steps.len())
    }

    /// An output of a step, as journaled.
    pub fn output(&self, step: &StepId, key: &str) -> Option<&str> {
        self.resources.get(step)?.outputs.get(key).map(String::as_str)
    }
}

impl StepView {
    fn pending(head: &StepHead) -> Self {
        Self {
            head: head.clone(),
            state: StepState::Pending,
            started: None,
            ended: None,
            waiting: Vec::new(),
            deadline: None,
            retries: 0,
            log: VecDeque::new(),
        }
    }

    fn fold(&mut self, at: Stamp, body: &Body) {
        match body {
            Body::StepStarted { .. } => {
                self.state = StepState::Running;
                self.started.get_or_insert(at);
            }
            Body::StepWaiting { lines, deadline, .. } => {
                self.waiting.clone_from(lines);
                self.deadline = Some(*deadline);
            }
            Body::StepLog { line, .. } => self.note(at, line.clone()),
            Body::StepRetry { attempt, problem, .. } => {
                self.retries = *attempt;
                self.note(at, format!("attempt {attempt}: {}", problem.message));
            }
            Body::StepDone { done, .. } => self.finish(at, StepState::Done { done: *done }),
            Body::StepFailed { problem, .. } => self.finish(at, StepState::Failed { problem: problem.clone() }),
            Body::StepWillNotRun { because, .. } => {
                self.finish(at, StepState::WillNotRun { because: because.clone() });
            }
            _ => {}
        }
    }

    fn note(&mut self, at: Stamp, line: String) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back((at, line));
    }

    fn finish(&mut self, at: Stamp, state: StepState) {
        self.state = state;
        self.ended = Some(at);
        self.waiting.clear();
        self.deadline = None;
    }
}
