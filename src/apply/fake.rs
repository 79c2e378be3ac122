//! A small world for the engine's tests: things that appear when acted upon, and work some seconds later.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::watch;

use super::cancel::Control;
use super::context::{Act, Hands, Outputs, Report};
use super::executor::{LIMIT, RunInput, Start, run};
use crate::components::desired::{Desired, Ensure, PlacementGroup, Role, Stage};
use crate::components::observed::{Observation, Presence, Settled};
use crate::domain::facts::Place;
use crate::domain::ids::StepId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::Ownership;
use crate::domain::time::Stamp;
use crate::events::event::Event;
use crate::events::sink::Sink;
use crate::events::view::RunView;
use crate::journal::record::{Backend, FORMAT, Header, Record};
use crate::journal::recover::recover;
use crate::journal::writer::Log;
use crate::plan::model::{Plan, PlannedStep, Verb};
use crate::transport::time::Timer;

/// A thing that stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Thing {
    pub ours: bool,
    pub right: bool,
    pub since: Stamp,
    pub token: String,
}

/// What happens to an act.
#[derive(Debug, Clone)]
pub(super) enum Fate {
    /// Nothing happens, and this is the answer.
    Refuse(Problem),
    /// It happens, and this is the answer all the same.
    Lose(Problem),
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub things: BTreeMap<StepId, Thing>,
    pub fates: BTreeMap<StepId, VecDeque<Fate>>,
    /// Things that never work.
    pub stuck: BTreeSet<StepId>,
    /// Things that AWS reports as failed.
    pub failed: BTreeSet<StepId>,
    /// How long a new thing does not show.
    pub hidden: Duration,
    /// Looks that fail, newest last.
    pub blind: VecDeque<Problem>,
    /// Every act that arrived: step and token.
    pub acts: Vec<(StepId, String)>,
    pub busy: usize,
    pub busiest: usize,
}

impl World {
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.things.iter().map(|(step, thing)| format!("{step} {} {}", thing.ours, thing.right)).collect()
    }

    pub(super) fn acts_on(&self, step: &str) -> usize {
        self.acts.iter().filter(|(acted, _)| acted.as_str() == step).count()
    }
}

#[derive(Clone)]
pub(super) struct FakeHands {
    pub world: Arc<Mutex<World>>,
    pub timer: Timer,
}

/// Seconds until a made thing works.
const SETTLES: Duration = Duration::from_secs(20);

impl FakeHands {
    pub(super) fn new() -> Self {
        Self { world: Arc::default(), timer: Timer::simulated(Stamp::EPOCH, 1.0) }
    }

    pub(super) fn fate(&self, step: &str, fates: impl IntoIterator<Item = Fate>) {
        self.world.lock().unwrap().fates.insert(step.into(), fates.into_iter().collect());
    }

    pub(super) fn stand(&self, step: &str, ours: bool, right: bool) {
        let thing = Thing { ours, right, since: Stamp::EPOCH, token: String::new() };
        self.world.lock().unwrap().things.insert(step.into(), thing);
    }

    fn make(&self, step: &StepId, token: &str) {
        let mut world = self.world.lock().unwrap();
        let since = self.timer.now();
        let thing = Thing { ours: true, right: true, since, token: token.to_owned() };
        match world.things.get_mut(step) {
            Some(known) if known.right => assert_eq!(known.token, token, "{step} is made twice"),
            Some(known) => known.right = true,
            None => drop(world.things.insert(step.clone(), thing)),
        }
    }
}

impl Hands for FakeHands {
    fn look<'a>(&'a self, desired: &'a Desired, _: &'a Outputs) -> BoxFuture<'a, Result<Observation, Problem>> {
        async move {
            self.timer.sleep(Duration::from_millis(50)).await;
            let mut world = self.world.lock().unwrap();
            if let Some(problem) = world.blind.pop_front() {
                return Err(problem);
            }
            let Some(thing) = world.things.get(&desired.id) else { return Ok(Observation::absent()) };
            if self.timer.now().since(thing.since) < world.hidden {
                return Ok(Observation::absent());
            }
            let works = self.timer.now().since(thing.since) >= SETTLES && !world.stuck.contains(&desired.id);
            Ok(Observation {
                presence: if thing.right { Presence::Same } else { Presence::Differs { changes: Vec::new() } },
                owner: if thing.ours { Ownership::Ours } else { Ownership::Foreign { who: "helm".into() } },
                settled: match works {
                    _ if world.failed.contains(&desired.id) => Settled::Failed { why: "CREATE_FAILED".into() },
                    true => Settled::Yes,
                    false => Settled::Waiting { what: "CREATING".into() },
                },
                outputs: BTreeMap::from([("id".to_owned(), format!("id-{}", desired.id))]),
                notes: Vec::new(),
            })
        }
        .boxed()
    }

    fn act<'a>(&'a self, act: Act<'a>) -> BoxFuture<'a, Result<(), Problem>> {
        async move {
            let step = &act.desired.id;
            let fate = {
                let mut world = self.world.lock().unwrap();
                world.acts.push((step.clone(), act.token.to_owned()));
                world.busy += 1;
                world.busiest = world.busiest.max(world.busy);
                world.fates.get_mut(step).and_then(VecDeque::pop_front)
            };
            let answer = match fate {
                Some(Fate::Refuse(problem)) => Err(problem),
                Some(Fate::Lose(problem)) => {
                    self.make(step, act.token);
                    Err(problem)
                }
                None => {
                    self.make(step, act.token);
                    Ok(())
                }
            };
            // A kill can land between the effect and its answer.
            self.timer.sleep(Duration::from_millis(300)).await;
            self.world.lock().unwrap().busy -= 1;
            answer
        }
        .boxed()
    }

    fn report<'a>(&'a self, desired: &'a Desired) -> BoxFuture<'a, Report> {
        let causes = vec![format!("{} has a cause", desired.id)];
        async move { Report { lines: Vec::new(), causes, hints: vec!["do this".to_owned()] } }.boxed()
    }
}

