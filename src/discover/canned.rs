//! A wire with prepared answers, so that the real clients run in a test without any world behind them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::domain::facts::{Cluster, ClusterSummary, EndpointAccess};
use crate::domain::ids::{AccountId, Arn, ClusterName, Region, ResourceId};
use crate::domain::time::Stamp;
use crate::transport::clients::Clients;
use crate::transport::time::Timer;
use crate::transport::token::TokenSource;
use crate::transport::wire::{Wire, WireBody, WireError};
use crate::transport::{aws, kube};

/// Answers by question: `GetRole` for a query call, `GET /clusters/demo` for the others.
#[derive(Debug, Default)]
pub(super) struct Canned {
    answers: BTreeMap<String, (u16, String)>,
    /// Every question with its query and content type, in order.
    pub(super) asked: Mutex<Vec<String>>,
}

impl Canned {
    pub(super) fn json(mut self, question: &str, status: u16, body: &Value) -> Self {
        self.answers.insert(question.to_owned(), (status, body.to_string()));
        self
    }

    pub(super) fn xml(mut self, question: &str, status: u16, body: &str) -> Self {
        self.answers.insert(question.to_owned(), (status, body.to_owned()));
        self
    }

    /// The clients of cluster `demo` over this wire.
    pub(super) fn clients(self) -> (Arc<Self>, Clients) {
        let wire = Arc::new(self);
        let (region, timer) =
            (Region::from("us-east-2"), Timer::simulated(Stamp::from_millis(1_800_000_000_000), 240.0));
        let session = aws::over_wire(wire.clone(), &region, timer.clone()).unwrap();
        let cluster = demo();
        let name = cluster.summary.name.clone();
        let tokens = TokenSource::new(session.credentials, region, name.clone(), timer);
        let kube = kube::over_wire(&cluster, Arc::new(tokens), wire.clone()).unwrap();
        let clients = Clients { aws: session.clients, kube, account: AccountId::from("111122223333"), cluster: name };
        (wire, clients)
    }
}

impl Wire for Canned {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<WireBody>, WireError>> {
        let form = String::from_utf8_lossy(request.body()).into_owned();
        let action = form.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned);
        let path = format!("{} {}", request.method(), request.uri().path());
        let question = action.unwrap_or(path);
        let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let line = format!("{question}?{} {kind}", request.uri().query().unwrap_or_default());
        self.asked.lock().unwrap().push(line);
        let missing = json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound",
            "message": format!("no answer for {question}"), "metadata": {}});
        let (status, body) = self.answers.get(&question).cloned().unwrap_or((404, missing.to_string()));
        let response = Response::builder().status(status).header("content-type", "application/json");
        Box::pin(async move { Ok(response.body(WireBody::Full(Bytes::from(body))).unwrap()) })
    }
}

fn demo() -> Cluster {
    Cluster {
        summary: ClusterSummary {
            name: ClusterName::from("demo"),
            version: "1.35".to_owned(),
            status: "ACTIVE".to_owned(),
            auto_mode: false,
        },
        arn: Arn::from("arn:aws:eks:us-east-2:111122223333:cluster/demo"),
        endpoint: "https://demo.example".to_owned(),
        certificate_authority: String::new(),
        vpc: ResourceId::from("vpc-1"),
        security_group: ResourceId::from("sg-1"),
        subnets: Vec::new(),
        authentication_mode: "API".to_owned(),
        endpoint_access: EndpointAccess { public: true, private: true },
        health_issues: Vec::new(),
        service_cidr: None,
    }
}
