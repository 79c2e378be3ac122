//! The plan as a whole.

use serde_json::json;

use super::{as_applied, default_plan, fresh, group_with, ids};
use crate::components::naming::OWNER_TAG;
use crate::components::observed::{Change, Presence};
use crate::components::testing::{
    addon, facts, known, nodegroup, place, spec, spec_with, spec_without_gpu, subnet, workload,
};
use crate::domain::facts::Fact;
use crate::domain::ids::StepId;
use crate::plan::model::Verb;
use crate::plan::planner::{desired, plan};
use crate::plan::{graph, lint, render};

#[test]
fn a_fresh_cluster_gets_everything_in_order() {
    let expected = [
        "pod-identity-agent.addon",
        "ebs-csi.role",
        "ebs-csi.addon",
        "gp3.class",
        "gp3.not-default.gp2",
        "metrics-server.objects",
        "gpu.gpu-compute.node-role",
        "gpu.gpu-compute.security-group",
        "gpu.gpu-compute.placement-group",
        "gpu.gpu-compute.launch-template",
        "gpu.gpu-compute.nodegroup",
        "gpu.gpu-compute.nodes",
        "nvidia-device-plugin.daemonset",
        "efa-device-plugin.daemonset",
    ];
    let plan = default_plan();
    assert_eq!(ids(&plan), expected);
    assert_eq!((plan.count(Verb::Create), plan.count(Verb::Wait)), (13, 1));
    assert_eq!(lint::lint(&plan), []);
}

#[test]
fn without_gpu_nodes_nothing_of_them_is_planned() {
    let plan = fresh(&spec_without_gpu(), &facts());
    assert_eq!(plan.steps.len(), 6);
    assert!(plan.notes.iter().any(|note| note.subject == "efa-device-plugin" && note.says.starts_with("Off.")));
}

#[test]
fn after_success_the_plan_holds_only_keep() {
    let desired = desired(&spec(), &facts(), &place()).unwrap();
    let plan = plan(&spec(), &facts(), &as_applied(&desired), &desired, &place());
    assert!(plan.is_settled(), "{:?}", plan.pending().map(|step| (step.id(), step.verb)).collect::<Vec<_>>());
    assert_eq!(plan.count(Verb::Keep), plan.steps.len());
}

#[test]
fn facts_as_they_are_read_after_success_ask_for_nothing_new() {
    let mut after = facts();
    let ours = [(OWNER_TAG, "demo")];
    let addons = ["eks-pod-identity-agent", "aws-ebs-csi-driver"].map(|name| {
        let mut addon = addon(name, &ours);
        let offered = &after.eks.addon_versions.known().unwrap()[name];
        addon.version = offered[0].version.clone();
        addon
    });
    after.eks.addons = known(addons.into());
    after.eks.nodegroups = known(vec![nodegroup("eks-utils", "subnet-a"), nodegroup("gpu-compute", "subnet-b")]);
    after.network.subnets = known(vec![subnet("b", "use2-az1", 10), subnet("c", "use2-az1", 1_000)]);
    after.kube.storage_classes = known(Vec::new());
    after.kube.workloads = known(vec![
        workload("DaemonSet", "aws-efa-k8s-device-plugin", "eks-wizard", 2),
        workload("DaemonSet", "ebs-csi-node", "eks", 2),
        workload("DaemonSet", "eks-pod-identity-agent", "eks", 2),
        workload("DaemonSet", "nvidia-device-plugin-daemonset", "eks-wizard", 2),
        workload("Deployment", "metrics-server", "eks-wizard", 2),
    ]);
    let before = desired(&spec(), &facts(), &place()).unwrap();
    let again = desired(&spec(), &after, &place()).unwrap();
    let lost: Vec<&str> =
        before.iter().map(|step| step.id.as_str()).filter(|id| !again.iter().any(|it| it.id.as_str() == *id)).collect();
    assert_eq!(lost, ["gp3.not-default.gp2"]);
    let changed: Vec<&str> = again.iter().filter(|step| !before.contains(step)).map(|step| step.id.as_str()).collect();
    assert_eq!(changed, ["gpu.gpu-compute.nodegroup"], "the AMI release is pinned to the live one");
}

