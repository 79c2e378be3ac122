//! What time does to add-ons: their workload is applied, they become ACTIVE when it is ready, and they go.

use std::time::Duration;

use crate::sim::services::eks::addons;
use crate::sim::services::eks::state::{Addon, Issue};
use crate::sim::services::eks::workloads::{self, Readiness};
use crate::sim::world::World;

/// From the call to the first object in the cluster.
const APPLY: Duration = Duration::from_secs(4);
/// How often EKS looks at the workload.
const LOOK: Duration = Duration::from_secs(5);
/// The same for an add-on that has been waiting too long.
const LOOK_DEGRADED: Duration = Duration::from_secs(60);
/// After this an add-on that is not ready shows why.
const PATIENCE: Duration = Duration::from_secs(900);
/// From DeleteAddon to its end.
const DELETE: Duration = Duration::from_secs(10);

/// Asks for the looks that a changing add-on needs.
pub fn watch(world: &mut World) {
    let now = world.now;
    world.wake_at(now + APPLY);
    world.wake_at(now + DELETE);
}

/// Moves every add-on of a cluster as far as it is due.
pub fn settle(world: &mut World, cluster: &str) {
    let Some(plane) = world.eks.clusters.get(cluster) else { return };
    let busy = |a: &&Addon| !matches!(a.status.as_str(), "ACTIVE" | "CREATE_FAILED");
    let addons: Vec<Addon> = plane.addons.values().filter(busy).cloned().collect();
    for addon in addons {
        if addon.status == "DELETING" {
            leave(world, cluster, &addon);
        } else {
            come(world, cluster, addon);
        }
    }
}

fn leave(world: &mut World, cluster: &str, addon: &Addon) {
    if world.now.since(addon.since) < DELETE {
        return;
    }
    if !addon.preserve {
        workloads::uninstall(world, cluster, &addon.name, &addon.version);
        // The associations of an add-on go with it unless it is preserved.
        if addons::disown(world, cluster, addon).is_err() {
            return;
        }
    }
    if let Some(plane) = world.eks.clusters.get_mut(cluster) {
        plane.addons.remove(&addon.name);
    }
}

fn come(world: &mut World, cluster: &str, mut addon: Addon) {
    let waited = world.now.since(addon.since);
    if waited < APPLY {
        return;
    }
    if !addon.applied {
        if !addon.overwrite && workloads::foreign(world, cluster, &addon.name, &addon.version) {
            let message = "Conflicts found when trying to apply. Will not continue due to resolve conflicts mode.";
            addon.issues = vec![Issue::new("ConfigurationConflict", message, Vec::new())];
            "CREATE_FAILED".clone_into(&mut addon.status);
            return store(world, cluster, addon, "Failed");
        }
        workloads::install(world, cluster, &addon.name, &addon.version);
        addon.applied = true;
    }
    let now = world.now;
    match workloads::readiness(world, cluster, &addon.name, &addon.version) {
        Readiness::Ready => {
            "ACTIVE".clone_into(&mut addon.status);
            addon.issues.clear();
            addon.since = now;
            return store(world, cluster, addon, "Successful");
        }
        Readiness::Waiting(which) if waited >= PATIENCE => {
            let message = "The add-on is unhealthy because it doesn't have the desired number of replicas.";
            addon.issues = vec![Issue::new("InsufficientNumberOfReplicas", message, which)];
            "DEGRADED".clone_into(&mut addon.status);
        }
        Readiness::Waiting(_) => {}
    }
    world.wake_at(now + if addon.status == "DEGRADED" { LOOK_DEGRADED } else { LOOK });
    store(world, cluster, addon, "InProgress");
}

fn store(world: &mut World, cluster: &str, addon: Addon, outcome: &str) {
    let Some(plane) = world.eks.clusters.get_mut(cluster) else { return };
    let own = |u: &&mut crate::sim::services::eks::state::Update| {
        u.addon.as_deref() == Some(addon.name.as_str()) && u.status == "InProgress"
    };
    for update in plane.updates.values_mut().filter(own) {
        outcome.clone_into(&mut update.status);
    }
    plane.addons.insert(addon.name.clone(), addon);
}
