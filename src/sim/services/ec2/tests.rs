use serde_json::{Value, json};

use super::*;
use crate::sim::call::{Params, Refusal};
use crate::sim::scenario;

const GPU_A: &str = "subnet-0a41f7c92be60d835";
const GPU_B: &str = "subnet-0b52c8e13df73f842";
const GPU_C: &str = "subnet-0c7d41e80f6b29a53";
const VPC: &str = "vpc-0e61b7d2f48a5c3a9";
const CLUSTER_GROUP: &str = "sg-0c1d7e94a3f58b260";

fn world() -> World {
    let scenario = scenario::load("default").unwrap();
    let mut world = World::empty(scenario.origin);
    scenario::seed(&mut world, &scenario);
    world
}

fn call(world: &mut World, operation: &str, params: Value) -> Answer {
    let members = params.as_object().cloned().unwrap_or_default();
    let mut call = Call { service: "ec2".to_owned(), operation: operation.to_owned(), params: Params::new(members) };
    let answer = handle(world, &mut call);
    if answer.is_ok() {
        assert_eq!(call.params.untaken(), Vec::<String>::new(), "{operation}");
    }
    answer
}

/// Every row over all pages, and how many pages there were.
fn all(world: &mut World, operation: &str, params: Value, set: &str) -> (Vec<Value>, usize) {
    let (mut rows, mut pages, mut token) = (Vec::new(), 0, Value::Null);
    loop {
        let mut params = params.clone();
        if !token.is_null() {
            params["NextToken"] = token;
        }
        let answer = call(world, operation, params).unwrap();
        rows.extend(answer[set].as_array().unwrap().clone());
        pages += 1;
        token = answer["nextToken"].clone();
        if token.is_null() {
            return (rows, pages);
        }
    }
}

fn refusal(answer: Answer) -> Refusal {
    match answer {
        Err(Fault::Refused(refusal)) => refusal,
        other => panic!("not a refusal: {other:?}"),
    }
}

fn code(answer: Answer) -> String {
    refusal(answer).code
}

fn filter(name: &str, value: &str) -> Value {
    json!({"Filter": [{"Name": name, "Value": [value]}]})
}

#[test]
fn subnets_page_and_filter() {
    let mut world = world();
    let (rows, pages) = all(&mut world, "DescribeSubnets", json!({}), "subnetSet");
    assert_eq!((rows.len(), pages), (5, 2));
    let (rows, _) = all(&mut world, "DescribeSubnets", filter("availability-zone-id", "use2-az1"), "subnetSet");
    assert_eq!(rows.len(), 3);
    let (rows, _) = all(&mut world, "DescribeSubnets", filter("tag:Name", "gpu-c"), "subnetSet");
    assert_eq!(rows[0]["availableIpAddressCount"], 498);
    assert_eq!(rows[0]["cidrBlock"], "10.40.18.0/23");
}

#[test]
fn what_ec2_does_not_know_is_refused_and_what_we_do_not_know_is_a_gap() {
    let mut world = world();
    assert_eq!(
        code(call(&mut world, "DescribeSubnets", json!({"SubnetId": ["subnet-1"]}))),
        "InvalidSubnetID.NotFound"
    );
    assert_eq!(code(call(&mut world, "DescribeVpcs", json!({"VpcId": ["vpc-1"]}))), "InvalidVpcID.NotFound");
    assert_eq!(code(call(&mut world, "DescribeSecurityGroups", json!({"GroupId": ["sg-1"]}))), "InvalidGroup.NotFound");
    assert_eq!(
        code(call(&mut world, "DescribeInstances", json!({"InstanceId": ["i-1"]}))),
        "InvalidInstanceID.NotFound"
    );
    assert_eq!(code(call(&mut world, "DescribeInstanceTypes", json!({"InstanceType": ["p9"]}))), "InvalidInstanceType");
    assert_eq!(
        code(call(&mut world, "DescribePlacementGroups", json!({"GroupName": ["x"]}))),
        "InvalidPlacementGroup.Unknown"
    );
    assert_eq!(code(call(&mut world, "DescribeSubnets", json!({"NextToken": "x"}))), "InvalidParameterValue");
    assert_eq!(
        call(&mut world, "DescribeSubnets", filter("colour", "red")),
        Err(Fault::gap("ec2:DescribeSubnets filter colour"))
    );
    assert_eq!(call(&mut world, "RunInstances", json!({})), Err(Fault::gap("ec2:RunInstances")));
}

