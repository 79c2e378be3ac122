//! Judges evidence rung by rung. Pure. The first broken rung of a node ends its ladder; what lies above cannot be true yet.

use std::collections::BTreeSet;

use super::evidence::{Evidence, GroupEvidence, NodeEvidence, Probe};
use super::expect::{Expectation, Group};
use crate::domain::ids::CheckId;
use crate::domain::ladder::{Ladder, NodeVerdict, Reading, Rung, RungState, Verdict, Verification};
use crate::domain::time::Stamp;

/// What a rung finds on one node: a short word and whether it holds.
type Found = (String, RungState, Vec<String>);

/// A rung: id, check, title, what is expected, and how a node is judged.
struct Test<'a> {
    id: &'a str,
    check: Option<&'a str>,
    title: &'a str,
    expect: String,
    judge: Box<dyn Fn(&NodeEvidence) -> Found + 'a>,
}

/// The verification that the evidence amounts to.
pub fn judge(at: Stamp, expectation: &Expectation, evidence: &Evidence) -> Verification {
    let mut ladders = Vec::new();
    let mut nodes = Vec::new();
    for (group, found) in expectation.groups.iter().zip(&evidence.groups) {
        let gpu = climb("gpu", &format!("GPU ladder, {}", group.name), &gpu_tests(group), found);
        let efa = climb("efa", &format!("EFA ladder, {}", group.name), &efa_tests(group), found);
        for node in found.nodes.iter().flatten() {
            nodes.push(NodeVerdict {
                name: node.name.clone(),
                gpu: node.gpus,
                gpu_expected: group.gpus,
                efa: node.efa,
                efa_expected: group.efa,
                verdict: verdict(gpu.rungs.iter().chain(&efa.rungs), Some(&node.name)),
            });
        }
        ladders.extend([gpu, efa]);
    }
    ladders.extend(identity_ladder(expectation, evidence));
    ladders.extend(storage_ladder(expectation, evidence));
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    let overall = verdict(ladders.iter().flat_map(|ladder| &ladder.rungs), None);
    Verification { at, ladders, nodes, verdict: overall }
}

/// The word for all readings, or for those of one subject.
fn verdict<'a>(rungs: impl Iterator<Item = &'a Rung>, subject: Option<&str>) -> Verdict {
    let (mut proven, mut unknown) = (false, false);
    for reading in rungs.flat_map(|rung| &rung.readings).filter(|one| subject.is_none_or(|name| one.subject == name)) {
        match reading.state {
            RungState::Broken { .. } => return Verdict::Broken,
            RungState::Proven => proven = true,
            RungState::CannotTell { .. } | RungState::NotReached => unknown = true,
            RungState::NotApplicable { .. } => {}
        }
    }
    match (unknown, proven) {
        (true, _) => Verdict::CannotTell,
        (false, true) => Verdict::Proven,
        (false, false) => Verdict::NotApplicable,
    }
}

fn gpu_tests(group: &Group) -> Vec<Test<'_>> {
    let gpus = group.gpus;
    let mut tests = vec![
        Test {
            id: "gpu.ready",
            check: None,
            title: "node is Ready",
            expect: "Ready".to_owned(),
            judge: Box::new(ready),
        },
        Test {
            id: "gpu.plugin",
            check: Some("GPU-002"),
            title: "NVIDIA device plugin pod is Ready",
            expect: "1".to_owned(),
            judge: Box::new(|node| plugin(node, "nvidia-device-plugin")),
        },
        Test {
            id: "gpu.allocatable",
            check: Some("GPU-001"),
            title: "allocatable nvidia.com/gpu",
            expect: gpus.to_string(),
            judge: Box::new(move |node| count(node.gpus, gpus, "nvidia.com/gpu allocatable")),
        },
        Test {
            id: "gpu.nvidia-smi",
            check: None,
            title: "nvidia-smi in a pod lists every GPU",
            expect: gpus.to_string(),
            judge: Box::new(move |node| probed(node.gpu_probe.as_ref(), |log| nvidia_smi(log, gpus))),
        },
    ];
    if group.fabric {
        tests.push(Test {
            id: "gpu.fabric",
            check: Some("GPU-005"),
            title: "NVSwitch fabric state of every GPU",
            expect: "Completed".to_owned(),
            judge: Box::new(move |node| probed(node.gpu_probe.as_ref(), |log| fabric(log, gpus))),
        });
    }
    tests
}

