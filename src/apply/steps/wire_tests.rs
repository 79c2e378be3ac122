//! What the steps really send: the SDK's requests on a wire that remembers them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};

use super::act;
use crate::apply::context::{Act, Outputs};
use crate::components::desired::{
    Addon, Desired, Ensure, LaunchTemplate, Nodegroup, NodegroupLaunch, PlacementGroup, Role, SecurityGroup, Stage, Val,
};
use crate::components::observed::{Observation, Presence};
use crate::components::template::{
    BlockDeviceMapping, Ebs, LaunchTemplateData, MetadataOptions, NetworkInterface, Placement, Tag, TagSpecification,
};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::Ownership;
use crate::domain::time::Stamp;
use crate::transport::aws::over_wire;
use crate::transport::clients::Clients;
use crate::transport::time::Timer;
use crate::transport::wire::{Wire, WireBody, WireError};

/// Remembers requests and answers each with the same status and body.
#[derive(Debug)]
struct Tape {
    status: u16,
    body: &'static str,
    sent: Mutex<Vec<String>>,
}

impl Wire for Tape {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<WireBody>, WireError>> {
        self.sent.lock().unwrap().push(String::from_utf8_lossy(request.body()).into_owned());
        let body = WireBody::Full(Bytes::from_static(self.body.as_bytes()));
        let response = http::Response::builder().status(self.status).body(body).unwrap();
        async move { Ok(response) }.boxed()
    }
}

fn clients(tape: &Arc<Tape>) -> Clients {
    let timer = Timer::simulated(Stamp::EPOCH, 1.0);
    let nobody = tower::service_fn(|_: http::Request<kube::client::Body>| async {
        Err::<http::Response<kube::client::Body>, _>(std::io::Error::other("no cluster here"))
    });
    Clients {
        aws: over_wire(tape.clone(), &"us-east-2".into(), timer).unwrap().clients,
        kube: kube::Client::new(nobody, "default"),
        account: "111122223333".into(),
        cluster: "demo".into(),
    }
}

fn desired(ensure: Ensure) -> Desired {
    Desired {
        id: "step".into(),
        title: "a thing".into(),
        component: "test".into(),
        stage: Stage::GpuNodes,
        needs: Vec::new(),
        ensure,
        deadline_s: 60,
    }
}

async fn send(
    status: u16,
    body: &'static str,
    ensure: Ensure,
    seen: &Observation,
) -> (Vec<String>, Result<(), Problem>) {
    let tape = Arc::new(Tape { status, body, sent: Mutex::default() });
    let (desired, outputs) = (desired(ensure), Outputs::default());
    let act_of =
        Act { desired: &desired, observation: seen, token: "0123456789abcdef", outputs: &outputs, log: &|_| {} };
    let answer = act(&clients(&tape), &act_of).await;
    let sent = std::mem::take(&mut *tape.sent.lock().unwrap());
    (sent, answer)
}

fn form(body: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn role() -> Ensure {
    Ensure::Role(Role {
        name: "demo-role".into(),
        description: "d".into(),
        trust: json!({"Version": "2012-10-17"}),
        managed: vec!["arn:aws:iam::aws:policy/A".into()],
        inline: BTreeMap::new(),
    })
}

fn addon() -> Ensure {
    let addon = Addon { name: "vpc-cni".into(), version: "v1".into(), configuration: None, associations: Vec::new() };
    Ensure::Addon(addon)
}

fn nodegroup() -> Ensure {
    Ensure::Nodegroup(Nodegroup {
        name: "gpu".into(),
        subnet: "subnet-1".into(),
        node_role: Val::known("arn:role"),
        launch: NodegroupLaunch {
            template: Val::known("lt-1"),
            template_version: Val::known("3"),
            instance_types: vec!["p5en.48xlarge".into()],
            ami_type: "AL2023_x86_64_NVIDIA".into(),
            release: Some("1.35.0-20260701".into()),
            capacity_type: "ON_DEMAND".into(),
        },
        sizes: (0, 2, 10),
        labels: BTreeMap::from([("nvidia.com/gpu".to_owned(), "true".to_owned())]),
        taints: vec![("nvidia.com/gpu".into(), "true".into(), "NO_SCHEDULE".into())],
        update_strategy: "MINIMAL".into(),
        repair: false,
    })
}

fn template() -> LaunchTemplateData {
    let interface = |card: i32| NetworkInterface {
        network_card_index: card,
        device_index: i32::from(card > 0),
        interface_type: if card == 0 { "efa" } else { "efa-only" }.to_owned(),
        groups: vec![Val::known("sg-1")],
        delete_on_termination: true,
    };
    let ebs = Ebs {
        volume_size: 200,
        volume_type: "gp3".into(),
        iops: 16_000,
        throughput: 1000,
        encrypted: true,
        delete_on_termination: true,
    };
    let tags = vec![Tag { key: "eks-wizard:cluster".into(), value: "demo".into() }];
    LaunchTemplateData {
        network_interfaces: (0..16).map(interface).collect(),
        block_device_mappings: vec![BlockDeviceMapping { device_name: "/dev/xvda".into(), ebs }],
        metadata_options: MetadataOptions {
            http_tokens: "required".into(),
            http_endpoint: "enabled".into(),
            http_put_response_hop_limit: 1,
        },
        placement: Some(Placement { group_name: "demo-gpu".into() }),
        tag_specifications: vec![TagSpecification { resource_type: "instance".into(), tags }],
        ..LaunchTemplateData::default()
    }
}

/// The members of rendered JSON as the query protocol of EC2 names them.
fn flat(value: &Value, path: &str, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let name = match (name.as_str(), member) {
                ("Groups", _) => "SecurityGroupId",
                (name, Value::Array(_)) => name.trim_end_matches('s'),
                (name, _) => name,
            };
            flat(member, &format!("{path}.{name}"), into);
        }),
        Value::Array(items) => {
            items.iter().zip(1..).for_each(|(item, number)| flat(item, &format!("{path}.{number}"), into));
        }
        Value::String(text) => drop(into.insert(path.to_owned(), text.clone())),
        other => drop(into.insert(path.to_owned(), other.to_string())),
    }
}

