//! LT-002 and LT-003: the interfaces.

use std::collections::BTreeMap;

use super::{Scene, cannot_tell, passes, sets};
use crate::components::testing::known;
use crate::domain::facts::Facts;
use crate::domain::finding::Fix;
use crate::domain::instance::{InstanceCatalogue, InstanceType};

/// The API describes the group's type like this.
fn described(facts: &mut Facts, change: impl FnOnce(&mut InstanceType)) {
    let mut kind = InstanceCatalogue::embedded().get("p5en.48xlarge").unwrap().clone();
    change(&mut kind);
    facts.capacity.instance_types = known(BTreeMap::from([(kind.name.clone(), kind)]));
}

#[test]
fn lt_003_names_the_number_to_write() {
    let finding = Scene::with(&[("GPU_NUM_ENIS", "32")]).one("LT-003");
    assert!(finding.blocks());
    let want = [
        "GPU_NUM_ENIS is 32; layout primary-efa on p5en.48xlarge makes 16",
        "16 of 16 EFA interfaces, 16 interfaces in all",
    ];
    assert_eq!(finding.evidence, want);
    assert_eq!(sets(&finding), [("GPU_NUM_ENIS", "16"), ("GPU_NUM_ENIS", "auto")]);
    assert!(passes(&Scene::with(&[("GPU_NUM_ENIS", "16")]).one("LT-003")));
}

#[test]
fn lt_003_counts_by_type_and_layout() {
    for (kind, layout, count) in [
        ("p5.48xlarge", "primary-efa", "32"),
        ("p5e.48xlarge", "dedicated-primary", "33"),
        ("p5.4xlarge", "all-efa", "1"),
    ] {
        let wrong = [("GPU_INSTANCE_TYPE", kind), ("GPU_ENI_LAYOUT", layout), ("GPU_NUM_ENIS", "5")];
        assert_eq!(sets(&Scene::with(&wrong).one("LT-003"))[0], ("GPU_NUM_ENIS", count), "{kind} {layout}");
    }
}

#[test]
fn lt_003_refuses_a_type_without_efa_and_cannot_tell_of_an_unknown_one() {
    let bare = Scene::new().knowing(|facts| {
        described(facts, |kind| {
            kind.max_efa = 0;
            kind.cards.iter_mut().for_each(|card| card.efa = false);
        });
    });
    let finding = bare.one("LT-003");
    assert_eq!(finding.evidence, ["p5en.48xlarge carries no EFA interface"]);
    assert!(matches!(&finding.fixes[..], [Fix::Ask { says }] if says.contains("GPU_INSTANCE_TYPE")));
    let unknown = Scene::with(&[("GPU_INSTANCE_TYPE", "p9.48xlarge")]);
    for check in ["NET-001", "NET-002", "NET-003", "NET-006", "LT-002", "LT-003", "QUO-001", "GPU-003", "EFA-002"] {
        assert_eq!(cannot_tell(&unknown.one(check)), Some("p9.48xlarge is not known"), "{check}");
    }
}

#[test]
fn lt_002_says_which_card_refuses_and_which_layout_fits() {
    let passed = Scene::new().one("LT-002");
    assert_eq!(passed.evidence, ["16 interfaces on 16 network cards"]);
    let narrow = |facts: &mut Facts| described(facts, |kind| kind.cards[3].max_interfaces = 1);
    let finding = Scene::new().knowing(narrow).one("LT-002");
    assert!(finding.blocks());
    assert_eq!(finding.evidence[1..], ["device index 1 on network card 3 exceeds 0 to 0"]);
    assert_eq!(sets(&finding), [("GPU_ENI_LAYOUT", "dedicated-primary")], "the one that uses index 0 there");
}

#[test]
fn lt_003_says_when_a_layout_leaves_efa_unused() {
    let more = Scene::new().knowing(|facts| described(facts, |kind| kind.max_efa = 18));
    let finding = more.one("LT-003");
    assert!(finding.blocks());
    assert_eq!(finding.evidence, ["16 of 18 EFA interfaces, 16 interfaces in all"]);
    assert_eq!(sets(&finding), [], "no layout makes 18");
}
