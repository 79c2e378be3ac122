//! The real SDK clients against the handlers: what they send is taken, what they get they can read.

use aws_sdk_ec2::types as ec2_types;
use aws_sdk_eks::types as eks_types;

use super::*;
use crate::sim::testing::config;
use crate::sim::{SimOptions, Simulator};

fn tags(kind: ec2_types::ResourceType) -> ec2_types::TagSpecification {
    let tag = ec2_types::Tag::builder().key("eks-wizard:cluster").value(CLUSTER).build();
    ec2_types::TagSpecification::builder().resource_type(kind).tags(tag).build()
}

fn named(name: &str, value: &str) -> ec2_types::Filter {
    ec2_types::Filter::builder().name(name).values(value).build()
}

fn cards(group: &str) -> ec2_types::RequestLaunchTemplateData {
    use ec2_types::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest as Spec;
    let one = |card: i32| {
        let (device, kind) = if card == 0 { (0, "efa") } else { (1, "efa-only") };
        Spec::builder().network_card_index(card).device_index(device).interface_type(kind).groups(group).build()
    };
    let ebs = ec2_types::LaunchTemplateEbsBlockDeviceRequest::builder().volume_size(200).iops(16_000).encrypted(true);
    let root = ec2_types::LaunchTemplateBlockDeviceMappingRequest::builder().device_name("/dev/xvda").ebs(ebs.build());
    ec2_types::RequestLaunchTemplateData::builder()
        .set_network_interfaces(Some((0..16).map(one).collect()))
        .block_device_mappings(root.build())
        .build()
}