/// A journal in memory that can fail at a record, as a kill or a full disk would.
#[derive(Clone, Default)]
pub(super) struct FakeLog {
    pub records: Arc<Mutex<Vec<Record>>>,
    pub fails_at: Option<usize>,
}

impl Log for FakeLog {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        let mut records = self.records.lock().unwrap();
        if self.fails_at.is_some_and(|at| records.len() >= at) {
            return Err(io::Error::other("no space left on device"));
        }
        // What is journaled has to come back as it was.
        let text = serde_json::to_string(record).unwrap();
        assert_eq!(&serde_json::from_str::<Record>(&text).unwrap(), record, "{text}");
        records.push(record.clone());
        Ok(())
    }
}

/// Remembers what was published.
#[derive(Clone, Default)]
pub(super) struct Seen(pub Arc<Mutex<Vec<Event>>>);

impl Sink for Seen {
    fn publish(&mut self, event: &Event, view: &RunView) {
        assert_eq!(view.seq, event.seq, "published before it was folded");
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A step that makes a placement group, or a role when its name says so, after others.
pub(super) fn step(id: &str, after: &[&str], verb: Verb) -> PlannedStep {
    let ensure = if id.ends_with("role") {
        Ensure::Role(Role {
            name: id.into(),
            description: String::new(),
            trust: serde_json::json!({}),
            managed: Vec::new(),
            inline: BTreeMap::new(),
        })
    } else {
        Ensure::PlacementGroup(PlacementGroup { name: id.into() })
    };
    let desired = Desired {
        id: id.into(),
        title: format!("the thing {id}"),
        component: "test".into(),
        stage: Stage::Cluster,
        needs: Vec::new(),
        ensure,
        deadline_s: 300,
    };
    let after = after.iter().map(|id| StepId::from(*id)).collect();
    PlannedStep { desired, verb, reason: String::new(), changes: Vec::new(), after }
}

pub(super) fn header(steps: Vec<PlannedStep>) -> Header {
    let place = Place { account: "111122223333".into(), region: "us-east-2".into(), cluster: "demo".into() };
    Header {
        format: FORMAT,
        run: "r1".into(),
        at: Stamp::EPOCH,
        version: "0.1.0".into(),
        backend: Backend::Simulated,
        plan: Plan { id: "p1".into(), place, steps, notes: Vec::new() },
        spec: serde_json::json!({}),
    }
}

/// A run over a fake world, with everything that a test looks at afterwards.
pub(super) struct Trial {
    pub hands: FakeHands,
    pub log: FakeLog,
    pub seen: Seen,
    pub control: Control,
    pub limit: usize,
}

impl Trial {
    pub(super) fn on(hands: &FakeHands) -> Self {
        let hands = hands.clone();
        Self { hands, log: FakeLog::default(), seen: Seen::default(), control: Control::new(), limit: LIMIT }
    }

    pub(super) async fn start(&self, header: Header) -> Result<RunView, Problem> {
        self.log.records.lock().unwrap().push(Record::Header(Box::new(header.clone())));
        self.run(Start::Fresh(Box::new(header))).await
    }

    /// Goes on from a journal that was cut to these records.
    pub(super) async fn resume(&self, records: &[Record]) -> Result<RunView, Problem> {
        *self.log.records.lock().unwrap() = records.to_vec();
        self.run(Start::Resumed(Box::new(recover(records)?))).await
    }

    async fn run(&self, start: Start) -> Result<RunView, Problem> {
        run(RunInput {
            start,
            log: Box::new(self.log.clone()),
            hands: Arc::new(self.hands.clone()),
            timer: self.hands.timer.clone(),
            control: self.control.clone(),
            latest: watch::channel(Arc::default()).0,
            sink: Box::new(self.seen.clone()),
            limit: self.limit,
        })
        .await
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.log.records.lock().unwrap().clone()
    }
}

pub(super) fn problem(kind: ProblemKind, code: &str) -> Problem {
    Problem { code: Some(code.to_owned()), ..Problem::new(kind, format!("the service answers {code}")) }
}
