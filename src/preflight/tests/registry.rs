//! The list of checks, and what holds for all of them.

use super::super::registry;
use super::{Scene, cannot_tell, not_applicable, passes, unknown};
use crate::domain::facts::Facts;
use crate::domain::finding::{Outcome, Severity};

/// Ids, weights and titles as the catalogue has them.
const CATALOGUE: [(&str, Severity, &str); 15] = [
    ("ACC-002", Severity::Error, "Caller can reach and use the Kubernetes API"),
    ("CLU-001", Severity::Error, "Cluster is ACTIVE and nothing else is changing it"),
    ("CLU-004", Severity::Error, "No overlap with EKS Auto Mode or components someone else installed"),
    ("CLU-006", Severity::Warning, "A home for controllers: at least two ready untainted CPU nodes"),
    ("NET-001", Severity::Error, "EFA node group lives in exactly one Availability Zone"),
    ("NET-002", Severity::Error, "The AZ really offers the instance type"),
    ("NET-003", Severity::Error, "Subnet has addresses for maximum nodes plus update surge"),
    ("NET-006", Severity::Error, "VPC CNI version can live with efa-only and multi-card nodes"),
    ("SG-001", Severity::Error, "EFA security group allows all traffic to and from itself"),
    ("LT-002", Severity::Error, "Device index is legal for each network card"),
    ("LT-003", Severity::Error, "Number of EFA interfaces fits the instance type"),
    ("QUO-001", Severity::Error, "vCPU quota covers max size"),
    ("GPU-003", Severity::Error, "Device plugin's affinity matches node labels"),
    ("EFA-002", Severity::Error, "EFA plugin tolerates the GPU taint"),
    ("PID-001", Severity::Error, "Pod Identity agent add-on present and Ready on every node that needs it"),
];

#[test]
fn ids_weights_and_titles_are_those_of_the_catalogue() {
    let here: Vec<_> = registry().iter().map(|check| (check.id, check.severity, check.title)).collect();
    assert_eq!(here, CATALOGUE);
    assert!(registry().iter().all(|check| check.details.ends_with('.')));
}

#[test]
fn the_default_scene_fails_nothing_and_asks_every_check() {
    let findings = Scene::new().findings();
    for check in registry() {
        assert!(findings.iter().any(|finding| finding.check.as_str() == check.id), "{} says nothing", check.id);
    }
    let good = |outcome: &Outcome| matches!(outcome, Outcome::Pass { .. });
    assert!(findings.iter().all(|finding| good(&finding.outcome)), "{findings:#?}");
    assert!(findings.iter().all(|finding| !finding.evidence.is_empty()), "a pass says what was read: {findings:#?}");
}

#[test]
fn without_gpu_nodes_their_checks_do_not_apply() {
    let findings = Scene::with(&[("INSTALL_GPU_NODEGROUP", "false")]).findings();
    for finding in &findings {
        let cluster = ["ACC-002", "CLU-001", "CLU-004", "CLU-006", "PID-001"].contains(&finding.check.as_str());
        assert_eq!(not_applicable(finding).is_none(), cluster, "{finding:#?}");
    }
}

#[test]
fn without_facts_nothing_blocks_and_every_reason_is_said() {
    let blind = Scene { facts: Facts::default(), ..Scene::new() };
    for finding in blind.findings() {
        assert!(!finding.blocks(), "{finding:#?}");
        let why = cannot_tell(&finding).unwrap_or("");
        // Layouts follow from the built-in table.
        let table = ["LT-002", "LT-003"].contains(&finding.check.as_str());
        assert!(if table { passes(&finding) } else { !why.is_empty() }, "{finding:#?}");
    }
}

#[test]
fn a_suppressed_failure_stays_in_the_report_until_its_day_has_passed() {
    let scene = |today| Scene {
        today,
        ..Scene::with(&[("SUPPRESS_CHECKS", "CLU-006:2026-07-01:one node is enough for a test")])
            .knowing(|facts| facts.kube.nodes = unknown("x"))
    };
    assert!(cannot_tell(&scene("2026-07-01").one("CLU-006")).is_some(), "only failures are suppressed");
    let failing =
        |today| scene(today).knowing(|facts| facts.kube.nodes = crate::components::testing::known(Vec::new()));
    let why = "one node is enough for a test".to_owned();
    let suppressed = Outcome::Suppressed { why, until: "2026-07-01".to_owned() };
    assert_eq!(failing("2026-07-01").one("CLU-006").outcome, suppressed, "the last day counts");
    assert_eq!(failing("2026-07-02").one("CLU-006").outcome, Outcome::Fail);
    let others = failing("2026-07-01").all("PID-001");
    assert!(others.iter().all(|finding| !matches!(finding.outcome, Outcome::Suppressed { .. })));
}
