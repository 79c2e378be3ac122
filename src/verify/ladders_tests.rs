use std::collections::BTreeMap;

use super::*;
use crate::verify::expect::{Class, Identity};

fn group() -> Group {
    Group { name: "gpu-compute".to_owned(), gpus: 8, efa: 16, fabric: true }
}

fn smi(gpus: u32, state: &str) -> String {
    let sections: String = (0..gpus)
        .map(|_| {
            format!(
                "GPU 00000000:53:00.0\n    Product Name                          : NVIDIA H200\n    Performance State : P0\n    \
                 Fabric\n        State                             : {state}\n        \
                 Status                            : Success\n    Processes                             : None\n"
            )
        })
        .collect();
    format!(
        "==============NVSMI LOG==============\n\nDriver Version                            : 580.159.03\n\nAttached GPUs                             : {gpus}\n{sections}"
    )
}

fn devices(count: u32) -> String {
    (0..count).map(|index| format!("uverbs{index}\n")).collect()
}

fn node(name: &str) -> NodeEvidence {
    NodeEvidence {
        name: name.to_owned(),
        instance: Some("i-1".to_owned()),
        ready: true,
        gpus: 8,
        efa: 16,
        attached: Ok(16),
        plugins: Ok(BTreeMap::from([
            ("nvidia-device-plugin".to_owned(), true),
            ("aws-efa-k8s-device-plugin".to_owned(), true),
        ])),
        gpu_probe: Some(Probe::Succeeded { log: smi(8, "Completed") }),
        efa_probe: Some(Probe::Succeeded { log: devices(16) }),
    }
}

fn judged(desired: u32, nodes: Vec<NodeEvidence>) -> Verification {
    let expectation = Expectation { groups: vec![group()], ..Expectation::default() };
    let found = GroupEvidence { name: "gpu-compute".to_owned(), desired: Ok(Some(desired)), nodes: Ok(nodes) };
    judge(Stamp::EPOCH, &expectation, &Evidence { groups: vec![found], ..Evidence::default() })
}

fn rung<'a>(verification: &'a Verification, id: &str) -> &'a Rung {
    verification.ladders.iter().flat_map(|ladder| &ladder.rungs).find(|rung| rung.id == id).unwrap()
}

#[test]
fn two_good_nodes_are_proven() {
    let verification = judged(2, vec![node("a"), node("b")]);
    assert_eq!(verification.verdict, Verdict::Proven);
    assert_eq!(verification.nodes.len(), 2);
    assert_eq!((verification.nodes[0].gpu, verification.nodes[0].efa), (8, 16));
}

#[test]
fn a_broken_rung_ends_the_ladder_of_its_node_only() {
    let bad = NodeEvidence { gpus: 7, ..node("b") };
    let verification = judged(2, vec![node("a"), bad]);
    assert_eq!(verification.verdict, Verdict::Broken);
    let states: Vec<&RungState> = rung(&verification, "gpu.nvidia-smi").readings.iter().map(|one| &one.state).collect();
    assert_eq!(states, [&RungState::Proven, &RungState::NotReached]);
    assert!(rung(&verification, "efa.devices").proven(), "the EFA ladder is climbed on its own");
    assert_eq!(verification.nodes[0].verdict, Verdict::Proven);
    assert_eq!(verification.nodes[1].verdict, Verdict::Broken);
}

#[test]
fn missing_nodes_break_the_first_rung() {
    let verification = judged(2, vec![node("a")]);
    assert_eq!(verification.verdict, Verdict::Broken);
    assert!(rung(&verification, "gpu.joined").broken());
    assert_eq!(judged(2, Vec::new()).verdict, Verdict::Broken);
}

#[test]
fn a_group_of_size_zero_proves_nothing_and_breaks_nothing() {
    let verification = judged(0, Vec::new());
    assert_eq!(verification.verdict, Verdict::NotApplicable);
    assert!(matches!(rung(&verification, "gpu.ready").readings[0].state, RungState::NotApplicable { .. }));
}

#[test]
fn a_group_that_does_not_exist_is_broken_at_the_first_rung() {
    let expectation = Expectation { groups: vec![group()], ..Expectation::default() };
    let found = GroupEvidence { name: "gpu-compute".to_owned(), desired: Ok(None), nodes: Ok(Vec::new()) };
    let verification = judge(Stamp::EPOCH, &expectation, &Evidence { groups: vec![found], ..Evidence::default() });
    assert_eq!(verification.verdict, Verdict::Broken);
    let why = "Node group gpu-compute does not exist.".to_owned();
    assert_eq!(rung(&verification, "gpu.joined").readings[0].state, RungState::Broken { why });
    assert_eq!(rung(&verification, "efa.devices").readings[0].state, RungState::NotReached);
}

