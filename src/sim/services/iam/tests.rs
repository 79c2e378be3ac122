use serde_json::json;

use super::*;
use crate::sim::call::Params;

const PODS: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},
"Action":["sts:AssumeRole","sts:TagSession"]}}"#;

fn world() -> World {
    World::empty(Stamp::EPOCH)
}

/// Calls an operation, demands that it takes every member, and gives its answer.
fn call(world: &mut World, operation: &str, members: Value) -> Answer {
    let Value::Object(members) = members else { panic!("members are an object") };
    let mut call = Call { service: "iam".to_owned(), operation: operation.to_owned(), params: Params::new(members) };
    let answer = handle(world, &mut call);
    assert!(answer.is_err() || call.params.untaken().is_empty(), "{operation} left {:?}", call.params.untaken());
    answer
}

fn code(answer: Answer) -> String {
    match answer {
        Err(Fault::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

fn with_role(name: &str) -> World {
    let mut world = world();
    call(&mut world, "CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": PODS})).unwrap();
    world
}

#[test]
fn a_role_lives_from_creation_to_deletion() {
    let mut world = with_role("r");
    let of = json!({"RoleName": "r"});
    assert_eq!(
        code(call(&mut world, "CreateRole", json!({"RoleName": "r", "AssumeRolePolicyDocument": PODS}))),
        "EntityAlreadyExists"
    );
    let arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy";
    call(&mut world, "AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": arn})).unwrap();
    assert_eq!(code(call(&mut world, "DeleteRole", of.clone())), "DeleteConflict");
    let listed = call(&mut world, "ListAttachedRolePolicies", of.clone()).unwrap();
    assert_eq!(listed["AttachedPolicies"], json!([{"PolicyName": "AmazonEKSWorkerNodePolicy", "PolicyArn": arn}]));
    call(&mut world, "DetachRolePolicy", json!({"RoleName": "r", "PolicyArn": arn})).unwrap();
    assert_eq!(code(call(&mut world, "DetachRolePolicy", json!({"RoleName": "r", "PolicyArn": arn}))), "NoSuchEntity");
    let inline = r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    call(&mut world, "PutRolePolicy", json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": inline})).unwrap();
    assert_eq!(code(call(&mut world, "DeleteRole", of.clone())), "DeleteConflict");
    let got = call(&mut world, "GetRolePolicy", json!({"RoleName": "r", "PolicyName": "p"})).unwrap();
    assert!(got["PolicyDocument"].as_str().unwrap().starts_with("%7B%22Statement%22"), "{got}");
    call(&mut world, "DeleteRolePolicy", json!({"RoleName": "r", "PolicyName": "p"})).unwrap();
    call(&mut world, "DeleteRole", of.clone()).unwrap();
    assert_eq!(code(call(&mut world, "GetRole", of)), "NoSuchEntity");
}

#[test]
fn a_new_role_is_unknown_to_services_for_ten_seconds() {
    let world = with_role("r");
    let role = role(&world, "arn:aws:iam::111122223333:role/r").unwrap();
    assert!(!known_to_services(role, Stamp::from_millis(9_999)));
    assert!(known_to_services(role, Stamp::from_millis(10_000)));
}

#[test]
fn only_both_actions_let_pods_in() {
    let mut world = with_role("r");
    let mut trusts = |document: Value| {
        let document = document.to_string();
        call(&mut world, "UpdateAssumeRolePolicy", json!({"RoleName": "r", "PolicyDocument": document})).unwrap();
        let role = &world.iam.roles["r"];
        (trusts_pods(role), trusts_ec2(role))
    };
    let allow = |service: &str, actions: Value| json!({"Effect": "Allow", "Principal": {"Service": [service]}, "Action": actions});
    let pods = "pods.eks.amazonaws.com";
    assert_eq!(trusts(json!({"Statement": [allow(pods, json!(["sts:AssumeRole", "sts:TagSession"]))]})), (true, false));
    assert_eq!(trusts(json!({"Statement": [allow(pods, json!("sts:AssumeRole"))]})), (false, false));
    assert_eq!(trusts(json!({"Statement": allow("ec2.amazonaws.com", json!("sts:AssumeRole"))})), (false, true));
    let split = json!([allow(pods, json!("sts:AssumeRole")), allow(pods, json!("sts:TagSession"))]);
    assert_eq!(trusts(json!({"Statement": split})), (true, false));
    let deny = json!({"Effect": "Deny", "Principal": {"Service": pods}, "Action": "sts:TagSession"});
    assert_eq!(
        trusts(json!({"Statement": [allow(pods, json!(["sts:AssumeRole", "sts:TagSession"])), deny]})),
        (false, false)
    );
}

#[test]
fn malformed_documents_are_refused() {
    let statement = |extra: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
        statement.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "Statement": [statement] }).to_string()
    };
    let documents = [
        "{".to_owned(),
        "{}".to_owned(),
        json!({"Statement": []}).to_string(),
        statement(json!({"Effect": "Permit"})),
        statement(json!({"Action": []})),
        statement(json!({"Action": "AssumeRole"})),
        statement(json!({"Principal": {"Service": "ec2.amazonws.com"}})),
        statement(json!({"Resource": "*"})),
    ];
    for document in documents {
        let members = json!({"RoleName": "r", "AssumeRolePolicyDocument": document});
        assert_eq!(code(call(&mut world(), "CreateRole", members)), "MalformedPolicyDocument", "{document}");
    }
    let fits = json!({"RoleName": "r", "AssumeRolePolicyDocument": statement(json!({}))});
    assert!(call(&mut world(), "CreateRole", fits).is_ok());
}

#[test]
fn pages_follow_their_markers() {
    let mut world = with_role("r");
    let tags: Vec<Value> = (0..5).map(|n| json!({"Key": format!("k{n}"), "Value": "v"})).collect();
    call(&mut world, "TagRole", json!({"RoleName": "r", "Tags": tags})).unwrap();
    let (mut marker, mut seen) = (Value::Null, Vec::new());
    loop {
        let page =
            call(&mut world, "ListRoleTags", json!({"RoleName": "r", "MaxItems": "2", "Marker": marker})).unwrap();
        seen.extend(page["Tags"].as_array().unwrap().iter().map(|tag| tag["Key"].as_str().unwrap().to_owned()));
        assert_eq!(page["IsTruncated"].as_bool().unwrap(), !page["Marker"].is_null());
        if page["Marker"].is_null() {
            break;
        }
        marker = page["Marker"].clone();
    }
    assert_eq!(seen, ["k0", "k1", "k2", "k3", "k4"]);
}

#[test]
fn managed_policies_are_known_by_their_full_arn() {
    let mut world = with_role("r");
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicyV2";
    let policy = call(&mut world, "GetPolicy", json!({"PolicyArn": arn})).unwrap();
    assert_eq!(policy["Policy"]["Path"], "/service-role/");
    assert_eq!(policy["Policy"]["PolicyName"], "AmazonEBSCSIDriverPolicyV2");
    let wrong = "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2";
    assert_eq!(code(call(&mut world, "GetPolicy", json!({"PolicyArn": wrong}))), "NoSuchEntity");
    assert_eq!(
        code(call(&mut world, "AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": wrong}))),
        "NoSuchEntity"
    );
}

#[test]
fn ids_do_not_repeat() {
    let ids: BTreeSet<String> = (0..10_000).map(|serial| unique_id("AROA", serial)).collect();
    assert_eq!(ids.len(), 10_000);
    assert!(ids.iter().all(|id| id.len() == 21));
}
