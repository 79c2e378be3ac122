//! GPU-003 and EFA-002: manifests against the nodes that will be.

use serde_json::json;

use super::{Scene, by_plan, cannot_tell, commands, daemon_set, not_applicable, passes};
use crate::components::desired::{Desired, Ensure};
use crate::components::observed::Presence;
use crate::components::testing::{known, workload};
use crate::domain::resource::Ownership;

const NVIDIA: &str = "nvidia-device-plugin.daemonset";
const EFA: &str = "efa-device-plugin.daemonset";

fn spoiled(spoil: fn(&mut Vec<Desired>)) -> Scene {
    Scene { spoil, ..Scene::new() }
}

#[test]
fn our_manifests_land_by_the_plan_and_then_now() {
    for (check, step) in [("GPU-003", NVIDIA), ("EFA-002", EFA)] {
        let finding = Scene::new().one(check);
        assert_eq!(by_plan(&finding), Some(step), "{finding:#?}");
        assert_eq!(finding.evidence, ["labels and tolerations match the nodes of gpu-compute"]);
        assert!(passes(&Scene::new().seeing(step, Presence::Same, Ownership::Ours).one(check)), "{check}");
    }
}

#[test]
fn a_plugin_that_does_not_tolerate_the_taint_would_not_land() {
    let scene = spoiled(|desired| {
        let critical = json!([{"key": "CriticalAddonsOnly", "operator": "Exists"}]);
        daemon_set(desired, EFA)["spec"]["template"]["spec"]["tolerations"] = critical;
    });
    let finding = scene.one("EFA-002");
    assert!(finding.blocks());
    assert_eq!(finding.subject, "aws-efa-k8s-device-plugin");
    let want = ["would not land on the nodes of gpu-compute", "taint nvidia.com/gpu=true:NoSchedule is not tolerated"];
    assert_eq!(finding.evidence, want);
    assert_eq!(commands(&finding), ["eks-wizard render manifests"]);
    assert!(by_plan(&scene.one("GPU-003")).is_some(), "the other plugin is judged on its own");
}

#[test]
fn a_plugin_whose_affinity_wants_another_label_would_not_land() {
    let scene = spoiled(|desired| {
        let terms = json!([{"matchExpressions": [
            {"key": "feature.node.kubernetes.io/pci-10de.present", "operator": "In", "values": ["true"]}]}]);
        daemon_set(desired, NVIDIA)["spec"]["template"]["spec"]["affinity"] =
            json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
    });
    let finding = scene.one("GPU-003");
    assert!(finding.blocks());
    assert_eq!(finding.evidence[1], "no term of the node affinity matches the labels of the nodes");
}

#[test]
fn a_group_without_the_label_is_told_apart() {
    let scene = spoiled(|desired| {
        for step in desired {
            if let Ensure::Nodegroup(group) = &mut step.ensure {
                group.labels.remove("nvidia.com/gpu.present");
            }
        }
    });
    assert!(scene.one("GPU-003").blocks(), "the label decides where nodeadm does not set it");
}

#[test]
fn a_plugin_of_somebody_else_cannot_be_judged() {
    let scene = Scene::new().knowing(|facts| {
        let mut plugin = workload("DaemonSet", "nvdp", "helm", 2);
        plugin.image = Some("nvcr.io/nvidia/k8s-device-plugin:v0.17.0".to_owned());
        facts.kube.workloads = known(vec![plugin]);
    });
    let finding = scene.one("GPU-003");
    let why = cannot_tell(&finding).unwrap();
    assert!(why.starts_with("the plugin is made by helm and left alone"), "{why}");
}

#[test]
fn without_a_plan_they_cannot_be_told_and_without_gpu_nodes_they_do_not_apply() {
    let bare = spoiled(Vec::clear);
    assert_eq!(cannot_tell(&bare.one("GPU-003")), Some("nothing could be planned yet"));
    let off = Scene::with(&[("INSTALL_GPU_NODEGROUP", "false")]);
    assert_eq!(not_applicable(&off.one("EFA-002")), Some("INSTALL_GPU_NODEGROUP is off"));
}
