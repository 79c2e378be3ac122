use super::*;
use crate::domain::facts::Addon;
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
            found: Ok(Some(found)),
        }],
        class: None,
    }
}

fn look(desired: u32, nodes: Vec<(Node, Option<Stamp>)>, components: Vec<Watched>) -> Look {
    Look {
        at: Stamp::EPOCH,
        nodes: Ok(nodes),
        conditions: BTreeMap::new(),
        pods_unread: None,
        requested: BTreeMap::new(),
        classes: Ok(Vec::new()),
        groups: vec![Group {
            name: "gpu-compute".to_owned(),
            per_node: (8, 16),
            desired: Some(desired),
            status: Some(("ACTIVE".to_owned(), Vec::new())),
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
    look.groups[0].status = None;
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
fn what_cannot_be_read_is_unknown_and_never_absent() {
    let mut unread = plugin(&[]);
    unread.parts[0].found = Err("The Kubernetes API does not answer to get DaemonSet x.".to_owned());
    let sample = judge(&look(0, Vec::new(), vec![unread]));
    assert_eq!(sample.condition, Condition::Unknown);
    assert!(sample.components[0].says.contains("does not answer"), "{}", sample.components[0].says);
}

#[test]
fn without_pods_nobody_knows_who_runs_where() {
    let mut blind = look(1, vec![node("a", "8", "16")], vec![plugin(&[])]);
    blind.pods_unread = Some("The Kubernetes API refuses to list pods.".to_owned());
    let sample = judge(&blind);
    assert_eq!(sample.condition, Condition::Unknown);
    assert_eq!(sample.coverage["nvidia-device-plugin"]["a"], "unknown");
}
