use super::*;
use crate::domain::facts::{Addon, StorageClass};
use crate::domain::time::Stamp;
use crate::health::look::{Part, PartState};

fn node(name: &str, gpus: &str, efa: &str) -> (Node, Option<Stamp>) {
    let pairs =
        |all: &[(&str, &str)]| all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let node = Node {
        name: name.to_owned(),
        ready: true,
        labels: pairs(&[(GROUP_LABEL, "gpu-compute"), ("node.kubernetes.io/instance-type", "p5en.48xlarge")]),
        taints: Vec::new(),
        allocatable: pairs(&[("nvidia.com/gpu", gpus), ("vpc.amazonaws.com/efa", efa)]),
        instance: None,
    };
    (node, None)
}

fn plugin(on: &[(&str, bool)]) -> Watched {
    let found = PartState {
        ready: (0, 0),
        image: Some("nvcr.io/nvidia/k8s-device-plugin:v0.20.0".to_owned()),
        says: None,
        on: on.iter().map(|(name, ready)| ((*name).to_owned(), *ready)).collect(),
    };
    Watched {
        id: "nvidia-device-plugin".to_owned(),
        name: "NVIDIA device plugin".to_owned(),
        left_alone: None,
        addon: None,
        parts: vec![Part {
            kind: "DaemonSet".to_owned(),
            namespace: "kube-system".to_owned(),
            name: "nvidia-device-plugin".to_owned(),
            per_gpu_node: true,
            found: Some(found),
            unread: None,
        }],
        class: None,
    }
}

fn look(desired: u32, nodes: Vec<(Node, Option<Stamp>)>, components: Vec<Watched>) -> Look {
    Look {
        at: Stamp::EPOCH,
        nodes: Ok(nodes),
        conditions: BTreeMap::new(),
        requested: BTreeMap::new(),
        classes: Ok(Vec::new()),
        groups: vec![Group {
            name: "gpu-compute".to_owned(),
            per_node: (8, 16),
            desired: Some(desired),
            status: Ok(Some(("ACTIVE".to_owned(), Vec::new()))),
            subnet: None,
        }],
        components,
    }
}

#[test]
fn full_nodes_with_covered_plugins_are_healthy() {
    let sample = judge(&look(1, vec![node("a", "8", "16")], vec![plugin(&[("a", true)])]));
    assert_eq!(sample.condition, Condition::Healthy, "{:?}", sample.reasons);
    assert_eq!(sample.components[0].version.as_deref(), Some("v0.20.0"));
    assert_eq!(sample.coverage["nvidia-device-plugin"]["a"], "ok");
}

#[test]
fn a_daemonset_that_wants_nothing_is_judged_by_the_nodes() {
    let sample = judge(&look(1, vec![node("a", "8", "16")], vec![plugin(&[])]));
    assert_eq!(sample.condition, Condition::Unhealthy);
    assert_eq!(sample.components[0].ready, (0, 1));
    assert_eq!(sample.coverage["nvidia-device-plugin"]["a"], "no pod");
}

#[test]
fn missing_devices_and_missing_nodes_are_unhealthy() {
    let sample = judge(&look(2, vec![node("a", "8", "15")], Vec::new()));
    let said: Vec<&str> = sample.reasons.iter().map(|reason| reason.says.as_str()).collect();
    assert!(said.contains(&"1 of 2 nodes are in the cluster."), "{said:?}");
    assert!(said.contains(&"15 of 16 vpc.amazonaws.com/efa are allocatable."), "{said:?}");
}

#[test]
fn a_group_of_size_zero_is_healthy() {
    let sample = judge(&look(0, Vec::new(), vec![plugin(&[])]));
    assert_eq!(sample.condition, Condition::Healthy, "{:?}", sample.reasons);
    assert_eq!(sample.gpu_nodes_expected, 0);
}

#[test]
fn a_missing_group_is_unhealthy() {
    let mut look = look(0, Vec::new(), Vec::new());
    look.groups[0].status = Ok(None);
    look.groups[0].desired = None;
    assert_eq!(judge(&look).condition, Condition::Unhealthy);
}

