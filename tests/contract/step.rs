//! One step by hand: observe → act → observe → act again → observe.

use eks_wizard::apply::context::{Act, Hands, Outputs};
use eks_wizard::apply::live::Live;
use eks_wizard::components::desired::{Desired, Ensure, Stage};
use eks_wizard::components::observed::{Observation, Presence};
use eks_wizard::domain::ids::StepId;
use eks_wizard::domain::problem::{Problem, ProblemKind};
use eks_wizard::domain::resource::Ownership;

use super::world::World;

/// A step and what carries it out.
pub struct Step<'a> {
    hands: Live,
    pub desired: Desired,
    outputs: &'a Outputs,
}

impl<'a> Step<'a> {
    /// The step `id` that ensures this.
    pub fn new(world: &World, id: &str, ensure: Ensure, outputs: &'a Outputs) -> Self {
        let desired = Desired {
            id: StepId::from(id),
            title: "under contract".to_owned(),
            component: "contract".to_owned(),
            stage: Stage::GpuNodes,
            needs: Vec::new(),
            ensure,
            deadline_s: 60,
        };
        Self { hands: Live::new(world.clients.clone()), desired, outputs }
    }

    /// Observes.
    pub async fn look(&self) -> Observation {
        let seen = self.hands.look(&self.desired, self.outputs).await;
        seen.unwrap_or_else(|problem| panic!("the look at {} fails: {problem}", self.desired.id))
    }

    /// Acts upon an observation.
    pub async fn act(&self, observation: &Observation) -> Result<(), Problem> {
        let token = format!("contract-{}", self.desired.id);
        let log = |_| {};
        let act = Act { desired: &self.desired, observation, token: &token, outputs: self.outputs, log: &log };
        self.hands.act(act).await
    }

    /// The whole contract of a thing that is not there yet; its outputs count for later steps. The second act starts
    /// from the first observation, as after a kill between the answer and its record.
    pub async fn holds(&self) -> Observation {
        let before = self.look().await;
        assert_eq!(before.presence, Presence::Absent, "{} stands before it is made", self.desired.id);
        self.act(&before).await.unwrap_or_else(|problem| panic!("{} fails: {problem}", self.desired.id));
        let made = self.look().await;
        assert_eq!(made.presence, Presence::Same, "{} is not what was asked for", self.desired.id);
        assert_eq!(made.owner, Ownership::Ours, "{}", self.desired.id);
        match self.act(&before).await {
            Ok(()) => {}
            Err(problem) => assert_eq!(problem.kind, ProblemKind::Conflict, "{}: {problem}", self.desired.id),
        }
        assert_eq!(self.look().await, made, "acting again changed {}", self.desired.id);
        self.outputs.set(&self.desired.id, made.outputs.clone());
        made
    }

    /// The contract of a change: differs → act → same → nothing differs any more.
    pub async fn changes(&self) -> Observation {
        let before = self.look().await;
        assert!(matches!(before.presence, Presence::Differs { .. }), "{} does not differ: {before:?}", self.desired.id);
        self.act(&before).await.unwrap_or_else(|problem| panic!("{} fails: {problem}", self.desired.id));
        let changed = self.look().await;
        assert_eq!(changed.presence, Presence::Same, "{} is not what was asked for", self.desired.id);
        changed
    }
}
