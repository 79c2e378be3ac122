//! The frame of every step: look, decide, write the intent, act, and look until it works.

use std::sync::Arc;
use std::time::Duration;

use super::bus::{Bus, Durable};
use super::cancel::{Control, Level};
use super::context::{Act, Hands, Outputs};
use super::retry::{Meaning, Tries, meaning};
use super::token::{Ingredients, token};
use super::wait::{Wait, timeout};
use super::words::{self, reference, way_out};
use crate::components::desired::{Desired, Ensure};
use crate::components::observed::{Observation, Presence, Settled};
use crate::domain::ids::{ClusterName, RunId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::Ownership;
use crate::domain::time::Stamp;
use crate::events::event::{Body, Done};
use crate::plan::model::{PlannedStep, Verb};
use crate::plan::verb::decide;
use crate::transport::time::Timer;

/// Acts of one step before it gives up on ever seeing what it asked for.
const ACTS: u32 = 6;
/// How long a thing that was just made may be invisible to a look.
const READ_LAG: Duration = Duration::from_mins(1);

/// How long after a change a status may still be the one from before.
const STATUS_LAG: Duration = Duration::from_secs(15);
/// Status of EKS that passes by itself when its cause does: pods that still start, capacity that is short. Terraform's
/// waiters treat it alike.
const DEGRADED: &str = "DEGRADED";

/// What all steps of a run share.
#[derive(Clone)]
pub(super) struct Shared {
    /// Touches the outside.
    pub hands: Arc<dyn Hands>,
    /// To the journal and the operator.
    pub bus: Bus,
    /// Clock.
    pub timer: Timer,
    /// Pause and abandon.
    pub control: Control,
    /// Outputs of steps.
    pub outputs: Outputs,
    /// Cluster.
    pub cluster: ClusterName,
    /// Run.
    pub run: RunId,
}

/// What an earlier process of this run left behind about a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// Generation of the next token.
    pub generation: u32,
    /// The last intent was to do this; it may or may not have happened.
    pub intended: Option<Verb>,
    /// It was done before; nothing is said about it unless it has to be done again.
    pub was_done: bool,
    /// A step before it makes a role, so an unknown role means "not yet".
    pub role_is_ours: bool,
}

/// How a step ended, if it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It stands and works.
    Done(Done),
    /// It stands as the run left it before.
    Still,
    /// The operator abandoned the wait.
    Abandoned,
}

/// One step under way.
pub(super) struct Frame {
    shared: Shared,
    step: PlannedStep,
    memory: Memory,
    tries: Tries,
    wait: Wait,
    acts: u32,
    acted: Option<Stamp>,
    waited: bool,
    published: Option<Observation>,
}

/// What to do after a look.
enum Next {
    Stands,
    Wait(String),
    Act(Verb),
}

impl Frame {
    pub(super) fn new(shared: Shared, step: PlannedStep, memory: Memory) -> Self {
        let wait = Wait::new(&step.desired, shared.timer.now());
        let (tries, published) = (Tries::default(), None);
        Self { shared, step, memory, tries, wait, acts: 0, acted: None, waited: false, published }
    }

    fn desired(&self) -> &Desired {
        &self.step.desired
    }

    /// Walks the step to its end.
    pub(super) async fn run(mut self) -> Result<Ended, Problem> {
        if !self.memory.was_done {
            self.shared.bus.say(Body::StepStarted { step: self.step.id().clone() });
        }
        loop {
            let observation = match self.look().await {
                Ok(observation) => observation,
                Err(problem) if self.try_again(problem.clone()).await? => continue,
                Err(_) => return Ok(Ended::Abandoned),
            };
            let next = match self.next(&observation) {
                Err(problem) if problem.kind == ProblemKind::Failed => return Err(self.explained(problem).await?),
                next => next?,
            };
            match next {
                Next::Stands => {
                    self.tries.worked();
                    self.publish(&observation);
                    return Ok(self.ended());
                }
                Next::Wait(what) => {
                    self.tries.worked();
                    self.publish(&observation);
                    if !self.pause(&what).await? {
                        return Ok(Ended::Abandoned);
                    }
                }
                Next::Act(verb) => {
                    // Between an act and the next one of this step lies at least one pause: reads lag behind writes.
                    let go_on = match self.lag(&observation) {
                        Some(what) => self.pause(&what).await?,
                        None => self.act(verb, &observation).await?,
                    };
                    if !go_on {
                        return Ok(Ended::Abandoned);
                    }
                }
            }
        }
    }