#[tokio::test(start_paused = true)]
async fn the_launch_template_on_the_wire_is_the_rendered_one() {
    let ensure = Ensure::LaunchTemplate(LaunchTemplate { name: "demo-gpu".into(), data: template() });
    let (sent, answer) = send(200, "<CreateLaunchTemplateResponse/>", ensure, &Observation::absent()).await;
    answer.unwrap();
    let mut wanted = BTreeMap::new();
    flat(&serde_json::to_value(template()).unwrap(), "LaunchTemplateData", &mut wanted);
    let sent = form(&sent[0]);
    let data: BTreeMap<_, _> =
        sent.clone().into_iter().filter(|(name, _)| name.starts_with("LaunchTemplateData.")).collect();
    assert_eq!(data, wanted);
    assert_eq!(sent["ClientToken"], "0123456789abcdef");
    assert_eq!(sent["TagSpecification.1.Tag.1.Key"], "eks-wizard:cluster");
    assert_eq!(sent["TagSpecification.1.ResourceType"], "launch-template");
}

#[tokio::test(start_paused = true)]
async fn a_node_group_is_asked_for_in_the_words_of_eks() {
    let (sent, answer) = send(200, "{}", nodegroup(), &Observation::absent()).await;
    answer.unwrap();
    let body: Value = serde_json::from_str(&sent[0]).unwrap();
    let wanted = json!({
        "amiType": "AL2023_x86_64_NVIDIA",
        "capacityType": "ON_DEMAND",
        "clientRequestToken": "0123456789abcdef",
        "instanceTypes": ["p5en.48xlarge"],
        "labels": {"nvidia.com/gpu": "true"},
        "launchTemplate": {"id": "lt-1", "version": "3"},
        "nodeRepairConfig": {"enabled": false},
        "nodeRole": "arn:role",
        "nodegroupName": "gpu",
        "releaseVersion": "1.35.0-20260701",
        "scalingConfig": {"minSize": 0, "maxSize": 10, "desiredSize": 2},
        "subnets": ["subnet-1"],
        "tags": {"eks-wizard:cluster": "demo"},
        "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
        "updateConfig": {"maxUnavailable": 1, "updateStrategy": "MINIMAL"},
    });
    assert_eq!(body, wanted);
}

#[tokio::test(start_paused = true)]
async fn only_calls_with_a_client_token_are_repeated_by_the_sdk() {
    let group = SecurityGroup { name: "g".into(), description: "d".into(), vpc: "vpc-1".into() };
    let template = LaunchTemplate { name: "t".into(), data: template() };
    let cases = [
        (role(), 1),
        (Ensure::SecurityGroup(group), 1),
        (Ensure::PlacementGroup(PlacementGroup { name: "p".into() }), 1),
        (Ensure::LaunchTemplate(template), 3),
        (addon(), 3),
        (nodegroup(), 3),
    ];
    for (ensure, tries) in cases {
        let name = format!("{ensure:?}");
        let (sent, answer) = send(500, "", ensure, &Observation::absent()).await;
        assert_eq!(answer.unwrap_err().kind, ProblemKind::Unavailable, "{name}");
        assert_eq!(sent.len(), tries, "{name}");
        assert_eq!(BTreeSet::from_iter(&sent).len(), 1, "every try is the same request: {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn others_fields_are_overwritten_only_in_our_own_addon() {
    for (owner, wanted) in [(Ownership::Ours, "OVERWRITE"), (Ownership::Foreign { who: "EKS".into() }, "NONE")] {
        let presence = Presence::Differs { changes: Vec::new() };
        let seen = Observation { presence, owner, ..Observation::absent() };
        let (sent, answer) = send(200, "{}", addon(), &seen).await;
        answer.unwrap();
        let body: Value = serde_json::from_str(&sent[0]).unwrap();
        assert_eq!(body["resolveConflicts"], wanted);
        assert_eq!(body.get("podIdentityAssociations"), None, "an empty list would remove what others made");
    }
}
