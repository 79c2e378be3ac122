//! What holds for every fix: it is offered with each failure, and one that sets a variable cures.

use std::collections::{BTreeMap, BTreeSet};

use super::{SUBNETS, Scene, change, in_zones};
use crate::components::observed::Presence;
use crate::components::testing::{addon, known, workload};
use crate::config::Layer;
use crate::domain::facts::{Access, Facts};
use crate::domain::finding::{Finding, Fix, Severity};
use crate::domain::resource::Ownership;

fn narrow(facts: &mut Facts, free: u32) {
    change(&mut facts.network.subnets, |subnets| subnets.iter_mut().for_each(|subnet| subnet.free = free));
}

/// Scenes in which something fails, with the check that does.
fn failing() -> Vec<(&'static str, Scene)> {
    let zones = |facts: &mut Facts| in_zones(facts, ["use2-az1", "use2-az2", "use2-az3"]);
    let not_offered = |facts: &mut Facts| {
        in_zones(facts, ["use2-az1", "use2-az2", "use2-az2"]);
        let offered = BTreeSet::from(["use2-az2".to_owned()]);
        facts.capacity.offerings = known(BTreeMap::from([("p5en.48xlarge".to_owned(), offered)]));
    };
    let quota = |vcpus: f64| {
        move |facts: &mut Facts| facts.capacity.quotas = known(BTreeMap::from([("L-417A185B".to_owned(), vcpus)]))
    };
    let conflict = Presence::Conflict { managers: vec!["helm: spec".to_owned()] };
    vec![
        (
            "ACC-002",
            Scene::new().knowing(|facts| {
                facts.kube.access =
                    known(Access { version: "v1".to_owned(), denied: vec!["list nodes".to_owned()], asked: 2 });
            }),
        ),
        ("CLU-001", Scene::new().knowing(|facts| facts.eks.updates = known(vec!["VersionUpdate 1".to_owned()]))),
        ("CLU-004", Scene::with(&[("EBS_CSI", "adopt")])),
        (
            "CLU-004",
            Scene::new().knowing(|facts| {
                let mut driver = addon("aws-ebs-csi-driver", &[]);
                "DEGRADED".clone_into(&mut driver.status);
                change(&mut facts.eks.addons, |addons| addons.push(driver));
            }),
        ),
        (
            "CLU-004",
            Scene::new().knowing(|facts| {
                facts.kube.workloads = known(vec![workload("Deployment", "metrics-server", "helm", 0)]);
            }),
        ),
        ("CLU-004", Scene::new().seeing("metrics-server.objects", conflict, Ownership::Nobody)),
        ("CLU-006", Scene::new().knowing(|facts| facts.kube.nodes = known(Vec::new()))),
        ("NET-001", Scene::new().knowing(zones)),
        ("NET-002", Scene::with(&[("GPU_SUBNET", SUBNETS[0])]).knowing(not_offered)),
        ("NET-003", Scene::new().knowing(|facts| narrow(facts, 150))),
        ("NET-003", Scene::new().knowing(|facts| narrow(facts, 50))),
        ("NET-003", Scene::new().knowing(|facts| narrow(facts, 450))),
        (
            "NET-006",
            Scene::new().knowing(|facts| {
                change(&mut facts.network.cni, |cni| "1.12.0".clone_into(&mut cni.version));
            }),
        ),
        ("LT-003", Scene::with(&[("GPU_NUM_ENIS", "17")])),
        ("QUO-001", Scene::new().knowing(quota(0.0))),
        ("QUO-001", Scene::new().knowing(quota(200.0))),
        ("QUO-001", Scene::new().knowing(quota(500.0))),
    ]
}

fn failures(scene: &Scene, check: &str, severity: Severity) -> usize {
    scene.all(check).iter().filter(|finding| finding.failed() && finding.severity == severity).count()
}

#[test]
fn each_failure_names_the_operators_next_act() {
    for (check, scene) in failing() {
        let failed: Vec<Finding> = scene.all(check).into_iter().filter(Finding::failed).collect();
        assert!(!failed.is_empty(), "{check} does not fail");
        for finding in failed {
            assert!(!finding.fixes.is_empty(), "{finding:#?}");
            assert!(!finding.evidence.is_empty(), "{finding:#?}");
        }
    }
}

#[test]
fn each_variable_that_a_fix_sets_cures_its_failure() {
    let mut tried = 0;
    for (check, scene) in failing() {
        for finding in scene.all(check).iter().filter(|finding| finding.failed()) {
            for fix in &finding.fixes {
                let Fix::Set { variable, value, .. } = fix else { continue };
                let mut cured = scene.clone();
                cured.draft.set(variable, value, Layer::Wizard);
                let (before, after) =
                    (failures(&scene, check, finding.severity), failures(&cured, check, finding.severity));
                assert!(after < before, "{check}: {variable}={value} leaves {:#?}", cured.all(check));
                tried += 1;
            }
        }
    }
    assert!(tried >= 15, "{tried}");
}
