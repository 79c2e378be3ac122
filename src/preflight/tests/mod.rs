//! Every check against real drafts and real plans: each of its five results, its evidence and its fixes.

mod cluster;
mod fixes;
mod network;
mod ownership;
mod plugins;
mod quota;
mod registry;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Inputs, run};
use crate::components::desired::Desired;
use crate::components::observed::{Observation, Observed, Presence};
use crate::components::testing::{addon, facts, known, place};
use crate::config::{Draft, Layer, Spec, validate};
use crate::domain::facts::{Access, Caller, Fact, Facts, Node};
use crate::domain::finding::{Finding, Fix, Outcome};
use crate::domain::resource::Ownership;
use crate::plan::model::Plan;
use crate::plan::planner;

/// The three candidates, all in `use2-az1`.
const SUBNETS: [&str; 3] = ["subnet-0000000a", "subnet-0000000b", "subnet-0000000c"];

/// A draft, what was read, and what stands.
#[derive(Clone)]
struct Scene {
    draft: Draft,
    facts: Facts,
    /// Observations by step; what is not named here is absent.
    observed: BTreeMap<String, Observation>,
    /// What becomes of the planned steps before they are judged.
    spoil: fn(&mut Vec<Desired>),
    today: &'static str,
}

impl Scene {
    /// The default scene, in which nothing fails, with these variables set.
    fn with(variables: &[(&str, &str)]) -> Self {
        let mut draft = Draft::default();
        let base = [
            ("CLUSTER_NAME", "demo"),
            ("AWS_REGION", "us-east-2"),
            ("PRIVATE_SUBNET_A", SUBNETS[0]),
            ("PRIVATE_SUBNET_B", SUBNETS[1]),
            ("PRIVATE_SUBNET_C", SUBNETS[2]),
            ("INSTALL_GPU_NODEGROUP", "true"),
            ("GPU_DESIRED_SIZE", "2"),
        ];
        for (name, value) in base.iter().chain(variables) {
            draft.set(name, value, Layer::Flag);
        }
        Self { draft, facts: world(), observed: BTreeMap::new(), spoil: |_| {}, today: "2026-07-01" }
    }

    fn new() -> Self {
        Self::with(&[])
    }

    /// The same with other facts.
    fn knowing(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.facts);
        self
    }

    /// The same with something standing in the place of a step.
    fn seeing(mut self, step: &str, presence: Presence, owner: Ownership) -> Self {
        self.observed.insert(step.to_owned(), Observation { presence, owner, ..Observation::absent() });
        self
    }

    fn spec(&self) -> Spec {
        validate(&self.draft).unwrap_or_else(|issues| panic!("{issues:?}")).0
    }

    fn findings(&self) -> Vec<Finding> {
        let spec = self.spec();
        let mut desired = planner::desired(&spec, &self.facts, &place()).unwrap_or_default();
        (self.spoil)(&mut desired);
        let seen = |step: &Desired| self.observed.get(step.id.as_str()).cloned().unwrap_or_else(Observation::absent);
        let observed = Observed(desired.iter().map(|step| (step.id.clone(), seen(step))).collect());
        let plan: Option<Plan> =
            (!desired.is_empty()).then(|| planner::plan(&spec, &self.facts, &observed, &desired, &place()));
        run(&Inputs { spec: &spec, facts: &self.facts, observed: &observed, plan: plan.as_ref(), today: self.today })
    }

    /// The findings of one check.
    fn all(&self, check: &str) -> Vec<Finding> {
        self.findings().into_iter().filter(|finding| finding.check.as_str() == check).collect()
    }

    /// The only finding of a check.
    fn one(&self, check: &str) -> Finding {
        let mut found = self.all(check);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }
}

