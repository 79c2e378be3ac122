use super::*;
use crate::components::testing::{facts, place, spec};
use crate::domain::ladder::{Ladder, NodeVerdict, Reading, Rung};
use crate::domain::sample::{Addresses, ComponentHealth, GpuNode, Reason};
use crate::domain::time::Stamp;
use crate::plan::model::Note;

fn finding(outcome: Outcome, severity: Severity) -> Finding {
    Finding {
        check: "NET-003".into(),
        severity,
        title: "Subnet has addresses".to_owned(),
        subject: "subnet-a".to_owned(),
        outcome,
        evidence: vec!["150 free".to_owned()],
        fixes: vec![
            Fix::Set { variable: "GPU_MAX_SIZE".to_owned(), value: "1".to_owned(), says: "fits".to_owned() },
            Fix::Run { command: "aws x".to_owned(), says: "asks".to_owned() },
            Fix::Ask { says: "choose".to_owned() },
        ],
    }
}

#[test]
fn a_failure_shows_subject_evidence_and_every_fix() {
    let text = findings(&[finding(Outcome::Fail, Severity::Error)]);
    let want = "\
error           NET-003  Subnet has addresses: subnet-a
                         150 free
                         SET GPU_MAX_SIZE=1   fits
                         RUN aws x   asks
                         ASK choose

1 error, 0 warnings, 0 cannot be told, 0 pass now, 0 pass by the plan, 0 not applicable, 0 suppressed.
";
    assert_eq!(text, want);
}

#[test]
fn results_that_did_not_fail_say_why_and_offer_nothing() {
    let why = || "x is off".to_owned();
    for (outcome, word, reason) in [
        (Outcome::Pass { by: None }, "pass", "150 free"),
        (Outcome::Pass { by: Some("a.b".into()) }, "by plan", "true after step a.b"),
        (Outcome::CannotTell { why: why() }, "cannot tell", "x is off"),
        (Outcome::NotApplicable { why: why() }, "not applicable", "x is off"),
        (
            Outcome::Suppressed { why: why(), until: "2026-07-01".to_owned() },
            "suppressed",
            "x is off (until 2026-07-01)",
        ),
    ] {
        let text = findings(&[finding(outcome, Severity::Warning)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], format!("{word:<16}NET-003  Subnet has addresses: subnet-a"));
        assert_eq!(lines[1].trim(), reason);
        assert!(!text.contains("ASK"), "{text}");
    }
}

#[test]
fn the_tally_counts_each_result_once() {
    let fail = |severity| finding(Outcome::Fail, severity);
    let all = [
        fail(Severity::Error),
        fail(Severity::Warning),
        fail(Severity::Info),
        finding(Outcome::Pass { by: None }, Severity::Error),
        finding(Outcome::Pass { by: Some("a".into()) }, Severity::Error),
    ];
    let want = Tally { errors: 1, warnings: 2, now: 1, by_plan: 1, ..Tally::default() };
    assert_eq!(tally(&all), want);
    assert_eq!((counted(1, "step"), counted(0, "step")), ("1 step".to_owned(), "0 steps".to_owned()));
}

/// A plan with one step of each of these verbs.
fn plan_of(verbs: &[Verb]) -> Plan {
    let desired = crate::plan::planner::desired(&spec(), &facts(), &place()).unwrap();
    let steps = verbs.iter().zip(desired).map(|(verb, desired)| PlannedStep {
        desired,
        verb: *verb,
        reason: "its reason".to_owned(),
        changes: Vec::new(),
        after: Default::default(),
    });
    Plan { id: "p1".into(), place: place(), steps: steps.collect(), notes: Vec::new() }
}