#[test]
fn the_edges_are_declared_needs_and_outputs_read() {
    let plan = default_plan();
    let after =
        |id: &str| -> Vec<String> { plan.step(&id.into()).unwrap().after.iter().map(StepId::to_string).collect() };
    assert_eq!(after("ebs-csi.addon"), ["ebs-csi.role", "pod-identity-agent.addon"]);
    let template = ["gpu.gpu-compute.placement-group", "gpu.gpu-compute.security-group"];
    assert_eq!(after("gpu.gpu-compute.launch-template"), template);
    assert_eq!(after("gpu.gpu-compute.nodegroup"), ["gpu.gpu-compute.launch-template", "gpu.gpu-compute.node-role"]);
    assert_eq!(after("gpu.gpu-compute.nodes"), ["gpu.gpu-compute.nodegroup"]);
}

#[test]
fn a_new_template_version_takes_the_node_group_along_but_a_changed_role_does_not() {
    let desired = desired(&spec(), &facts(), &place()).unwrap();
    let changed = |id: &str| {
        let mut observed = as_applied(&desired);
        let change = Change { path: "x".to_owned(), have: None, want: Some("1".to_owned()) };
        observed.0.get_mut(&StepId::from(id)).unwrap().presence = Presence::Differs { changes: vec![change] };
        let plan = plan(&spec(), &facts(), &observed, &desired, &place());
        plan.pending().map(|step| step.id().to_string()).collect::<Vec<_>>()
    };
    let both = ["gpu.gpu-compute.launch-template", "gpu.gpu-compute.nodegroup"];
    assert_eq!(changed("gpu.gpu-compute.launch-template"), both);
    assert_eq!(changed("gpu.gpu-compute.node-role"), ["gpu.gpu-compute.node-role"]);
}

#[test]
fn a_security_group_that_vanished_takes_template_and_node_group_along() {
    let desired = desired(&spec(), &facts(), &place()).unwrap();
    let mut observed = as_applied(&desired);
    observed.0.get_mut(&StepId::from("gpu.gpu-compute.security-group")).unwrap().presence = Presence::Absent;
    let plan = plan(&spec(), &facts(), &observed, &desired, &place());
    let verbs: Vec<(&str, Verb)> = plan.pending().map(|step| (step.id().as_str(), step.verb)).collect();
    assert_eq!(
        verbs,
        [
            ("gpu.gpu-compute.security-group", Verb::Create),
            ("gpu.gpu-compute.launch-template", Verb::Update),
            ("gpu.gpu-compute.nodegroup", Verb::Update),
        ]
    );
}

#[test]
fn desired_zero_needs_no_nodes() {
    let plan = fresh(&group_with(&[("sizes/desired", json!(0))]), &facts());
    let nodes = plan.step(&"gpu.gpu-compute.nodes".into()).unwrap();
    assert_eq!((nodes.verb, nodes.reason.as_str()), (Verb::Keep, "the desired size is 0"));
    assert_eq!(plan.step(&"gpu.gpu-compute.nodegroup".into()).unwrap().verb, Verb::Create);
}

#[test]
fn the_live_desired_size_counts_once_the_group_stands() {
    let mut facts = facts();
    let mut live = nodegroup("gpu-compute", "subnet-b");
    live.sizes = (0, 5, 10);
    facts.eks.nodegroups = known(vec![live]);
    let plan = fresh(&spec(), &facts);
    assert_eq!(plan.step(&"gpu.gpu-compute.nodes".into()).unwrap().desired.title, "5 nodes Ready");
    assert_eq!(super::nodegroup(&plan).sizes, (0, 2, 10));
}

#[test]
fn notes_of_the_observer_reach_the_plan() {
    let desired = desired(&spec(), &facts(), &place()).unwrap();
    let mut observed = as_applied(&desired);
    let drift = "The desired size is 5, not 2; it is left alone.".to_owned();
    observed.0.get_mut(&StepId::from("gpu.gpu-compute.nodegroup")).unwrap().notes.push(drift.clone());
    let plan = plan(&spec(), &facts(), &observed, &desired, &place());
    assert!(plan.is_settled());
    assert!(plan.notes.iter().any(|note| note.says == drift && note.subject == "gpu.gpu-compute.nodegroup"));
}

