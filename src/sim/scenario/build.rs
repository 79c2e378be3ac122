//! Building the world of a scenario, in the order in which an account grows: network, clusters, nodes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::time::Stamp;
use crate::sim::apiserver;
use crate::sim::scenario::{ClusterSeed, GroupSeed, Scenario, SubnetSeed};
use crate::sim::services::ec2::{self, Interface, InterfaceKind, LaunchOrder, Range, Subnet, Tags};
use crate::sim::services::eks::{self, Addon, ControlPlane, Nodegroup, Scaling};
use crate::sim::services::iam;
use crate::sim::world::World;

/// The account is this much older than the scenario's origin.
const AGE: Duration = Duration::from_secs(120 * 86_400);
/// The world runs this long before its origin, so that pods of the seeded workloads are Ready.
const WARM_UP: Duration = Duration::from_secs(3600);

/// A cluster whose status is UPDATING has been so for this long.
const UPDATING_SINCE: Duration = Duration::from_secs(21 * 60);

/// Builds the world and advances it to the origin.
pub fn build(world: &mut World, scenario: &Scenario) {
    let born = scenario.origin - AGE;
    world.now = born;
    network(world, scenario);
    for (code, value) in &scenario.quotas {
        world.quotas.quotas.insert(code.clone(), *value);
    }
    role(
        world,
        "PlatformOps",
        &trust(&format!("arn:aws:iam::{}:root", world.account), "AWS"),
        &["AdministratorAccess"],
    );
    for (name, seed) in &scenario.clusters {
        cluster(world, scenario, name, seed);
    }
    world.now = scenario.origin - WARM_UP;
    world.settle();
    world.advance_to(scenario.origin);
}

/// A version update of the control plane that is under way and does not end.
fn update(world: &mut World, cluster: &str, version: &str, created: Stamp) {
    let update = eks::Update {
        id: eks::uuid(world),
        kind: "VersionUpdate".to_owned(),
        status: "InProgress".to_owned(),
        params: vec![("Version".to_owned(), version.to_owned())],
        created,
        nodegroup: None,
        addon: None,
        token: None,
    };
    if let Some(plane) = world.eks.clusters.get_mut(cluster) {
        plane.updates.insert(update.id.clone(), update);
    }
}

fn tag(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn network(world: &mut World, scenario: &Scenario) {
    let vpc = &scenario.vpc;
    world.ec2.vpc =
        ec2::Vpc { id: vpc.id.clone(), cidr: vpc.cidr.clone(), tags: tag(&[("Name", "orbit-ml")]), nat: vpc.nat };
    world.ec2.zones = scenario.zones.clone();
    world.ec2.offerings = scenario.offerings.clone();
    for (name, seed) in &scenario.subnets {
        let Some(range) = Range::parse(&seed.cidr) else { continue };
        let tags = tag(&[("Name", name), ("kubernetes.io/role/internal-elb", "1")]);
        let subnet = Subnet { id: seed.id.clone(), range, zone_id: seed.zone.clone(), tags, reservations: Vec::new() };
        world.ec2.subnets.insert(seed.id.clone(), subnet);
        occupy(world, name, seed);
    }
}

/// Interfaces of other owners: every used address of a subnet belongs to one.
fn occupy(world: &mut World, name: &str, seed: &SubnetSeed) {
    for used in &seed.used {
        for time in 0..used.times {
            let first = used.from.to_bits() + time * used.every;
            let id = ec2::fresh_id(world.next_serial(), "eni");
            let interface = Interface {
                id: id.clone(),
                subnet: seed.id.clone(),
                addresses: (first..first + used.take).map(Ipv4Addr::from_bits).collect(),
                kind: InterfaceKind::Interface,
                instance: None,
                slot: (0, 1),
                groups: Vec::new(),
                description: format!("ELB net/{name}-{time}/0c1f9d3ab2e47865"),
                created: world.now,
                tags: Tags::new(),
            };
            world.ec2.interfaces.insert(id, interface);
        }
    }
}

fn trust(principal: &str, kind: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole"}],
    })
    .to_string()
}

