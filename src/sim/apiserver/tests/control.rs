//! Controllers, scheduler and kubelets.

use serde_json::{Value, json};

use super::*;
use crate::sim::apiserver::outside;

fn daemon(name: &str, image: &str, tolerations: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
            "spec": {"tolerations": tolerations, "containers": [{"name": "main", "image": image}]}}}})
}

fn apply_daemon(world: &mut World, name: &str, image: &str, tolerations: Value) {
    let path = format!("/apis/apps/v1/namespaces/kube-system/daemonsets/{name}");
    let (code, body) = apply(world, "wizard", &path, "", daemon(name, image, tolerations));
    assert_eq!(code, 201, "{body}");
}

fn gpu_taint() -> Value {
    json!([{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}])
}

#[test]
fn a_device_plugin_lands_where_it_tolerates_and_shows_the_devices() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    node(&mut world, "gpu", "i-gpu1", gpu_taint(), true);
    let image = "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20";
    apply_daemon(&mut world, "efa", image, json!([]));
    apply_daemon(
        &mut world,
        "nvidia",
        "nvcr.io/nvidia/k8s-device-plugin:v0.20.0",
        json!([{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]),
    );
    pass(&mut world, 30);
    let daemons = ("apps", "v1", "daemonsets");
    assert_eq!(get(&world, daemons, "kube-system", "efa").unwrap()["status"]["desiredNumberScheduled"], 1);
    let nvidia = &get(&world, daemons, "kube-system", "nvidia").unwrap()["status"];
    assert_eq!((&nvidia["desiredNumberScheduled"], &nvidia["numberReady"]), (&json!(2), &json!(2)));
    let gpu = &get(&world, ("", "v1", "nodes"), "", "gpu").unwrap()["status"]["allocatable"];
    assert_eq!(gpu["nvidia.com/gpu"], "8");
    assert!(gpu.get("vpc.amazonaws.com/efa").is_none(), "the EFA plugin does not tolerate the taint");
    let (code, _) = call(&mut world, "DELETE", "/apis/apps/v1/namespaces/kube-system/daemonsets/nvidia", Value::Null);
    assert_eq!(code, 200);
    pass(&mut world, 60);
    let gpu = &get(&world, ("", "v1", "nodes"), "", "gpu").unwrap()["status"]["allocatable"];
    assert!(gpu.get("nvidia.com/gpu").is_none(), "gone with the plugin");
    assert!(pods(&world).iter().all(|pod| pod["metadata"]["labels"]["app"] != "nvidia"));
}

fn job(image: &str, command: Value, limits: Value) -> Value {
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "probe", "namespace": "default"},
        "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never",
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            "containers": [{"name": "main", "image": image, "command": command, "resources": {"limits": limits}}]}}}})
}

const JOBS: &str = "/apis/batch/v1/namespaces/default/jobs";
const AMAZON_LINUX: &str = "public.ecr.aws/amazonlinux/amazonlinux:2023-minimal";

