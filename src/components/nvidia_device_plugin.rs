//! NVIDIA device plugin: makes the GPUs of a node allocatable.

use super::component::{Choice, Component, Inputs, WatchedWorkload, expected_nodes, gpu_step};
use super::desired::{Desired, Ensure, Objects, Readiness, Stage};
use super::manifest::{self, Values};
use super::naming::GROUP_LABEL;
use super::standing::{foreign_daemon_set, workload_maker};
use crate::config::Spec;
use crate::domain::facts::Facts;
use crate::domain::instance::{InstanceType, lookup};
use crate::domain::problem::Problem;

const MANIFEST: &str = include_str!("../../manifests/addons/nvidia-device-plugin.yaml");
const DAEMON_SET: &str = "nvidia-device-plugin-daemonset";

/// The component.
#[derive(Debug, Clone, Copy)]
pub struct NvidiaDevicePlugin;

impl Component for NvidiaDevicePlugin {
    fn id(&self) -> &'static str {
        "nvidia-device-plugin"
    }

    fn name(&self) -> &'static str {
        "NVIDIA device plugin"
    }

    fn choice(&self, spec: &Spec, facts: &Facts) -> Choice {
        plugin_choice(spec, facts, "/k8s-device-plugin")
    }

    fn desired(&self, inputs: &Inputs<'_>) -> Result<Vec<Desired>, Problem> {
        if self.choice(inputs.spec, inputs.facts) != Choice::Install {
            return Ok(Vec::new());
        }
        let gpus = |kind: &InstanceType| kind.gpus.as_ref().map_or(0, |gpus| gpus.count);
        let ready = ready_on_groups(inputs, DAEMON_SET, "nvidia.com/gpu", |_, kind| gpus(kind));
        let objects = manifest::objects(MANIFEST, &Values::new())?;
        Ok(vec![plugin_step(self, inputs, "manifest 0.20.0", Objects { objects, ready })])
    }

    fn workloads(&self) -> &'static [WatchedWorkload] {
        &[WatchedWorkload { kind: "DaemonSet", namespace: "kube-system", name: DAEMON_SET, per_gpu_node: true }]
    }
}

/// The choice for a device plugin whose image name ends in `image`.
pub(super) fn plugin_choice(spec: &Spec, facts: &Facts, image: &str) -> Choice {
    if spec.gpu.is_empty() {
        return Choice::Off { why: "INSTALL_GPU_NODEGROUP is false.".to_owned() };
    }
    foreign_daemon_set(facts, image).map_or(Choice::Install, |found| Choice::Adopt { who: workload_maker(found) })
}

/// A plugin works when its DaemonSet runs on every expected GPU node and each node has `units` of `resource`.
pub(super) fn ready_on_groups(
    inputs: &Inputs<'_>,
    daemon_set: &str,
    resource: &str,
    units: impl Fn(&crate::config::GpuGroup, &InstanceType) -> u32,
) -> Vec<Readiness> {
    let groups = &inputs.spec.gpu;
    let at_least = groups.iter().map(|group| expected_nodes(group, inputs.facts)).sum();
    let mut ready =
        vec![Readiness::DaemonSet { namespace: "kube-system".to_owned(), name: daemon_set.to_owned(), at_least }];
    ready.extend(groups.iter().filter_map(|group| {
        let per_node = units(group, &lookup(inputs.facts, &group.instance_type)?);
        (per_node > 0).then(|| Readiness::Allocatable {
            selector: format!("{GROUP_LABEL}={}", group.name),
            resource: resource.to_owned(),
            per_node,
            nodes: expected_nodes(group, inputs.facts),
        })
    }));
    ready
}

/// The step of a device plugin: after the nodes, so that its deadline counts from when they are there.
pub(super) fn plugin_step(component: &dyn Component, inputs: &Inputs<'_>, title: &str, objects: Objects) -> Desired {
    Desired {
        id: format!("{}.daemonset", component.id()).into(),
        title: title.to_owned(),
        component: component.id().to_owned(),
        stage: Stage::Devices,
        needs: inputs.spec.gpu.iter().map(|group| gpu_step(&group.name, "nodes")).collect(),
        ensure: Ensure::Objects(objects),
        deadline_s: 600,
    }
}