#[test]
fn two_default_classes_are_named() {
    let class =
        |name: &str| StorageClass { name: name.to_owned(), provisioner: "ebs.csi.aws.com".to_owned(), default: true };
    let mut look = look(0, Vec::new(), Vec::new());
    look.classes = Ok(vec![class("gp3"), class("gp2")]);
    look.components = vec![Watched { parts: Vec::new(), class: Some(("gp3".to_owned(), true)), ..plugin(&[]) }];
    let sample = judge(&look);
    assert_eq!(sample.condition, Condition::Unhealthy);
    assert!(sample.reasons[0].says.contains("gp2 is marked as default, too."), "{:?}", sample.reasons);
}

#[test]
fn an_add_on_that_is_not_active_is_unhealthy_and_what_is_left_alone_is_not() {
    let addon = Addon {
        name: "aws-ebs-csi-driver".to_owned(),
        version: "v1.64.0-eksbuild.1".to_owned(),
        status: "DEGRADED".to_owned(),
        issues: vec!["InsufficientNumberOfReplicas: 0 of 2".to_owned()],
        tags: BTreeMap::new(),
        configuration: None,
    };
    let watched = |left: Option<&str>| Watched {
        parts: Vec::new(),
        addon: Some(("aws-ebs-csi-driver".to_owned(), Some(addon.clone()))),
        left_alone: left.map(str::to_owned),
        ..plugin(&[])
    };
    let sample = judge(&look(0, Vec::new(), vec![watched(None)]));
    assert_eq!(sample.condition, Condition::Unhealthy);
    let sample = judge(&look(0, Vec::new(), vec![watched(Some("left to Auto Mode"))]));
    assert_eq!(sample.condition, Condition::Healthy);
}

#[test]
fn unreadable_nodes_are_unknown_not_healthy() {
    let mut look = look(0, Vec::new(), Vec::new());
    look.nodes = Err("list nodes is denied".to_owned());
    assert_eq!(judge(&look).condition, Condition::Unknown);
}

#[test]
fn what_could_not_be_read_is_unknown_and_said() {
    let mut watched = plugin(&[]);
    watched.parts[0].unread = Some("list pods is denied.".to_owned());
    let sample = judge(&look(1, vec![node("a", "8", "16")], vec![watched.clone()]));
    assert_eq!(sample.condition, Condition::Unknown);
    assert_eq!(sample.components[0].says, "list pods is denied.");
    assert_eq!(sample.coverage["nvidia-device-plugin"]["a"], "not read");
    watched.parts.push(Part { kind: "Deployment".to_owned(), found: None, unread: None, ..watched.parts[0].clone() });
    let sample = judge(&look(1, vec![node("a", "8", "16")], vec![watched]));
    assert_eq!(sample.condition, Condition::Unhealthy, "a known fault outweighs what is unknown");
}

#[test]
fn unread_storage_classes_are_unknown() {
    let mut look = look(0, Vec::new(), Vec::new());
    look.classes = Err("list storageclasses is denied.".to_owned());
    look.components = vec![Watched { parts: Vec::new(), class: Some(("gp3".to_owned(), true)), ..plugin(&[]) }];
    assert_eq!(judge(&look).condition, Condition::Unknown);
}

#[test]
fn a_group_that_cannot_be_described_is_unknown_not_absent() {
    let mut look = look(0, Vec::new(), Vec::new());
    look.groups[0].status = Err("eks:DescribeNodegroup is denied.".to_owned());
    look.groups[0].desired = None;
    let sample = judge(&look);
    assert_eq!(sample.condition, Condition::Unknown);
    assert_eq!(sample.reasons.len(), 1, "it is said once: {:?}", sample.reasons);
}

#[test]
fn an_updating_group_is_degraded_and_a_failed_one_unhealthy() {
    for (status, issues, want) in [
        ("UPDATING", vec![], Condition::Degraded),
        ("ACTIVE", vec!["AsgInstanceLaunchFailures: no capacity".to_owned()], Condition::Degraded),
        ("CREATE_FAILED", vec![], Condition::Unhealthy),
    ] {
        let mut look = look(0, Vec::new(), Vec::new());
        look.groups[0].status = Ok(Some((status.to_owned(), issues)));
        assert_eq!(judge(&look).condition, want, "{status}");
    }
}
