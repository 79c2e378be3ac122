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
        let bill = placement::node_bill(group, facts, &kind);
        Some(WatchedGroup { name: group.name.clone(), per_node: (gpus, efa), bill })
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
            found: None,
            unread: None,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::testing::{cluster, facts, known, spec, spec_with, spec_without_gpu};

    fn watched<'a>(scene: &'a Scene, id: &str) -> Option<&'a Watched> {
        scene.components.iter().find(|watched| watched.id == id)
    }

    #[test]
    fn a_group_is_watched_with_the_figures_of_its_type() {
        let scene = scene(&spec(), &facts());
        let [group] = &scene.groups[..] else { panic!("{scene:#?}") };
        assert_eq!((group.name.as_str(), group.per_node, group.bill.addresses), ("gpu-compute", (8, 16), 100));
        assert!(watched(&scene, "nvidia-device-plugin").is_some_and(|plugin| plugin.parts[0].per_gpu_node));
    }

    #[test]
    fn what_is_off_is_not_watched_and_what_is_skipped_says_why() {
        let bare = scene(&spec_without_gpu(), &facts());
        assert!(bare.groups.is_empty() && watched(&bare, "efa-device-plugin").is_none());
        assert!(watched(&bare, "io2").is_none());
        let skipped = scene(&spec_with(&[("/components/ebs_csi", json!("skip"))]), &facts());
        let why = watched(&skipped, "ebs-csi").and_then(|watched| watched.left_alone.as_deref());
        assert_eq!(why, Some("EBS_CSI=skip leaves EBS CSI driver to someone else."));
    }

    #[test]
    fn auto_mode_leaves_its_own_components_alone() {
        let mut facts = facts();
        facts.cluster = known(cluster(true));
        let scene = scene(&spec(), &facts);
        assert!(watched(&scene, "pod-identity-agent").is_some_and(|agent| agent.left_alone.is_some()));
        assert_eq!(watched(&scene, "gp3").unwrap().class, Some(("gp3".to_owned(), true)));
    }

    #[test]
    fn a_blocked_component_is_watched_for_what_it_lacks() {
        let scene = scene(&spec_with(&[("/components/metrics_server", json!("adopt"))]), &facts());
        let server = watched(&scene, "metrics-server").unwrap();
        assert_eq!((server.left_alone.as_ref(), server.parts.len()), (None, 2));
    }
}