fn efa_tests(group: &Group) -> Vec<Test<'_>> {
    let efa = group.efa;
    vec![
        Test {
            id: "efa.attached",
            check: Some("LT-003"),
            title: "EFA interfaces attached, says EC2",
            expect: efa.to_string(),
            judge: Box::new(move |node| match &node.attached {
                Ok(attached) => count(*attached, efa, "EFA interfaces attached"),
                Err(why) => ("?".to_owned(), RungState::CannotTell { why: why.clone() }, Vec::new()),
            }),
        },
        Test {
            id: "efa.plugin",
            check: Some("EFA-002"),
            title: "EFA device plugin pod is Ready",
            expect: "1".to_owned(),
            judge: Box::new(|node| plugin(node, "efa")),
        },
        Test {
            id: "efa.allocatable",
            check: Some("EFA-004"),
            title: "allocatable vpc.amazonaws.com/efa",
            expect: efa.to_string(),
            judge: Box::new(move |node| count(node.efa, efa, "vpc.amazonaws.com/efa allocatable")),
        },
        Test {
            id: "efa.devices",
            check: Some("EFA-013"),
            title: "EFA devices visible in a pod",
            expect: efa.to_string(),
            judge: Box::new(move |node| probed(node.efa_probe.as_ref(), |log| uverbs(log, efa))),
        },
    ]
}

fn ready(node: &NodeEvidence) -> Found {
    if node.ready {
        ("Ready".to_owned(), RungState::Proven, Vec::new())
    } else {
        ("NotReady".to_owned(), RungState::Broken { why: format!("Node {} is not Ready.", node.name) }, Vec::new())
    }
}

fn plugin(node: &NodeEvidence, part: &str) -> Found {
    let plugins = match &node.plugins {
        Ok(plugins) => plugins,
        Err(why) => return ("?".to_owned(), RungState::CannotTell { why: why.clone() }, Vec::new()),
    };
    match plugins.iter().find(|(name, _)| name.contains(part)) {
        Some((name, true)) => ("1".to_owned(), RungState::Proven, vec![format!("pod of {name} is Ready")]),
        Some((name, false)) => (
            "0".to_owned(),
            RungState::Broken { why: format!("The pod of DaemonSet {name} is not Ready.") },
            Vec::new(),
        ),
        None => (
            "0".to_owned(),
            RungState::Broken { why: "No pod of the DaemonSet is on this node.".to_owned() },
            Vec::new(),
        ),
    }
}

fn count(found: u32, expected: u32, what: &str) -> Found {
    let evidence = vec![format!("{found} {what}, {expected} expected")];
    let state = if found == expected {
        RungState::Proven
    } else {
        RungState::Broken { why: format!("{found} {what} where {expected} are expected.") }
    };
    (found.to_string(), state, evidence)
}

fn probed(probe: Option<&Probe>, read: impl Fn(&str) -> Found) -> Found {
    match probe {
        Some(Probe::Succeeded { log }) => read(log),
        Some(Probe::Failed { why }) => ("failed".to_owned(), RungState::Broken { why: why.clone() }, Vec::new()),
        Some(Probe::NotRun { why }) => ("?".to_owned(), RungState::CannotTell { why: why.clone() }, Vec::new()),
        None => ("?".to_owned(), RungState::CannotTell { why: "the probe was not run".to_owned() }, Vec::new()),
    }
}

/// The head of `nvidia-smi -q` (`Driver Version`, `Attached GPUs`) and one `Product Name` a GPU below it.
fn nvidia_smi(log: &str, expected: u32) -> Found {
    let pairs: Vec<(&str, &str)> =
        log.lines().filter_map(|line| line.split_once(" : ")).map(|(key, value)| (key.trim(), value.trim())).collect();
    let values = |name: &str| pairs.iter().filter(|(key, _)| *key == name).map(|(_, value)| *value).collect::<Vec<_>>();
    let (names, drivers) = (values("Product Name"), values("Driver Version"));
    let attached = values("Attached GPUs").first().and_then(|text| text.parse::<u32>().ok());
    let listed = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let kinds: BTreeSet<&str> = names.iter().copied().collect();
    let evidence = vec![format!(
        "nvidia-smi -q lists {listed} of {}, driver {}",
        if kinds.is_empty() { "no GPU".to_owned() } else { kinds.into_iter().collect::<Vec<_>>().join(" and ") },
        drivers.first().copied().unwrap_or("not reported")
    )];
    let state = if listed != expected {
        RungState::Broken { why: format!("nvidia-smi lists {listed} GPUs where {expected} are expected.") }
    } else if attached.is_some_and(|attached| attached != listed) {
        RungState::Broken { why: "nvidia-smi counts other GPUs than it lists.".to_owned() }
    } else {
        RungState::Proven
    };
    (listed.to_string(), state, evidence)
}

