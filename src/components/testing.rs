//! A Spec, a Place and Facts for tests: the account of the default scenario, with nothing installed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::config::Spec;
use crate::domain::facts::{
    Addon, AddonVersion, Cluster, ClusterSummary, Cni, EndpointAccess, Fact, Facts, GroupRules, Nodegroup, Place,
    StorageClass, Subnet, Workload,
};
use crate::domain::time::Stamp;

/// A fact read at the epoch.
pub fn known<T>(value: T) -> Fact<T> {
    Fact::Known { value, at: Stamp::EPOCH }
}

/// Account, Region and cluster of every test.
pub fn place() -> Place {
    Place { account: "123456789012".into(), region: "us-east-2".into(), cluster: "demo".into() }
}

/// The Spec as JSON: one p5en group of two nodes, three candidates.
pub fn spec_json() -> Value {
    let subnet = |letter: &str, prefix: &str| json!({"letter": letter, "variable": format!("{prefix}_SUBNET_{letter}"), "id": format!("subnet-{}", letter.to_lowercase())});
    json!({
        "cluster": "demo",
        "region": "us-east-2",
        "private_subnets": (["A", "B", "C"].map(|letter| subnet(letter, "PRIVATE"))),
        "components": {
            "ebs_csi": "auto", "metrics_server": "auto", "metrics_server_insecure_tls": false,
            "cluster_autoscaler": "auto", "load_balancer_controller": "auto", "io2": null, "karpenter": null,
            "efs_csi": false, "fsx_csi": null, "s3_buckets": [], "system_nodegroup": "eks-utils",
            "monitoring": {"dcgm_exporter": false, "node_monitoring_agent": false},
        },
        "gpu": [{
            "name": "gpu-compute",
            "instance_type": "p5en.48xlarge",
            "sizes": {"min": 0, "desired": 2, "max": 10},
            "subnets": {"candidates": (["A", "B", "C"].map(|letter| subnet(letter, "GPU"))), "chosen": null},
            "enis": {"count": null, "layout": "primary-efa"},
            "capacity": {"option": "on-demand"},
            "placement": "auto",
            "volumes": {"root_gib": 200, "data_gib": 0},
            "drivers": {"mode": "ami", "nvidia": "auto", "efa": "auto", "nccl": "2.22.3", "ami_release": "latest"},
            "repair": "off",
            "imds_hop_limit": 1,
            "provisioner": "managed",
        }],
        "suppressions": [],
    })
}

/// The Spec of [`spec_json`] with the values at these JSON pointers replaced.
pub fn spec_with(changes: &[(&str, Value)]) -> Spec {
    let mut json = spec_json();
    for (pointer, value) in changes {
        *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in the Spec")) = value.clone();
    }
    serde_json::from_value(json).unwrap()
}

/// The Spec of [`spec_json`].
pub fn spec() -> Spec {
    spec_with(&[])
}

/// A Spec without GPU nodes.
pub fn spec_without_gpu() -> Spec {
    spec_with(&[("/gpu", json!([]))])
}

/// A subnet with this many free addresses.
pub fn subnet(letter: &str, az_id: &str, free: u32) -> Subnet {
    Subnet {
        id: format!("subnet-{letter}").into(),
        name: format!("private-{letter}"),
        az_id: az_id.to_owned(),
        az_name: "us-east-2a".to_owned(),
        cidr: "10.0.0.0/22".to_owned(),
        free,
        free_blocks: None,
        public: false,
    }
}

/// Facts of a cluster on which nothing is installed; the cluster security group lacks self egress.
pub fn facts() -> Facts {
    let mut facts = Facts {
        cluster: known(cluster(false)),
        policies: known(BTreeSet::from(["arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicyV2".into()])),
        ..Facts::default()
    };
    facts.eks.addons = known(Vec::new());
    facts.eks.addon_versions = known(BTreeMap::from([
        ("eks-pod-identity-agent".to_owned(), versions("v1.3.10-eksbuild.2")),
        ("aws-ebs-csi-driver".to_owned(), versions("v1.64.0-eksbuild.1")),
    ]));
    facts.eks.nodegroups = known(vec![nodegroup("eks-utils", "subnet-a")]);
    facts.network.subnets =
        known(vec![subnet("a", "use2-az1", 250), subnet("b", "use2-az1", 1_000), subnet("c", "use2-az1", 1_000)]);
    facts.network.cluster_group =
        known(GroupRules { group: "sg-cluster".into(), self_ingress: true, self_egress: false });
    facts.network.cni = known(Cni {
        version: "1.23.1".to_owned(),
        registry: "602401143452.dkr.ecr.us-east-2.amazonaws.com".to_owned(),
        env: BTreeMap::new(),
        own_role: false,
    });
    facts.kube.storage_classes = known(vec![StorageClass {
        name: "gp2".to_owned(),
        provisioner: "kubernetes.io/aws-ebs".to_owned(),
        default: true,
    }]);
    facts.kube.workloads = known(Vec::new());
    let zones = BTreeSet::from(["use2-az1".to_owned()]);
    facts.capacity.offerings = known(BTreeMap::from([("p5en.48xlarge".to_owned(), zones)]));
    facts
}

/// The cluster.
pub fn cluster(auto_mode: bool) -> Cluster {
    Cluster {
        summary: ClusterSummary {
            name: "demo".into(),
            version: "1.35".to_owned(),
            status: "ACTIVE".to_owned(),
            auto_mode,
        },
        arn: "arn:aws:eks:us-east-2:123456789012:cluster/demo".into(),
        endpoint: "https://example.invalid".to_owned(),
        certificate_authority: String::new(),
        vpc: "vpc-1".into(),
        security_group: "sg-cluster".into(),
        subnets: Vec::new(),
        authentication_mode: "API".to_owned(),
        endpoint_access: EndpointAccess { public: true, private: true },
        health_issues: Vec::new(),
        service_cidr: None,
    }
}

/// A node group of this name in this subnet, with the release that the tests know.
pub fn nodegroup(name: &str, subnet: &str) -> Nodegroup {
    Nodegroup {
        name: name.to_owned(),
        status: "ACTIVE".to_owned(),
        instance_types: Vec::new(),
        subnets: vec![subnet.into()],
        sizes: (0, 2, 10),
        node_role: "arn:aws:iam::123456789012:role/nodes".into(),
        labels: BTreeMap::new(),
        taints: Vec::new(),
        release: Some("1.35.6-20260714".to_owned()),
        tags: BTreeMap::new(),
        issues: Vec::new(),
    }
}

/// An ACTIVE add-on with these tags.
pub fn addon(name: &str, tags: &[(&str, &str)]) -> Addon {
    Addon {
        name: name.to_owned(),
        version: "v1.0.0-eksbuild.1".to_owned(),
        status: "ACTIVE".to_owned(),
        issues: Vec::new(),
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        configuration: None,
    }
}

/// A workload of kube-system that `manager` applied, with `ready` of 2 pods.
pub fn workload(kind: &str, name: &str, manager: &str, ready: u32) -> Workload {
    Workload {
        kind: kind.to_owned(),
        namespace: "kube-system".to_owned(),
        name: name.to_owned(),
        image: None,
        managers: vec![manager.to_owned()],
        labels: BTreeMap::new(),
        ready: (ready, 2),
    }
}

fn versions(newest: &str) -> Vec<AddonVersion> {
    vec![
        AddonVersion { version: newest.to_owned(), default: true },
        AddonVersion { version: "v0.0.1-eksbuild.1".to_owned(), default: false },
    ]
}
