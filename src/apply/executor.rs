//! Runs a plan: independent steps side by side, each one after its needs, until nothing is left that can run.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use super::bus::{self, Bus, Outlets};
use super::cancel::{Control, Level};
use super::context::{Hands, Outputs};
use super::frame::{Ended, Frame, Memory, Shared};
use super::schedule::{Place, Schedule};
use crate::components::desired::Ensure;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::event::{Body, RunEnd, StepHead};
use crate::events::sink::Sink;
use crate::events::view::{RunView, StepState};
use crate::journal::record::{Backend, Header};
use crate::journal::recover::Recovered;
use crate::journal::writer::Log;
use crate::plan::model::{Plan, PlannedStep, Verb};
use crate::transport::time::Timer;

/// Steps that run at once unless told otherwise.
pub const LIMIT: usize = 8;

/// Where a run begins.
#[derive(Debug, Clone)]
pub enum Start {
    /// A new run; its header is in the journal already.
    Fresh(Box<Header>),
    /// A run that goes on, as its journal tells it.
    Resumed(Box<Recovered>),
}

/// Everything a run needs.
pub struct RunInput {
    /// New or resumed; holds the plan.
    pub start: Start,
    /// Journal, open behind its last record.
    pub log: Box<dyn Log>,
    /// Touches AWS and the cluster: [`super::live::Live`].
    pub hands: Arc<dyn Hands>,
    /// Clock.
    pub timer: Timer,
    /// Pause and abandon.
    pub control: Control,
    /// Receives the newest view.
    pub latest: watch::Sender<Arc<RunView>>,
    /// Receives every event.
    pub sink: Box<dyn Sink>,
    /// Steps that run at once, at least 1; [`LIMIT`].
    pub limit: usize,
}

/// Runs a plan to its end: done, failed, paused or cancelled, as [`RunView::end`] of the answer tells.
///
/// # Errors
/// A plan that cannot be run, and a journal that cannot be written: without a journal nothing is changed.
/// A failed step is no error of the run: it is in the view.
pub async fn run(input: RunInput) -> Result<RunView, Problem> {
    let (header, recovered) = match input.start {
        Start::Fresh(header) => (*header, None),
        Start::Resumed(recovered) => (recovered.header.clone(), Some(*recovered)),
    };
    let schedule = Schedule::new(&header.plan)?;
    if let Some(step) = header.plan.steps.iter().find(|step| step.verb == Verb::Delete) {
        let message = format!("The plan removes {}, and an apply removes nothing.", step.id());
        return Err(Problem::new(ProblemKind::Internal, message));
    }
    let view = recovered.as_ref().map(|recovered| recovered.view.clone()).unwrap_or_default();
    let outlets = Outlets { log: input.log, latest: input.latest, sink: input.sink };
    let (bus, sequencer, broken) = bus::open(header.run.clone(), input.timer.clone(), view, outlets);
    let serving = tokio::spawn(sequencer.serve());
    announce(&bus, &header, recovered.as_ref());
    let shared = Shared {
        hands: input.hands,
        bus,
        timer: input.timer,
        control: input.control,
        outputs: recovered.as_ref().map(|recovered| Outputs::recovered(recovered.outputs())).unwrap_or_default(),
        cluster: header.plan.place.cluster.clone(),
        run: header.run.clone(),
    };
    let limit = input.limit.max(1);
    let mut executor = Executor {
        shared,
        plan: header.plan,
        recovered,
        schedule,
        limit,
        running: JoinSet::new(),
        names: HashMap::new(),
        broken: broken.clone(),
        abandoned: false,
    };
    executor.walk().await;
    executor.finish();
    let view = serving.await.map_err(|error| {
        Problem::new(ProblemKind::Internal, "The sequencer of the run ended.").because(error.to_string())
    })?;
    let problem = broken.borrow().clone();
    problem.map_or(Ok(view), Err)
}

fn announce(bus: &Bus, header: &Header, recovered: Option<&Recovered>) {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    if recovered.is_some_and(|recovered| recovered.view.head.is_some()) {
        bus.say(Body::RunResumed { version });
        return;
    }
    bus.say(Body::RunStarted {
        simulated: header.backend == Backend::Simulated,
        version,
        plan: header.plan.id.clone(),
        cluster: header.plan.place.cluster.to_string(),
        steps: header.plan.steps.iter().map(head).collect(),
    });
}

fn head(step: &PlannedStep) -> StepHead {
    let desired = &step.desired;
    StepHead {
        id: desired.id.clone(),
        title: desired.title.clone(),
        stage: desired.stage.title().to_owned(),
        component: desired.component.clone(),
        verb: step.verb.word().to_owned(),
        after: step.after.iter().cloned().collect(),
        deadline_s: desired.deadline_s,
    }
}

