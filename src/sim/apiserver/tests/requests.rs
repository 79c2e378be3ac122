//! Single requests: login, lists, watches, validation, deletion.

use serde_json::{Value, json};

use super::*;
use crate::sim::apiserver::poll_watch;

fn map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "1"}})
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[test]
fn a_token_must_be_fresh_and_signed_for_the_cluster() {
    let mut world = world();
    let ask = |world: &mut World, token: Option<String>| {
        let mut request = request(world, "GET", "/version", "application/json", &Value::Null);
        request.headers_mut().remove("authorization");
        if let Some(token) = token {
            request.headers_mut().insert("authorization", token.parse().unwrap());
        }
        full(serve(world, "c", &request)).0
    };
    let now = world.now;
    assert_eq!(ask(&mut world, None), 401);
    assert_eq!(ask(&mut world, Some("Bearer nonsense".into())), 401);
    assert_eq!(ask(&mut world, Some(token(now, "host"))), 401);
    assert_eq!(ask(&mut world, Some(token(now, "host;x-k8s-aws-id"))), 200);
    assert_eq!(ask(&mut world, Some(token(now - Duration::from_secs(901), "host;x-k8s-aws-id"))), 401);
}

#[test]
fn lists_come_in_pages() {
    let mut world = world();
    for number in 0..5 {
        assert_eq!(call(&mut world, "POST", MAPS, map(&format!("m{number}"))).0, 201);
    }
    let (_, first) = call(&mut world, "GET", &format!("{MAPS}?limit=2"), Value::Null);
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    let token = first["metadata"]["continue"].as_str().unwrap();
    let (_, second) = call(&mut world, "GET", &format!("{MAPS}?limit=5&continue={token}"), Value::Null);
    let names: Vec<&str> =
        second["items"].as_array().unwrap().iter().map(|m| m["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["m2", "m3", "m4"]);
    assert!(second["metadata"].get("continue").is_none());
    let (code, status) = call(&mut world, "GET", &format!("{MAPS}?fieldSelector=data.a%3D1"), Value::Null);
    assert_eq!(code, 400, "{status}");
}

#[test]
fn a_watch_sees_every_change_once() {
    let mut world = world();
    let (_, list) = call(&mut world, "GET", MAPS, Value::Null);
    let from = list["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let mut watch =
        open_watch(&mut world, &format!("{MAPS}?watch=true&resourceVersion={from}&allowWatchBookmarks=true"));
    assert!(poll_watch(&mut world, &mut watch).is_empty());
    call(&mut world, "POST", MAPS, map("m"));
    let mut changed = map("m");
    changed["data"]["a"] = "2".into();
    call(&mut world, "PUT", &format!("{MAPS}/m"), changed);
    call(&mut world, "DELETE", &format!("{MAPS}/m"), Value::Null);
    let events: Vec<Value> =
        poll_watch(&mut world, &mut watch).iter().map(|line| serde_json::from_slice(line).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ADDED", "MODIFIED", "DELETED"]);
    assert!(poll_watch(&mut world, &mut watch).is_empty());
    world.now = world.now + Duration::from_secs(61);
    let lines = poll_watch(&mut world, &mut watch);
    assert_eq!(serde_json::from_slice::<Value>(&lines[0]).unwrap()["type"], "BOOKMARK");
}

#[test]
fn a_cursor_that_is_too_old_is_gone() {
    let mut world = world();
    let mut watch = open_watch(&mut world, &format!("{MAPS}?watch=1&resourceVersion=1"));
    let now = world.now;
    for number in 0..4200 {
        let mut object = map("m");
        object["metadata"]["namespace"] = "default".into();
        object["data"]["a"] = number.to_string().into();
        world.clusters.get_mut("c").unwrap().put_as(now, "x", object);
    }
    let lines = poll_watch(&mut world, &mut watch);
    let event: Value = serde_json::from_slice(&lines[0]).unwrap();
    assert_eq!((&event["type"], &event["object"]["code"]), (&json!("ERROR"), &json!(410)));
}

#[test]
fn immutable_fields_stay() {
    let mut world = world();
    let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gp3"},
        "provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3"}});
    let path = "/apis/storage.k8s.io/v1/storageclasses/gp3";
    let (_, made) = apply(&mut world, "wizard", path, "", class.clone());
    assert_eq!((&made["reclaimPolicy"], &made["volumeBindingMode"]), (&json!("Delete"), &json!("Immediate")));
    let mut other = class;
    other["parameters"]["type"] = "io2".into();
    let (code, status) = apply(&mut world, "wizard", path, "", other);
    assert_eq!(code, 422);
    assert_eq!(
        status["message"],
        "StorageClass.storage.k8s.io \"gp3\" is invalid: parameters: Forbidden: updates to parameters are forbidden."
    );
}

#[test]
fn names_namespaces_and_versions_are_checked() {
    let mut world = world();
    assert_eq!(call(&mut world, "POST", MAPS, map("Not_Valid")).0, 422);
    let (code, status) = call(&mut world, "POST", "/api/v1/namespaces/nowhere/configmaps", map("m"));
    assert_eq!((code, status["message"].as_str().unwrap()), (404, "namespaces \"nowhere\" not found"));
    assert_eq!(call(&mut world, "GET", "/apis/karpenter.sh/v1/nodepools", Value::Null).0, 404);
    call(&mut world, "POST", MAPS, map("m"));
    assert_eq!(call(&mut world, "POST", MAPS, map("m")).0, 409);
    let mut stale = map("m");
    stale["metadata"]["resourceVersion"] = "1".into();
    let (code, status) = call(&mut world, "PUT", &format!("{MAPS}/m"), stale);
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
}

#[test]
fn a_denied_verb_is_forbidden_and_the_review_says_so() {
    let mut world = world();
    world.clusters.get_mut("c").unwrap().denied.push(("list".into(), String::new(), "configmaps".into()));
    let (code, status) = call(&mut world, "GET", MAPS, Value::Null);
    assert_eq!(code, 403);
    let message = status["message"].as_str().unwrap();
    assert!(
        message.ends_with("cannot list resource \"configmaps\" in API group \"\" in the namespace \"default\""),
        "{message}"
    );
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "list", "resource": "configmaps"}}});
    let (code, answer) = call(&mut world, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
    assert_eq!((code, &answer["status"]["allowed"]), (201, &json!(false)));
}

#[test]
fn what_is_not_implemented_is_a_gap() {
    let mut world = world();
    let json_patch = request(&world, "PATCH", &format!("{MAPS}/m"), "application/json-patch+json", &json!({}));
    assert!(matches!(serve(&mut world, "c", &json_patch), KubeReply::Gap(_)));
    let odd = request(&world, "GET", &format!("{MAPS}?colour=red"), "application/json", &Value::Null);
    assert!(matches!(serve(&mut world, "c", &odd), KubeReply::Gap(name) if name.contains("colour")));
}
