//! A fixture world: one simulated night in which everything works. Data of tests only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::effects::{Planned, SessionInfo};
use super::model::Model;
use crate::components::desired::{Addon, Desired, Ensure, Nodegroup, NodegroupLaunch, Objects, Stage, Val};
use crate::config::{Draft, Layer};
use crate::domain::facts::{
    Access, Caller, CapacityFacts, Cluster, ClusterSummary, Cni, EndpointAccess, Fact, Facts, GroupRules, NetworkFacts,
    Place, Subnet,
};
use crate::domain::finding::{Finding, Fix, Outcome, Severity};
use crate::domain::instance::{Gpus, InstanceType, NetworkCard, Source};
use crate::domain::ladder::{Ladder, Reading, Rung, RungState, Verdict, Verification};
use crate::domain::sample::{Addresses, ComponentHealth, Condition, GpuNode, Sample};
use crate::domain::time::Stamp;
use crate::events::event::{Body, Done, Event, RunEnd, StepHead};
use crate::events::view::RunView;
use crate::plan::model::{Plan, PlannedStep, Verb};

/// 2026-07-01T03:12:00Z.
pub fn night() -> Stamp {
    "2026-07-01T03:12:00Z".parse().unwrap()
}

fn known<T>(value: T) -> Fact<T> {
    Fact::Known { value, at: night() }
}

pub fn session() -> SessionInfo {
    SessionInfo {
        version: "0.1.0".into(),
        simulated: true,
        scenario: Some("default".into()),
        read_only: false,
        env_file: "sim/default/.env".into(),
        env_exists: true,
        state_dir: "~/.local/state/eks-wizard".into(),
        welcome: true,
        unfinished: None,
        locked: None,
    }
}

/// The draft of the default scenario: a GPU group, three candidates in one AZ.
pub fn draft() -> Draft {
    let mut draft = Draft::default();
    let lines = [
        ("CLUSTER_NAME", "orbit-train"),
        ("AWS_REGION", "us-east-2"),
        ("PRIVATE_SUBNET_A", "subnet-0a3f51c27be94d608"),
        ("PRIVATE_SUBNET_B", "subnet-0b52d6c18a3e3f842"),
        ("PRIVATE_SUBNET_C", "subnet-0c7d41e80f6b29a53"),
        ("INSTALL_GPU_NODEGROUP", "true"),
        ("GPU_DESIRED_SIZE", "2"),
    ];
    for (line, (name, value)) in (1..).zip(lines) {
        draft.set_at(name, value, Layer::File { path: ".env".into() }, Some(line));
    }
    draft
}

fn summary(name: &str, status: &str) -> ClusterSummary {
    ClusterSummary { name: name.into(), version: "1.35".into(), status: status.into(), auto_mode: false }
}

pub fn account() -> Facts {
    Facts {
        caller: known(Caller {
            account: "111122223333".into(),
            arn: "arn:aws:sts::111122223333:assumed-role/PlatformOps/ops7".into(),
            alias: Some("orbit-ml".into()),
            expires_at: Some(night() + std::time::Duration::from_secs(47 * 60)),
        }),
        clusters: known(vec![
            summary("orbit-train", "ACTIVE"),
            summary("orbit-dev", "ACTIVE"),
            summary("orbit-auto", "UPDATING"),
        ]),
        ..Facts::default()
    }
}

fn subnet(id: &str, name: &str, cidr: &str, free: u32, blocks: u32) -> Subnet {
    Subnet {
        id: id.into(),
        name: name.into(),
        az_id: "use2-az1".into(),
        az_name: "us-east-2a".into(),
        cidr: cidr.into(),
        free,
        free_blocks: Some(blocks),
        public: false,
    }
}

pub fn p5en() -> InstanceType {
    InstanceType {
        name: "p5en.48xlarge".into(),
        vcpus: 192,
        memory_mib: 2_097_152,
        cards: (0..16).map(|index| NetworkCard { index, max_interfaces: 4, efa: true }).collect(),
        max_efa: 16,
        ipv4_per_interface: 50,
        gpus: Some(Gpus { name: "H200".into(), count: 8, memory_mib: 144_384 }),
        instance_store_gb: 30_400,
        arch: "amd64".into(),
        source: Source::Api,
    }
}

