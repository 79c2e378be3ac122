use super::*;

const WORKER: [&str; 2] = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];

fn interfaces(device: &str) -> Value {
    let rest = (1..16).map(|card| {
        json!({"NetworkCardIndex": card.to_string(), "DeviceIndex": device,
        "InterfaceType": "efa-only", "SecurityGroupId": [CLUSTER_GROUP]})
    });
    let first = json!({"NetworkCardIndex": "0", "DeviceIndex": "0", "InterfaceType": "efa",
        "SecurityGroupId": [CLUSTER_GROUP]});
    json!(std::iter::once(first).chain(rest).collect::<Vec<_>>())
}

fn template(world: &mut World, name: &str, data: Value) -> String {
    let ask = json!({"LaunchTemplateName": name, "LaunchTemplateData": data});
    let made = call_as(world, "ec2", "CreateLaunchTemplate", ask).unwrap();
    made["launchTemplate"]["launchTemplateId"].as_str().unwrap().to_owned()
}

fn node_role(world: &mut World, cni: bool) -> String {
    let cni = cni.then_some("AmazonEKS_CNI_Policy");
    let policies: Vec<&str> = WORKER.into_iter().chain(cni).collect();
    role(world, "gpu-node-role", "ec2.amazonaws.com", &policies)
}

/// A request for two p5en nodes in gpu-c.
fn request(world: &mut World, cni: bool) -> Value {
    let role = node_role(world, cni);
    let template = template(world, "gpu", json!({"NetworkInterface": interfaces("1")}));
    json!({
        "nodegroupName": "gpu", "nodeRole": role, "subnets": [GPU_C], "instanceTypes": ["p5en.48xlarge"],
        "amiType": "AL2023_x86_64_NVIDIA", "scalingConfig": {"minSize": 0, "desiredSize": 2, "maxSize": 10},
        "labels": {"nvidia.com/gpu": "true"}, "launchTemplate": {"id": template, "version": "1"},
        "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
    })
}

fn group(world: &mut World) -> Value {
    call(world, "DescribeNodegroup", json!({"nodegroupName": "gpu"})).unwrap()["nodegroup"].clone()
}

fn activities(world: &World) -> Vec<(String, String)> {
    let asg = world.eks.clusters[CLUSTER].nodegroups["gpu"].asg.clone().unwrap();
    let own = world.autoscaling.activities.iter().filter(|a| a.group == asg);
    own.map(|a| (a.status.clone(), format!("{} {}", a.description, a.message))).collect()
}

fn nodes(world: &World) -> Vec<Value> {
    let gvr = Gvr { group: String::new(), version: "v1".to_owned(), plural: "nodes".to_owned() };
    let all = world.clusters[CLUSTER].list(&gvr).into_iter().cloned();
    all.filter(|node| node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] == "gpu").collect()
}

fn ready(node: &Value) -> bool {
    let conditions = node["status"]["conditions"].as_array().unwrap();
    conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

#[test]
fn a_node_group_comes_up_step_by_step() {
    let mut world = world();
    let ask = request(&mut world, true);
    let before = ec2::free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]);
    call(&mut world, "CreateNodegroup", ask).unwrap();
    assert_eq!(group(&mut world)["status"], "CREATING");
    assert_eq!(group(&mut world)["resources"]["autoScalingGroups"], json!([]));
    pass(&mut world, 21);
    let started = activities(&world);
    assert_eq!(started.len(), 2);
    assert!(
        started
            .iter()
            .all(|(status, text)| status == "PreInService" && text.contains("Launching a new EC2 instance: i-"))
    );
    assert_eq!(
        access_entry(&world, CLUSTER, "arn:aws:iam::111122223333:role/gpu-node-role").unwrap().kind,
        "EC2_LINUX"
    );
    pass(&mut world, 20);
    assert!(activities(&world).iter().all(|(status, _)| status == "Successful"));
    assert!(nodes(&world).is_empty());
    pass(&mut world, 75);
    assert_eq!(nodes(&world).iter().map(ready).collect::<Vec<_>>(), [false, false]);
    pass(&mut world, 40);
    assert_eq!(nodes(&world).iter().map(ready).collect::<Vec<_>>(), [true, true]);
    assert_eq!(group(&mut world)["status"], "ACTIVE");
    assert_eq!(ec2::free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]), before - 200);
    let node = &nodes(&world)[0];
    let id = node["spec"]["providerID"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let instance = &world.ec2.instances[&id];
    assert_eq!((instance.gpus, instance.efa_interfaces), (8, 16));
    assert_eq!(node["metadata"]["labels"]["nvidia.com/gpu.present"], "true", "nodeadm labels from 1.35 on");
    assert_eq!(node["spec"]["taints"][0]["effect"], "NoSchedule");
    assert_eq!(node["status"]["allocatable"]["pods"], "198");
    assert_eq!(node["status"]["allocatable"].get("nvidia.com/gpu"), None, "only a device plugin brings GPUs");
}

