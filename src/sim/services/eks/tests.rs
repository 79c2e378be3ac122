use serde_json::{Value, json};

use super::*;
use crate::sim::apiserver::Gvr;
use crate::sim::call::{Params, Refusal};
use crate::sim::scenario;
use crate::sim::services::{ec2, iam};
use std::time::Duration;

mod addons;
mod nodegroups;
mod wire;

const CLUSTER: &str = "orbit-train";
const GPU_B: &str = "subnet-0b52c8e13df73f842";
const GPU_C: &str = "subnet-0c7d41e80f6b29a53";
const CLUSTER_GROUP: &str = "sg-0c1d7e94a3f58b260";

fn world_of(name: &str) -> World {
    let scenario = scenario::load(name).unwrap();
    let mut world = World::empty(scenario.origin);
    scenario::seed(&mut world, &scenario);
    world
}

fn world() -> World {
    world_of("default")
}

fn call_as(world: &mut World, service: &str, operation: &str, params: Value) -> Answer {
    let members = params.as_object().cloned().unwrap_or_default();
    let mut call = Call { service: service.to_owned(), operation: operation.to_owned(), params: Params::new(members) };
    let answer = crate::sim::services::handle(world, &mut call);
    if answer.is_ok() {
        assert_eq!(call.params.untaken(), Vec::<String>::new(), "{operation}");
    }
    world.settle();
    answer
}

fn call(world: &mut World, operation: &str, mut params: Value) -> Answer {
    if !matches!(operation, "ListClusters" | "DescribeAddonVersions") && params["clusterName"].is_null() {
        params["clusterName"] = json!(CLUSTER);
    }
    call_as(world, "eks", operation, params)
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

fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance_to(to);
}

/// A role that `service` may assume, with AWS managed policies, known to every service.
fn role(world: &mut World, name: &str, service: &str, policies: &[&str]) -> String {
    let actions =
        if service.starts_with("pods") { json!(["sts:AssumeRole", "sts:TagSession"]) } else { json!("sts:AssumeRole") };
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions}]});
    let serial = world.next_serial();
    let mut role =
        iam::Role::new(&world.account, name, &trust.to_string(), serial, world.now - Duration::from_secs(60));
    role.attached = policies.iter().map(|policy| format!("arn:aws:iam::aws:policy/{policy}")).collect();
    let arn = role.arn.clone();
    world.iam.roles.insert(name.to_owned(), role);
    arn
}

fn with(mut params: Value, name: &str, value: &str) -> Value {
    params[name] = json!(value);
    params
}

fn young(world: &mut World, name: &str) {
    let now = world.now;
    world.iam.roles.get_mut(name).unwrap().created_at = now;
}

#[test]
fn clusters_page_and_describe() {
    let mut world = world();
    let first = call(&mut world, "ListClusters", json!({})).unwrap();
    assert_eq!(first["clusters"], json!(["orbit-auto", "orbit-dev"]));
    let next = call(&mut world, "ListClusters", json!({"nextToken": first["nextToken"]})).unwrap();
    assert_eq!(next, json!({"clusters": ["orbit-train"]}));
    let found = call(&mut world, "DescribeCluster", json!({})).unwrap()["cluster"].clone();
    assert_eq!((&found["version"], &found["status"]), (&json!("1.35"), &json!("ACTIVE")));
    assert_eq!(found["resourcesVpcConfig"]["clusterSecurityGroupId"], CLUSTER_GROUP);
    let auto = call_as(&mut world, "eks", "DescribeCluster", json!({"name": "orbit-auto"})).unwrap();
    assert_eq!(auto["cluster"]["computeConfig"]["enabled"], true);
    let missing = refusal(call(&mut world, "DescribeCluster", json!({"clusterName": "nope"})));
    assert_eq!((missing.status, missing.code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(call(&mut world, "DeleteCluster", json!({})), Err(Fault::gap("eks:DeleteCluster")));
}

#[test]
fn associations_are_made_once_and_only_for_roles_that_trust_pods() {
    let mut world = world();
    let good = role(&mut world, "lbc", "pods.eks.amazonaws.com", &[]);
    let wrong = role(&mut world, "wrong", "ec2.amazonaws.com", &[]);
    let ask = |role: &str, token: &str| {
        let of = json!({"namespace": "kube-system", "serviceAccount": "lbc", "roleArn": role});
        with(of, "clientRequestToken", token)
    };
    let refused = refusal(call(&mut world, "CreatePodIdentityAssociation", ask(&wrong, "a")));
    assert!(refused.code == "InvalidParameterException" && refused.message.contains("Trust policy"));
    young(&mut world, "lbc");
    let refused = refusal(call(&mut world, "CreatePodIdentityAssociation", ask(&good, "a")));
    assert!(refused.code == "InvalidParameterException" && refused.message.contains("does not exist"));
    pass(&mut world, 11);
    let made = call(&mut world, "CreatePodIdentityAssociation", ask(&good, "a")).unwrap()["association"].clone();
    let same = call(&mut world, "CreatePodIdentityAssociation", ask(&good, "a")).unwrap()["association"].clone();
    assert_eq!(made, same);
    assert_eq!(code(call(&mut world, "CreatePodIdentityAssociation", ask(&good, "b"))), "ResourceInUseException");
    let listed = call(&mut world, "ListPodIdentityAssociations", json!({"namespace": "kube-system"})).unwrap();
    assert_eq!(listed["associations"][0].get("roleArn"), None, "a summary has no role");
    let id = json!({"associationId": made["associationId"]});
    assert_eq!(
        call(&mut world, "DescribePodIdentityAssociation", id.clone()).unwrap()["association"]["roleArn"],
        json!(good)
    );
    call(&mut world, "DeletePodIdentityAssociation", id.clone()).unwrap();
    assert_eq!(code(call(&mut world, "DescribePodIdentityAssociation", id)), "ResourceNotFoundException");
}

#[test]
fn access_entries() {
    let mut world = world();
    let arn = role(&mut world, "nodes", "ec2.amazonaws.com", &[]);
    let ask = json!({"principalArn": arn, "type": "EC2_LINUX"});
    let made = call(&mut world, "CreateAccessEntry", ask.clone()).unwrap()["accessEntry"].clone();
    assert_eq!(made["kubernetesGroups"], json!(["system:nodes"]));
    assert_eq!(code(call(&mut world, "CreateAccessEntry", ask)), "ResourceInUseException");
    assert!(call(&mut world, "DescribeAccessEntry", json!({"principalArn": arn})).is_ok());
    assert_eq!(
        code(call(&mut world, "DescribeAccessEntry", json!({"principalArn": "arn:x"}))),
        "ResourceNotFoundException"
    );
    let first = call(&mut world, "ListAccessEntries", json!({})).unwrap();
    assert_eq!(first["accessEntries"].as_array().unwrap().len(), 2);
    assert!(first["nextToken"].is_string());
}

#[test]
fn the_same_calls_make_the_same_world() {
    let run = || {
        let mut world = world();
        let arn = role(&mut world, "lbc", "pods.eks.amazonaws.com", &[]);
        let ask = json!({"namespace": "a", "serviceAccount": "b", "roleArn": arn});
        let answer = call(&mut world, "CreatePodIdentityAssociation", ask).unwrap();
        pass(&mut world, 300);
        (answer, format!("{:?}{:?}{:?}", world.eks, world.ec2, world.autoscaling))
    };
    assert_eq!(run(), run());
}