#[test]
fn every_used_address_belongs_to_an_interface_and_blocks_agree() {
    let mut world = world();
    for (subnet, free, blocks) in [(GPU_A, 231, 12), (GPU_B, 83, 1), (GPU_C, 498, 29)] {
        let (rows, _) =
            all(&mut world, "DescribeNetworkInterfaces", filter("subnet-id", subnet), "networkInterfaceSet");
        let used: Vec<u32> = rows
            .iter()
            .flat_map(|row| row["privateIpAddressesSet"].as_array().unwrap())
            .map(|a| a["privateIpAddress"].as_str().unwrap().parse::<std::net::Ipv4Addr>().unwrap().to_bits())
            .collect();
        let range = world.ec2.subnets[subnet].range;
        let first = range.usable().next().unwrap().to_bits() - 4;
        assert_eq!(range.size() as usize - 5 - used.len(), free, "{subnet}");
        let inner = 1..range.size() / 16 - 1;
        let clear = inner.filter(|block| used.iter().all(|address| (address - first) / 16 != *block)).count();
        assert_eq!(clear, blocks, "{subnet}: free /28 blocks");
    }
}

#[test]
fn a_new_group_lets_everything_out_by_address_and_takes_self_rules_once() {
    let mut world = world();
    let made = call(
        &mut world,
        "CreateSecurityGroup",
        json!({"GroupName": "efa", "GroupDescription": "EFA", "VpcId": VPC,
               "TagSpecification": [{"ResourceType": "security-group", "Tag": [{"Key": "k", "Value": "v"}]}]}),
    )
    .unwrap();
    let id = made["groupId"].as_str().unwrap().to_owned();
    let own = json!({"GroupId": id, "IpPermissions": [{"IpProtocol": "-1", "Groups": [{"GroupId": id}]}],
        "TagSpecification": [{"ResourceType": "security-group-rule", "Tag": [{"Key": "k", "Value": "v"}]}]});
    call(&mut world, "AuthorizeSecurityGroupEgress", own.clone()).unwrap();
    call(&mut world, "AuthorizeSecurityGroupIngress", own.clone()).unwrap();
    let twice = refusal(call(&mut world, "AuthorizeSecurityGroupIngress", own));
    assert_eq!(twice.code, "InvalidPermission.Duplicate");
    assert!(twice.message.contains(&format!("peer: {id}, ALL, ALLOW")), "{}", twice.message);
    let (rules, _) = all(&mut world, "DescribeSecurityGroupRules", filter("group-id", &id), "securityGroupRuleSet");
    let shape: Vec<(bool, bool)> =
        rules.iter().map(|r| (r["isEgress"] == true, r["referencedGroupInfo"]["groupId"] == json!(id))).collect();
    assert_eq!(rules.len(), 3);
    for want in [(true, false), (true, true), (false, true)] {
        assert!(shape.contains(&want), "{shape:?}");
    }
    let again = json!({"GroupName": "efa", "GroupDescription": "EFA", "VpcId": VPC});
    assert_eq!(code(call(&mut world, "CreateSecurityGroup", again)), "InvalidGroup.Duplicate");
}

#[test]
fn the_cluster_group_of_the_default_world_lacks_the_rule_out_to_itself() {
    let mut world = world();
    let (rules, _) =
        all(&mut world, "DescribeSecurityGroupRules", filter("group-id", CLUSTER_GROUP), "securityGroupRuleSet");
    assert!(rules.iter().any(|r| r["isEgress"] == false && r["referencedGroupInfo"]["groupId"] == CLUSTER_GROUP));
    assert!(rules.iter().any(|r| r["isEgress"] == true && r["cidrIpv4"] == "0.0.0.0/0"));
    assert!(!rules.iter().any(|r| r["isEgress"] == true && r["referencedGroupInfo"].is_object()));
}