/// Fabric sections of `nvidia-smi -q`: a heading `Fabric`, below it `State` and `Status`.
fn fabric(log: &str, expected: u32) -> Found {
    let mut inside = false;
    let (mut states, mut statuses) = (Vec::new(), Vec::new());
    for line in log.lines() {
        match line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
            None => inside = line.trim() == "Fabric",
            Some(("State", value)) if inside => states.push(value),
            Some(("Status", value)) if inside => statuses.push(value),
            Some(_) => {}
        }
    }
    let up = |values: &[&str], good: &str| values.iter().filter(|value| **value == good).count();
    let completed = u32::try_from(up(&states, "Completed").min(up(&statuses, "Success"))).unwrap_or(0);
    let evidence = vec![format!("Fabric State {}, Status {}", joined(&states), joined(&statuses))];
    if completed == expected {
        return ("Completed".to_owned(), RungState::Proven, evidence);
    }
    let why = format!(
        "The fabric is up on {completed} of {expected} GPUs; the fabric manager of the node is the first suspect."
    );
    (joined(&states), RungState::Broken { why }, evidence)
}

fn joined(values: &[&str]) -> String {
    let distinct: BTreeSet<&str> = values.iter().copied().collect();
    if distinct.is_empty() { "not reported".to_owned() } else { distinct.into_iter().collect::<Vec<_>>().join(", ") }
}

/// `uverbs` devices in `ls /dev/infiniband`: one an EFA interface.
fn uverbs(log: &str, expected: u32) -> Found {
    let found = log.split_whitespace().filter(|name| name.starts_with("uverbs")).count();
    count(u32::try_from(found).unwrap_or(u32::MAX), expected, "EFA devices in the pod")
}