#[test]
fn a_plan_is_grouped_by_verb_with_reasons_changes_and_notes() {
    let mut made = plan_of(&[Verb::Keep, Verb::Update, Verb::Create]);
    made.steps[1].changes = vec![Change { path: "spec.x".to_owned(), have: None, want: Some("2".to_owned()) }];
    made.notes = vec![Note { subject: "gpu.gpu-compute".to_owned(), says: "Subnet: it is the only one.".to_owned() }];
    let text = plan(&made);
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} is not in\n{text}"));
    assert!(
        text.starts_with("Plan p1 for cluster demo in us-east-2, account 123456789012\n\nCREATE 1\n  + "),
        "{text}"
    );
    assert!(at("CREATE 1") < at("CHANGE 1") && at("CHANGE 1") < at("KEEP 1") && at("KEEP 1") < at("NOTES"), "{text}");
    assert_eq!(text.matches("its reason").count(), 2, "a creation needs no reason: {text}");
    assert!(text.contains("spec.x: absent -> 2"), "{text}");
    assert!(text.ends_with("create 1, change 1, wait 0, adopt 0, delete 0, keep 1.\n"), "{text}");
}

#[test]
fn a_settled_plan_says_that_there_is_nothing_to_do() {
    assert!(plan(&plan_of(&[Verb::Keep, Verb::Keep])).ends_with("\nNothing to do: 2 steps stand as they should.\n"));
}

#[test]
fn records_are_grouped_and_absent_members_left_out() {
    let record = |kind: &str, name: &str, detail| Record { kind: kind.to_owned(), name: name.to_owned(), detail };
    let text = records(&[
        record("subnet", "subnet-a", serde_json::json!({"free": 9, "az": "use2-az1", "name": null})),
        record("node", "n1", serde_json::json!("Ready")),
    ]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2], lines[3]), ("SUBNET", "", "NODE"));
    assert!(lines[1].starts_with("  subnet-a ") && lines[1].contains("free=9") && !lines[1].contains("name="));
    assert!(lines[4].ends_with(" Ready"));
}

fn proof(state: RungState, verdict: Verdict) -> Verification {
    let readings = vec![Reading { subject: "n1".to_owned(), found: "7".to_owned(), state, evidence: Vec::new() }];
    let rung = Rung {
        id: "gpu.allocatable".to_owned(),
        check: None,
        title: "allocatable nvidia.com/gpu".to_owned(),
        expect: "8".to_owned(),
        readings,
    };
    let node = NodeVerdict { name: "n1".to_owned(), gpu: 7, gpu_expected: 8, efa: 16, efa_expected: 16, verdict };
    let ladder = Ladder { id: "gpu".to_owned(), title: "GPU ladder".to_owned(), rungs: vec![rung] };
    Verification { at: Stamp::EPOCH, ladders: vec![ladder], nodes: vec![node], verdict }
}

#[test]
fn a_verification_shows_the_broken_rung_with_its_reason_and_the_word_of_each_node() {
    let text = verification(&proof(RungState::Broken { why: "7 where 8 are expected.".to_owned() }, Verdict::Broken));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(lines[0], "GPU LADDER");
    assert!(lines[1].starts_with("allocatable nvidia.com/gpu") && lines[1].ends_with("expected 8"));
    assert!(lines[2].starts_with("broken") && lines[2].ends_with('7'));
    assert_eq!(lines[3], "7 where 8 are expected.");
    assert_eq!(lines[5], "n1: 7 of 8 GPUs, 16 of 16 EFA interfaces: broken");
    assert_eq!(lines[6], "Verification: a rung is broken; it is the first one marked so.");
}

#[test]
fn every_verdict_has_a_sentence_of_its_own() {
    let last = |verdict| {
        let text = verification(&proof(RungState::Proven, verdict));
        text.lines().last().unwrap_or_default().to_owned()
    };
    let all = [Verdict::Proven, Verdict::Broken, Verdict::CannotTell, Verdict::NotApplicable].map(last);
    let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), 4);
    assert!(all.iter().all(|line| line.starts_with("Verification: ") && line.ends_with('.')), "{all:?}");
}