/// Makes a role with AWS managed policies and answers its ARN.
fn role(world: &mut World, name: &str, trust: &str, policies: &[&str]) -> String {
    let serial = world.next_serial();
    let mut role = iam::Role::new(&world.account, name, trust, serial, world.now);
    role.attached = policies.iter().map(|policy| format!("arn:aws:iam::aws:policy/{policy}")).collect();
    let arn = role.arn.clone();
    world.iam.roles.insert(name.to_owned(), role);
    arn
}

fn cluster(world: &mut World, scenario: &Scenario, name: &str, seed: &ClusterSeed) {
    let born = world.now;
    let mut api = apiserver::Cluster::new(name, &seed.version, born);
    api.put_as(born, "kubectl-client-side-apply", gp2());
    world.clusters.insert(name.to_owned(), api);
    ec2::cluster_group(world, &seed.security_group, name, seed.self_egress);
    let role = role(
        world,
        &format!("{name}-cluster-role"),
        &trust("eks.amazonaws.com", "Service"),
        &["AmazonEKSClusterPolicy"],
    );
    let subnets: Vec<String> =
        seed.subnets.iter().filter_map(|short| scenario.subnets.get(short)).map(|subnet| subnet.id.clone()).collect();
    let view = view(world, name, seed, &role, &subnets);
    let plane = ControlPlane {
        version: seed.version.clone(),
        status: seed.status.clone(),
        view,
        security_group: seed.security_group.clone(),
        ..ControlPlane::default()
    };
    world.eks.clusters.insert(name.to_owned(), plane);
    eks::add_entry(world, name, &format!("arn:aws:iam::{}:role/PlatformOps", world.account), "STANDARD");
    if seed.status == "UPDATING" {
        update(world, name, &seed.version, scenario.origin - UPDATING_SINCE);
    }
    for addon in &seed.addons {
        add_on(world, name, &seed.version, addon);
    }
    if let Some(group) = &seed.group {
        node_group(world, scenario, name, group);
    }
}

/// The class that old clusters have, still annotated as the default.
fn gp2() -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "gp2", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "kubernetes.io/aws-ebs",
        "parameters": {"type": "gp2", "fsType": "ext4"},
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    })
}

