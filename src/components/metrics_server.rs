//! Metrics Server: two replicas on system nodes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::addon;
use super::component::{Choice, Component, Inputs, WatchedWorkload, text};
use super::desired::{Desired, Ensure, Objects, Readiness, Stage};
use super::manifest;
use super::standing::{by_owner, standing};
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::problem::Problem;

const MANIFEST: &str = include_str!("../../manifests/addons/metrics-server.yaml");

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct MetricsServer;

impl Component for MetricsServer {
    fn id(&self) -> &'static str {
        "metrics-server"
    }

    fn name(&self) -> &'static str {
        "Metrics Server"
    }

    /// The EKS community add-on: adopted when somebody installed it, never installed here.
    fn addon(&self) -> Option<&'static str> {
        Some("metrics-server")
    }

    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice {
        by_owner(spec.components.metrics_server, "METRICS_SERVER", self.name(), standing(self, spec, facts))
    }

    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        match self.choice(inputs.spec, inputs.facts) {
            Choice::Install => Ok(vec![objects(inputs)?]),
            Choice::Adopt { .. } if addon::planned(self, inputs).is_some() => {
                Ok(vec![addon::step(self, inputs, Stage::Cluster, Vec::new(), Vec::new())?])
            }
            Choice::Adopt { .. } | Choice::Skip { .. } | Choice::Off { .. } | Choice::Blocked { .. } => Ok(Vec::new()),
        }
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[
            WatchedWorkload {
                kind: "Deployment",
                namespace: "kube-system",
                name: "metrics-server",
                per_gpu_node: false,
            },
            WatchedWorkload { kind: "APIService", namespace: "", name: "v1beta1.metrics.k8s.io", per_gpu_node: false },
        ]
    }

    fn notes(&self, inputs: &Inputs<'_>) -> Vec<String> {
        if self.choice(inputs.spec, inputs.facts) != Choice::Install {
            return Vec::new();
        }
        let mut notes = Vec::new();
        let wanted = &inputs.spec.components.system_nodegroup;
        if !system_group_exists(inputs) {
            let why = format!("No node group {wanted} exists, so Metrics Server runs on any node it fits (CLU-006).");
            notes.push(why);
        }
        if inputs.spec.components.metrics_server_insecure_tls {
            let why =
                "METRICS_SERVER_INSECURE_TLS turns off the check of kubelet certificates; EKS does not need that.";
            notes.push(why.to_owned());
        }
        notes
    }
}

fn objects(inputs: &Inputs<'_>) -> Result<Desired, Problem> {
    let mut selector = BTreeMap::from([("kubernetes.io/os", "linux")]);
    if system_group_exists(inputs) {
        selector.insert("eks.amazonaws.com/nodegroup", &inputs.spec.components.system_nodegroup);
    }
    let insecure = inputs.spec.components.metrics_server_insecure_tls;
    let values = BTreeMap::from([
        ("node_selector", json!(selector)),
        ("insecure_tls", if insecure { text("--kubelet-insecure-tls") } else { Value::Null }),
    ]);
    let ready = vec![
        Readiness::Deployment { namespace: "kube-system".to_owned(), name: "metrics-server".to_owned() },
        Readiness::ApiService { name: "v1beta1.metrics.k8s.io".to_owned() },
        Readiness::NodeMetrics,
    ];
    Ok(Desired {
        id: "metrics-server.objects".into(),
        title: "manifest 0.8.1, 2 replicas".to_owned(),
        component: "metrics-server".to_owned(),
        stage: Stage::Cluster,
        needs: Vec::new(),
        ensure: Ensure::Objects(Objects { objects: manifest::objects(MANIFEST, &values)?, ready }),
        deadline_s: 300,
    })
}

fn system_group_exists(inputs: &Inputs<'_>) -> bool {
    let groups = inputs.facts.eks.nodegroups.known().map_or(&[][..], Vec::as_slice);
    groups.iter().any(|group| group.name == inputs.spec.components.system_nodegroup)
}