/// Facts of a cluster that is fit for everything and on which nothing is installed.
fn world() -> Facts {
    let mut facts = facts();
    change(&mut facts.network.subnets, |subnets| {
        for (subnet, id) in subnets.iter_mut().zip(SUBNETS) {
            subnet.id = id.into();
            subnet.free = 4_000;
        }
    });
    facts.kube.nodes = known(vec![node("cpu-1"), node("cpu-2")]);
    facts.kube.access = known(Access { version: "v1.35.2-eks-1".to_owned(), denied: Vec::new(), asked: 45 });
    facts.eks.updates = known(Vec::new());
    facts.eks.addons = known(vec![addon("vpc-cni", &[])]);
    facts.capacity.quotas = known(BTreeMap::from([("L-417A185B".to_owned(), 4_000.0)]));
    facts.capacity.running_vcpus = known(BTreeMap::from([("L-417A185B".to_owned(), 0)]));
    facts.caller = known(Caller {
        account: place().account,
        arn: "arn:aws:sts::123456789012:assumed-role/Ops/me".into(),
        alias: None,
        expires_at: None,
    });
    facts
}

/// A ready CPU node of the group of system pods.
fn node(name: &str) -> Node {
    Node {
        name: name.to_owned(),
        ready: true,
        labels: BTreeMap::from([("eks.amazonaws.com/nodegroup".to_owned(), "eks-utils".to_owned())]),
        taints: Vec::new(),
        allocatable: BTreeMap::new(),
        instance: None,
    }
}

/// Changes a fact that is known.
fn change<T>(fact: &mut Fact<T>, change: impl FnOnce(&mut T)) {
    match fact {
        Fact::Known { value, .. } => change(value),
        Fact::Unknown { .. } | Fact::NotAsked => panic!("the fact is not known"),
    }
}

fn unknown<T>(why: &str) -> Fact<T> {
    Fact::Unknown { why: why.to_owned() }
}

/// The GPU group as it stands with this desired size in the first subnet.
fn live_group(facts: &mut Facts, desired: u32) {
    let mut live = crate::components::testing::nodegroup("gpu-compute", SUBNETS[0]);
    live.sizes.1 = desired;
    change(&mut facts.eks.nodegroups, |groups| groups.push(live));
}

/// Puts the candidates into these zones, all of which offer the type.
fn in_zones(facts: &mut Facts, zones: [&str; 3]) {
    change(&mut facts.network.subnets, |subnets| {
        for (subnet, zone) in subnets.iter_mut().zip(zones) {
            zone.clone_into(&mut subnet.az_id);
        }
    });
    let offered: BTreeSet<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
    facts.capacity.offerings = known(BTreeMap::from([("p5en.48xlarge".to_owned(), offered)]));
}

fn passes(finding: &Finding) -> bool {
    finding.outcome == Outcome::Pass { by: None }
}

/// The step that will make it true.
fn by_plan(finding: &Finding) -> Option<&str> {
    match &finding.outcome {
        Outcome::Pass { by } => by.as_ref().map(crate::domain::ids::StepId::as_str),
        _ => None,
    }
}

fn cannot_tell(finding: &Finding) -> Option<&str> {
    match &finding.outcome {
        Outcome::CannotTell { why } => Some(why),
        _ => None,
    }
}

fn not_applicable(finding: &Finding) -> Option<&str> {
    match &finding.outcome {
        Outcome::NotApplicable { why } => Some(why),
        _ => None,
    }
}

/// Variables and values that the fixes of a finding set.
fn sets(finding: &Finding) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    for fix in &finding.fixes {
        if let Fix::Set { variable, value, .. } = fix {
            pairs.push((variable.as_str(), value.as_str()));
        }
    }
    pairs
}

/// Commands of the fixes of a finding.
fn commands(finding: &Finding) -> Vec<&str> {
    let mut commands = Vec::new();
    for fix in &finding.fixes {
        if let Fix::Run { command, .. } = fix {
            commands.push(command.as_str());
        }
    }
    commands
}

/// The DaemonSet of a planned step.
fn daemon_set<'a>(desired: &'a mut [Desired], step: &str) -> &'a mut Value {
    use crate::components::desired::Ensure;
    let found = desired.iter_mut().find(|one| one.id.as_str() == step).unwrap();
    match &mut found.ensure {
        Ensure::Objects(objects) => objects.objects.iter_mut().find(|object| object["kind"] == "DaemonSet").unwrap(),
        other => panic!("{other:?}"),
    }
}
