//! What is made for a GPU node group.

use serde_json::{Value, json};

use super::{default_plan, fresh, group_with, ids, nodegroup, reservation, template};
use crate::components::desired::{Ensure, Val};
use crate::components::testing::{facts, known, nodegroup as live_group, spec};
use crate::domain::facts::{Fact, Facts, GroupRules};
use crate::domain::instance::InstanceCatalogue;
use crate::domain::problem::ProblemKind;
use crate::plan::planner::desired;
use crate::plan::{lint, render};

fn kinds(plan: &super::Plan) -> Vec<(i32, i32, &str)> {
    let interfaces = &template(plan).data.network_interfaces;
    interfaces.iter().map(|one| (one.network_card_index, one.device_index, one.interface_type.as_str())).collect()
}

#[test]
fn the_template_of_p5en_is_the_golden_one() {
    let golden: Value = serde_json::from_str(include_str!("../../../tests/plans/launch-template-p5en.json")).unwrap();
    let made = render::launch_template(&default_plan(), "gpu-compute").unwrap();
    assert_eq!(made, golden, "{made:#}");
}

#[test]
fn interfaces_follow_type_and_layout() {
    for (kind, layout, count, first, second) in [
        ("p5en.48xlarge", "primary-efa", 16, (0, 0, "efa"), (1, 1, "efa-only")),
        ("p5.48xlarge", "primary-efa", 32, (0, 0, "efa"), (1, 1, "efa-only")),
        ("p5e.48xlarge", "primary-efa", 32, (0, 0, "efa"), (1, 1, "efa-only")),
        ("p5.48xlarge", "dedicated-primary", 33, (0, 0, "interface"), (0, 1, "efa-only")),
        ("p5en.48xlarge", "dedicated-primary", 17, (0, 0, "interface"), (0, 1, "efa-only")),
        ("p5en.48xlarge", "all-efa", 16, (0, 0, "efa"), (1, 1, "efa")),
        ("p6-b300.48xlarge", "primary-efa", 17, (0, 0, "interface"), (1, 1, "efa-only")),
    ] {
        let spec = group_with(&[("instance_type", json!(kind)), ("enis/layout", json!(layout))]);
        let plan = fresh(&spec, &facts());
        let made = kinds(&plan);
        assert_eq!((made.len(), made[0], made[1]), (count, first, second), "{kind} {layout}");
        assert_eq!(lint::lint(&plan), [], "{kind} {layout}");
    }
}

#[test]
fn every_offered_type_makes_a_plan_that_lint_passes() {
    for kind in InstanceCatalogue::embedded().with_gpus() {
        let plan = fresh(&group_with(&[("instance_type", json!(kind.name))]), &facts());
        assert_eq!(lint::lint(&plan), [], "{}", kind.name);
        assert_eq!(template(&plan).data.user_data.is_some(), kind.instance_store_gb > 0, "{}", kind.name);
    }
}

#[test]
fn a_security_group_is_made_only_where_a_self_rule_is_missing() {
    let groups = |facts: &Facts| {
        let plan = fresh(&spec(), facts);
        let step = ids(&plan).contains(&"gpu.gpu-compute.security-group");
        (step, template(&plan).data.network_interfaces[3].groups.clone())
    };
    let own = Val::known("sg-cluster");
    let efa = Val::Output { reference: "gpu.gpu-compute.security-group.id".to_owned() };
    for (ingress, egress, made) in [(true, false, true), (false, true, true), (true, true, false)] {
        let mut facts = facts();
        let rules = GroupRules { group: "sg-cluster".into(), self_ingress: ingress, self_egress: egress };
        facts.network.cluster_group = known(rules);
        let expected = if made { vec![own.clone(), efa.clone()] } else { vec![own.clone()] };
        assert_eq!(groups(&facts), (made, expected));
    }
    let mut unread = facts();
    unread.network.cluster_group = Fact::NotAsked;
    assert_eq!(groups(&unread), (false, vec![own]));
    assert!(fresh(&spec(), &unread).notes.iter().any(|note| note.says.contains("No EFA security group")));
}