#[test]
fn switching_the_gpu_group_off_keeps_what_stands_and_says_so() {
    let mut facts = facts();
    let mut live = nodegroup("gpu-compute", "subnet-b");
    live.tags.insert(OWNER_TAG.to_owned(), "demo".to_owned());
    facts.eks.nodegroups = known(vec![live]);
    facts.kube.workloads = known(vec![workload("DaemonSet", "aws-efa-k8s-device-plugin", "eks-wizard", 2)]);
    let plan = fresh(&spec_without_gpu(), &facts);
    let says = |subject: &str| plan.notes.iter().find(|note| note.subject == subject).unwrap().says.clone();
    assert!(says("gpu.gpu-compute").contains("off in .env"));
    assert!(says("efa-device-plugin").contains("is kept"));
    assert_eq!(plan.count(Verb::Delete), 0);
    assert!(fresh(&spec(), &facts).notes.iter().all(|note| !note.says.contains("off in .env")));
}

#[test]
fn what_this_version_cannot_install_is_noted() {
    let plan = fresh(&spec_with(&[("/components/efs_csi", json!(true))]), &facts());
    assert!(plan.notes.iter().any(|note| note.subject == "INSTALL_EFS_CSI"));
}

#[test]
fn the_plan_id_follows_what_is_planned_and_not_when_it_was_read() {
    let base = default_plan().id;
    assert_eq!(base.as_str().len(), 12);
    let mut later = facts();
    if let Fact::Known { at, .. } = &mut later.network.subnets {
        *at = crate::domain::time::Stamp::from_millis(1);
    }
    assert_eq!(fresh(&spec(), &later).id, base);
    assert_ne!(fresh(&group_with(&[("volumes/root_gib", json!(300))]), &facts()).id, base);
    let desired = desired(&spec(), &facts(), &place()).unwrap();
    assert_ne!(plan(&spec(), &facts(), &as_applied(&desired), &desired, &place()).id, base);
}

#[test]
fn every_problem_is_told_at_once() {
    let mut facts = facts();
    facts.cluster = Fact::NotAsked;
    facts.eks.addon_versions = Fact::NotAsked;
    let problems = desired(&spec(), &facts, &place()).unwrap_err();
    assert_eq!(problems.len(), 3, "agent, EBS driver, GPU group: {problems:?}");
}

#[test]
fn a_circle_a_missing_need_and_a_double_id_are_named() {
    let mut steps = desired(&spec_without_gpu(), &facts(), &place()).unwrap();
    steps[0].needs.push("ebs-csi.addon".into());
    let circle = graph::ordered(steps.clone()).unwrap_err();
    assert!(circle[0].message.contains("ebs-csi.addon") && circle[0].message.contains("pod-identity-agent.addon"));
    steps[0].needs = vec!["nowhere".into()];
    let twice = steps[3].clone();
    steps.push(twice);
    let faults = graph::ordered(steps).unwrap_err();
    assert!(faults[0].message.contains("gp3.class 2 times") && faults[1].message.contains("nowhere"), "{faults:?}");
}

#[test]
fn lint_finds_a_template_and_an_order_that_are_wrong() {
    let mut plan = default_plan();
    plan.steps.reverse();
    assert!(!lint::lint(&plan).is_empty());
    let mut plan = default_plan();
    for step in &mut plan.steps {
        if let crate::components::desired::Ensure::LaunchTemplate(template) = &mut step.desired.ensure {
            template.data.network_interfaces[1].network_card_index = 0;
            template.data.metadata_options.http_tokens = "optional".to_owned();
        }
    }
    assert_eq!(lint::lint(&plan).len(), 2);
}

#[test]
fn rendered_objects_and_roles_hold_no_role_annotation_and_no_placeholder() {
    let plan = default_plan();
    let text = json!([render::manifests(&plan), render::roles(&plan)]).to_string();
    assert!(!text.contains("eks.amazonaws.com/role-arn") && !text.contains("{{"));
    assert_eq!(render::roles(&plan).len(), 2);
    assert!(render::launch_template(&plan, "other").is_none());
}

#[test]
fn a_plan_survives_json() {
    let plan = default_plan();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<crate::plan::model::Plan>(&text).unwrap(), plan);
}
