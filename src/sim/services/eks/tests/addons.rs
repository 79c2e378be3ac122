use super::*;

fn status(world: &mut World, addon: &str) -> Value {
    call(world, "DescribeAddon", json!({"addonName": addon})).unwrap()["addon"].clone()
}

fn daemons() -> Gvr {
    Gvr { group: "apps".to_owned(), version: "v1".to_owned(), plural: "daemonsets".to_owned() }
}

/// Writes what the controllers of a cluster would write once every pod of the workload is Ready.
fn all_ready(world: &mut World, addon: &str) {
    let version = world.eks.clusters[CLUSTER].addons[addon].version.clone();
    let now = world.now;
    for object in workloads::objects("us-east-2", addon, &version) {
        let Some((gvr, namespace, name)) = locate(&object) else { continue };
        let generation = {
            let Some(live) = world.clusters[CLUSTER].get(&gvr, namespace.as_deref(), &name) else { continue };
            live.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(1)
        };
        let status = match object["kind"].as_str() {
            Some("DaemonSet") => {
                json!({"observedGeneration": generation, "desiredNumberScheduled": 3, "numberReady": 3,
                "updatedNumberScheduled": 3, "currentNumberScheduled": 3, "numberMisscheduled": 0})
            }
            Some("Deployment") => {
                json!({"observedGeneration": generation, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2})
            }
            _ => continue,
        };
        let patch = json!({"apiVersion": "apps/v1", "kind": object["kind"],
            "metadata": {"name": name, "namespace": namespace}, "status": status});
        world.clusters.get_mut(CLUSTER).unwrap().put_as(now, "kube-controller-manager", patch);
    }
}

