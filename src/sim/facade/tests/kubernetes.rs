//! The cluster of the default scenario over the wire: found by its endpoint, watched, and replayed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::*;
use crate::transport::wire::WireBody;

/// A setting of the scenario's `.env`.
fn setting(sim: &Simulator, name: &str) -> String {
    let env = sim.env_text();
    let value = env.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.expect(name).trim().to_owned()
}

/// A cluster that is reached by its endpoint.
struct Kube<'a> {
    sim: &'a Simulator,
    endpoint: String,
}

impl<'a> Kube<'a> {
    async fn of(sim: &'a Simulator) -> Self {
        let eks = aws_sdk_eks::Client::new(&config(sim));
        let cluster = eks.describe_cluster().name(setting(sim, "CLUSTER_NAME")).send().await.unwrap().cluster.unwrap();
        Self { sim, endpoint: cluster.endpoint.unwrap() }
    }

    fn token(&self) -> String {
        let date = self.sim.timer().now().amz_date();
        let url = format!(
            "https://sts.us-east-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=\
             AKIATESTKEY%2F20260701%2Fus-east-2%2Fsts%2Faws4_request&X-Amz-Date={date}&X-Amz-Expires=60&\
             X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=abcdef"
        );
        format!("Bearer k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url))
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, WireBody) {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.endpoint))
            .header("authorization", self.token())
            .header("content-type", "application/json")
            .body(if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) })
            .unwrap();
        let response = timeout(Duration::from_secs(60), self.sim.wire().send(request)).await.expect("no gap").unwrap();
        (response.status().as_u16(), response.into_body())
    }

    async fn create_namespace(&self, name: &str) -> u16 {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.send("POST", "/api/v1/namespaces", object).await.0
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_streams_what_others_change_and_ends_at_its_deadline() {
    let sim = Simulator::open(SimOptions::new("default")).unwrap();
    let kube = Kube::of(&sim).await;
    let (status, body) = kube.send("GET", "/api/v1/namespaces?watch=1&timeoutSeconds=300", Value::Null).await;
    assert_eq!(status, 200);
    let WireBody::Stream(mut events) = body else { panic!("a watch streams") };
    let mut there = 0;
    while let Ok(event) = timeout(Duration::from_millis(1), events.next()).await {
        assert!(event.unwrap().unwrap().starts_with(b"{\"type\":\"ADDED\""));
        there += 1;
    }
    assert!(there >= 4, "{there} namespaces");
    let (next, status) = tokio::join!(events.next(), kube.create_namespace("t-x"));
    assert_eq!(status, 201);
    let event: Value = serde_json::from_slice(&next.unwrap().unwrap()).unwrap();
    assert_eq!((&event["type"], &event["object"]["metadata"]["name"]), (&json!("ADDED"), &json!("t-x")));
    let asked = sim.timer().now();
    while let Some(event) = events.next().await {
        event.unwrap();
    }
    let waited = sim.timer().now().since(asked);
    assert!((250..=301).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_cluster_is_replayed_without_its_token() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "");
    let kube = Kube::of(&first).await;
    assert_eq!(kube.create_namespace("t-x").await, 201);
    first.timer().sleep(Duration::from_secs(400)).await;
    assert_eq!(kube.create_namespace("t-y").await, 201);
    let log = std::fs::read_to_string(dir.path().join("world.log")).unwrap();
    for secret in ["AKIATESTKEY", "abcdef", "k8s-aws-v1"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
    drop(first.shared.advanced(|_| ()));
    let left = world_text(&first);
    assert!(left.contains("t-x") && left.contains("t-y"));
    drop(first);
    assert_eq!(world_text(&open(dir.path(), "")), left);
}

#[tokio::test(start_paused = true)]
async fn controllers_that_act_in_between_replay_to_the_same_world() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), "");
    let (config, timer) = (config(&first), first.timer());
    let (eks, iam) = (aws_sdk_eks::Client::new(&config), aws_sdk_iam::Client::new(&config));
    let (cluster, subnet) = (setting(&first, "CLUSTER_NAME"), setting(&first, "PRIVATE_SUBNET_A"));
    eks.create_addon().cluster_name(&cluster).addon_name("eks-pod-identity-agent").send().await.unwrap();

    let trust = TRUST.replace("pods.eks", "ec2").replace(r#","sts:TagSession""#, "");
    let role =
        iam.create_role().role_name("t-node").assume_role_policy_document(trust).send().await.unwrap().role.unwrap();
    for policy in ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"] {
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        iam.attach_role_policy().role_name("t-node").policy_arn(arn).send().await.unwrap();
    }
    let group = || {
        let scaling = aws_sdk_eks::types::NodegroupScalingConfig::builder().min_size(0).desired_size(1).max_size(2);
        let group = eks.create_nodegroup().cluster_name(&cluster).nodegroup_name("t-group").node_role(role.arn());
        group.subnets(&subnet).instance_types("m6i.xlarge").scaling_config(scaling.build()).send()
    };
    let early = group().await.unwrap_err().into_service_error();
    assert!(early.is_invalid_parameter_exception(), "a role of 0 s is unknown to EKS: {early:?}");
    timer.sleep(Duration::from_secs(15)).await;
    group().await.unwrap();
    let kube = Kube::of(&first).await;
    let mut status = String::new();
    for _ in 0..60 {
        timer.sleep(Duration::from_secs(7)).await;
        let group = eks.describe_nodegroup().cluster_name(&cluster).nodegroup_name("t-group").send().await.unwrap();
        status = group.nodegroup.unwrap().status.unwrap().to_string();
        assert_eq!(kube.send("GET", "/api/v1/nodes", Value::Null).await.0, 200);
    }
    assert_eq!(status, "ACTIVE");
    drop(first.shared.advanced(|_| ()));
    let left = world_text(&first);
    drop(first);
    assert_eq!(world_text(&open(dir.path(), "")), left);
}
