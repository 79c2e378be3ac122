//! A managed node group in moto, which neither starts instances nor refuses what EKS refuses.

use std::collections::BTreeMap;

use eks_wizard::apply::context::Outputs;
use eks_wizard::components::desired::{Ensure, Nodegroup, NodegroupLaunch, Val};
use eks_wizard::components::observed::{Presence, Settled};
use eks_wizard::domain::ids::ResourceId;

use super::step::Step;
use super::world::{ACCOUNT, Eks, World};

fn group(subnet: &str, template: &str, sizes: (u32, u32, u32)) -> Nodegroup {
    Nodegroup {
        name: "gpu-compute".to_owned(),
        subnet: ResourceId::from(subnet),
        node_role: Val::known(format!("arn:aws:iam::{ACCOUNT}:role/contract-gpu-node-role")),
        launch: NodegroupLaunch {
            template: Val::known(template),
            template_version: Val::known("1"),
            instance_types: vec!["p5en.48xlarge".to_owned()],
            ami_type: "AL2023_x86_64_NVIDIA".to_owned(),
            release: None,
            capacity_type: "ON_DEMAND".to_owned(),
        },
        sizes,
        labels: BTreeMap::from([("nvidia.com/gpu".to_owned(), "true".to_owned())]),
        taints: vec![("nvidia.com/gpu".to_owned(), "true".to_owned(), "NO_SCHEDULE".to_owned())],
        // The strategy is not compared here: moto stores no updateConfig (exclusions.toml).
        update_strategy: "DEFAULT".to_owned(),
        repair: false,
    }
}

async fn template(world: &World) -> String {
    let data = aws_sdk_ec2::types::RequestLaunchTemplateData::builder().user_data("TUlNRQ==").build();
    let call = world.clients.aws.ec2.create_launch_template().launch_template_name("contract-nodegroup");
    let made = call.launch_template_data(data).send().await.unwrap();
    made.launch_template().unwrap().launch_template_id().unwrap().to_owned()
}

#[tokio::test]
async fn a_node_group_is_made_read_back_and_resized() {
    let Some(world) = World::open("contract-nodegroup", Eks::Moto).await else { return };
    let (_, subnet) = world.network().await;
    let world = world.with_cluster(&[&subnet]).await;
    let template = template(&world).await;
    let outputs = Outputs::default();
    let step = |group: Nodegroup| Step::new(&world, "gpu.nodegroup", Ensure::Nodegroup(group), &outputs);

    let made = step(group(&subnet, &template, (0, 2, 10))).holds().await;
    assert_eq!((made.settled, made.notes), (Settled::Yes, Vec::new()));

    // The desired size is the autoscaler's after creation; limits are ours.
    let drifted = step(group(&subnet, &template, (0, 5, 10))).look().await;
    assert_eq!(drifted.presence, Presence::Same);
    assert!(drifted.notes.iter().any(|note| note.contains("Desired size is 2, not 5")), "{:?}", drifted.notes);
    step(group(&subnet, &template, (1, 2, 12))).changes().await;

    let elsewhere = step(group("subnet-0other", &template, (1, 2, 12))).look().await;
    assert!(matches!(elsewhere.presence, Presence::Incompatible { .. }), "{elsewhere:?}");

    let eks = &world.clients.aws.eks;
    eks.delete_nodegroup().cluster_name("contract-nodegroup").nodegroup_name("gpu-compute").send().await.unwrap();
    assert_eq!(step(group(&subnet, &template, (0, 2, 10))).look().await.presence, Presence::Absent);
}
