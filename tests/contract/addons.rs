//! Add-ons with their associations, and access entries, in ministack.

use eks_wizard::apply::context::Outputs;
use eks_wizard::components::desired::{Addon, AddonAssociation, Ensure, Val};
use eks_wizard::components::observed::{Presence, Settled};
use eks_wizard::discover::probes::{addons, associations};
use eks_wizard::domain::ids::StepId;
use serde_json::json;

use super::step::Step;
use super::world::{ACCOUNT, Eks, World};

fn addon(version: &str, associations: Vec<AddonAssociation>) -> Ensure {
    Ensure::Addon(Addon {
        name: "aws-ebs-csi-driver".to_owned(),
        version: version.to_owned(),
        configuration: Some(json!({"node": {"tolerateAllTaints": true}})),
        associations,
    })
}

#[tokio::test]
async fn an_add_on_is_made_kept_and_upgraded() {
    let Some(world) = World::open("contract-addon", Eks::Ministack).await else { return };
    let world = world.with_cluster(&["subnet-1", "subnet-2"]).await;
    let outputs = Outputs::default();
    let step = |version: &str| Step::new(&world, "ebs-csi.addon", addon(version, Vec::new()), &outputs);
    let made = step("v1.60.0-eksbuild.1").holds().await;
    assert_eq!((made.settled, made.outputs["version"].as_str()), (Settled::Yes, "v1.60.0-eksbuild.1"));
    assert_eq!(step("v1.59.0-eksbuild.1").look().await.presence, Presence::Same, "a newer one is kept");
    let upgraded = step("v1.64.0-eksbuild.1").changes().await;
    assert_eq!(upgraded.outputs["version"], "v1.64.0-eksbuild.1");
    let listed = addons::read(&world.clients).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].tags["eks-wizard:cluster"], "contract-addon");
}

#[tokio::test]
async fn an_association_is_read_with_its_role_and_counts_for_the_add_on() {
    let Some(world) = World::open("contract-association", Eks::Ministack).await else { return };
    let world = world.with_cluster(&["subnet-1", "subnet-2"]).await;
    let outputs = Outputs::default();
    let role = StepId::from("ebs-csi.role");
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/contract-ebs-csi-role");
    outputs.set(&role, [("arn".to_owned(), arn.clone())].into());
    let version = "v1.64.0-eksbuild.1";
    Step::new(&world, "ebs-csi.addon", addon(version, Vec::new()), &outputs).holds().await;
    let wanted =
        AddonAssociation { service_account: "ebs-csi-controller-sa".to_owned(), role: Val::output(&role, "arn") };
    let step = Step::new(&world, "ebs-csi.addon", addon(version, vec![wanted]), &outputs);
    let seen = step.look().await;
    let Presence::Differs { changes } = &seen.presence else { panic!("{seen:?}") };
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].have.clone(), changes[0].want.as_deref()), (None, Some(arn.as_str())));

    // Made beside the add-on, because ministack ignores associations inside CreateAddon (exclusions.toml).
    let call = world.clients.aws.eks.create_pod_identity_association().cluster_name("contract-association");
    let call = call.namespace("kube-system").service_account("ebs-csi-controller-sa").role_arn(&arn);
    call.send().await.unwrap();
    let there = associations::read(&world.clients).await.unwrap();
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(there[0].role.as_ref().unwrap().as_str(), arn);
    // That it does not belong to the add-on is a note on AWS, which then leaves ownerArn out; ministack sends it empty.
    assert_eq!(step.look().await.presence, Presence::Same);
}