    /// What stands; something that cannot be read is a failed look, which may pass.
    async fn look(&self) -> Result<Observation, Problem> {
        let observation = self.shared.hands.look(self.desired(), &self.shared.outputs).await?;
        if let Presence::Unknown { why } = &observation.presence {
            let unread = format!("{} ({}) cannot be read.", self.desired().id, self.desired().title);
            return Err(Problem::new(ProblemKind::Unavailable, unread).because(why));
        }
        Ok(observation)
    }

    /// Decides what an observation asks for, by the planner's own rule and within what the operator confirmed.
    fn next(&self, observation: &Observation) -> Result<Next, Problem> {
        let desired = self.desired();
        let decision = decide(desired, Some(observation));
        if let Some(why) = decision.conflict {
            return Err(words::stuck(desired, why));
        }
        let waits = match &observation.settled {
            Settled::Failed { why } if why.contains(DEGRADED) => Some(why),
            Settled::Waiting { what } => Some(what),
            Settled::Failed { why } if self.acted_within(STATUS_LAG) => return Ok(Next::Wait(why.clone())),
            Settled::Failed { why } if self.is_final() => return Err(words::failed(desired, why)),
            Settled::Failed { .. } | Settled::Yes => None,
        };
        let only_waits = matches!(desired.ensure, Ensure::Nodes(_));
        let adopted = self.step.verb == Verb::Adopt;
        match decision.verb {
            Verb::Create if adopted => Err(words::stuck(desired, "it was there for the plan and is gone now")),
            Verb::Create if !only_waits => Ok(Next::Act(Verb::Create)),
            Verb::Update if !only_waits && !adopted => match waits {
                // EKS refuses a change of these while another one is under way.
                Some(what) if matches!(desired.ensure, Ensure::Addon(_) | Ensure::Nodegroup(_)) => {
                    Ok(Next::Wait(what.clone()))
                }
                _ => Ok(Next::Act(Verb::Update)),
            },
            Verb::Delete => Err(words::stuck(desired, "removal is not part of an apply")),
            Verb::Wait | Verb::Create | Verb::Update => {
                Ok(waits.map_or_else(|| Next::Wait(decision.reason.clone()), |what| Next::Wait(what.clone())))
            }
            Verb::Keep | Verb::Adopt => Ok(waits.map_or(Next::Stands, |what| Next::Wait(what.clone()))),
        }
    }

    fn acted_within(&self, span: Duration) -> bool {
        self.acted.is_some_and(|acted| self.shared.timer.now().since(acted) < span)
    }

    /// Whether a reported failure ends the step: always for what cannot be healed by a change, and for everything once it
    /// was changed. An add-on that an earlier attempt left failed gets one change first.
    fn is_final(&self) -> bool {
        self.acts > 0 || !matches!(self.desired().ensure, Ensure::Addon(_) | Ensure::Objects(_))
    }

    fn lag(&self, observation: &Observation) -> Option<String> {
        match observation.presence {
            Presence::Absent if self.acted_within(READ_LAG) => {
                Some("it was just made and does not show yet".to_owned())
            }
            _ if self.acted_within(Duration::from_secs(1)) => Some("it was just changed".to_owned()),
            _ => None,
        }
    }

    /// Intent, then the mutation. False when the operator abandons the wait before a retry.
    async fn act(&mut self, verb: Verb, observation: &Observation) -> Result<bool, Problem> {
        if self.acts >= ACTS {
            return Err(words::never_same(self.desired(), ACTS, observation));
        }
        // The deadline counts from the request, so it cannot pass before the first one is sent.
        if self.acts > 0 && self.wait.is_over(self.shared.timer.now()) {
            return Err(self.late("its turn to be changed").await);
        }
        if self.shared.control.level() >= Level::Abandon {
            return Ok(false);
        }
        self.begins_again();
        let generation = self.memory.generation;
        let run = (verb == Verb::Update).then_some(&self.shared.run);
        let (cluster, outputs) = (&self.shared.cluster, &self.shared.outputs);
        let token = token(&Ingredients { cluster, desired: self.desired(), outputs, generation, run });
        let what = format!("{} {}", verb.word(), self.desired().title);
        let step = self.step.id().clone();
        self.shared.bus.record(Durable::Intent { step, verb, token: token.clone(), generation, what }).await?;
        // A change that follows our own create is part of the create.
        if self.memory.intended != Some(Verb::Create) {
            self.memory.intended = Some(verb);
        }
        let (bus, id) = (self.shared.bus.clone(), self.step.id().clone());
        let log = move |line| bus.say(Body::StepLog { step: id.clone(), line });
        let act = Act { desired: self.desired(), observation, token: &token, outputs, log: &log };
        match self.shared.hands.act(act).await {
            Ok(()) => {
                let now = self.shared.timer.now();
                // Only the first request: corrections after it share its deadline.
                if self.acts == 0 {
                    let desired = &self.step.desired;
                    self.wait.restart(desired, now);
                }
                self.acts += 1;
                self.acted = Some(now);
                self.tries.worked();
                Ok(true)
            }
            Err(problem) => {
                if matches!(meaning(&problem, self.memory.role_is_ours), Meaning::Refusal | Meaning::RoleLag) {
                    let (step, why) = (self.step.id().clone(), problem.message.clone());
                    self.shared.bus.record(Durable::Refused { step, generation, why }).await?;
                    self.memory.generation += 1;
                }
                self.try_again(problem).await
            }
        }
    }

