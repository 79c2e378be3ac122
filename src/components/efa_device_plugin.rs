//! EFA device plugin: makes the EFA interfaces of a node allocatable.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::component::{Choice, Component, Inputs, WatchedWorkload, text};
use super::desired::{Desired, Objects};
use super::manifest;
use super::nvidia_device_plugin::{plugin_choice, plugin_step, ready_on_groups};
use crate::config::Spec;
use crate::domain::eni::{efa_count, interfaces};
use crate::domain::facts::Facts;
use crate::domain::instance::{InstanceCatalogue, lookup};
use crate::domain::problem::Problem;

const MANIFEST: &str = include_str!("../../manifests/addons/efa-device-plugin.yaml");
const DAEMON_SET: &str = "aws-efa-k8s-device-plugin";

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct EfaDevicePlugin;

impl Component for EfaDevicePlugin {
    fn id(&self) -> &'static str {
        "efa-device-plugin"
    }

    fn name(&self) -> &'static str {
        "EFA device plugin"
    }

    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice {
        let with_efa = |name: &str| lookup(facts, name).is_some_and(|kind| kind.max_efa > 0);
        if !spec.gpu.is_empty() && !spec.gpu.iter().any(|group| with_efa(&group.instance_type)) {
            return Choice::Skip { why: "No GPU node group has EFA.".to_owned() };
        }
        plugin_choice(spec, facts, "/aws-efa-k8s-device-plugin")
    }

    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        if self.choice(inputs.spec, inputs.facts) != Choice::Install {
            return Ok(Vec::new());
        }
        let ready = ready_on_groups(inputs, DAEMON_SET, "vpc.amazonaws.com/efa", |group, kind| {
            efa_count(&interfaces(kind, group.enis.layout))
        });
        let values =
            BTreeMap::from([("registry", text(registry(inputs).0)), ("instance_types", json!(instance_types(inputs)))]);
        let objects = manifest::objects(MANIFEST, &values)?;
        Ok(vec![plugin_step(self, inputs, "manifest 0.5.20", Objects { objects, ready })])
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[WatchedWorkload { kind: "DaemonSet", namespace: "kube-system", name: DAEMON_SET, per_gpu_node: true }]
    }

    fn notes(&self, inputs: &Inputs<'_>) -> Vec<String> {
        if self.choice(inputs.spec, inputs.facts) != Choice::Install {
            return Vec::new();
        }
        match registry(inputs) {
            (_, Source::Running) => Vec::new(),
            (host, Source::Assumed) => vec![format!(
                "The image is taken from {host}, because the registry of the running aws-node image is not known: {}.",
                inputs.facts.network.cni.why_unknown()
            )],
        }
    }
}

enum Source {
    Running,
    Assumed,
}

/// The registry of the running VPC CNI, which serves the EKS images of this Region. Unread, it is the account that EKS
/// uses in most commercial Regions (EKS user guide, "Amazon container image registries").
fn registry(inputs: &Inputs<'_>) -> (String, Source) {
    inputs.facts.network.cni.known().map_or_else(
        || (format!("602401143452.dkr.ecr.{}.amazonaws.com", inputs.place.region), Source::Assumed),
        |cni| (cni.registry.clone(), Source::Running),
    )
}

/// Every EFA type that is known, and those of the groups: a new type is never missed by the affinity.
fn instance_types(inputs: &Inputs<'_>) -> BTreeSet<String> {
    let known = InstanceCatalogue::embedded().iter().map(|kind| kind.name.clone());
    known.chain(inputs.spec.gpu.iter().map(|group| group.instance_type.clone())).collect()
}
