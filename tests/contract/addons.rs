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