#[test]
fn versions_name_one_default_a_minor() {
    let mut world = world();
    let mut token = Value::Null;
    let mut seen = Vec::new();
    loop {
        let mut ask = json!({"kubernetesVersion": "1.35"});
        if !token.is_null() {
            ask["nextToken"] = token;
        }
        let page = call(&mut world, "DescribeAddonVersions", ask).unwrap();
        for addon in page["addons"].as_array().unwrap() {
            let rows = addon["addonVersions"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|v| v["compatibilities"].as_array().unwrap());
            assert_eq!(rows.filter(|row| row["defaultVersion"] == true).count(), 1, "{addon}");
            seen.push(addon["addonName"].as_str().unwrap().to_owned());
        }
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    for name in ["eks-pod-identity-agent", "aws-ebs-csi-driver", "metrics-server", "vpc-cni", "coredns", "kube-proxy"] {
        assert!(seen.iter().any(|have| have == name), "{name}");
    }
    let unknown = call(&mut world, "DescribeAddonVersions", json!({"addonName": "adot-9"}));
    assert_eq!(code(unknown), "InvalidParameterException");
}

#[test]
fn every_add_on_on_offer_has_a_workload() {
    for addon in [
        "eks-pod-identity-agent",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
        "aws-fsx-csi-driver",
        "aws-mountpoint-s3-csi-driver",
        "metrics-server",
        "snapshot-controller",
        "eks-node-monitoring-agent",
        "vpc-cni",
        "coredns",
        "kube-proxy",
    ] {
        let version = default_version(addon, "1.35").unwrap();
        let objects = workloads::objects("us-east-2", addon, &version);
        assert!(objects.iter().any(|o| o["kind"] == "DaemonSet" || o["kind"] == "Deployment"), "{addon}");
        assert!(objects.iter().all(|o| locate(o).is_some()), "{addon}");
    }
}

#[test]
fn an_add_on_is_active_when_its_pods_are() {
    let mut world = world();
    let made = call(&mut world, "CreateAddon", json!({"addonName": "eks-pod-identity-agent"})).unwrap();
    assert_eq!(made["addon"]["status"], "CREATING");
    assert!(world.clusters[CLUSTER].get(&daemons(), Some("kube-system"), "eks-pod-identity-agent").is_none());
    pass(&mut world, 4);
    assert!(world.clusters[CLUSTER].get(&daemons(), Some("kube-system"), "eks-pod-identity-agent").is_some());
    assert_eq!(status(&mut world, "eks-pod-identity-agent")["status"], "CREATING");
    all_ready(&mut world, "eks-pod-identity-agent");
    pass(&mut world, 120);
    assert_eq!(status(&mut world, "eks-pod-identity-agent")["status"], "ACTIVE");
    assert_eq!(
        code(call(&mut world, "CreateAddon", json!({"addonName": "eks-pod-identity-agent"}))),
        "ResourceInUseException"
    );
}

#[test]
fn an_add_on_without_nodes_degrades_and_says_why() {
    let mut world = world();
    let ask = json!({"clusterName": "orbit-dev", "addonName": "metrics-server"});
    call(&mut world, "CreateAddon", ask.clone()).unwrap();
    pass(&mut world, 800);
    assert_eq!(call(&mut world, "DescribeAddon", ask.clone()).unwrap()["addon"]["status"], "CREATING");
    pass(&mut world, 200);
    let found = call(&mut world, "DescribeAddon", ask).unwrap()["addon"].clone();
    assert_eq!(found["status"], "DEGRADED");
    assert_eq!(found["health"]["issues"][0]["code"], "InsufficientNumberOfReplicas");
}

#[test]
fn associations_of_an_add_on_come_and_go_with_it() {
    let mut world = world();
    let arn = role(&mut world, "ebs", "pods.eks.amazonaws.com", &[]);
    let wrong = role(&mut world, "wrong", "ec2.amazonaws.com", &[]);
    let ask = |role: &str, account: &str| {
        let wanted = json!([{"serviceAccount": account, "roleArn": role}]);
        json!({"addonName": "aws-ebs-csi-driver", "podIdentityAssociations": wanted})
    };
    assert!(
        refusal(call(&mut world, "CreateAddon", ask(&wrong, "ebs-csi-controller-sa"))).message.contains("Trust policy")
    );
    assert!(refusal(call(&mut world, "CreateAddon", ask(&arn, "nobody"))).message.contains("nobody"));
    young(&mut world, "ebs");
    let early = refusal(call(&mut world, "CreateAddon", ask(&arn, "ebs-csi-controller-sa")));
    assert!(early.code == "InvalidParameterException" && early.message.contains("does not exist"));
    pass(&mut world, 10);
    call(&mut world, "CreateAddon", ask(&arn, "ebs-csi-controller-sa")).unwrap();
    let found = association_for(&world, CLUSTER, "kube-system", "ebs-csi-controller-sa").unwrap().clone();
    assert!(found.owner.as_ref().unwrap().contains("aws-ebs-csi-driver"));
    let by_hand = call(&mut world, "DeletePodIdentityAssociation", json!({"associationId": found.id}));
    assert_eq!(code(by_hand), "InvalidRequestException");
    pass(&mut world, 5);
    call(&mut world, "DeleteAddon", json!({"addonName": "aws-ebs-csi-driver"})).unwrap();
    pass(&mut world, 15);
    assert!(association_for(&world, CLUSTER, "kube-system", "ebs-csi-controller-sa").is_none());
    assert!(world.clusters[CLUSTER].get(&daemons(), Some("kube-system"), "ebs-csi-node").is_none());
    let gone = call(&mut world, "DescribeAddon", json!({"addonName": "aws-ebs-csi-driver"}));
    assert_eq!(code(gone), "ResourceNotFoundException");
}

#[test]
fn a_self_managed_copy_stops_an_add_on_that_may_not_overwrite() {
    let mut world = world();
    let now = world.now;
    let version = default_version("metrics-server", "1.35").unwrap();
    let mine = workloads::objects("us-east-2", "metrics-server", &version).pop().unwrap();
    world.clusters.get_mut(CLUSTER).unwrap().put_as(now, "helm", mine);
    call(&mut world, "CreateAddon", json!({"addonName": "metrics-server", "resolveConflicts": "NONE"})).unwrap();
    pass(&mut world, 10);
    let found = status(&mut world, "metrics-server");
    assert_eq!(
        (&found["status"], &found["health"]["issues"][0]["code"]),
        (&json!("CREATE_FAILED"), &json!("ConfigurationConflict"))
    );
}

#[test]
fn bad_add_on_requests_are_refused() {
    let mut world = world();
    let mut ask = |params: Value| refusal(call(&mut world, "CreateAddon", params));
    assert_eq!(ask(json!({"addonName": "karpenter"})).code, "InvalidParameterException");
    assert!(ask(json!({"addonName": "coredns", "addonVersion": "v0.0.1-eksbuild.1"})).message.contains("version"));
    assert!(
        ask(json!({"addonName": "metrics-server", "configurationValues": "[1]"}))
            .message
            .contains("ConfigurationValue")
    );
    let busy = ask(json!({"clusterName": "orbit-auto", "addonName": "metrics-server"}));
    assert_eq!(busy.code, "InvalidRequestException");
}

#[test]
fn an_update_of_an_add_on_is_recorded_and_ends() {
    let mut world = world();
    let asked =
        call(&mut world, "UpdateAddon", json!({"addonName": "vpc-cni", "addonVersion": "v1.22.3-eksbuild.1"})).unwrap();
    let id = asked["update"]["id"].clone();
    let record = json!({"addonName": "vpc-cni", "updateId": id});
    assert_eq!(call(&mut world, "DescribeUpdate", record.clone()).unwrap()["update"]["status"], "InProgress");
    pass(&mut world, 4);
    all_ready(&mut world, "vpc-cni");
    pass(&mut world, 300);
    assert_eq!(call(&mut world, "DescribeUpdate", record).unwrap()["update"]["status"], "Successful");
    assert_eq!(status(&mut world, "vpc-cni")["addonVersion"], "v1.22.3-eksbuild.1");
    let listed = call(&mut world, "ListUpdates", json!({"addonName": "vpc-cni"})).unwrap();
    assert_eq!(listed["updateIds"], json!([id]));
}