#[tokio::test(start_paused = true)]
async fn ec2_reads_over_the_wire() {
    let sim = Simulator::open(SimOptions::new("default")).unwrap();
    let ec2 = aws_sdk_ec2::Client::new(&config(&sim));
    let subnets = ec2.describe_subnets().into_paginator().items().send().try_collect().await.unwrap();
    let gpu_c = subnets.iter().find(|s| s.subnet_id() == Some(GPU_C)).unwrap();
    assert_eq!((gpu_c.available_ip_address_count(), gpu_c.availability_zone_id()), (Some(498), Some("use2-az1")));
    let kind = ec2_types::InstanceType::from("p5en.48xlarge");
    let found = ec2.describe_instance_types().instance_types(kind).send().await.unwrap().instance_types.unwrap();
    let network = found[0].network_info().unwrap();
    assert_eq!((network.maximum_network_cards(), network.ipv4_addresses_per_interface()), (Some(16), Some(50)));
    assert_eq!(network.network_cards().len(), 16);
    assert_eq!(network.efa_info().unwrap().maximum_efa_interfaces(), Some(16));
    assert_eq!(found[0].gpu_info().unwrap().gpus()[0].count(), Some(8));
    assert_eq!(found[0].v_cpu_info().unwrap().default_v_cpus(), Some(192));
    let rules = ec2.describe_security_group_rules().filters(named("group-id", CLUSTER_GROUP));
    let rules = rules.into_paginator().items().send().try_collect().await.unwrap();
    let own = |r: &&ec2_types::SecurityGroupRule| r.referenced_group_info().is_some();
    assert_eq!(rules.iter().filter(own).map(|r| r.is_egress()).collect::<Vec<_>>(), [Some(false)]);
    let interfaces = ec2.describe_network_interfaces().filters(named("subnet-id", GPU_C));
    let interfaces = interfaces.into_paginator().items().send().try_collect().await.unwrap();
    assert_eq!(interfaces.iter().map(|i| i.private_ip_addresses().len()).sum::<usize>(), 9);
    let tables = ec2.describe_route_tables().filters(named("association.subnet-id", GPU_C)).send().await.unwrap();
    assert!(tables.route_tables()[0].routes().iter().any(|route| route.nat_gateway_id().is_some()));
    let offers = ec2.describe_instance_type_offerings().location_type(ec2_types::LocationType::AvailabilityZoneId);
    let offers = offers.filters(named("instance-type", "p5en.48xlarge")).send().await.unwrap();
    assert_eq!(offers.instance_type_offerings().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_group_of_gpu_nodes_is_made_by_real_clients() {
    let sim = Simulator::open(SimOptions::new("default")).unwrap();
    let config = config(&sim);
    let (ec2, eks) = (aws_sdk_ec2::Client::new(&config), aws_sdk_eks::Client::new(&config));
    let role = sim.with_world(|world| {
        let policies = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"];
        role(world, "gpu-node-role", "ec2.amazonaws.com", &policies)
    });
    let vpc = sim.with_world(|world| world.ec2.vpc.id.clone());
    let group = ec2.create_security_group().group_name("efa").description("EFA").vpc_id(vpc);
    let group = group.tag_specifications(tags(ec2_types::ResourceType::SecurityGroup)).send().await.unwrap();
    let group = group.group_id.unwrap();
    let own = ec2_types::UserIdGroupPair::builder().group_id(&group).build();
    let all = ec2_types::IpPermission::builder().ip_protocol("-1").user_id_group_pairs(own).build();
    let allowed = ec2.authorize_security_group_egress().group_id(&group).ip_permissions(all);
    let allowed = allowed.tag_specifications(tags(ec2_types::ResourceType::SecurityGroupRule)).send().await.unwrap();
    assert_eq!(allowed.security_group_rules()[0].referenced_group_info().unwrap().group_id(), Some(group.as_str()));
    let template = ec2.create_launch_template().launch_template_name("gpu").launch_template_data(cards(&group));
    let template = template.tag_specifications(tags(ec2_types::ResourceType::LaunchTemplate)).send().await.unwrap();
    let template = template.launch_template.unwrap().launch_template_id.unwrap();
    let read = ec2.describe_launch_template_versions().launch_template_id(&template).versions("$Default");
    let read = read.send().await.unwrap().launch_template_versions.unwrap().remove(0).launch_template_data.unwrap();
    assert_eq!(read.network_interfaces().len(), 16);
    assert_eq!(read.network_interfaces()[3].groups(), [group]);
    assert_eq!(read.block_device_mappings()[0].ebs().unwrap().volume_size(), Some(200));
    let made = eks.create_nodegroup().cluster_name(CLUSTER).nodegroup_name("gpu").node_role(role).subnets(GPU_C);
    let made = made.instance_types("p5en.48xlarge").ami_type(eks_types::AmiTypes::Al2023X8664Nvidia);
    let sizes = eks_types::NodegroupScalingConfig::builder().min_size(0).desired_size(1).max_size(4).build();
    let from = eks_types::LaunchTemplateSpecification::builder().id(template).version("1").build();
    made.scaling_config(sizes).launch_template(from).send().await.unwrap();
    let later = sim.with_world(|world| world.now) + Duration::from_secs(300);
    sim.with_world(|world| world.advance_to(later));
    let found = eks.describe_nodegroup().cluster_name(CLUSTER).nodegroup_name("gpu").send().await.unwrap();
    let found = found.nodegroup.unwrap();
    assert_eq!(found.status(), Some(&eks_types::NodegroupStatus::Active));
    assert!(found.created_at().is_some() && found.update_config().is_some());
    let running = ec2.describe_instances().filters(named("tag:eks:nodegroup-name", "gpu")).send().await.unwrap();
    let instance = &running.reservations()[0].instances()[0];
    assert_eq!(instance.network_interfaces().len(), 17, "16 of the template and one warm");
    assert_eq!(instance.state().unwrap().name(), Some(&ec2_types::InstanceStateName::Running));
}

#[tokio::test(start_paused = true)]
async fn eks_reads_over_the_wire() {
    let sim = Simulator::open(SimOptions::new("default")).unwrap();
    let eks = aws_sdk_eks::Client::new(&config(&sim));
    let names = eks.list_clusters().into_paginator().items().send().try_collect().await.unwrap();
    assert_eq!(names, ["orbit-auto", "orbit-dev", "orbit-train"]);
    let cluster = eks.describe_cluster().name(CLUSTER).send().await.unwrap().cluster.unwrap();
    assert!(cluster.certificate_authority().unwrap().data().is_some());
    assert_eq!(cluster.resources_vpc_config().unwrap().cluster_security_group_id(), Some(CLUSTER_GROUP));
    let addons = eks.list_addons().cluster_name(CLUSTER).into_paginator().items().send().try_collect().await.unwrap();
    assert_eq!(addons, ["coredns", "kube-proxy", "vpc-cni"]);
    let cni = eks.describe_addon().cluster_name(CLUSTER).addon_name("vpc-cni").send().await.unwrap().addon.unwrap();
    assert_eq!(cni.addon_version(), Some("v1.23.1-eksbuild.1"));
    let versions = eks.describe_addon_versions().addon_name("aws-ebs-csi-driver").kubernetes_version("1.35");
    let versions = versions.send().await.unwrap().addons.unwrap();
    assert!(versions[0].addon_versions()[0].compatibilities()[0].default_version());
    let entries = eks.list_access_entries().cluster_name(CLUSTER).into_paginator().items().send();
    let entries = entries.try_collect().await.unwrap();
    assert_eq!(entries.len(), 2);
    let entry = eks.describe_access_entry().cluster_name(CLUSTER).principal_arn(&entries[1]).send().await.unwrap();
    assert_eq!(entry.access_entry().unwrap().r#type(), Some("EC2_LINUX"));
    let missing = eks.describe_nodegroup().cluster_name(CLUSTER).nodegroup_name("nope").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
    assert!(eks.list_updates().name(CLUSTER).send().await.unwrap().update_ids().is_empty());
    let running = eks.list_updates().name("orbit-auto").send().await.unwrap().update_ids.unwrap().remove(0);
    let running = eks.describe_update().name("orbit-auto").update_id(running).send().await.unwrap().update.unwrap();
    assert_eq!(running.status(), Some(&eks_types::UpdateStatus::InProgress));
}
