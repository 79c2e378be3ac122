//! Server-side apply as it goes over the wire: whose fields are taken, and what is made anew.

use std::sync::{Arc, Mutex};

use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::{Value, json};

use super::act;
use crate::apply::context::{Act, Outputs};
use crate::components::desired::{Desired, Ensure, Objects, Stage};
use crate::components::observed::Observation;
use crate::domain::problem::Problem;
use crate::domain::time::Stamp;
use crate::transport::aws::over_wire;
use crate::transport::clients::Clients;
use crate::transport::time::Timer;
use crate::transport::wire::{SharedWire, Wire, WireBody, WireError};

/// No AWS here.
#[derive(Debug)]
struct Nowhere;

impl Wire for Nowhere {
    fn send(
        &self,
        _: http::Request<bytes::Bytes>,
    ) -> futures::future::BoxFuture<'static, Result<http::Response<WireBody>, WireError>> {
        Box::pin(async { Err(WireError::Reset("no AWS here".into())) })
    }
}

/// A StorageClass at an API server that refuses to change its provisioner.
#[derive(Debug, Default)]
struct Server {
    standing: Option<Value>,
    asked: Vec<String>,
}

impl Server {
    fn answer(&mut self, method: &str, path: &str, query: &str, body: &[u8]) -> (u16, Value) {
        self.asked.push(if query.is_empty() { format!("{method} {path}") } else { format!("{method} {path}?{query}") });
        let missing = json!({"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found"});
        match (method, &self.standing) {
            ("GET", _) if path == "/apis/storage.k8s.io/v1" => (200, kinds()),
            ("GET", Some(standing)) => (200, standing.clone()),
            ("GET", None) => (404, missing),
            ("DELETE", _) => {
                self.standing = None;
                (200, json!({"kind": "Status", "status": "Success"}))
            }
            ("PATCH", standing) => {
                let wanted: Value = serde_json::from_slice(body).unwrap();
                if standing.as_ref().is_some_and(|standing| standing["provisioner"] != wanted["provisioner"]) {
                    let message =
                        "StorageClass.storage.k8s.io \"gp3\" is invalid: updates to provisioner are forbidden.";
                    return (422, json!({"kind": "Status", "code": 422, "reason": "Invalid", "message": message}));
                }
                self.standing = Some(standing_class(wanted["provisioner"].as_str().unwrap(), "eks-wizard"));
                (200, wanted)
            }
            other => panic!("{other:?}"),
        }
    }
}

fn kinds() -> Value {
    json!({"kind": "APIResourceList", "groupVersion": "storage.k8s.io/v1", "resources": [{
        "name": "storageclasses", "singularName": "storageclass", "namespaced": false, "kind": "StorageClass",
        "verbs": ["get", "list", "patch", "delete", "create"],
    }]})
}

fn class(provisioner: &str) -> Value {
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gp3"},
           "provisioner": provisioner})
}

fn standing_class(provisioner: &str, manager: &str) -> Value {
    let mut class = class(provisioner);
    class["metadata"]["managedFields"] = json!([{"manager": manager, "operation": "Apply"}]);
    class
}

async fn apply(standing: Option<Value>) -> (Vec<String>, Result<(), Problem>) {
    let server = Arc::new(Mutex::new(Server { standing, asked: Vec::new() }));
    let shared = server.clone();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let server = shared.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let query = head.uri.query().unwrap_or_default();
            let (status, answer) = server.lock().unwrap().answer(head.method.as_str(), head.uri.path(), query, &body);
            let answer = Body::from(serde_json::to_vec(&answer).unwrap());
            Ok::<_, std::io::Error>(http::Response::builder().status(status).body(answer).unwrap())
        }
    });
    let (timer, wire) = (Timer::simulated(Stamp::EPOCH, 1.0), Arc::new(Nowhere) as SharedWire);
    let clients = Clients {
        aws: over_wire(wire, &"us-east-2".into(), timer).unwrap().clients,
        kube: kube::Client::new(service, "default"),
        account: "111122223333".into(),
        cluster: "demo".into(),
    };
    let desired = Desired {
        id: "storage.gp3".into(),
        title: "StorageClass gp3".into(),
        component: "gp3".into(),
        stage: Stage::Storage,
        needs: Vec::new(),
        ensure: Ensure::Objects(Objects { objects: vec![class("ebs.csi.aws.com")], ready: Vec::new() }),
        deadline_s: 60,
    };
    let (observation, outputs) = (Observation::absent(), Outputs::default());
    let act_of = Act { desired: &desired, observation: &observation, token: "t", outputs: &outputs, log: &|_| {} };
    let answer = act(&clients, &act_of).await;
    let asked = server.lock().unwrap().asked.clone();
    (asked, answer)
}

fn patches(asked: &[String]) -> Vec<&String> {
    asked.iter().filter(|line| line.starts_with("PATCH")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_new_object_is_applied_strictly_and_without_force() {
    let (asked, answer) = apply(None).await;
    answer.unwrap();
    let sent = patches(&asked);
    assert_eq!(sent.len(), 1);
    for part in ["/apis/storage.k8s.io/v1/storageclasses/gp3", "fieldManager=eks-wizard", "fieldValidation=Strict"] {
        assert!(sent[0].contains(part), "{part} in {}", sent[0]);
    }
    assert!(!sent[0].contains("force=true"), "{}", sent[0]);
}

#[tokio::test(start_paused = true)]
async fn our_own_object_is_taken_back_and_someone_elses_is_not() {
    for (manager, forced) in [("eks-wizard", true), ("helm", false)] {
        let (asked, answer) = apply(Some(standing_class("ebs.csi.aws.com", manager))).await;
        answer.unwrap();
        assert_eq!(patches(&asked)[0].contains("force=true"), forced, "{manager}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_immutable_field_is_changed_by_making_our_object_anew() {
    let (asked, answer) = apply(Some(standing_class("kubernetes.io/aws-ebs", "eks-wizard"))).await;
    answer.unwrap();
    let deleted = asked.iter().position(|line| line.starts_with("DELETE")).unwrap();
    assert!(asked[deleted + 1..].iter().any(|line| line.starts_with("PATCH")), "{asked:?}");

    let (asked, answer) = apply(Some(standing_class("kubernetes.io/aws-ebs", "helm"))).await;
    assert!(answer.is_err());
    assert!(!asked.iter().any(|line| line.starts_with("DELETE")), "never somebody else's: {asked:?}");
}