pub fn everything() -> Facts {
    let mut facts = account();
    facts.cluster = known(Cluster {
        summary: summary("orbit-train", "ACTIVE"),
        arn: "arn:aws:eks:us-east-2:111122223333:cluster/orbit-train".into(),
        endpoint: "https://0f1e.gr7.us-east-2.eks.amazonaws.com".into(),
        certificate_authority: String::new(),
        vpc: "vpc-0e61".into(),
        security_group: "sg-0c1d".into(),
        subnets: Vec::new(),
        authentication_mode: "API_AND_CONFIG_MAP".into(),
        endpoint_access: EndpointAccess { public: true, private: true },
        health_issues: Vec::new(),
        service_cidr: None,
    });
    facts.network = NetworkFacts {
        subnets: known(vec![
            subnet("subnet-0a3f51c27be94d608", "gpu-a", "10.40.16.0/24", 231, 12),
            subnet("subnet-0b52d6c18a3e3f842", "gpu-b", "10.40.17.0/24", 83, 1),
            subnet("subnet-0c7d41e80f6b29a53", "gpu-c", "10.40.18.0/23", 498, 29),
        ]),
        cluster_group: known(GroupRules { group: "sg-0c1d".into(), self_ingress: true, self_egress: false }),
        cni: known(Cni {
            version: "1.23.1".into(),
            registry: "602401143452".into(),
            env: BTreeMap::new(),
            own_role: false,
        }),
    };
    facts.kube.access = known(Access { version: "v1.35.2".into(), denied: Vec::new(), asked: 41 });
    facts.kube.nodes = known(Vec::new());
    facts.kube.workloads = known(Vec::new());
    facts.kube.storage_classes = known(Vec::new());
    facts.capacity = CapacityFacts {
        instance_types: known(BTreeMap::from([("p5en.48xlarge".into(), p5en())])),
        offerings: known(BTreeMap::from([("p5en.48xlarge".into(), BTreeSet::from(["use2-az1".to_string()]))])),
        quotas: known(BTreeMap::from([("L-417A185B".into(), 768.0)])),
        running_vcpus: Fact::NotAsked,
    };
    facts
}

fn step(id: &str, component: &str, stage: Stage, ensure: Ensure, verb: Verb) -> PlannedStep {
    PlannedStep {
        desired: Desired {
            id: id.into(),
            title: "one thing".into(),
            component: component.into(),
            stage,
            needs: Vec::new(),
            ensure,
            deadline_s: 1200,
        },
        verb,
        reason: "it is absent".into(),
        changes: Vec::new(),
        after: BTreeSet::new(),
    }
}

fn addon(name: &str) -> Ensure {
    Ensure::Addon(Addon {
        name: name.into(),
        version: "v1.3.10-eksbuild.1".into(),
        configuration: None,
        associations: Vec::new(),
    })
}

fn nodegroup() -> Ensure {
    Ensure::Nodegroup(Nodegroup {
        name: "gpu-compute".into(),
        subnet: "subnet-0c7d41e80f6b29a53".into(),
        node_role: Val::output(&"gpu.gpu-compute.node-role".into(), "arn"),
        launch: NodegroupLaunch {
            template: Val::known("lt-1"),
            template_version: Val::known("1"),
            instance_types: vec!["p5en.48xlarge".into()],
            ami_type: "AL2023_x86_64_NVIDIA".into(),
            release: Some("1.35.6-20260714".into()),
            capacity_type: "ON_DEMAND".into(),
        },
        sizes: (0, 2, 10),
        labels: BTreeMap::from([("nvidia.com/gpu".into(), "true".into())]),
        taints: vec![("nvidia.com/gpu".into(), "true".into(), "NO_SCHEDULE".into())],
        update_strategy: "MINIMAL".into(),
        repair: false,
    })
}