/// What a step's task ends with.
type Joined = Result<(Id, Result<Ended, Problem>), JoinError>;

struct Executor {
    shared: Shared,
    plan: Plan,
    recovered: Option<Recovered>,
    schedule: Schedule,
    limit: usize,
    running: JoinSet<Result<Ended, Problem>>,
    names: HashMap<Id, StepId>,
    broken: watch::Receiver<Option<Problem>>,
    abandoned: bool,
}

impl Executor {
    /// Starts what is ready and takes in what ended, until nothing runs and nothing may start.
    async fn walk(&mut self) {
        let mut control = self.shared.control.clone();
        let mut pausing = false;
        loop {
            let level = control.level();
            if level >= Level::Pause && !std::mem::replace(&mut pausing, true) {
                self.shared.bus.say(Body::RunPausing);
            }
            if level == Level::Exit || self.broken.borrow().is_some() {
                self.abandoned = true;
                self.running.shutdown().await;
                return;
            }
            if level == Level::Run {
                self.fill();
            }
            if self.running.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                told = self.broken.changed() => if told.is_err() {
                    // The sequencer is gone without a word: nothing can be journaled, so nothing may be changed.
                    self.running.shutdown().await;
                    return;
                },
                _ = control.changed() => {}
                ended = self.running.join_next_with_id() => self.take(ended),
            }
        }
    }

    fn fill(&mut self) {
        for id in self.schedule.ready() {
            if self.running.len() >= self.limit {
                return;
            }
            let Some(step) = self.plan.step(&id) else { continue };
            if self.schedule.start(&id) {
                let frame = Frame::new(self.shared.clone(), step.clone(), self.memory(step));
                let task = self.running.spawn(frame.run());
                self.names.insert(task.id(), id);
            }
        }
    }

    fn memory(&self, step: &PlannedStep) -> Memory {
        let is_role =
            |id: &StepId| self.plan.step(id).is_some_and(|before| matches!(before.desired.ensure, Ensure::Role(_)));
        let mut memory = Memory { role_is_ours: step.after.iter().any(is_role), ..Memory::default() };
        if let Some(recovered) = &self.recovered {
            memory.generation = recovered.generations.get(step.id()).copied().unwrap_or_default();
            let created = recovered.view.resources.get(step.id()).is_some_and(|resource| resource.created);
            let intended = recovered.intents.get(step.id()).map(|intent| intent.verb);
            memory.intended = if created { Some(Verb::Create) } else { intended };
            let state = recovered.view.steps.get(step.id()).map(|view| &view.state);
            memory.was_done = matches!(state, Some(StepState::Done { .. }));
        }
        memory
    }

    fn take(&mut self, ended: Option<Joined>) {
        let (id, result) = match ended {
            None => return,
            Some(Ok((id, result))) => (id, result),
            Some(Err(error)) => {
                let problem = Problem::new(ProblemKind::Internal, "A step ended by a fault of this program.");
                (error.id(), Err(problem.because(error.to_string())))
            }
        };
        let Some(step) = self.names.remove(&id) else { return };
        match result {
            Ok(Ended::Done(done)) => {
                self.schedule.done(&step);
                self.shared.bus.say(Body::StepDone { step, done });
            }
            Ok(Ended::Still) => {
                self.schedule.done(&step);
                let line = "It stands as this run left it.".to_owned();
                self.shared.bus.say(Body::StepLog { step, line });
            }
            // It stays where it is in the schedule; `finish` tells of it.
            Ok(Ended::Abandoned) => self.abandoned = true,
            Err(problem) => {
                let blocked = self.schedule.failed(&step);
                self.shared.bus.say(Body::StepFailed { step, problem });
                for later in blocked {
                    let because = format!("{} failed.", later.because);
                    self.shared.bus.say(Body::StepWillNotRun { step: later.step, because });
                }
            }
        }
    }

    /// Says what will not run any more and how the run ended; dropping it closes the bus.
    fn finish(self) {
        let bus = &self.shared.bus;
        for step in self.schedule.at(Place::Running) {
            let because = "It was abandoned in the middle; resume looks at it and goes on.".to_owned();
            bus.say(Body::StepWillNotRun { step: step.clone(), because });
        }
        for step in self.schedule.at(Place::Waiting) {
            let because = "The run was paused before it; resume goes on with it.".to_owned();
            bus.say(Body::StepWillNotRun { step: step.clone(), because });
        }
        let failed = self.schedule.at(Place::Failed).next().is_some();
        let left = self.schedule.at(Place::Waiting).next().is_some();
        let end = match (failed, self.abandoned, left) {
            (true, _, _) => RunEnd::Failed,
            (false, true, _) => RunEnd::Cancelled,
            (false, false, true) => RunEnd::Paused,
            (false, false, false) => RunEnd::Done,
        };
        bus.say(Body::RunFinished { end });
    }
}
