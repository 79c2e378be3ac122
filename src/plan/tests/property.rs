//! Properties that hold for any setting and any facts.

use proptest::prelude::*;
use serde_json::json;

use super::{as_applied, fresh, group_with};
use crate::components::testing::{facts, known, place, subnet};
use crate::config::Spec;
use crate::domain::facts::{Facts, GroupRules};
use crate::domain::instance::InstanceCatalogue;
use crate::plan::lint::lint;
use crate::plan::planner::{desired, plan};

fn any_spec() -> impl Strategy<Value = Spec> {
    let types: Vec<String> = InstanceCatalogue::embedded().with_gpus().map(|kind| kind.name.clone()).collect();
    let layout = prop::sample::select(vec!["primary-efa", "dedicated-primary", "all-efa"]);
    let capacity = prop::sample::select(vec!["on-demand", "spot", "reservation", "capacity-block"]);
    let placement = prop::sample::select(vec![json!("auto"), json!("none"), json!({"named": "cpg"})]);
    let parts = (prop::sample::select(types), layout, capacity, placement, 0_u32..5, 0_u32..2_000);
    parts.prop_map(|(kind, layout, capacity, placement, nodes, data)| {
        group_with(&[
            ("instance_type", json!(kind)),
            ("enis/layout", json!(layout)),
            ("capacity", json!({"option": capacity, "id": "cr-1"})),
            ("placement", placement),
            ("sizes/desired", json!(nodes)),
            ("volumes/data_gib", json!(data)),
        ])
    })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    (any::<(bool, bool, bool)>(), 0_u32..9_000, prop::sample::select(vec!["use2-az1", "use2-az2"])).prop_map(
        |((ingress, egress, own_role), free, zone)| {
            let mut facts = facts();
            let rules = GroupRules { group: "sg-cluster".into(), self_ingress: ingress, self_egress: egress };
            facts.network.cluster_group = known(rules);
            facts.network.subnets = known(vec![subnet("a", "use2-az1", 400), subnet("b", zone, free)]);
            if let crate::domain::facts::Fact::Known { value, .. } = &mut facts.network.cni {
                value.own_role = own_role;
            }
            facts
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_are_acyclic_legal_and_settle(spec in any_spec(), facts in any_facts()) {
        let fresh = fresh(&spec, &facts);
        prop_assert_eq!(lint(&fresh), vec![]);
        let desired = desired(&spec, &facts, &place()).unwrap();
        prop_assert!(plan(&spec, &facts, &as_applied(&desired), &desired, &place()).is_settled());
    }
}
