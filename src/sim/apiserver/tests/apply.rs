//! Server-side apply.

use serde_json::{Value, json};

use super::*;

const PATH: &str = "/apis/apps/v1/namespaces/default/deployments/web";

fn deployment(replicas: Value, env: Value) -> Value {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "pause:3.10", "env": env,
                "resources": {"limits": {"memory": "1024Mi"}, "requests": {"cpu": "1000m"}}}]}}},
    });
    if !replicas.is_null() {
        object["spec"]["replicas"] = replicas;
    }
    object
}

#[test]
fn defaults_are_filled_and_applying_again_changes_nothing() {
    let mut world = world();
    let sent = deployment(Value::Null, json!([{"name": "A", "value": "1"}]));
    let (code, made) = apply(&mut world, "wizard", PATH, "", sent.clone());
    assert_eq!(code, 201, "{made}");
    assert_eq!(made["spec"]["replicas"], 1);
    assert_eq!(made["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%");
    let container = &made["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["imagePullPolicy"], "IfNotPresent");
    assert_eq!(container["resources"]["limits"]["memory"], "1Gi");
    world.now = world.now + Duration::from_secs(60);
    let (code, again) = apply(&mut world, "wizard", PATH, "", sent);
    assert_eq!(code, 200);
    assert_eq!(again["metadata"]["resourceVersion"], made["metadata"]["resourceVersion"]);
    assert_eq!(again, made);
    let fields = &made["metadata"]["managedFields"][0]["fieldsV1"];
    assert!(fields["f:spec"].get("f:replicas").is_none(), "nobody owns a default: {fields}");
    assert!(fields["f:spec"]["f:template"]["f:spec"]["f:containers"]["k:{\"name\":\"web\"}"].get("f:image").is_some());
}

#[test]
fn a_field_of_another_manager_is_a_conflict_until_forced() {
    let mut world = world();
    apply(&mut world, "argocd-controller", PATH, "", deployment(json!(3), json!([])));
    let (code, status) = apply(&mut world, "wizard", PATH, "", deployment(json!(2), json!([])));
    assert_eq!(code, 409);
    assert_eq!(status["message"], "Apply failed with 1 conflict: conflict with \"argocd-controller\": .spec.replicas");
    assert_eq!(
        status["details"]["causes"],
        json!([{"reason": "FieldManagerConflict", "message": "conflict with \"argocd-controller\"", "field": ".spec.replicas"}])
    );
    let (code, forced) = apply(&mut world, "wizard", PATH, "&force=true", deployment(json!(2), json!([])));
    assert_eq!((code, &forced["spec"]["replicas"]), (200, &json!(2)));
    let (code, _) = apply(&mut world, "argocd-controller", PATH, "", deployment(json!(3), json!([])));
    assert_eq!(code, 409, "ownership moved to the one who forced");
}

#[test]
fn an_update_is_named_with_its_version() {
    let mut world = world();
    apply(&mut world, "wizard", PATH, "", deployment(json!(1), json!([])));
    let patch = request(&world, "PATCH", PATH, "application/merge-patch+json", &json!({"spec": {"replicas": 5}}));
    let (code, _) = full(serve(&mut world, "c", &patch));
    assert_eq!(code, 200);
    let (code, status) = apply(&mut world, "wizard", PATH, "", deployment(json!(1), json!([])));
    assert_eq!(code, 409);
    assert_eq!(
        status["message"],
        "Apply failed with 1 conflict: conflict with \"tester\" using apps/v1: .spec.replicas"
    );
}

#[test]
fn what_its_only_owner_no_longer_applies_is_removed() {
    let mut world = world();
    let env = json!([{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]);
    apply(&mut world, "one", PATH, "", deployment(Value::Null, env));
    apply(
        &mut world,
        "two",
        PATH,
        "",
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "B", "value": "2"}]}]}}}}),
    );
    let (code, left) = apply(&mut world, "one", PATH, "", deployment(Value::Null, Value::Null));
    assert_eq!(code, 200, "{left}");
    let env = &left["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(*env, json!([{"name": "B", "value": "2"}]), "B is still owned by the other one");
}

#[test]
fn a_dry_run_leaves_nothing() {
    let mut world = world();
    let (code, shown) = apply(&mut world, "wizard", PATH, "&dryRun=All", deployment(Value::Null, json!([])));
    assert_eq!((code, &shown["spec"]["replicas"]), (201, &json!(1)));
    assert_eq!(call(&mut world, "GET", PATH, Value::Null).0, 404);
    apply(&mut world, "wizard", PATH, "", deployment(Value::Null, json!([])));
    let (_, before) = call(&mut world, "GET", PATH, Value::Null);
    let (_, shown) = apply(&mut world, "wizard", PATH, "&dryRun=All", deployment(json!(4), json!([])));
    assert_eq!(shown["spec"]["replicas"], 4);
    assert_eq!(call(&mut world, "GET", PATH, Value::Null).1, before);
}

#[test]
fn an_unknown_field_is_refused() {
    let mut world = world();
    let mut object = deployment(Value::Null, json!([]));
    object["spec"]["replica"] = 1.into();
    let (code, status) = apply(&mut world, "wizard", PATH, "", object.clone());
    assert_eq!(code, 500);
    assert_eq!(
        status["message"],
        "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema"
    );
    let collection = "/apis/apps/v1/namespaces/default/deployments?fieldValidation=Strict";
    let (code, status) = call(&mut world, "POST", collection, object);
    assert_eq!(code, 400);
    assert!(status["message"].as_str().unwrap().contains("strict decoding error: unknown field \"spec.replica\""));
}