#[test]
fn recorded_types_carry_their_cards_and_gpus() {
    let facts = type_facts("p5en.48xlarge").unwrap();
    assert_eq!((facts.gpus, facts.cards.len(), facts.cards[0].interfaces, facts.vcpus), (8, 16, 4, 192));
    assert!(!type_facts("p6-b300.48xlarge").unwrap().cards[0].efa);
    assert_eq!(type_facts("p6e-gb200.36xlarge"), None);
    let mut world = world();
    let (rows, pages) = all(&mut world, "DescribeInstanceTypes", filter("instance-type", "p5*"), "instanceTypeSet");
    assert_eq!((rows.len(), pages), (4, 1));
    let asked = json!({"LocationType": "availability-zone-id",
        "Filter": [{"Name": "instance-type", "Value": ["p5en.48xlarge"]}]});
    let (rows, _) = all(&mut world, "DescribeInstanceTypeOfferings", asked, "instanceTypeOfferingSet");
    assert_eq!(rows.iter().map(|r| r["location"].as_str().unwrap()).collect::<Vec<_>>(), ["use2-az1", "use2-az3"]);
}

fn template(world: &mut World, name: &str, data: Value) -> Value {
    let params = json!({"LaunchTemplateName": name, "ClientToken": name, "LaunchTemplateData": data,
        "TagSpecification": [{"ResourceType": "launch-template", "Tag": [{"Key": "owner", "Value": "ops"}]}]});
    call(world, "CreateLaunchTemplate", params).unwrap()["launchTemplate"].clone()
}

#[test]
fn a_template_read_back_is_not_what_was_sent() {
    let mut world = world();
    let data = json!({"InstanceType": "p5en.48xlarge", "MetadataOptions": {"HttpTokens": "required"},
        "NetworkInterface": [{"DeviceIndex": "0", "NetworkCardIndex": "0", "InterfaceType": "efa",
            "SecurityGroupId": [CLUSTER_GROUP]}]});
    let made = template(&mut world, "gpu", data.clone());
    assert_eq!(
        template(&mut world, "gpu", data)["launchTemplateId"],
        made["launchTemplateId"],
        "same token, same template"
    );
    let read = call(
        &mut world,
        "DescribeLaunchTemplateVersions",
        json!({"LaunchTemplateName": "gpu", "LaunchTemplateVersion": ["$Latest"]}),
    );
    let data = read.unwrap()["launchTemplateVersionSet"][0]["launchTemplateData"].clone();
    assert_eq!(
        data["metadataOptions"],
        json!({"httpTokens": "required", "state": "pending", "httpEndpoint": "enabled"})
    );
    assert_eq!(data["networkInterfaceSet"][0]["groupSet"], json!([CLUSTER_GROUP]));
    assert_eq!(data["tagSpecificationSet"][0]["resourceType"], "launch-template");
    let clash = json!({"LaunchTemplateName": "gpu", "LaunchTemplateData": {}});
    assert_eq!(
        code(call(&mut world, "CreateLaunchTemplate", clash)),
        "InvalidLaunchTemplateName.AlreadyExistsException"
    );
}

#[test]
fn a_new_version_holds_only_what_it_names_unless_it_has_a_source() {
    let mut world = world();
    template(&mut world, "gpu", json!({"InstanceType": "g5.xlarge", "EbsOptimized": "true"}));
    let bare = json!({"LaunchTemplateName": "gpu", "LaunchTemplateData": {"KeyName": "k"}});
    let bare = call(&mut world, "CreateLaunchTemplateVersion", bare).unwrap()["launchTemplateVersion"].clone();
    assert_eq!((&bare["versionNumber"], &bare["launchTemplateData"]["instanceType"]), (&json!(2), &Value::Null));
    let based = json!({"LaunchTemplateName": "gpu", "SourceVersion": "1", "LaunchTemplateData": {"KeyName": "k"}});
    let based = call(&mut world, "CreateLaunchTemplateVersion", based).unwrap()["launchTemplateVersion"].clone();
    assert_eq!(based["launchTemplateData"]["instanceType"], "g5.xlarge");
    call(&mut world, "ModifyLaunchTemplate", json!({"LaunchTemplateName": "gpu", "SetDefaultVersion": "3"})).unwrap();
    let found = call(&mut world, "DescribeLaunchTemplates", json!({"LaunchTemplateName": ["gpu"]})).unwrap();
    assert_eq!(found["launchTemplates"][0]["defaultVersionNumber"], 3);
    let missing = json!({"LaunchTemplateName": "gpu", "LaunchTemplateVersion": ["9"]});
    assert_eq!(
        code(call(&mut world, "DescribeLaunchTemplateVersions", missing)),
        "InvalidLaunchTemplateId.VersionNotFound"
    );
    call(&mut world, "DeleteLaunchTemplate", json!({"LaunchTemplateName": "gpu"})).unwrap();
    let gone = json!({"LaunchTemplateName": ["gpu"]});
    assert_eq!(code(call(&mut world, "DescribeLaunchTemplates", gone)), "InvalidLaunchTemplateName.NotFoundException");
}