    /// A step that was done and is not any more is told like one that starts.
    fn begins_again(&mut self) {
        if std::mem::take(&mut self.memory.was_done) {
            self.shared.bus.say(Body::StepStarted { step: self.step.id().clone() });
        }
    }

    /// Waits before another try of something that failed; the problem itself when there is no other try.
    async fn try_again(&mut self, problem: Problem) -> Result<bool, Problem> {
        let now = self.shared.timer.now();
        let means = meaning(&problem, self.memory.role_is_ours);
        let Some(pause) = self.tries.next(means, self.step.id(), now) else {
            return Err(problem);
        };
        if now + pause >= self.wait.deadline {
            return Err(problem);
        }
        self.shared.bus.say(Body::StepRetry {
            step: self.step.id().clone(),
            attempt: self.tries.failed,
            problem,
            after_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
        });
        Ok(self.sleep(pause).await)
    }

    /// Says what the step waits for and sleeps until the next look. False when the operator abandons the wait.
    async fn pause(&mut self, what: &str) -> Result<bool, Problem> {
        self.waited = true;
        let now = self.shared.timer.now();
        if self.wait.is_over(now) {
            return Err(self.late(what).await);
        }
        let mut lines = vec![what.to_owned()];
        for line in self.shared.hands.report(self.desired()).await.lines {
            // The group's own status tells its health issues; the report need not tell them again.
            if !lines.iter().any(|told| told.contains(&line)) {
                lines.push(line);
            }
        }
        self.begins_again();
        if self.wait.tells(&lines) {
            let (step, deadline) = (self.step.id().clone(), self.wait.deadline);
            self.shared.bus.say(Body::StepWaiting { step, lines, deadline });
        }
        let pause = self.wait.pause(&self.step.desired.id, now);
        Ok(self.sleep(pause).await)
    }

    async fn sleep(&self, span: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.shared.control.reached(Level::Abandon) => false,
            () = self.shared.timer.sleep(span) => true,
        }
    }

    /// Journals what stands as soon as it does, so that a kill during the wait loses nothing.
    fn publish(&mut self, observation: &Observation) {
        let news = self.published.as_ref().is_none_or(|known| known.outputs != observation.outputs);
        if !news || observation.presence == Presence::Absent {
            return;
        }
        self.shared.outputs.set(self.step.id(), observation.outputs.clone());
        let created = self.memory.intended == Some(Verb::Create) && observation.owner == Ownership::Ours;
        self.shared.bus.say(Body::Resource {
            step: self.step.id().clone(),
            resource: reference(self.desired()),
            created,
            outputs: observation.outputs.clone(),
        });
        for note in &observation.notes {
            self.shared.bus.say(Body::StepLog { step: self.step.id().clone(), line: note.clone() });
        }
        self.published = Some(observation.clone());
    }

    fn ended(&self) -> Ended {
        if self.memory.was_done {
            return Ended::Still;
        }
        Ended::Done(match (self.memory.intended, self.step.verb) {
            (Some(Verb::Create), _) => Done::Created,
            (Some(_), _) => Done::Updated,
            (None, Verb::Adopt) => Done::Adopted,
            (None, _) if self.waited || self.step.verb == Verb::Wait => Done::Ready,
            (None, _) => Done::Kept,
        })
    }

    async fn late(&self, what: &str) -> Problem {
        timeout(self.desired(), what, self.shared.hands.report(self.desired()).await)
    }

    /// A reported failure with its causes. One of a thing that we made counts in the journal: whoever removes that thing
    /// and resumes needs a new token, because the old one stands for the failed thing.
    async fn explained(&mut self, mut problem: Problem) -> Result<Problem, Problem> {
        if self.memory.intended == Some(Verb::Create) {
            let (step, why) = (self.step.id().clone(), problem.message.clone());
            let generation = self.memory.generation;
            self.shared.bus.record(Durable::Refused { step, generation, why }).await?;
        }
        let report = self.shared.hands.report(self.desired()).await;
        problem.causes.extend(report.causes);
        problem.hints.extend(report.hints);
        problem.hints.extend(way_out(self.desired(), &self.shared.cluster));
        Ok(problem)
    }
}
