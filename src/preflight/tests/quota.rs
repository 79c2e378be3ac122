//! QUO-001: the vCPU quota.

use std::collections::BTreeMap;

use super::{Scene, cannot_tell, commands, live_group, not_applicable, passes, sets, unknown};
use crate::components::testing::known;
use crate::domain::facts::Facts;
use crate::domain::finding::{Outcome, Severity};

const CODE: &str = "L-417A185B";

fn quota(quota: f64, used: u32) -> impl FnOnce(&mut Facts) {
    move |facts| {
        facts.capacity.quotas = known(BTreeMap::from([(CODE.to_owned(), quota)]));
        facts.capacity.running_vcpus = known(BTreeMap::from([(CODE.to_owned(), used)]));
    }
}

#[test]
fn the_desired_size_must_fit() {
    let finding = Scene::new().knowing(quota(384.0, 100)).one("QUO-001");
    assert!(finding.blocks());
    let want = [
        "L-417A185B: 384 vCPU, 100 in use, 192 a node: 1 nodes fit, 0 run already",
        "2 are wanted; the largest number that fits is 1",
    ];
    assert_eq!(finding.evidence, want);
    assert_eq!(sets(&finding), [("GPU_DESIRED_SIZE", "1")]);
    let request = "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-417A185B \
                   --desired-value 2020";
    assert_eq!(commands(&finding), [request], "100 in use and 10 nodes of 192");
}

#[test]
fn a_new_account_is_offered_size_zero() {
    assert_eq!(sets(&Scene::new().knowing(quota(0.0, 0)).one("QUO-001")), [("GPU_DESIRED_SIZE", "0")]);
}

#[test]
fn a_maximum_beyond_the_quota_is_a_warning() {
    let found = Scene::new().knowing(quota(768.0, 0)).all("QUO-001");
    let [now, max] = &found[..] else { panic!("{found:#?}") };
    assert!(passes(now), "{now:#?}");
    assert_eq!((max.severity, &max.outcome), (Severity::Warning, &Outcome::Fail));
    assert_eq!(max.evidence[1], "the maximum is 10; the largest that fits is 4");
    assert_eq!(sets(max), [("GPU_MAX_SIZE", "4")]);
}

#[test]
fn nodes_that_run_have_their_share_already() {
    let scene = Scene::with(&[("GPU_MAX_SIZE", "2")]).knowing(quota(384.0, 384)).knowing(|facts| live_group(facts, 2));
    let finding = scene.one("QUO-001");
    assert!(passes(&finding));
    assert_eq!(finding.evidence, ["L-417A185B: 384 vCPU, 384 in use, 192 a node: 2 nodes fit, 2 run already"]);
}

#[test]
fn usage_beyond_the_quota_leaves_nothing() {
    let finding = Scene::new().knowing(quota(100.0, 500)).one("QUO-001");
    assert!(finding.evidence[0].ends_with("0 nodes fit, 0 run already"), "{finding:#?}");
}

#[test]
fn spot_has_a_quota_of_its_own_and_says_what_is_not_counted() {
    let scene = Scene::with(&[("GPU_CAPACITY", "spot"), ("GPU_MAX_SIZE", "2")]).knowing(|facts| {
        facts.capacity.quotas = known(BTreeMap::from([("L-7212CCBC".to_owned(), 384.0)]));
    });
    let finding = scene.one("QUO-001");
    assert!(passes(&finding));
    assert!(finding.evidence[0].contains("0 in use by this group, others not counted"), "{finding:#?}");
}

#[test]
fn a_capacity_block_does_not_count() {
    let block = [("GPU_CAPACITY", "capacity-block"), ("GPU_CAPACITY_RESERVATION_ID", "cr-0123456789abcdef0")];
    let scene = Scene::with(&block).knowing(quota(0.0, 0));
    assert_eq!(
        not_applicable(&scene.one("QUO-001")),
        Some("a Capacity Block does not count against the On-Demand quota")
    );
}

#[test]
fn without_quota_or_usage_it_cannot_be_told() {
    let quotas = Scene::new().knowing(|facts| facts.capacity.quotas = unknown("denied: servicequotas"));
    assert_eq!(cannot_tell(&quotas.one("QUO-001")), Some("denied: servicequotas"));
    let running = Scene::new().knowing(|facts| facts.capacity.running_vcpus = unknown("denied: instances"));
    assert_eq!(cannot_tell(&running.one("QUO-001")), Some("denied: instances"));
    let missing = Scene::new().knowing(|facts| facts.capacity.quotas = known(BTreeMap::new()));
    assert_eq!(cannot_tell(&missing.one("QUO-001")), Some("Service Quotas has no L-417A185B"));
}