#[test]
fn a_template_member_that_the_simulator_does_not_know_is_a_gap() {
    let mut world = world();
    let params = json!({"LaunchTemplateName": "gpu", "LaunchTemplateData": {"CpuOptions": {"CoreCount": "4"}}});
    assert_eq!(call(&mut world, "CreateLaunchTemplate", params), Err(Fault::gap("ec2:LaunchTemplateData.CpuOptions")));
}

#[test]
fn placement_groups_and_tags() {
    let mut world = world();
    call(&mut world, "CreatePlacementGroup", json!({"GroupName": "gpu", "Strategy": "cluster"})).unwrap();
    assert_eq!(
        code(call(&mut world, "CreatePlacementGroup", json!({"GroupName": "gpu"}))),
        "InvalidPlacementGroup.Duplicate"
    );
    call(&mut world, "CreateTags", json!({"ResourceId": [GPU_C], "Tag": [{"Key": "a", "Value": "b"}]})).unwrap();
    let (rows, _) = all(&mut world, "DescribeSubnets", filter("tag:a", "b"), "subnetSet");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        code(call(&mut world, "CreateTags", json!({"ResourceId": ["subnet-1"], "Tag": []}))),
        "InvalidParameterValue"
    );
}

#[test]
fn zones_routes_and_empty_lists_answer() {
    let mut world = world();
    assert_eq!(all(&mut world, "DescribeAvailabilityZones", json!({}), "availabilityZoneInfo").0.len(), 3);
    let (tables, _) = all(&mut world, "DescribeRouteTables", filter("association.subnet-id", GPU_C), "routeTableSet");
    assert!(tables[0]["routeSet"].as_array().unwrap().iter().any(|r| r["natGatewayId"].is_string()));
    assert!(all(&mut world, "DescribeVpcEndpoints", json!({}), "vpcEndpointSet").0.is_empty());
    assert!(
        all(&mut world, "DescribeCapacityReservations", filter("state", "active"), "capacityReservationSet")
            .0
            .is_empty()
    );
    let asked = json!({"SubnetId": GPU_C});
    assert!(all(&mut world, "GetSubnetCidrReservations", asked, "subnetIpv4CidrReservationSet").0.is_empty());
    let (nodes, _) =
        all(&mut world, "DescribeInstances", filter("tag:eks:nodegroup-name", "eks-utils"), "reservationSet");
    assert_eq!(nodes.len(), 3);
}

fn order(data: Value, instance_type: &str, subnet: &str) -> LaunchOrder {
    let groups = vec![CLUSTER_GROUP.to_owned()];
    LaunchOrder { data, instance_type: instance_type.to_owned(), subnet: subnet.to_owned(), groups, tags: Tags::new() }
}

fn efa_cards(cards: u32, kind: &str) -> Value {
    let rest =
        (1..cards).map(|card| json!({"networkCardIndex": card.to_string(), "deviceIndex": "1", "interfaceType": kind}));
    let first = json!({"networkCardIndex": "0", "deviceIndex": "0", "interfaceType": "efa"});
    json!({"networkInterfaceSet": std::iter::once(first).chain(rest).collect::<Vec<_>>()})
}