/// The `cluster` structure of DescribeCluster.
fn view(world: &mut World, name: &str, seed: &ClusterSeed, role: &str, subnets: &[String]) -> Value {
    let id = eks::uuid(world).replace('-', "").to_uppercase();
    let seconds = world.now.seconds();
    json!({
        "name": name,
        "arn": format!("arn:aws:eks:{}:{}:cluster/{name}", world.region, world.account),
        "createdAt": seconds,
        "version": seed.version,
        "endpoint": format!("https://{id}.gr7.{}.eks.amazonaws.com", world.region),
        "roleArn": role,
        "resourcesVpcConfig": {
            "subnetIds": subnets,
            "securityGroupIds": [],
            "clusterSecurityGroupId": seed.security_group,
            "vpcId": world.ec2.vpc.id,
            "endpointPublicAccess": true,
            "endpointPrivateAccess": true,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
        "logging": {"clusterLogging": [{"types": ["api", "audit", "authenticator"], "enabled": true}]},
        "identity": {"oidc": {"issuer": format!("https://oidc.eks.{}.amazonaws.com/id/{id}", world.region)}},
        "status": seed.status,
        "certificateAuthority": {"data": CERTIFICATE},
        "platformVersion": "eks.12",
        "tags": {"team": "orbit-ml"},
        "health": {"issues": []},
        "accessConfig": {
            "bootstrapClusterCreatorAdminPermissions": true, "authenticationMode": "API_AND_CONFIG_MAP",
        },
        "upgradePolicy": {"supportType": "STANDARD"},
        "computeConfig": {"enabled": seed.auto_mode},
        "storageConfig": {"blockStorage": {"enabled": seed.auto_mode}},
        "deletionProtection": false,
    })
}

/// Base64 of a PEM frame. A simulated run speaks to the API server in memory, where nobody checks it.
const CERTIFICATE: &str = concat!(
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3SUJBZ0lJU0lNVUxBVEVEUkFOR0VNPQotLS0tLUVORCBDRVJU",
    "SUZJQ0FURS0tLS0tCg=="
);

fn add_on(world: &mut World, cluster: &str, minor: &str, name: &str) {
    let version =
        if name == "vpc-cni" { Some("v1.23.1-eksbuild.1".to_owned()) } else { eks::default_version(name, minor) };
    let Some(version) = version else { return };
    eks::install_workload(world, cluster, name, &version);
    let now = world.now;
    let addon = Addon {
        name: name.to_owned(),
        version,
        status: "ACTIVE".to_owned(),
        created: now,
        since: now,
        issues: Vec::new(),
        configuration: None,
        overwrite: true,
        applied: true,
        preserve: false,
        origin: (None, Tags::new()),
    };
    if let Some(plane) = world.eks.clusters.get_mut(cluster) {
        plane.addons.insert(name.to_owned(), addon);
    }
}

fn node_group(world: &mut World, scenario: &Scenario, cluster: &str, seed: &GroupSeed) {
    let policies = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"];
    let role = role(world, &format!("{cluster}-node-role"), &trust("ec2.amazonaws.com", "Service"), &policies);
    eks::add_entry(world, cluster, &role, "EC2_LINUX");
    let subnets: Vec<String> =
        seed.subnets.iter().filter_map(|short| scenario.subnets.get(short)).map(|subnet| subnet.id.clone()).collect();
    let mut group = seeded_group(world.now, cluster, seed, &role, &subnets, world);
    group.asg = Some(eks::make_asg(world, cluster, &group));
    for at in 0..seed.nodes {
        let turn = usize::try_from(at).unwrap_or(0) % subnets.len().max(1);
        let order = LaunchOrder {
            data: json!({}),
            instance_type: seed.instance_type.clone(),
            subnet: subnets.get(turn).cloned().unwrap_or_default(),
            groups: scenario.clusters.get(cluster).map(|c| c.security_group.clone()).into_iter().collect(),
            tags: eks::instance_tags(cluster, &seed.name, group.asg.as_deref()),
        };
        // A scenario whose own group cannot launch shows it as a missing node; a test counts them.
        let _launched = eks::adopt_instance(world, cluster, &mut group, &order);
    }
    if let Some(plane) = world.eks.clusters.get_mut(cluster) {
        plane.nodegroups.insert(seed.name.clone(), group);
    }
}

fn seeded_group(
    now: Stamp,
    cluster: &str,
    seed: &GroupSeed,
    role: &str,
    subnets: &[String],
    world: &World,
) -> Nodegroup {
    let minor = world.eks.clusters.get(cluster).map(|plane| plane.version.clone()).unwrap_or_default();
    let spec = json!({
        "version": minor,
        "releaseVersion": eks::latest_release(&minor),
        "capacityType": "ON_DEMAND",
        "amiType": "AL2023_x86_64_STANDARD",
        "instanceTypes": [seed.instance_type],
        "subnets": subnets,
        "nodeRole": role,
        "labels": {"role": "utils"},
        "diskSize": 80,
        "updateConfig": {"maxUnavailable": 1, "updateStrategy": "DEFAULT"},
        "tags": {},
    });
    Nodegroup {
        name: seed.name.clone(),
        status: "ACTIVE".to_owned(),
        created: now,
        since: now,
        scaling: Scaling { min: seed.nodes, desired: seed.nodes, max: seed.nodes * 2 },
        spec,
        instance_type: seed.instance_type.clone(),
        asg: None,
        nodes: BTreeMap::new(),
        issues: Vec::new(),
        retry: None,
        token: None,
    }
}
