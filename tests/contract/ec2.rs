//! Security group, launch template and placement group.

use eks_wizard::apply::context::Outputs;
use eks_wizard::components::desired::{Ensure, LaunchTemplate, PlacementGroup, SecurityGroup, Val};
use eks_wizard::components::observed::Presence;
use eks_wizard::components::template::{
    BlockDeviceMapping, Ebs, LaunchTemplateData, MetadataOptions, NetworkInterface, Tag, TagSpecification,
};
use eks_wizard::discover::probes::cluster_group;
use eks_wizard::domain::ids::{ResourceId, StepId};

use super::step::Step;
use super::world::{Eks, World};

fn group(vpc: &str) -> Ensure {
    Ensure::SecurityGroup(SecurityGroup {
        name: "contract-gpu-efa".to_owned(),
        description: "EFA traffic between GPU nodes".to_owned(),
        vpc: ResourceId::from(vpc),
    })
}

/// The template of a p5en group: one `efa` and 15 `efa-only` interfaces.
fn template(groups: &Val, root_gib: i32) -> Ensure {
    let interface = |card: i32| NetworkInterface {
        network_card_index: card,
        device_index: i32::from(card > 0),
        interface_type: if card == 0 { "efa" } else { "efa-only" }.to_owned(),
        groups: vec![groups.clone()],
        delete_on_termination: true,
    };
    let tag = Tag { key: "Name".to_owned(), value: "contract-gpu".to_owned() };
    let data = LaunchTemplateData {
        network_interfaces: (0..16).map(interface).collect(),
        block_device_mappings: vec![BlockDeviceMapping {
            device_name: "/dev/xvda".to_owned(),
            ebs: Ebs {
                volume_size: root_gib,
                volume_type: "gp3".to_owned(),
                iops: 16_000,
                throughput: 1_000,
                encrypted: true,
                delete_on_termination: true,
            },
        }],
        metadata_options: MetadataOptions {
            http_tokens: "required".to_owned(),
            http_endpoint: "enabled".to_owned(),
            http_put_response_hop_limit: 1,
        },
        tag_specifications: vec![TagSpecification { resource_type: "instance".to_owned(), tags: vec![tag] }],
        user_data: Some("TUlNRS1WZXJzaW9uOiAxLjAK".to_owned()),
        ..LaunchTemplateData::default()
    };
    Ensure::LaunchTemplate(LaunchTemplate { name: "contract-gpu".to_owned(), data })
}

#[tokio::test]
async fn a_security_group_gets_both_self_rules_once() {
    let Some(world) = World::open("contract-ec2", Eks::Moto).await else { return };
    let (vpc, _) = world.network().await;
    let outputs = Outputs::default();
    let step = Step::new(&world, "gpu.sg", group(&vpc), &outputs);
    let made = step.holds().await;
    let id = &made.outputs["id"];
    let rules = cluster_group::read(&world.clients.aws, &ResourceId::from(id.as_str())).await.unwrap();
    assert!(rules.self_ingress && rules.self_egress, "{rules:?}");

    // Somebody takes a rule away: the look tells which, and acting puts back that one alone.
    let ec2 = &world.clients.aws.ec2;
    let rules = ec2.describe_security_group_rules().send().await.unwrap();
    let ours = |rule: &&aws_sdk_ec2::types::SecurityGroupRule| {
        rule.group_id() == Some(id) && rule.is_egress() == Some(true) && rule.referenced_group_info().is_some()
    };
    let rule = rules.security_group_rules().iter().find(ours).unwrap().security_group_rule_id().unwrap();
    ec2.revoke_security_group_egress().group_id(id).security_group_rule_ids(rule).send().await.unwrap();
    let seen = step.look().await;
    assert!(
        matches!(&seen.presence, Presence::Differs { changes } if changes.len() == 1 && changes[0].path == "egress"),
        "{seen:?}"
    );
    step.changes().await;
}

#[tokio::test]
async fn a_template_of_sixteen_interfaces_reads_back_as_sent_and_changes_by_versions() {
    let Some(world) = World::open("contract-lt", Eks::Moto).await else { return };
    let outputs = Outputs::default();
    let source = StepId::from("gpu.sg");
    outputs.set(&source, [("id".to_owned(), "sg-0123456789abcdef0".to_owned())].into());
    let groups = Val::output(&source, "id");
    let first = Step::new(&world, "gpu.lt", template(&groups, 200), &outputs).holds().await;
    assert_eq!(first.outputs["version"], "1");
    assert!(first.outputs["id"].starts_with("lt-"), "{first:?}");

    let changed = Step::new(&world, "gpu.lt", template(&groups, 300), &outputs);
    let seen = changed.look().await;
    let Presence::Differs { changes } = &seen.presence else { panic!("{seen:?}") };
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].have.as_deref(), changes[0].want.as_deref()), (Some("200"), Some("300")));
    let second = changed.changes().await;
    assert_eq!(second.outputs["version"], "2", "the new version is the default one");
    assert_eq!(second.outputs["id"], first.outputs["id"]);
}

#[tokio::test]
async fn a_placement_group() {
    let Some(world) = World::ministack("contract-pg").await else { return };
    let group = PlacementGroup { name: "contract-gpu".to_owned() };
    let outputs = Outputs::default();
    Step::new(&world, "gpu.pg", Ensure::PlacementGroup(group), &outputs).holds().await;
}
