//! Roles. The product makes no instance profile: EKS makes the one of a managed node group itself.

use std::collections::BTreeMap;

use eks_wizard::apply::context::Outputs;
use eks_wizard::components::desired::{Ensure, Role};
use eks_wizard::components::observed::Presence;
use eks_wizard::domain::ids::Arn;
use eks_wizard::domain::resource::Ownership;
use serde_json::{Value, json};

use super::step::Step;
use super::world::{ACCOUNT, Eks, World};

/// The trust policy as the program renders it.
fn trust(file: &str) -> Value {
    let text = match file {
        "ec2" => include_str!("../../iam-policies/trust-ec2.json"),
        _ => include_str!("../../iam-policies/trust-pod-identity.json"),
    };
    let cluster = format!("arn:aws:eks:us-east-2:{ACCOUNT}:cluster/contract");
    serde_json::from_str(&text.replace("{{account}}", ACCOUNT).replace("{{cluster_arn}}", &cluster)).unwrap()
}

fn node_role(name: &str, managed: &[&str]) -> Role {
    Role {
        name: name.to_owned(),
        description: "Nodes of the contract".to_owned(),
        trust: trust("ec2"),
        managed: managed.iter().map(|name| Arn::new(format!("arn:aws:iam::aws:policy/{name}"))).collect(),
        inline: BTreeMap::new(),
    }
}

const NODE_POLICIES: [&str; 4] = [
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKS_CNI_Policy",
    "AmazonSSMManagedInstanceCore",
];

#[tokio::test]
async fn a_node_role_with_its_managed_policies() {
    let Some(world) = World::open("contract-iam", Eks::Moto).await else { return };
    let outputs = Outputs::default();
    let role = node_role("contract-gpu-node-role", &NODE_POLICIES);
    let made = Step::new(&world, "gpu.role", Ensure::Role(role), &outputs).holds().await;
    assert_eq!(made.outputs["arn"], format!("arn:aws:iam::{ACCOUNT}:role/contract-gpu-node-role"));
}

#[tokio::test]
async fn a_role_that_a_kill_left_half_made_is_completed() {
    let Some(world) = World::open("contract-iam", Eks::Moto).await else { return };
    let outputs = Outputs::default();
    let half = Step::new(&world, "half", Ensure::Role(node_role("contract-half", &NODE_POLICIES[..1])), &outputs);
    half.holds().await;
    let whole = Step::new(&world, "half", Ensure::Role(node_role("contract-half", &NODE_POLICIES)), &outputs);
    let seen = whole.look().await;
    assert!(matches!(&seen.presence, Presence::Differs { changes } if changes.len() == 3), "{seen:?}");
    whole.changes().await;
}

#[tokio::test]
async fn trust_and_inline_policies_are_brought_back() {
    let Some(world) = World::open("contract-iam", Eks::Moto).await else { return };
    let outputs = Outputs::default();
    let statement = |action: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let role = |trust: Value, action: &str| Role {
        name: "contract-inline".to_owned(),
        description: "Inline".to_owned(),
        trust,
        managed: Vec::new(),
        inline: BTreeMap::from([("buckets".to_owned(), statement(action))]),
    };
    let first = role(trust("ec2"), "s3:GetObject");
    Step::new(&world, "inline", Ensure::Role(first), &outputs).holds().await;
    let second = Step::new(&world, "inline", Ensure::Role(role(trust("pods"), "s3:PutObject")), &outputs);
    let seen = second.look().await;
    assert!(matches!(&seen.presence, Presence::Differs { changes } if changes.len() == 2), "{seen:?}");
    second.changes().await;
}

#[tokio::test]
async fn a_role_of_someone_else_is_foreign_and_its_own_policies_stay() {
    let Some(world) = World::open("contract-iam", Eks::Moto).await else { return };
    let iam = &world.clients.aws.iam;
    let trusts = trust("ec2").to_string();
    iam.create_role().role_name("contract-foreign").assume_role_policy_document(trusts).send().await.unwrap();
    let own = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    iam.attach_role_policy().role_name("contract-foreign").policy_arn(own).send().await.unwrap();
    let outputs = Outputs::default();
    let role = node_role("contract-foreign", &NODE_POLICIES[..1]);
    let step = Step::new(&world, "foreign", Ensure::Role(role), &outputs);
    assert!(matches!(step.look().await.owner, Ownership::Foreign { .. }));
    let changed = step.changes().await;
    assert!(changed.notes.iter().any(|note| note.contains(own)), "{:?}", changed.notes);
}