fn log_of_job(world: &mut World) -> String {
    let name = pods(world)
        .iter()
        .find(|pod| pod["metadata"]["labels"]["job-name"] == "probe")
        .map(|pod| pod["metadata"]["name"].as_str().unwrap().to_owned())
        .unwrap();
    let (code, log) =
        call(world, "GET", &format!("/api/v1/namespaces/default/pods/{name}/log?container=main"), Value::Null);
    assert_eq!(code, 200, "{log}");
    log.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_recorded_job_completes_and_an_unknown_one_exits_127() {
    let mut world = world();
    node(&mut world, "gpu", "i-gpu1", gpu_taint(), true);
    apply_daemon(&mut world, "nvidia", "nvcr.io/nvidia/k8s-device-plugin:v0.20.0", json!([{"operator": "Exists"}]));
    let made =
        call(&mut world, "POST", JOBS, job(AMAZON_LINUX, json!(["nvidia-smi", "-L"]), json!({"nvidia.com/gpu": 8})));
    assert_eq!(made.0, 201, "{}", made.1);
    super::super::settle(&mut world);
    let waiting = pods(&world).iter().any(|pod| {
        let message = pod["status"]["conditions"][0]["message"].as_str().unwrap_or_default();
        message.starts_with("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")
    });
    assert!(waiting, "no GPU is allocatable before the plugin runs");
    pass(&mut world, 60);
    let status = get(&world, ("batch", "v1", "jobs"), "default", "probe").unwrap()["status"].clone();
    assert_eq!((&status["succeeded"], &status["conditions"][1]["type"]), (&json!(1), &json!("Complete")), "{status}");
    assert_eq!(log_of_job(&mut world).lines().filter(|line| line.contains("NVIDIA H200")).count(), 8);

    call(&mut world, "DELETE", &format!("{JOBS}/probe?propagationPolicy=Background"), Value::Null);
    pass(&mut world, 5);
    call(&mut world, "POST", JOBS, job(AMAZON_LINUX, json!(["true"]), json!({})));
    pass(&mut world, 60);
    let status = &get(&world, ("batch", "v1", "jobs"), "default", "probe").unwrap()["status"];
    assert_eq!(status["conditions"][1]["reason"], "BackoffLimitExceeded", "{status}");
    let pod = pods(&world).into_iter().find(|pod| pod["metadata"]["labels"]["job-name"] == "probe").unwrap();
    assert_eq!(pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"], 127);
}

#[test]
fn credentials_come_with_later_pods_only() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    apply_daemon(&mut world, "eks-pod-identity-agent", "eks/eks-pod-identity-agent:v0.1.37", json!([]));
    let seen = world.now + Duration::from_secs(5);
    outside::tests::ASSOCIATIONS.with_borrow_mut(|all| all.push(("default".into(), "default".into(), seen)));
    let pod = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "public.ecr.aws/aws-cli/aws-cli:2.31.0", "args": ["sts", "get-caller-identity"]}]}})
    };
    let path = "/api/v1/namespaces/default/pods";
    let (_, early) = call(&mut world, "POST", path, pod("early"));
    assert!(early["spec"]["containers"][0].get("env").is_none());
    pass(&mut world, 6);
    let (_, late) = call(&mut world, "POST", path, pod("late"));
    assert!(late.to_string().contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    pass(&mut world, 60);
    let log =
        |world: &mut World, name: &str| call(world, "GET", &format!("{path}/{name}/log"), Value::Null).1.to_string();
    assert!(log(&mut world, "early").contains("Unable to locate credentials"));
    assert!(log(&mut world, "late").contains("assumed-role/default/eks-late"));
    outside::tests::ASSOCIATIONS.with_borrow_mut(Vec::clear);
}

#[test]
fn a_deployment_runs_its_pods_and_takes_them_along() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "registry.k8s.io/pause:3.10"}]}}}});
    apply(&mut world, "wizard", "/apis/apps/v1/namespaces/default/deployments/web", "", object);
    pass(&mut world, 30);
    let status = &get(&world, ("apps", "v1", "deployments"), "default", "web").unwrap()["status"];
    assert_eq!((&status["readyReplicas"], &status["observedGeneration"]), (&json!(2), &json!(1)), "{status}");
    call(
        &mut world,
        "DELETE",
        "/apis/apps/v1/namespaces/default/deployments/web?propagationPolicy=Foreground",
        Value::Null,
    );
    pass(&mut world, 60);
    assert!(pods(&world).is_empty());
    assert!(get(&world, ("apps", "v1", "deployments"), "default", "web").is_none());
}

#[test]
fn nothing_is_placed_on_a_node_that_is_not_ready() {
    let mut world = world();
    node(&mut world, "cpu", "i-cpu", json!([]), false);
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "pause:1"}]}});
    call(&mut world, "POST", "/api/v1/namespaces/default/pods", pod);
    pass(&mut world, 10);
    assert!(pods(&world)[0]["spec"].get("nodeName").is_none());
    node(&mut world, "cpu", "i-cpu", json!([]), true);
    pass(&mut world, 20);
    assert_eq!(pods(&world)[0]["status"]["phase"], "Running");
}
