//! Metrics, volumes, budgets: objects that depend on running pods.

use serde_json::{Value, json};

use super::*;

fn deployment(name: &str, image: &str, replicas: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "kube-system"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": image, "ports": [{"name": "https", "containerPort": 10250}],
                "readinessProbe": {"httpGet": {"port": "https"}, "initialDelaySeconds": 20}}]}}}})
}

fn put(world: &mut World, object: Value) {
    let now = world.now;
    world.clusters.get_mut("c").unwrap().put_as(now, "eks", object);
}

const METRICS: &str = "/apis/metrics.k8s.io/v1beta1/nodes";

fn availability(world: &World) -> Value {
    let api = get(world, ("apiregistration.k8s.io", "v1", "apiservices"), "", "v1beta1.metrics.k8s.io").unwrap();
    api["status"]["conditions"][0].clone()
}

#[test]
fn metrics_come_once_their_server_is_ready_and_has_scraped() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    assert_eq!(call(&mut world, "GET", METRICS, Value::Null).0, 404);
    put(
        &mut world,
        json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "insecureSkipTLSVerify": true, "service": {"name": "metrics-server", "namespace": "kube-system"}}}),
    );
    pass(&mut world, 1);
    assert_eq!(availability(&world)["reason"], "ServiceNotFound");
    assert_eq!(call(&mut world, "GET", METRICS, Value::Null).0, 503);
    put(
        &mut world,
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "metrics-server", "namespace": "kube-system"},
        "spec": {"selector": {"app": "metrics-server"}, "ports": [{"name": "https", "port": 443, "targetPort": "https"}]}}),
    );
    put(&mut world, deployment("metrics-server", "registry.k8s.io/metrics-server/metrics-server:v0.8.1", 1));
    pass(&mut world, 10);
    assert_eq!(availability(&world)["reason"], "MissingEndpoints");
    pass(&mut world, 25);
    assert_eq!(availability(&world)["status"], "True", "the readiness probe waits 20 s");
    let (code, early) = call(&mut world, "GET", METRICS, Value::Null);
    assert_eq!((code, &early["items"]), (200, &json!([])), "nothing is scraped yet");
    pass(&mut world, 15);
    let (_, list) = call(&mut world, "GET", METRICS, Value::Null);
    assert_eq!(list["items"][0]["metadata"]["name"], "cpu");
}

#[test]
fn a_claim_binds_when_its_consumer_has_a_node_and_the_driver_runs() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    put(
        &mut world,
        json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "ebs.csi.aws.com",
        "metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "volumeBindingMode": "WaitForFirstConsumer"}),
    );
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let (code, made) = call(&mut world, "POST", "/api/v1/namespaces/default/persistentvolumeclaims", claim);
    assert_eq!((code, &made["spec"]["storageClassName"]), (201, &json!("gp3")));
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        "containers": [{"name": "c", "image": "pause:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}});
    call(&mut world, "POST", "/api/v1/namespaces/default/pods", pod);
    pass(&mut world, 30);
    let claims = ("", "v1", "persistentvolumeclaims");
    assert_eq!(get(&world, claims, "default", "data").unwrap()["status"]["phase"], "Pending", "no driver runs");
    put(&mut world, deployment("ebs-csi-controller", "eks/aws-ebs-csi-driver:v1.50.0", 1));
    pass(&mut world, 60);
    assert_eq!(get(&world, claims, "default", "data").unwrap()["status"]["phase"], "Bound");
    assert_eq!(get(&world, ("", "v1", "pods"), "default", "p").unwrap()["status"]["phase"], "Running");
    let path = "/api/v1/namespaces/default/persistentvolumeclaims/data";
    call(&mut world, "DELETE", path, Value::Null);
    pass(&mut world, 5);
    assert!(get(&world, claims, "default", "data").is_some(), "protected while a pod uses it");
    call(&mut world, "DELETE", "/api/v1/namespaces/default/pods/p", Value::Null);
    pass(&mut world, 40);
    assert!(get(&world, claims, "default", "data").is_none());
    assert!(world.clusters["c"].list(&Gvr::new("", "v1", "persistentvolumes")).is_empty(), "policy Delete");
}

#[test]
fn an_eviction_respects_the_budget() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    put(&mut world, deployment("web", "pause:1", 1));
    put(
        &mut world,
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web", "namespace": "kube-system"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}),
    );
    pass(&mut world, 60);
    let name = pods(&world)[0]["metadata"]["name"].as_str().unwrap().to_owned();
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}});
    let path = format!("/api/v1/namespaces/kube-system/pods/{name}/eviction");
    let (code, status) = call(&mut world, "POST", &path, eviction.clone());
    assert_eq!((code, &status["reason"]), (429, &json!("TooManyRequests")));
    let scale = "/apis/apps/v1/namespaces/kube-system/deployments/web/scale";
    let (_, mut view) = call(&mut world, "GET", scale, Value::Null);
    view["spec"]["replicas"] = 2.into();
    assert_eq!(call(&mut world, "PUT", scale, view).0, 200);
    pass(&mut world, 60);
    assert_eq!(call(&mut world, "POST", &path, eviction).0, 201);
}

#[test]
fn a_namespace_takes_its_content_along() {
    let mut world = world();
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}});
    assert_eq!(call(&mut world, "POST", "/api/v1/namespaces", space).0, 201);
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}});
    call(&mut world, "POST", "/api/v1/namespaces/team/configmaps", map.clone());
    assert_eq!(call(&mut world, "DELETE", "/api/v1/namespaces/team", Value::Null).0, 200);
    let (code, status) = call(&mut world, "POST", "/api/v1/namespaces/team/configmaps", map);
    assert_eq!((code, &status["details"]["causes"][0]["reason"]), (403, &json!("NamespaceTerminating")));
    pass(&mut world, 5);
    assert!(get(&world, ("", "v1", "namespaces"), "", "team").is_none());
    assert_eq!(call(&mut world, "DELETE", "/api/v1/namespaces/default", Value::Null).0, 403);
}
