//! NET-001, NET-002, NET-003, NET-006, SG-001: where the nodes would stand.

use std::collections::{BTreeMap, BTreeSet};

use super::{SUBNETS, Scene, by_plan, cannot_tell, change, commands, in_zones, live_group, passes, sets, unknown};
use crate::components::observed::Presence;
use crate::components::testing::known;
use crate::domain::facts::{Facts, GroupRules};
use crate::domain::finding::{Fix, Outcome, Severity};
use crate::domain::resource::Ownership;

/// Gives the candidates these free addresses.
fn free(facts: &mut Facts, free: [u32; 3]) {
    change(&mut facts.network.subnets, |subnets| {
        for (subnet, free) in subnets.iter_mut().zip(free) {
            subnet.free = free;
        }
    });
}

fn three_zones() -> Scene {
    Scene::new().knowing(|facts| {
        in_zones(facts, ["use2-az1", "use2-az2", "use2-az3"]);
        let offered = BTreeSet::from(["use2-az1".to_owned(), "use2-az3".to_owned()]);
        facts.capacity.offerings = known(BTreeMap::from([("p5en.48xlarge".to_owned(), offered)]));
        free(facts, [250, 900, 600]);
    })
}

#[test]
fn several_zones_list_every_candidate_with_its_line() {
    let finding = three_zones().one("NET-001");
    assert!(finding.blocks());
    let want = [
        "the 3 candidate subnets lie in 3 Availability Zones; one must be chosen",
        "use2-az3 subnet-0000000c: offers the type, 600 addresses free, 6 nodes fit: GPU_SUBNET=subnet-0000000c",
        "use2-az1 subnet-0000000a: offers the type, 250 addresses free, 2 nodes fit: GPU_SUBNET=subnet-0000000a",
        "use2-az2 subnet-0000000b: does not offer the type, 900 addresses free, 9 nodes fit: \
         GPU_SUBNET=subnet-0000000b",
    ];
    assert_eq!(finding.evidence, want);
    assert_eq!(sets(&finding), [("GPU_SUBNET", SUBNETS[2]), ("GPU_SUBNET", SUBNETS[0])], "the best first");
}

#[test]
fn while_no_zone_is_chosen_the_rest_cannot_be_told() {
    let findings = three_zones().findings();
    for check in ["NET-002", "NET-003", "GPU-003", "EFA-002"] {
        let finding = findings.iter().find(|finding| finding.check.as_str() == check).unwrap();
        assert_eq!(cannot_tell(finding), Some("no subnet is chosen yet (NET-001)"), "{check}");
    }
}

#[test]
fn net_001_says_why_a_subnet_was_taken() {
    let chosen = Scene::new().one("NET-001");
    assert_eq!(chosen.subject, SUBNETS[0]);
    assert!(chosen.evidence[0].starts_with("All candidates lie in use2-az1"), "{chosen:#?}");
    let named = Scene::with(&[("GPU_SUBNET", SUBNETS[1])]).one("NET-001");
    assert_eq!(named.evidence, ["GPU_SUBNET names subnet-0000000b."]);
}

#[test]
fn net_001_fails_for_subnets_outside_the_vpc_and_cannot_tell_without_the_subnets() {
    let finding = Scene::with(&[("GPU_SUBNET", "subnet-0000000f")]).one("NET-001");
    assert!(finding.blocks());
    assert_eq!(finding.evidence, ["GPU_SUBNET names subnet-0000000f, which is not in the cluster's VPC."]);
    let unread = Scene::new().knowing(|facts| facts.network.subnets = unknown("denied: ec2:DescribeSubnets"));
    assert_eq!(cannot_tell(&unread.one("NET-001")), Some("denied: ec2:DescribeSubnets"));
    let named = Scene { facts: unread.facts, ..Scene::with(&[("GPU_SUBNET", SUBNETS[0])]) };
    assert_eq!(cannot_tell(&named.one("NET-003")), Some("denied: ec2:DescribeSubnets"), "the true reason is given");
}