#[test]
fn a_launch_takes_an_address_for_each_interface_that_can_hold_one() {
    let mut world = world();
    let before = free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]);
    let id = launch(&mut world, &order(efa_cards(16, "efa-only"), "p5en.48xlarge", GPU_C)).unwrap();
    let instance = world.ec2.instances[&id].clone();
    assert_eq!((instance.gpus, instance.efa_interfaces, instance.interfaces.len()), (8, 16, 16));
    assert_eq!(free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]), before - 1);
    assign_pod_addresses(&mut world, &id, 1);
    assert_eq!(free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]), before - 100);
    launch(&mut world, &order(efa_cards(16, "efa"), "p5en.48xlarge", GPU_C)).unwrap();
    assert_eq!(free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]), before - 116);
    terminate(&mut world, &id);
    assert_eq!(instance_state(&mut world, &id), "shutting-down");
    let later = world.now + std::time::Duration::from_secs(40);
    world.advance_to(later);
    assert_eq!(instance_state(&mut world, &id), "terminated");
    assert_eq!(free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]), before - 16);
}

fn instance_state(world: &mut World, id: &str) -> String {
    let found = call(world, "DescribeInstances", json!({"InstanceId": [id]})).unwrap();
    found["reservationSet"][0]["instancesSet"][0]["instanceState"]["name"].as_str().unwrap().to_owned()
}

#[test]
fn a_launch_fails_for_the_reasons_ec2_has() {
    let mut world = world();
    let mut why = |data: Value, kind: &str, subnet: &str| launch(&mut world, &order(data, kind, subnet)).unwrap_err();
    let offered = why(json!({}), "p5en.48xlarge", "subnet-0d63a9f24e0816b71");
    assert!(offered.message.contains("not supported in your requested Availability Zone (us-east-2b)"));
    let device = json!({"networkInterfaceSet": [{"deviceIndex": "0"}, {"networkCardIndex": "1", "deviceIndex": "4"}]});
    assert_eq!(why(device, "p5en.48xlarge", GPU_C).issue, "Ec2LaunchTemplateInvalidConfiguration");
    let primary = json!({"networkInterfaceSet": [{"deviceIndex": "0", "interfaceType": "efa-only"}]});
    assert_eq!(why(primary, "p5en.48xlarge", GPU_C).issue, "Ec2LaunchTemplateInvalidConfiguration");
    let group = json!({"networkInterfaceSet": [{"deviceIndex": "0", "groupSet": ["sg-1"]}]});
    assert_eq!(why(group, "p5en.48xlarge", GPU_C).issue, "Ec2SecurityGroupNotFound");
    let placement = json!({"placement": {"groupName": "nowhere"}});
    assert!(why(placement, "p5en.48xlarge", GPU_C).message.contains("'nowhere' is unknown"));
}

#[test]
fn the_quota_counts_what_runs() {
    let mut world = world();
    for _ in 0..4 {
        launch(&mut world, &order(json!({}), "p5en.48xlarge", GPU_C)).unwrap();
    }
    let fifth = launch(&mut world, &order(json!({}), "p5en.48xlarge", GPU_C)).unwrap_err();
    assert_eq!(fifth.issue, "InstanceLimitExceeded");
    assert!(fifth.message.contains("vCPU limit of 768") && fifth.message.contains("VcpuLimitExceeded"));
}

#[test]
fn a_console_shows_after_boot_whether_the_node_joined() {
    let mut world = world();
    let id = launch(&mut world, &order(json!({}), "g5.xlarge", GPU_C)).unwrap();
    assert_eq!(call(&mut world, "GetConsoleOutput", json!({"InstanceId": id})).unwrap()["output"], Value::Null);
    assert!(console(&world, &world.ec2.instances[&id]).contains("Unable to register node"));
    let node = world.eks.clusters["orbit-train"].nodegroups["eks-utils"].nodes.keys().next().unwrap().clone();
    assert!(console(&world, &world.ec2.instances[&node]).contains("Successfully registered node"));
    assert!(call(&mut world, "GetConsoleOutput", json!({"InstanceId": node})).unwrap()["output"].is_string());
}