#[test]
fn without_a_cni_policy_nodes_never_turn_ready_and_the_group_fails() {
    let mut world = world();
    let ask = request(&mut world, false);
    call(&mut world, "CreateNodegroup", ask).unwrap();
    pass(&mut world, 600);
    assert_eq!(group(&mut world)["status"], "CREATING");
    assert_eq!(nodes(&world).iter().map(ready).collect::<Vec<_>>(), [false, false]);
    pass(&mut world, 400);
    let failed = group(&mut world);
    assert_eq!(
        (&failed["status"], &failed["health"]["issues"][0]["code"]),
        (&json!("CREATE_FAILED"), &json!("NodeCreationFailure"))
    );
}

#[test]
fn an_association_of_aws_node_stands_in_for_the_policy_of_the_node_role() {
    let mut world = world();
    let cni = role(&mut world, "cni", "pods.eks.amazonaws.com", &["AmazonEKS_CNI_Policy"]);
    call(
        &mut world,
        "CreatePodIdentityAssociation",
        json!({"namespace": "kube-system", "serviceAccount": "aws-node", "roleArn": cni}),
    )
    .unwrap();
    let ask = request(&mut world, false);
    call(&mut world, "CreateNodegroup", ask).unwrap();
    pass(&mut world, 240);
    assert_eq!(group(&mut world)["status"], "ACTIVE");
}

#[test]
fn a_reserved_label_fails_after_the_request_was_taken() {
    let mut world = world();
    let mut ask = request(&mut world, true);
    ask["labels"] = json!({"node.kubernetes.io/instance-type": "p5en.48xlarge"});
    call(&mut world, "CreateNodegroup", ask).unwrap();
    pass(&mut world, 30);
    let failed = group(&mut world);
    assert_eq!(
        (&failed["status"], &failed["health"]["issues"][0]["code"]),
        (&json!("CREATE_FAILED"), &json!("KubernetesLabelInvalid"))
    );
}

#[test]
fn a_launch_that_ec2_refuses_shows_in_activities_and_health() {
    let cases = [
        ("ip-exhausted", GPU_C, "InsufficientFreeAddresses", "There are not enough free addresses in subnet"),
        ("three-azs", GPU_B, "AsgInstanceLaunchFailures", "is not supported in your requested Availability Zone"),
    ];
    for (scenario, subnet, issue, words) in cases {
        let mut world = world_of(scenario);
        let mut ask = request(&mut world, true);
        ask["subnets"] = json!([subnet]);
        call(&mut world, "CreateNodegroup", ask).unwrap();
        pass(&mut world, 200);
        let failed: Vec<_> = activities(&world).into_iter().filter(|(status, _)| status == "Failed").collect();
        assert!(failed.len() > 1, "{scenario}: the group tries again");
        assert!(failed[0].1.contains(words), "{scenario}: {failed:?}");
        assert_eq!(group(&mut world)["health"]["issues"][0]["code"], issue, "{scenario}");
        pass(&mut world, 900);
        assert_eq!(group(&mut world)["status"], "CREATE_FAILED", "{scenario}");
        assert_eq!(group(&mut world)["health"]["issues"][0]["code"], issue, "{scenario}: the cause stays");
    }
}

#[test]
fn the_vcpu_quota_stops_the_fifth_node() {
    let mut world = world();
    let mut ask = request(&mut world, true);
    ask["scalingConfig"]["desiredSize"] = json!(5);
    call(&mut world, "CreateNodegroup", ask).unwrap();
    pass(&mut world, 30);
    let failed = activities(&world).into_iter().find(|(status, _)| status == "Failed").unwrap();
    assert!(failed.1.contains("VcpuLimitExceeded"), "{failed:?}");
    assert_eq!(group(&mut world)["health"]["issues"][0]["code"], "InstanceLimitExceeded");
}

/// The refusal of the standing request after one change.
fn refused(change: impl Fn(&mut World, &mut Value)) -> Refusal {
    let mut world = world();
    let mut ask = request(&mut world, true);
    change(&mut world, &mut ask);
    refusal(call(&mut world, "CreateNodegroup", ask))
}

#[test]
fn templates_are_refused_for_what_eks_forbids() {
    let data = |data: Value| {
        move |world: &mut World, ask: &mut Value| {
            ask["launchTemplate"] = json!({"id": template(world, "other", data.clone())});
        }
    };
    let subnet = refused(data(json!({"NetworkInterface": [{"DeviceIndex": "0", "SubnetId": GPU_C}]})));
    assert!(subnet.code == "InvalidParameterException" && subnet.status == 400 && subnet.message.contains("subnet"));
    let device = refused(data(json!({"NetworkInterface": interfaces("4")})));
    assert!(device.message.contains("maximum devices for this network card is 4"), "{}", device.message);
    assert!(refused(data(json!({"IamInstanceProfile": {"Name": "x"}}))).message.contains("instance profile"));
    assert!(refused(data(json!({"InstanceMarketOptions": {"MarketType": "spot"}}))).message.contains("spot"));
    assert_eq!(refused(data(json!({"InstanceType": "p5en.48xlarge"}))).code, "InvalidRequestException");
    assert!(refused(data(json!({"SecurityGroupId": ["sg-1"]}))).message.contains("sg-1"));
    assert!(
        refused(data(json!({"InstanceMarketOptions": {"MarketType": "capacity-block"}})))
            .message
            .contains("CAPACITY_BLOCK")
    );
}