fn component(name: &str, says: &str, ready: (u32, u32), version: Option<&str>) -> ComponentHealth {
    ComponentHealth {
        id: name.to_owned(),
        name: name.to_owned(),
        condition: Condition::Healthy,
        version: version.map(str::to_owned),
        ready,
        says: says.to_owned(),
    }
}

#[test]
fn health_says_the_word_the_reasons_and_what_was_skipped() {
    let node = GpuNode {
        name: "n1".to_owned(),
        instance_type: "p5en.48xlarge".to_owned(),
        az_id: "use2-az1".to_owned(),
        ready: true,
        gpus: (8, 8),
        efa: (15, 16),
        gpus_requested: 0,
        conditions: vec!["DiskPressure=True".to_owned()],
        driver: None,
        since: None,
    };
    let reason = Reason {
        condition: Condition::Unhealthy,
        subject: "n1".to_owned(),
        says: "15 of 16 are allocatable.".to_owned(),
        next: Some("eks-wizard verify".to_owned()),
    };
    let subnet = |id: &str, fit| Addresses { subnet: id.to_owned(), free: 250, free_blocks: None, nodes_fit: fit };
    let text = sample(&Sample {
        at: Stamp::EPOCH,
        condition: Condition::Unhealthy,
        reasons: vec![reason],
        gpu_nodes_expected: 1,
        gpu_nodes: vec![node],
        components: vec![
            component("gp3", "works", (1, 1), Some("ebs.csi.aws.com")),
            component("EBS CSI driver", "EBS_CSI=skip leaves it to someone else.", (0, 0), None),
        ],
        coverage: Default::default(),
        addresses: vec![subnet("subnet-a", Some(2)), subnet("subnet-b", None)],
    });
    assert!(text.starts_with("unhealthy at 00:00:00Z\n  unhealthy  n1: 15 of 16 are allocatable.\n"), "{text}");
    for part in [
        "next: eks-wizard verify\n",
        "\nGPU NODES 1 of 1\n",
        "Ready GPUs 8 of 8, EFA 15 of 16, DiskPressure=True\n",
        "\n  healthy    gp3 ",
        "\n  skipped    EBS CSI driver ",
        "\nADDRESSES\n  subnet-a 250 free, 2 more nodes fit\n  subnet-b 250 free, not known how many more nodes fit\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn a_group_of_size_zero_is_said_to_want_no_node() {
    let quiet = Sample {
        at: Stamp::EPOCH,
        condition: Condition::Healthy,
        reasons: Vec::new(),
        gpu_nodes_expected: 0,
        gpu_nodes: Vec::new(),
        components: Vec::new(),
        coverage: Default::default(),
        addresses: Vec::new(),
    };
    let text = sample(&quiet);
    assert!(text.contains("no GPU node is wanted"), "{text}");
    let missing = sample(&Sample { condition: Condition::Unhealthy, ..quiet });
    assert!(!missing.contains("no GPU node is wanted"), "a group may be missing: {missing}");
    assert!(!text.contains("ADDRESSES"), "{text}");
}

#[test]
fn a_record_tells_what_is_small_counts_what_is_large_and_leaves_out_what_is_empty() {
    let detail = serde_json::json!({
        "id": "subnet-1", "name": "", "free": 7, "issues": [], "tags": {},
        "endpoint_access": {"public": true, "private": false},
        "sizes": [0, 2, 10],
        "cards": [{"index": 0}, {"index": 1}],
        "certificate_authority": "L".repeat(200),
    });
    let text = records(&[Record { kind: "subnet".to_owned(), name: "subnet-1".to_owned(), detail }]);
    let line = text.lines().nth(1).unwrap();
    let rest = line.trim_start().strip_prefix("subnet-1").unwrap().trim();
    let whole =
        format!("free=7 public=true private=false sizes=0,2,10 cards:2 certificate_authority={}…", "L".repeat(72));
    assert_eq!(rest, whole);
}