/// Climbs: every node meets the tests in order until one is broken.
fn climb(id: &str, title: &str, tests: &[Test<'_>], group: &GroupEvidence) -> Ladder {
    let mut rungs: Vec<Rung> = tests
        .iter()
        .map(|test| Rung {
            id: test.id.to_owned(),
            check: test.check.map(CheckId::from),
            title: test.title.to_owned(),
            expect: test.expect.clone(),
            readings: Vec::new(),
        })
        .collect();
    if let Some(state) = whole_group(group) {
        for rung in &mut rungs {
            rung.readings.push(reading(&group.name, ("–".to_owned(), state.clone(), Vec::new())));
        }
        return Ladder { id: id.to_owned(), title: title.to_owned(), rungs };
    }
    let nodes = group.nodes.as_deref().unwrap_or_default();
    if group.desired == Ok(None) && nodes.is_empty() {
        let unreached = || reading(&group.name, ("·".to_owned(), RungState::NotReached, Vec::new()));
        rungs.iter_mut().for_each(|rung| rung.readings.push(unreached()));
    }
    for node in nodes {
        let mut broken = false;
        for (test, rung) in tests.iter().zip(&mut rungs) {
            let found = if broken { ("·".to_owned(), RungState::NotReached, Vec::new()) } else { (test.judge)(node) };
            broken |= matches!(found.1, RungState::Broken { .. });
            rung.readings.push(reading(&node.name, found));
        }
    }
    let joined = joined_rung(id, group, nodes);
    rungs.insert(0, joined);
    Ladder { id: id.to_owned(), title: title.to_owned(), rungs }
}

/// As many nodes joined as the group desires: without this rung a group that launches nothing would look proven.
fn joined_rung(id: &str, group: &GroupEvidence, nodes: &[NodeEvidence]) -> Rung {
    let have = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    let wanted = group.desired.as_ref().ok().copied().flatten();
    let why = match wanted {
        Some(wanted) if have >= wanted => None,
        Some(wanted) => Some(format!("{have} of {wanted} nodes of {} joined the cluster.", group.name)),
        None => Some(format!("Node group {} does not exist.", group.name)),
    };
    let found = wanted.map_or_else(|| "no node group".to_owned(), |wanted| format!("{have} of {wanted}"));
    let wanted = wanted.map_or_else(|| "a node group".to_owned(), |wanted| wanted.to_string());
    let state = why.map_or(RungState::Proven, |why| RungState::Broken { why });
    Rung {
        id: format!("{id}.joined"),
        check: None,
        title: "nodes joined".to_owned(),
        readings: vec![reading(&group.name, (found, state, Vec::new()))],
        expect: wanted,
    }
}

/// What holds for the group as a whole, when no node can be judged.
fn whole_group(group: &GroupEvidence) -> Option<RungState> {
    match (&group.desired, &group.nodes) {
        (Err(why), _) | (_, Err(why)) => Some(RungState::CannotTell { why: why.clone() }),
        (Ok(Some(0)), Ok(nodes)) if nodes.is_empty() => {
            Some(RungState::NotApplicable { why: format!("node group {} has desired size 0", group.name) })
        }
        _ => None,
    }
}

fn reading(subject: &str, (found, state, evidence): Found) -> Reading {
    Reading { subject: subject.to_owned(), found, state, evidence }
}

fn identity_ladder(expectation: &Expectation, evidence: &Evidence) -> Option<Ladder> {
    if expectation.identities.is_empty() {
        return None;
    }
    let readings = expectation.identities.iter().zip(&evidence.identities).map(|(identity, probe)| {
        let subject = format!("{}/{}", identity.namespace, identity.service_account);
        reading(&subject, probed(probe.as_ref(), |log| holds(log, &identity.role)))
    });
    let rung = Rung {
        id: "pod-identity.role".to_owned(),
        check: Some(CheckId::from("PID-004")),
        title: "role seen from inside the pod".to_owned(),
        expect: "its association's role".to_owned(),
        readings: readings.collect(),
    };
    Some(Ladder { id: "pod-identity".to_owned(), title: "Pod Identity".to_owned(), rungs: vec![rung] })
}

/// What `aws sts get-caller-identity` prints. An assumed-role ARN names the role between its slashes:
/// `…:assumed-role/<role>/<session>`.
fn holds(log: &str, role: &str) -> Found {
    let answer: Option<serde_json::Value> = serde_json::from_str(log).ok();
    let arn = answer.as_ref().and_then(|answer| answer["Arn"].as_str()).unwrap_or(log.trim());
    let seen = arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    let evidence = vec![arn.to_owned()];
    match seen {
        Some(seen) if seen == role => (seen.to_owned(), RungState::Proven, evidence),
        Some(seen) => {
            let why = format!("The pod holds {seen} where {role} is expected.");
            (seen.to_owned(), RungState::Broken { why }, evidence)
        }
        None => ("none".to_owned(), RungState::Broken { why: format!("The pod holds no role: {arn}") }, evidence),
    }
}

fn storage_ladder(expectation: &Expectation, evidence: &Evidence) -> Option<Ladder> {
    if expectation.classes.is_empty() {
        return None;
    }
    let readings = expectation.classes.iter().zip(&evidence.classes).map(|(class, probe)| {
        let found = probed(probe.as_ref(), |log| {
            let same = log.lines().any(|line| line.trim() == "eks-wizard");
            let why = "What was read back is not what was written.".to_owned();
            let state = if same { RungState::Proven } else { RungState::Broken { why } };
            ("bound".to_owned(), state, vec![format!("{} bound, written and read back", class.size)])
        });
        reading(&class.name, found)
    });
    let rung = Rung {
        id: "storage.volume".to_owned(),
        check: Some(CheckId::from("STO-009")),
        title: "a volume binds, is written and read back".to_owned(),
        expect: "bound".to_owned(),
        readings: readings.collect(),
    };
    Some(Ladder { id: "storage".to_owned(), title: "Storage".to_owned(), rungs: vec![rung] })
}

#[cfg(test)]
#[path = "ladders_tests.rs"]
mod tests;