#[test]
fn the_node_role_leaves_the_cni_policy_out_where_aws_node_has_its_own() {
    let policies = |own_role| {
        let mut facts = facts();
        if let Fact::Known { value, .. } = &mut facts.network.cni {
            value.own_role = own_role;
        }
        match &fresh(&spec(), &facts).step(&"gpu.gpu-compute.node-role".into()).unwrap().desired.ensure {
            Ensure::Role(role) => role.managed.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((policies(false), policies(true)), (4, 3));
}

#[test]
fn a_placement_group_is_ours_only_on_demand_and_for_spot() {
    let of = |capacity: Value, placement: Value| {
        let plan = fresh(&group_with(&[("capacity", capacity), ("placement", placement)]), &facts());
        let step = ids(&plan).contains(&"gpu.gpu-compute.placement-group");
        (step, template(&plan).data.placement.as_ref().map(|placement| placement.group_name.clone()))
    };
    let own = Some("demo-gpu-compute".to_owned());
    assert_eq!(of(json!({"option": "on-demand"}), json!("auto")), (true, own.clone()));
    assert_eq!(of(json!({"option": "spot"}), json!("auto")), (true, own));
    assert_eq!(of(json!({"option": "on-demand"}), json!("none")), (false, None));
    assert_eq!(of(reservation("reservation"), json!({"named": "cpg"})), (false, Some("cpg".to_owned())));
    assert_eq!(of(reservation("reservation"), json!("auto")), (false, None));
    assert_eq!(of(reservation("capacity-block"), json!("auto")), (false, None));
}

#[test]
fn the_purchase_option_decides_where_type_and_reservation_stand() {
    let of = |capacity: Value| {
        let plan = fresh(&group_with(&[("capacity", capacity)]), &facts());
        let data = serde_json::to_value(&template(&plan).data).unwrap();
        let launch = nodegroup(&plan).launch.clone();
        (data, launch)
    };
    let (data, launch) = of(reservation("capacity-block"));
    assert_eq!((&data["InstanceType"], launch.instance_types.len()), (&json!("p5en.48xlarge"), 0));
    assert_eq!(data["InstanceMarketOptions"]["MarketType"], "capacity-block");
    assert_eq!(launch.capacity_type, "CAPACITY_BLOCK");
    let target = &data["CapacityReservationSpecification"]["CapacityReservationTarget"];
    assert_eq!(target["CapacityReservationId"], "cr-1");
    let (data, launch) = of(reservation("reservation"));
    assert!(data.get("InstanceMarketOptions").is_none() && data.get("InstanceType").is_none());
    assert_eq!((launch.capacity_type.as_str(), launch.instance_types.len()), ("ON_DEMAND", 1));
    let (data, launch) = of(json!({"option": "spot"}));
    assert!(data.get("InstanceMarketOptions").is_none(), "EKS refuses spot options in a template");
    assert_eq!(launch.capacity_type, "SPOT");
}

#[test]
fn a_data_volume_replaces_the_raid_of_the_instance_store() {
    let plan = default_plan();
    let raid = render::user_data(&plan, "gpu-compute").unwrap();
    assert!(raid.contains("strategy: RAID0") && raid.contains("application/node.eks.aws"), "{raid}");
    assert_eq!(template(&plan).data.block_device_mappings.len(), 1);
    let plan = fresh(&group_with(&[("volumes/data_gib", json!(1_000))]), &facts());
    let mount = render::user_data(&plan, "gpu-compute").unwrap();
    assert!(mount.contains("/data") && mount.contains("text/x-shellscript") && !mount.contains("RAID0"), "{mount}");
    assert!(mount.len() < 16 * 1024, "EC2 takes 16 KB of user data");
    let volume = &template(&plan).data.block_device_mappings[1];
    assert_eq!((volume.device_name.as_str(), volume.ebs.iops, volume.ebs.throughput), ("/dev/xvdb", 16_000, 1_000));
}

#[test]
fn a_small_data_volume_stays_within_the_ratios_of_gp3() {
    for (gib, iops, throughput) in [(1, 3_000, 750), (6, 3_000, 750), (8, 4_000, 1_000), (32, 16_000, 1_000)] {
        let plan = fresh(&group_with(&[("volumes/data_gib", json!(gib))]), &facts());
        let ebs = &template(&plan).data.block_device_mappings[1].ebs;
        assert_eq!((ebs.iops, ebs.throughput, ebs.encrypted), (iops, throughput, true), "{gib} GiB");
    }
}

#[test]
fn the_request_of_the_node_group_names_one_subnet_and_no_reserved_label() {
    let request = render::nodegroup(&default_plan(), "gpu-compute").unwrap();
    assert_eq!(request["subnets"], json!(["subnet-b"]));
    assert_eq!(request["nodeRole"], json!({"Ref": "gpu.gpu-compute.node-role.arn"}));
    let template = json!({"id": {"Ref": "gpu.gpu-compute.launch-template.id"}, "version": {"Ref": "gpu.gpu-compute.launch-template.version"}});
    assert_eq!(request["launchTemplate"], template);
    assert_eq!(request["amiType"], "AL2023_x86_64_NVIDIA");
    assert_eq!(request["scalingConfig"], json!({"minSize": 0, "maxSize": 10, "desiredSize": 2}));
    assert_eq!(request["taints"], json!([{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]));
    assert_eq!(request["updateConfig"]["updateStrategy"], "MINIMAL");
    assert!(request.get("releaseVersion").is_none());
    for key in request["labels"].as_object().unwrap().keys() {
        assert!(!["kubernetes.io", "k8s.io", "eks.amazonaws.com"].iter().any(|prefix| key.contains(prefix)), "{key}");
    }
}

#[test]
fn a_release_is_pinned_by_setting_or_by_the_group_that_stands() {
    let release = |setting: Value, live: bool| {
        let mut facts = facts();
        if live {
            facts.eks.nodegroups = known(vec![live_group("gpu-compute", "subnet-c")]);
        }
        let spec = group_with(&[("drivers/ami_release", setting)]);
        desired(&spec, &facts, &crate::components::testing::place())
            .map(|_| nodegroup(&fresh(&spec, &facts)).launch.release.clone())
    };
    assert_eq!(release(json!("latest"), false), Ok(None));
    assert_eq!(release(json!("latest"), true), Ok(Some("1.35.6-20260714".to_owned())));
    let exactly = json!({"exactly": "1.35.2-20260610"});
    assert_eq!(release(exactly, true), Ok(Some("1.35.2-20260610".to_owned())));
    assert_eq!(release(json!({"exactly": "v20260714"}), true), Ok(Some("1.35.6-20260714".to_owned())));
    let problems = release(json!({"exactly": "v20260714"}), false).unwrap_err();
    assert_eq!(problems[0].kind, ProblemKind::Usage);
}

#[test]
fn a_type_that_nobody_knows_is_an_error_of_the_setting() {
    let spec = group_with(&[("instance_type", json!("p9.48xlarge"))]);
    let problems = desired(&spec, &facts(), &crate::components::testing::place()).unwrap_err();
    assert_eq!((problems.len(), problems[0].kind), (1, ProblemKind::Usage));
    assert!(problems[0].message.contains("p9.48xlarge"));
}
