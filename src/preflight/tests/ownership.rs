//! CLU-004: what others own.

use super::{Scene, cannot_tell, change, passes, sets, unknown};
use crate::components::observed::{Change, Presence};
use crate::components::testing::{addon, cluster, known, workload};
use crate::domain::finding::{Finding, Fix};
use crate::domain::resource::Ownership;

fn found(scene: &Scene) -> Finding {
    scene.one("CLU-004")
}

/// Somebody else's EBS CSI add-on in this state.
fn foreign_driver(status: &str) -> Scene {
    Scene::new().knowing(|facts| {
        let mut driver = addon("aws-ebs-csi-driver", &[("alpha.eksctl.io/cluster-name", "demo")]);
        status.clone_into(&mut driver.status);
        change(&mut facts.eks.addons, |addons| addons.push(driver));
    })
}

#[test]
fn a_free_field_passes_and_says_how_much_was_compared() {
    let finding = found(&Scene::new());
    assert!(passes(&finding));
    assert!(finding.evidence[0].ends_with("things compared with what stands; Auto Mode off"), "{finding:#?}");
    let auto = found(&Scene::new().knowing(|facts| facts.cluster = known(cluster(true))));
    assert!(auto.evidence[0].ends_with("Auto Mode on: what it supplies is left to it"), "{auto:#?}");
}

#[test]
fn a_broken_driver_of_somebody_else_is_named_with_the_variable_that_decides() {
    let finding = found(&foreign_driver("DEGRADED"));
    assert!(finding.blocks());
    assert_eq!(finding.subject, "ebs-csi");
    assert!(finding.evidence[0].contains("installed by eksctl and does not work"), "{finding:#?}");
    assert_eq!(finding.evidence[1], "EBS_CSI decides");
    assert_eq!(sets(&finding), [("EBS_CSI", "skip")], "an add-on that EKS calls failed cannot be adopted either");
    assert!(passes(&found(&foreign_driver("ACTIVE"))), "one that works is adopted");
}

#[test]
fn a_broken_deployment_of_somebody_else_may_be_adopted() {
    let scene = Scene::new().knowing(|facts| {
        facts.kube.workloads = known(vec![workload("Deployment", "metrics-server", "helm", 0)]);
    });
    let finding = found(&scene);
    assert_eq!(finding.subject, "metrics-server");
    assert_eq!(sets(&finding), [("METRICS_SERVER", "adopt"), ("METRICS_SERVER", "skip")]);
}

#[test]
fn adopting_what_is_absent_is_blocked() {
    let finding = found(&Scene::with(&[("METRICS_SERVER", "adopt")]));
    assert!(finding.blocks());
    assert_eq!(sets(&finding), [("METRICS_SERVER", "auto"), ("METRICS_SERVER", "skip")]);
}

#[test]
fn fields_of_another_manager_are_listed() {
    let managers = vec!["helm: spec.replicas".to_owned()];
    let conflict = Presence::Conflict { managers: managers.clone() };
    let finding = found(&Scene::new().seeing("metrics-server.objects", conflict, Ownership::Nobody));
    assert!(finding.blocks());
    assert_eq!(finding.subject, "metrics-server.objects");
    assert_eq!(finding.evidence[1..], managers);
    assert_eq!(sets(&finding), [("METRICS_SERVER", "skip")], "there is nothing to adopt");
}

#[test]
fn a_foreign_role_that_differs_is_never_changed_silently() {
    let changes = vec![Change { path: "trust".to_owned(), have: None, want: Some("pods".to_owned()) }];
    let owner = Ownership::Foreign { who: "Terraform".to_owned() };
    let scene = Scene::new().seeing("gpu.gpu-compute.node-role", Presence::Differs { changes }, owner);
    let finding = found(&scene);
    assert!(finding.blocks());
    assert_eq!(finding.evidence, ["made by Terraform, and it differs in trust"]);
    assert!(matches!(finding.fixes[..], [Fix::Ask { .. }]), "no variable decides: {finding:#?}");
}

#[test]
fn what_cannot_be_changed_into_what_should_stand_blocks() {
    let why = "the subnet of a node group cannot be changed".to_owned();
    let presence = Presence::Incompatible { why: why.clone() };
    let scene = Scene::new().seeing("gpu.gpu-compute.nodegroup", presence, Ownership::Ours);
    assert_eq!(found(&scene).evidence, [why]);
}

#[test]
fn without_the_cluster_it_cannot_be_told() {
    let scene = Scene::new().knowing(|facts| facts.cluster = unknown("denied: eks:DescribeCluster"));
    assert_eq!(cannot_tell(&found(&scene)), Some("denied: eks:DescribeCluster"));
}
