//! Rule 5: nothing is consistent at once. Seen through the real clients, in simulated time.

use std::time::Duration;

use aws_sdk_iam::types::Tag;
use eks_wizard::ops::ground::Ground;
use serde_json::{Value, json};

use crate::stage::{Stage, on_paused_clock, spec, state_folder};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}"#;

/// Makes a role for pods; its ARN.
async fn make_role(ground: &Ground) -> String {
    let tag = Tag::builder().key("purpose").value("test").build().unwrap();
    let iam = &ground.clients.aws.iam;
    let made = iam.create_role().role_name("probe").assume_role_policy_document(TRUST).tags(tag).send().await.unwrap();
    made.role().unwrap().arn().to_owned()
}

/// Associates the default service account with the role; the code of the refusal if there is one.
async fn associate(ground: &Ground, role: &str) -> Result<(), String> {
    let call = ground.clients.aws.eks.create_pod_identity_association();
    let call = call.cluster_name("orbit-train").namespace("default").service_account("default").role_arn(role);
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(aws_sdk_eks::error::ProvideErrorMetadata::code(&error).unwrap().to_owned()),
    }
}

/// Makes a pod and answers whether the webhook gave it credentials.
async fn pod_gets_credentials(ground: &Ground, name: &str) -> bool {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"containers": [{"name": "main", "image": "public.ecr.aws/aws-cli/aws-cli:2.31.0"}]}});
    let request = http::Request::post("/api/v1/namespaces/default/pods").header("content-type", "application/json");
    let made: Value = ground.clients.kube.request(request.body(pod.to_string().into_bytes()).unwrap()).await.unwrap();
    assert_eq!(made["metadata"]["name"], name);
    has_credentials(&made)
}

fn has_credentials(pod: &Value) -> bool {
    pod.to_string().contains("AWS_CONTAINER_CREDENTIALS_FULL_URI")
}

#[test]
fn a_new_role_and_a_new_association_take_their_time() {
    let state = state_folder();
    on_paused_clock(async {
        let stage = Stage::open(state.path());
        let timer = stage.session.timer().clone();
        let (ground, _) = stage.look(spec(&[])).await;
        // The webhook injects credentials where the agent is installed.
        let agent = ground.clients.aws.eks.create_addon().cluster_name("orbit-train");
        agent.addon_name("eks-pod-identity-agent").send().await.unwrap();
        timer.sleep(Duration::from_secs(120)).await;
        let role = make_role(&ground).await;
        assert_eq!(associate(&ground, &role).await, Err("InvalidParameterException".to_owned()), "too young");
        timer.sleep(Duration::from_secs(10)).await;
        assert_eq!(associate(&ground, &role).await, Ok(()));
        assert!(!pod_gets_credentials(&ground, "early").await, "the association is not seen yet");
        timer.sleep(Duration::from_secs(5)).await;
        assert!(pod_gets_credentials(&ground, "late").await);
        let early = http::Request::get("/api/v1/namespaces/default/pods/early").body(Vec::new()).unwrap();
        let early: Value = ground.clients.kube.request(early).await.unwrap();
        assert!(!has_credentials(&early), "a pod keeps what it was made with");
    });
}
