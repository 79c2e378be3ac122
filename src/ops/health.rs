//! One look at health.

use super::ground::Ground;
use super::plan::Planned;
use crate::components::component::{Choice, registry};
use crate::config::Spec;
use crate::domain::eni::{efa_count, interfaces};
use crate::domain::facts::Facts;
use crate::domain::instance::lookup;
use crate::domain::sample::Sample;
use crate::health::look::{Part, Watched};
use crate::health::watch::{Scene, WatchedGroup};
use crate::plan::placement;

/// Looks once at what `planned` wants.
pub async fn sample(ground: &Ground, planned: &Planned) -> Sample {
    crate::health::sample(&ground.clients, &scene(&planned.spec, &ground.facts)).await
}

/// What there is to look at. Pure.
pub fn scene(spec: &Spec, facts: &Facts) -> Scene {
    let groups = spec.gpu.iter().filter_map(|group| {
        let kind = lookup(facts, &group.instance_type)?;
        let gpus = kind.gpus.as_ref().map_or(0, |gpus| gpus.count);
        let efa = efa_count(&interfaces(&kind, group.enis.layout));
        let addresses = placement::node_bill(group, facts, &kind).addresses;
        Some(WatchedGroup { name: group.name.clone(), per_node: (gpus, efa), addresses })
    });
    let components = registry().iter().filter_map(|component| {
        let left_alone = match component.choice(spec, facts) {
            Choice::Install | Choice::Adopt { .. } => None,
            Choice::Skip { why } => Some(why),
            // What is switched off is no concern of health.
            Choice::Off { .. } => return None,
            Choice::Blocked { .. } => None,
        };
        let parts = component.workloads().iter().map(|workload| Part {
            kind: workload.kind.to_owned(),
            namespace: workload.namespace.to_owned(),
            name: workload.name.to_owned(),
            per_gpu_node: workload.per_gpu_node,
            found: Ok(None),
        });
        Some(Watched {
            id: component.id().to_owned(),
            name: component.name().to_owned(),
            left_alone,
            addon: component.addon().map(|name| (name.to_owned(), None)),
            parts: parts.collect(),
            class: component.storage_class().map(|(name, default)| (name.to_owned(), default)),
        })
    });
    Scene { groups: groups.collect(), components: components.collect() }
}