pub fn finding(check: &str, severity: Severity, outcome: Outcome) -> Finding {
    Finding {
        check: check.into(),
        severity,
        title: format!("{check} demands something"),
        subject: String::new(),
        outcome,
        evidence: vec!["83 addresses are free, 200 are needed".into()],
        fixes: vec![Fix::Set { variable: "GPU_DESIRED_SIZE".into(), value: "0".into(), says: "starts empty".into() }],
    }
}

/// A plan of five steps; with `verb` Keep it is settled.
pub fn planned(verb: Verb) -> Planned {
    let objects = || {
        Ensure::Objects(Objects {
            objects: vec![json!({"kind": "DaemonSet", "metadata": {"name": "a"}})],
            ready: Vec::new(),
        })
    };
    let steps = vec![
        step("pod-identity-agent.addon", "pod-identity-agent", Stage::Identity, addon("eks-pod-identity-agent"), verb),
        step("ebs-csi.addon", "ebs-csi", Stage::Storage, addon("aws-ebs-csi-driver"), verb),
        step("gpu.gpu-compute.nodegroup", "gpu.gpu-compute", Stage::GpuNodes, nodegroup(), verb),
        step("nvidia-device-plugin.manifest", "nvidia-device-plugin", Stage::Devices, objects(), verb),
        step("gp3.class", "gp3", Stage::Storage, objects(), Verb::Keep),
    ];
    let place = Place { account: "111122223333".into(), region: "us-east-2".into(), cluster: "orbit-train".into() };
    let findings = vec![
        finding("NET-001", Severity::Error, Outcome::Pass { by: None }),
        finding("SG-001", Severity::Error, Outcome::Pass { by: Some("gpu.gpu-compute.security-group".into()) }),
        finding("NET-003", Severity::Warning, Outcome::Fail),
        finding("CAP-001", Severity::Error, Outcome::CannotTell { why: "no API knows".into() }),
        finding("LT-003", Severity::Error, Outcome::NotApplicable { why: "auto".into() }),
    ];
    Planned { plan: Arc::new(Plan { id: "7f3a9c00aa".into(), place, steps, notes: Vec::new() }), findings }
}

/// A plan that NET-003 blocks.
pub fn blocked() -> Planned {
    let mut planned = planned(Verb::Create);
    planned.findings.push(finding("NET-003", Severity::Error, Outcome::Fail));
    planned
}

fn heads() -> Vec<StepHead> {
    let planned = planned(Verb::Create);
    let head = |step: &PlannedStep| StepHead {
        id: step.id().clone(),
        title: step.desired.title.clone(),
        stage: step.desired.stage.title().into(),
        component: step.desired.component.clone(),
        verb: step.verb.word().into(),
        after: Vec::new(),
        deadline_s: 1200,
    };
    planned.plan.steps.iter().map(head).collect()
}

/// A run with `bodies` after its start, a second apart.
pub fn run(bodies: Vec<Body>) -> Arc<RunView> {
    let started = Body::RunStarted {
        simulated: true,
        version: "0.1.0".into(),
        plan: "7f3a9c00aa".into(),
        cluster: "orbit-train".into(),
        steps: heads(),
    };
    let mut view = RunView::default();
    for (seq, body) in (1_u64..).zip(std::iter::once(started).chain(bodies)) {
        view.fold(&Event { run: "8c21".into(), seq, at: night() + std::time::Duration::from_secs(seq), body });
    }
    Arc::new(view)
}

/// A run in the middle: one step done, one waiting with a log.
pub fn running() -> Arc<RunView> {
    let group = "gpu.gpu-compute.nodegroup";
    run(vec![
        Body::StepStarted { step: "pod-identity-agent.addon".into() },
        Body::StepDone { step: "pod-identity-agent.addon".into(), done: Done::Created },
        Body::StepStarted { step: group.into() },
        Body::StepLog { step: group.into(), line: "→ eks CreateNodegroup".into() },
        Body::StepWaiting {
            step: group.into(),
            lines: vec!["EKS  CREATING, no health issue".into()],
            deadline: night() + std::time::Duration::from_secs(1200),
        },
    ])
}