#[test]
fn a_group_that_cannot_be_described_cannot_be_told() {
    let expectation = Expectation { groups: vec![group()], ..Expectation::default() };
    let desired = Err("denied: eks:DescribeNodegroup".to_owned());
    let found = GroupEvidence { name: "gpu-compute".to_owned(), desired, nodes: Ok(vec![node("a")]) };
    let verification = judge(Stamp::EPOCH, &expectation, &Evidence { groups: vec![found], ..Evidence::default() });
    assert_eq!(verification.verdict, Verdict::CannotTell);
}

#[test]
fn pods_that_cannot_be_listed_are_no_fault_of_the_plugin() {
    let dark = NodeEvidence { plugins: Err("denied: list pods".to_owned()), ..node("a") };
    let verification = judged(1, vec![dark]);
    assert_eq!(verification.verdict, Verdict::CannotTell);
    assert!(rung(&verification, "gpu.nvidia-smi").proven(), "the ladder goes on");
}

#[test]
fn a_fabric_that_is_not_up_is_broken_and_other_states_are_not_taken_for_it() {
    let bad = NodeEvidence { gpu_probe: Some(Probe::Succeeded { log: smi(8, "In Progress") }), ..node("a") };
    let verification = judged(1, vec![bad]);
    assert!(rung(&verification, "gpu.fabric").broken());
    assert!(rung(&verification, "gpu.nvidia-smi").proven());
}

#[test]
fn a_probe_that_found_no_place_cannot_tell() {
    let busy =
        NodeEvidence { gpu_probe: Some(Probe::NotRun { why: "Insufficient nvidia.com/gpu".to_owned() }), ..node("a") };
    assert_eq!(judged(1, vec![busy]).verdict, Verdict::CannotTell);
}

#[test]
fn a_failed_probe_is_broken() {
    let bad = NodeEvidence { efa_probe: Some(Probe::Failed { why: "exit code 127".to_owned() }), ..node("a") };
    assert!(rung(&judged(1, vec![bad]), "efa.devices").broken());
}

#[test]
fn fewer_devices_than_interfaces_are_broken() {
    let bad = NodeEvidence { efa_probe: Some(Probe::Succeeded { log: devices(15) }), ..node("a") };
    assert!(rung(&judged(1, vec![bad]), "efa.devices").broken());
}

#[test]
fn an_unread_ec2_answer_does_not_stop_the_ladder() {
    let dark = NodeEvidence { attached: Err("ec2:DescribeInstances is denied".to_owned()), ..node("a") };
    let verification = judged(1, vec![dark]);
    assert_eq!(verification.verdict, Verdict::CannotTell);
    assert!(rung(&verification, "efa.devices").proven());
}

#[test]
fn a_gpu_that_is_attached_but_not_listed_is_broken() {
    let log = smi(8, "Completed").replacen(
        "Attached GPUs                             : 8",
        "Attached GPUs                             : 9",
        1,
    );
    let bad = NodeEvidence { gpu_probe: Some(Probe::Succeeded { log }), ..node("a") };
    assert!(rung(&judged(1, vec![bad]), "gpu.nvidia-smi").broken());
}

#[test]
fn identity_and_storage_are_judged_by_what_the_pod_printed() {
    let expectation = Expectation {
        identities: vec![Identity {
            component: "ebs-csi".to_owned(),
            namespace: "kube-system".to_owned(),
            service_account: "ebs-csi-controller-sa".to_owned(),
            role: "orbit-ebs-csi-role".to_owned(),
        }],
        classes: vec![Class { name: "gp3".to_owned(), size: "1Gi" }],
        ..Expectation::default()
    };
    let of = |arn: &str, read: &str| {
        let evidence = Evidence {
            identities: vec![Some(Probe::Succeeded { log: arn.to_owned() })],
            classes: vec![Some(Probe::Succeeded { log: read.to_owned() })],
            ..Evidence::default()
        };
        judge(Stamp::EPOCH, &expectation, &evidence)
    };
    let good = r#"{"Arn": "arn:aws:sts::111122223333:assumed-role/orbit-ebs-csi-role/eks-orbit-x-1"}"#;
    assert_eq!(of(good, "eks-wizard\n").verdict, Verdict::Proven);
    assert_eq!(
        of(r#"{"Arn": "arn:aws:sts::111122223333:assumed-role/node-role/i-1"}"#, "eks-wizard\n").verdict,
        Verdict::Broken
    );
    assert_eq!(of(good, "").verdict, Verdict::Broken);
}