#[test]
fn net_002_names_the_zones_that_offer_the_type() {
    let scene = Scene::with(&[("GPU_SUBNET", SUBNETS[1])]);
    let finding = Scene { facts: three_zones().facts, ..scene }.one("NET-002");
    assert!(finding.blocks());
    assert_eq!(finding.subject, "use2-az2");
    assert_eq!(finding.evidence, ["use2-az2 does not offer p5en.48xlarge; zones that do: use2-az1, use2-az3"]);
    assert_eq!(sets(&finding), [("GPU_SUBNET", SUBNETS[2]), ("GPU_SUBNET", SUBNETS[0])]);
    let nowhere = Scene::new().knowing(|facts| {
        facts.capacity.offerings = known(BTreeMap::from([("p5en.48xlarge".to_owned(), BTreeSet::new())]));
    });
    assert!(nowhere.one("NET-002").evidence[0].ends_with("none of this Region"));
}

#[test]
fn net_002_cannot_tell_without_the_offerings() {
    let scene = Scene::new().knowing(|facts| facts.capacity.offerings = unknown("throttled"));
    assert_eq!(cannot_tell(&scene.one("NET-002")), Some("throttled"));
    let other = Scene::new().knowing(|facts| facts.capacity.offerings = known(BTreeMap::new()));
    assert_eq!(cannot_tell(&other.one("NET-002")), Some("the offerings of p5en.48xlarge were not asked for"));
}

#[test]
fn net_003_fails_for_the_desired_size_and_names_what_fits() {
    let finding = Scene::new().knowing(|facts| free(facts, [150, 90, 10])).one("NET-003");
    assert!(finding.blocks());
    let want = [
        "150 free in subnet-0000000a, 100 a node with 20 pods: 1 nodes fit, 0 run already",
        "2 are wanted; the largest number that fits is 1",
    ];
    assert_eq!(finding.evidence, want);
    assert_eq!(sets(&finding), [("GPU_DESIRED_SIZE", "1")]);
}

#[test]
fn net_003_warns_for_the_maximum_beside_the_pass() {
    let found = Scene::new().knowing(|facts| free(facts, [450, 90, 10])).all("NET-003");
    let [now, max] = &found[..] else { panic!("{found:#?}") };
    assert!(passes(now));
    assert_eq!((max.severity, &max.outcome), (Severity::Warning, &Outcome::Fail));
    assert_eq!(max.evidence[1], "the maximum is 10; the largest that fits is 4");
    assert_eq!(sets(max), [("GPU_MAX_SIZE", "4")]);
}

#[test]
fn net_003_offers_a_roomier_candidate_over_the_named_one() {
    let scene = Scene::with(&[("GPU_SUBNET", SUBNETS[0])]).knowing(|facts| free(facts, [50, 900, 100]));
    let finding = scene.one("NET-003");
    assert_eq!(sets(&finding), [("GPU_DESIRED_SIZE", "0"), ("GPU_SUBNET", SUBNETS[1])]);
}

#[test]
fn net_003_never_offers_a_size_that_the_configuration_refuses() {
    let scene = Scene::with(&[("GPU_MIN_SIZE", "2")]).knowing(|facts| free(facts, [150, 150, 150]));
    let finding = scene.one("NET-003");
    assert_eq!(sets(&finding), []);
    assert!(matches!(&finding.fixes[0], Fix::Ask { says } if says.contains("GPU_MIN_SIZE")), "{finding:#?}");
    let empty = Scene::with(&[("GPU_DESIRED_SIZE", "0")]).knowing(|facts| free(facts, [9, 9, 9]));
    let found = empty.all("NET-003");
    assert!(passes(&found[0]), "no node is wanted: {found:#?}");
    assert_eq!(sets(&found[1]), [], "a maximum of 0 cannot be written");
}

#[test]
fn net_003_counts_nodes_that_run_as_fitting() {
    let scene = Scene::with(&[("GPU_MAX_SIZE", "3")]).knowing(|facts| {
        live_group(facts, 2);
        free(facts, [120, 90, 10]);
    });
    let finding = scene.one("NET-003");
    assert!(passes(&finding), "{finding:#?}");
    assert_eq!(finding.evidence, ["120 free in subnet-0000000a, 100 a node with 20 pods: 3 nodes fit, 2 run already"]);
    let drifted = Scene::with(&[("GPU_DESIRED_SIZE", "3"), ("GPU_MAX_SIZE", "3")]).knowing(|facts| {
        live_group(facts, 2);
        free(facts, [10, 10, 10]);
    });
    assert!(passes(&drifted.all("NET-003")[0]), "an apply does not change the size of a group that stands");
}

