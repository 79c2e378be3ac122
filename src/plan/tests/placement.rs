//! In which subnet a group stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{fresh, group_with, ids, nodegroup};
use crate::components::testing::{facts, known, nodegroup as live_group, place, spec, subnet};
use crate::config::Spec;
use crate::domain::facts::{Fact, Facts};
use crate::domain::ids::ResourceId;
use crate::domain::instance::lookup;
use crate::plan::placement::{SubnetChoice, choose_subnet};
use crate::plan::planner::desired;

fn choice(spec: &Spec, facts: &Facts) -> SubnetChoice {
    let kind = lookup(facts, &spec.gpu[0].instance_type).unwrap();
    choose_subnet(&spec.gpu[0], facts, &kind)
}

fn order(choice: &SubnetChoice) -> Vec<&str> {
    choice.candidates().iter().map(|candidate| candidate.id.as_str()).collect()
}

fn with_subnets(subnets: Vec<crate::domain::facts::Subnet>) -> Facts {
    let mut facts = facts();
    facts.network.subnets = known(subnets);
    facts
}

#[test]
fn in_one_zone_the_one_with_most_room_is_taken_and_the_file_breaks_a_tie() {
    let made = choice(&spec(), &facts());
    assert_eq!(order(&made), ["subnet-b", "subnet-c", "subnet-a"]);
    assert_eq!(made.subnet().map(ResourceId::as_str), Some("subnet-b"));
    assert_eq!(made.candidates().iter().map(|one| one.fits).collect::<Vec<_>>(), [10, 10, 2]);
}

#[test]
fn several_zones_are_never_decided_silently() {
    let facts = with_subnets(vec![
        subnet("a", "use2-az2", 5_000),
        subnet("b", "use2-az1", 1_000),
        subnet("c", "use2-az3", 9_000),
    ]);
    let made = choice(&spec(), &facts);
    assert!(matches!(made, SubnetChoice::SeveralZones { .. }));
    assert_eq!(order(&made), ["subnet-b", "subnet-c", "subnet-a"], "the zone that offers the type comes first");
    assert_eq!(made.candidates()[1].problems, ["use2-az3 does not offer p5en.48xlarge."]);
    let plan = fresh(&spec(), &facts);
    assert!(ids(&plan).contains(&"gpu.gpu-compute.launch-template"));
    for absent in ["gpu.gpu-compute.nodegroup", "gpu.gpu-compute.nodes", "nvidia-device-plugin.daemonset"] {
        assert!(!ids(&plan).contains(&absent), "{absent}");
    }
    let note = plan.notes.iter().find(|note| note.says.contains("several Availability Zones")).unwrap();
    assert!(note.says.contains("GPU_SUBNET=subnet-b (use2-az1, 10 nodes fit)"), "{}", note.says);
}

#[test]
fn gpu_subnet_decides_in_several_zones() {
    let facts = with_subnets(vec![subnet("a", "use2-az2", 5_000), subnet("b", "use2-az1", 1_000)]);
    let named = group_with(&[("subnets/chosen", json!("subnet-a"))]);
    assert_eq!(nodegroup(&fresh(&named, &facts)).subnet.as_str(), "subnet-a");
    let foreign = group_with(&[("subnets/chosen", json!("subnet-x"))]);
    assert!(matches!(choice(&foreign, &facts), SubnetChoice::None { why } if why.contains("subnet-x")));
}

#[test]
fn a_group_that_stands_keeps_its_subnet_whatever_has_more_room() {
    let mut facts = facts();
    facts.eks.nodegroups = known(vec![live_group("gpu-compute", "subnet-a")]);
    let made = choice(&spec(), &facts);
    assert_eq!(made.subnet().map(ResourceId::as_str), Some("subnet-a"));
    assert!(matches!(made, SubnetChoice::Chosen { why, .. } if why.contains("cannot move")));
}

#[test]
fn candidates_that_do_not_exist_are_no_candidates() {
    assert_eq!(order(&choice(&spec(), &with_subnets(vec![subnet("c", "use2-az1", 10)]))), ["subnet-c"]);
    let none = choice(&spec(), &with_subnets(vec![subnet("x", "use2-az1", 10)]));
    assert!(matches!(none, SubnetChoice::None { why } if why.contains("subnet-a, subnet-b, subnet-c")));
}

#[test]
fn unread_subnets_leave_the_choice_open_unless_there_is_only_one() {
    let mut unread = facts();
    unread.network.subnets = Fact::Unknown { why: "ec2:DescribeSubnets is denied".to_owned() };
    assert!(matches!(choice(&spec(), &unread), SubnetChoice::None { why } if why.contains("denied")));
    let one = json!([{"letter": "A", "variable": "GPU_SUBNET_A", "id": "subnet-a"}]);
    let single = group_with(&[("subnets/candidates", one)]);
    assert_eq!(choice(&single, &unread).subnet().map(ResourceId::as_str), Some("subnet-a"));
}

#[test]
fn unknown_offerings_do_not_rank_a_subnet_down() {
    let mut facts = facts();
    facts.capacity.offerings = Fact::NotAsked;
    assert!(choice(&spec(), &facts).candidates().iter().all(|one| one.offered.is_none()));
    facts.capacity.offerings = known(BTreeMap::from([("p5en.48xlarge".to_owned(), BTreeSet::new())]));
    assert!(choice(&spec(), &facts).candidates().iter().all(|one| one.offered == Some(false)));
}

#[test]
fn little_room_and_public_addresses_are_named() {
    let mut tight = subnet("a", "use2-az1", 150);
    tight.public = true;
    let made = choice(&spec(), &with_subnets(vec![tight]));
    let problems = &made.candidates()[0].problems;
    assert!(problems[0].contains("hold 1 nodes of 100 addresses each; 2 are desired"), "{problems:?}");
    assert!(problems[1].contains("public"), "{problems:?}");
}

#[test]
fn the_settings_of_the_cni_change_how_many_nodes_fit() {
    let mut facts = with_subnets(vec![subnet("a", "use2-az1", 1_000)]);
    if let Fact::Known { value, .. } = &mut facts.network.cni {
        value.env.insert("WARM_IP_TARGET".to_owned(), "5".to_owned());
    }
    assert_eq!(choice(&spec(), &facts).candidates()[0].fits, 38);
}

#[test]
fn the_same_input_gives_the_same_plan() {
    assert_eq!(desired(&spec(), &facts(), &place()), desired(&spec(), &facts(), &place()));
    assert_eq!(fresh(&spec(), &facts()).id, fresh(&spec(), &facts()).id);
}