#[test]
fn requests_are_refused_for_what_does_not_exist_or_does_not_fit() {
    assert!(refused(|_, ask| ask["subnets"] = json!(["subnet-1"])).message.contains("subnet-1"));
    assert_eq!(refused(|_, ask| ask["launchTemplate"] = json!({"id": "lt-1"})).code, "InvalidRequestException");
    assert!(
        refused(|_, ask| ask["nodeRole"] = json!("arn:aws:iam::111122223333:role/nobody"))
            .message
            .contains("does not exist")
    );
    assert!(refused(|world, _| young(world, "gpu-node-role")).message.contains("does not exist"));
    let pods = |world: &mut World, ask: &mut Value| {
        ask["nodeRole"] = json!(role(world, "pods", "pods.eks.amazonaws.com", &[]));
    };
    assert!(refused(pods).message.contains("ec2.amazonaws.com"));
    assert!(refused(|_, ask| ask["instanceTypes"] = json!(["p9.metal"])).message.contains("p9.metal"));
    assert!(refused(|_, ask| ask["diskSize"] = json!(100)).message.contains("Disk size"));
    assert!(refused(|_, ask| ask["scalingConfig"]["maxSize"] = json!(1)).message.contains("max size"));
    assert!(refused(|_, ask| ask["releaseVersion"] = json!("1.33.1-20260714")).message.contains("1.33.1-20260714"));
    assert_eq!(refused(|_, ask| ask["clusterName"] = json!("nope")).code, "ResourceNotFoundException");
}

#[test]
fn a_token_repeats_and_a_name_does_not() {
    let mut world = world();
    let mut ask = request(&mut world, true);
    ask["clientRequestToken"] = json!("once");
    call(&mut world, "CreateNodegroup", ask.clone()).unwrap();
    assert!(call(&mut world, "CreateNodegroup", ask.clone()).is_ok());
    ask["clientRequestToken"] = json!("twice");
    let clash = refusal(call(&mut world, "CreateNodegroup", ask));
    assert_eq!((clash.status, clash.code.as_str()), (409, "ResourceInUseException"));
}

#[test]
fn a_group_scales_and_goes() {
    let mut world = world();
    let ask = request(&mut world, true);
    let before = ec2::free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]);
    call(&mut world, "CreateNodegroup", ask).unwrap();
    let early = json!({"nodegroupName": "gpu", "scalingConfig": {"desiredSize": 1}});
    assert_eq!(code(call(&mut world, "UpdateNodegroupConfig", early.clone())), "InvalidRequestException");
    pass(&mut world, 240);
    let id = call(&mut world, "UpdateNodegroupConfig", early).unwrap()["update"]["id"].clone();
    pass(&mut world, 30);
    assert_eq!(nodes(&world).len(), 1);
    let record = json!({"nodegroupName": "gpu", "updateId": id});
    assert_eq!(call(&mut world, "DescribeUpdate", record).unwrap()["update"]["status"], "Successful");
    call(&mut world, "DeleteNodegroup", json!({"nodegroupName": "gpu"})).unwrap();
    assert_eq!(group(&mut world)["status"], "DELETING");
    pass(&mut world, 100);
    assert_eq!(
        code(call(&mut world, "DescribeNodegroup", json!({"nodegroupName": "gpu"}))),
        "ResourceNotFoundException"
    );
    assert!(nodes(&world).is_empty());
    assert_eq!(ec2::free_addresses(&world.ec2, &world.ec2.subnets[GPU_C]), before);
}

#[test]
fn a_version_update_replaces_every_node() {
    let mut world = world();
    let mut ask = request(&mut world, true);
    ask["releaseVersion"] = json!("1.35.2-20260610");
    call(&mut world, "CreateNodegroup", ask).unwrap();
    pass(&mut world, 240);
    let old: Vec<String> = world.eks.clusters[CLUSTER].nodegroups["gpu"].nodes.keys().cloned().collect();
    let asked = call(&mut world, "UpdateNodegroupVersion", json!({"nodegroupName": "gpu"})).unwrap();
    assert_eq!(asked["update"]["params"][0]["value"], json!(latest_release("1.35")));
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["status"], "UPDATING");
    pass(&mut world, 600);
    assert_eq!(group(&mut world)["status"], "ACTIVE");
    let new = &world.eks.clusters[CLUSTER].nodegroups["gpu"].nodes;
    assert!(new.len() == 2 && old.iter().all(|id| !new.contains_key(id)));
}

#[test]
fn groups_are_listed() {
    let mut world = world();
    assert_eq!(call(&mut world, "ListNodegroups", json!({})).unwrap(), json!({"nodegroups": ["eks-utils"]}));
}