#[test]
fn a_group_outside_its_candidates_is_judged_where_it_stands() {
    let variables = [("PRIVATE_SUBNET_A", ""), ("PRIVATE_SUBNET_C", "")];
    let scene = Scene::with(&variables).knowing(|facts| live_group(facts, 2));
    assert_eq!(scene.one("NET-003").subject, SUBNETS[0]);
}

#[test]
fn net_003_warns_about_public_addresses() {
    let public =
        |facts: &mut Facts| change(&mut facts.network.subnets, |all| all.iter_mut().for_each(|one| one.public = true));
    let found = Scene::new().knowing(public).all("NET-003");
    let [now, warning] = &found[..] else { panic!("{found:#?}") };
    assert!(passes(now));
    assert_eq!((warning.severity, &warning.outcome), (Severity::Warning, &Outcome::Fail));
    assert_eq!(warning.evidence[1], "a node has 16 interfaces, and EC2 gives such instances no public address");
    assert!(commands(warning)[0].ends_with("--subnet-id subnet-0000000a --no-map-public-ip-on-launch"));
    let single = Scene::with(&[("GPU_INSTANCE_TYPE", "p5.4xlarge")]).knowing(public).all("NET-003");
    assert!(single.iter().all(|finding| !finding.failed()), "one interface may be public: {single:#?}");
}

#[test]
fn net_003_cannot_tell_without_the_cni() {
    let scene = Scene::new().knowing(|facts| facts.network.cni = unknown("denied: get daemonsets"));
    assert_eq!(cannot_tell(&scene.one("NET-003")), Some("denied: get daemonsets"));
    assert_eq!(cannot_tell(&scene.one("NET-006")), Some("denied: get daemonsets"));
}

fn cni(version: &str, variables: &[(&str, &str)]) -> Scene {
    Scene::with(variables).knowing(|facts| change(&mut facts.network.cni, |cni| version.clone_into(&mut cni.version)))
}

#[test]
fn net_006_demands_what_the_layout_needs() {
    let finding = cni("1.18.4", &[]).one("NET-006");
    assert!(finding.blocks());
    assert_eq!(finding.evidence, ["vpc-cni 1.18.4, 1.18.5 needed"]);
    assert!(commands(&finding)[0].contains("--kubernetes-version 1.35"), "{finding:#?}");
    let all_efa = [("GPU_ENI_LAYOUT", "all-efa")];
    assert!(passes(&cni("1.18.4", &all_efa).one("NET-006")), "no efa-only interface");
    assert!(cni("1.7.9", &all_efa).one("NET-006").blocks());
    assert_eq!(cannot_tell(&cni("latest", &[]).one("NET-006")), Some("the image tag latest is no version"));
}

#[test]
fn net_006_leaves_a_cni_that_eks_does_not_manage_to_the_operator() {
    let finding = cni("1.18.4", &[]).knowing(|facts| facts.eks.addons = known(Vec::new())).one("NET-006");
    assert_eq!(commands(&finding), [""; 0]);
    assert!(matches!(&finding.fixes[..], [Fix::Ask { says }] if says.contains("kube-system/aws-node")));
}

#[test]
fn sg_001_passes_now_by_plan_and_once_the_own_group_stands() {
    const STEP: &str = "gpu.gpu-compute.security-group";
    let lacking = Scene::new();
    let finding = lacking.one("SG-001");
    assert_eq!(by_plan(&finding), Some(STEP));
    assert_eq!(finding.evidence, ["cluster security group sg-cluster: self ingress yes, self egress no"]);
    assert!(passes(&lacking.seeing(STEP, Presence::Same, Ownership::Ours).one("SG-001")));
    let open = GroupRules { group: "sg-cluster".into(), self_ingress: true, self_egress: true };
    assert!(passes(&Scene::new().knowing(|facts| facts.network.cluster_group = known(open)).one("SG-001")));
    let unread = Scene::new().knowing(|facts| facts.network.cluster_group = unknown("denied: rules"));
    assert_eq!(cannot_tell(&unread.one("SG-001")), Some("denied: rules"));
}
