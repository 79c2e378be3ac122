use super::*;
use crate::sim::apiserver::Gvr;
use crate::sim::services::ec2::free_addresses;

fn world(name: &str) -> World {
    let scenario = load(name).unwrap();
    let mut world = World::empty(scenario.origin);
    seed(&mut world, &scenario);
    world
}

fn free(world: &World, id: &str) -> usize {
    free_addresses(&world.ec2, &world.ec2.subnets[id])
}

#[test]
fn every_scenario_keeps_the_five_subnets_and_their_ids() {
    let want: Vec<String> = load("default").unwrap().subnets.into_values().map(|s| s.id).collect();
    assert_eq!(want.len(), 5);
    for name in names() {
        let scenario = load(name).unwrap();
        assert_eq!(scenario.name, name);
        assert_eq!(scenario.subnets.values().map(|s| s.id.clone()).collect::<Vec<_>>(), want, "{name}");
        assert!(want[2..].iter().all(|id| scenario.env.contains(id)), "{name}: the draft names the candidates");
    }
}

#[test]
fn an_unknown_scenario_lists_the_known_ones() {
    let why = load("nirvana").unwrap_err();
    assert!(
        why.contains("there is no scenario nirvana") && why.contains("default, installed, ip-exhausted, three-azs")
    );
}

#[test]
fn a_scenario_that_stands_on_itself_is_an_error() {
    assert!(file::read("a", &[("a", "base = \"a\"")]).unwrap_err().contains("stands on itself"));
}

#[test]
fn the_default_world_has_the_addresses_of_the_drawn_screens() {
    let world = world("default");
    assert_eq!(world.now, load("default").unwrap().origin);
    for (id, want) in
        [("subnet-0a41f7c92be60d835", 231), ("subnet-0b52c8e13df73f842", 83), ("subnet-0c7d41e80f6b29a53", 498)]
    {
        assert_eq!(free(&world, id), want, "{id}");
        assert_eq!(world.ec2.subnets[id].zone_id, "use2-az1");
    }
}

#[test]
fn the_default_world_has_three_clusters_and_three_ready_nodes() {
    let world = world("default");
    assert_eq!(world.eks.clusters.keys().collect::<Vec<_>>(), ["orbit-auto", "orbit-dev", "orbit-train"]);
    let train = &world.eks.clusters["orbit-train"];
    let group = &train.nodegroups["eks-utils"];
    assert_eq!(group.nodes.len(), 3);
    assert!(group.nodes.values().all(|node| node.ready.is_some()));
    assert_eq!(train.addons["vpc-cni"].version, "v1.23.1-eksbuild.1");
    assert!(train.addons.values().all(|addon| addon.status == "ACTIVE"));
    let nodes = world.clusters["orbit-train"].list(&Gvr {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "nodes".to_owned(),
    });
    assert_eq!(nodes.len(), 3);
    for node in nodes {
        let conditions = node["status"]["conditions"].as_array().unwrap();
        assert!(conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"));
    }
    let daemons = Gvr { group: "apps".to_owned(), version: "v1".to_owned(), plural: "daemonsets".to_owned() };
    let cni = world.clusters["orbit-train"].get(&daemons, Some("kube-system"), "aws-node").unwrap();
    let image = cni["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
    assert_eq!(image, "602401143452.dkr.ecr.us-east-2.amazonaws.com/amazon-k8s-cni:v1.23.1-eksbuild.1");
}

#[test]
fn the_exhausted_subnets_have_no_room_for_two_nodes_with_pods() {
    let world = world("ip-exhausted");
    for id in ["subnet-0a41f7c92be60d835", "subnet-0b52c8e13df73f842", "subnet-0c7d41e80f6b29a53"] {
        assert!(free(&world, id) < 100, "{id}: {}", free(&world, id));
    }
    assert_eq!(free(&world, "subnet-0c7d41e80f6b29a53"), 1);
}

#[test]
fn three_azs_puts_the_candidates_apart_and_mixes_the_offer() {
    let world = world("three-azs");
    let zones: Vec<&str> = ["subnet-0a41f7c92be60d835", "subnet-0b52c8e13df73f842", "subnet-0c7d41e80f6b29a53"]
        .iter()
        .map(|id| world.ec2.subnets[*id].zone_id.as_str())
        .collect();
    assert_eq!(zones, ["use2-az1", "use2-az2", "use2-az3"]);
    let offers = |zone: &str| crate::sim::services::ec2::offered_in(&world, "p5en.48xlarge", zone);
    assert_eq!((offers(zones[0]), offers(zones[1]), offers(zones[2])), (true, false, true));
}

#[test]
fn seeding_twice_makes_the_same_world() {
    let (one, two) = (world("default"), world("default"));
    assert_eq!(format!("{:?}", one.ec2), format!("{:?}", two.ec2));
    assert_eq!(format!("{:?}", one.eks), format!("{:?}", two.eks));
}