/// A run whose node group failed.
pub fn failed() -> Arc<RunView> {
    let group = "gpu.gpu-compute.nodegroup";
    let problem = crate::domain::problem::Problem::new(
        crate::domain::problem::ProblemKind::Failed,
        "Instances failed to join the cluster.",
    )
    .hint("Add a route.");
    run(vec![
        Body::StepStarted { step: group.into() },
        Body::StepFailed { step: group.into(), problem },
        Body::StepWillNotRun { step: "nvidia-device-plugin.manifest".into(), because: group.into() },
        Body::RunFinished { end: RunEnd::Failed },
    ])
}

/// A run that ended well.
pub fn done() -> Arc<RunView> {
    let each = heads().into_iter().flat_map(|head| {
        [Body::StepStarted { step: head.id.clone() }, Body::StepDone { step: head.id, done: Done::Created }]
    });
    run(each.chain([Body::RunFinished { end: RunEnd::Done }]).collect())
}

const NODES: [&str; 2] = ["ip-10-40-18-37.us-east-2.compute.internal", "ip-10-40-18-52.us-east-2.compute.internal"];

pub fn verification() -> Verification {
    let rung = |id: &str, check: &str, expect: &str| Rung {
        id: id.into(),
        check: Some(check.into()),
        title: format!("{id} proves something"),
        expect: expect.into(),
        readings: NODES
            .iter()
            .map(|node| Reading {
                subject: (*node).into(),
                found: expect.into(),
                state: RungState::Proven,
                evidence: vec!["read at 03:29:40Z".into()],
            })
            .collect(),
    };
    let ladders = vec![
        Ladder {
            id: "gpu".into(),
            title: "GPU ladder".into(),
            rungs: vec![rung("gpu.plugin", "GPU-002", "1"), rung("gpu.allocatable", "GPU-001", "8")],
        },
        Ladder { id: "efa".into(), title: "EFA ladder".into(), rungs: vec![rung("efa.allocatable", "EFA-004", "16")] },
    ];
    Verification { at: night(), ladders, nodes: Vec::new(), verdict: Verdict::Proven }
}

pub fn sample(condition: Condition, at: Stamp) -> Sample {
    let node = |name: &&str| GpuNode {
        name: (*name).into(),
        instance_type: "p5en.48xlarge".into(),
        az_id: "use2-az1".into(),
        ready: true,
        gpus: (8, 8),
        efa: (16, 16),
        gpus_requested: 0,
        conditions: Vec::new(),
        driver: Some("580.159.03".into()),
        since: Some(night()),
    };
    let by_node: BTreeMap<String, String> = NODES.iter().map(|node| ((*node).into(), "ok".into())).collect();
    let part = ComponentHealth {
        id: "ebs-csi".into(),
        name: "EBS CSI driver".into(),
        condition: Condition::Healthy,
        version: Some("1.64.0".into()),
        ready: (2, 2),
        says: "2 of 2 Ready".into(),
    };
    Sample {
        at,
        condition,
        reasons: Vec::new(),
        gpu_nodes_expected: 2,
        gpu_nodes: NODES.iter().map(node).collect(),
        components: vec![part],
        coverage: BTreeMap::from([("efa".to_string(), by_node.clone()), ("nvidia".to_string(), by_node)]),
        addresses: vec![Addresses {
            subnet: "subnet-0c7d41e80f6b29a53".into(),
            free: 298,
            free_blocks: Some(16),
            nodes_fit: Some(2),
        }],
    }
}

/// At start: the welcome screen, nothing read.
pub fn at_start() -> Model {
    Model::new(session(), draft(), night())
}

/// Everything read, planned, applied, proven and watched.
pub fn full() -> Model {
    let mut model = at_start();
    model.nav.welcome = false;
    model.world.facts.end(Ok(everything()), night());
    model.world.plan.end(Ok(planned(Verb::Create)), night());
    model.run.view = done();
    model.world.verification.end(Ok(verification()), night());
    model.health.last.end(Ok(sample(Condition::Healthy, night())), night());
    model.health.streak = Some((Condition::Healthy, 3));
    model.health.verdict = Some((Condition::Healthy, night()));
    model
}
