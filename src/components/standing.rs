//! Whether a component stands already, and whose it is: from facts, before anything is observed in detail.

use std::collections::BTreeMap;

use super::component::{Choice, Component, WatchedWorkload};
use super::naming::{MANAGER, is_ours};
use crate::config::{Owner, Spec};
use crate::domain::facts::{Addon, Facts, Workload};

/// What stands of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that the facts show.
    Absent,
    /// What this program made, or began to make.
    Ours,
    /// Somebody else's.
    Foreign {
        /// Who made it, as far as it shows.
        who: String,
        /// Whether it works, as far as the facts tell; `Err` says what is wrong.
        works: Result<(), String>,
    },
}

/// What stands of `component`.
pub fn standing(component: &dyn Component, spec: &Spec, facts: &Facts) -> Standing {
    if let Some(addon) = component.addon().and_then(|name| installed_addon(facts, name)) {
        if is_ours(&addon.tags, &spec.cluster) {
            return Standing::Ours;
        }
        return Standing::Foreign { who: addon_maker(&addon.tags), works: addon_works(addon) };
    }
    let found: Vec<&Workload> = component.workloads().iter().filter_map(|watched| workload(facts, watched)).collect();
    let Some(first) = found.first() else {
        return Standing::Absent;
    };
    if found.iter().any(|workload| workload.managers.iter().any(|manager| manager == MANAGER)) {
        return Standing::Ours;
    }
    let idle = found.iter().find(|workload| workload.kind == "Deployment" && workload.ready.0 == 0);
    let works = idle.map_or(Ok(()), |one| Err(format!("{} {} has no ready pod", one.kind, one.name)));
    Standing::Foreign { who: workload_maker(first), works }
}

/// The choice for a component that a variable of kind [`Owner`] decides.
pub fn by_owner(owner: Owner, variable: &'static str, name: &str, standing: Standing) -> Choice {
    match (owner, standing) {
        (Owner::Skip, _) => Choice::Skip { why: format!("{variable}=skip leaves {name} to someone else.") },
        (Owner::Auto, Standing::Absent) | (Owner::Auto | Owner::Adopt, Standing::Ours) => Choice::Install,
        (Owner::Auto, Standing::Foreign { who, works: Err(fault) }) => Choice::Blocked {
            why: format!("{name} was installed by {who} and does not work: {fault}. Repair it, or choose its owner."),
            variable,
        },
        (Owner::Auto, Standing::Foreign { who, works: Ok(()) }) | (Owner::Adopt, Standing::Foreign { who, .. }) => {
            Choice::Adopt { who }
        }
        (Owner::Adopt, Standing::Absent) => {
            Choice::Blocked { why: format!("{variable}=adopt expects {name} to be there, but it is absent."), variable }
        }
    }
}

/// The installed add-on of this name.
pub fn installed_addon<'a>(facts: &'a Facts, name: &str) -> Option<&'a Addon> {
    facts.eks.addons.known()?.iter().find(|addon| addon.name == name)
}

/// The workload of this kind, namespace and name.
pub fn workload<'a>(facts: &'a Facts, watched: &WatchedWorkload) -> Option<&'a Workload> {
    let same = |found: &&Workload| {
        (found.kind.as_str(), found.namespace.as_str(), found.name.as_str())
            == (watched.kind, watched.namespace, watched.name)
    };
    facts.kube.workloads.known()?.iter().find(same)
}

/// Somebody else's DaemonSet whose image name ends in `image`: the same plugin under another name.
pub fn foreign_daemon_set<'a>(facts: &'a Facts, image: &str) -> Option<&'a Workload> {
    let runs_it = |found: &&Workload| {
        let repository = found.image.as_deref().map_or("", |full| full.rsplit_once(':').map_or(full, |(name, _)| name));
        found.kind == "DaemonSet"
            && repository.ends_with(image)
            && !found.managers.iter().any(|manager| manager == MANAGER)
    };
    facts.kube.workloads.known()?.iter().find(runs_it)
}

/// Who made a workload: its Helm release, else its first field manager.
pub fn workload_maker(workload: &Workload) -> String {
    let label = |key: &str| workload.labels.get(key).map(String::as_str);
    let named = workload.managers.first().is_some_and(|manager| manager.starts_with("Helm release "));
    if !named && label("app.kubernetes.io/managed-by") == Some("Helm") {
        return match label("app.kubernetes.io/instance") {
            Some(release) => format!("Helm release {release}"),
            None => "Helm".to_owned(),
        };
    }
    workload.managers.first().cloned().unwrap_or_else(|| "someone else".to_owned())
}

fn addon_works(addon: &Addon) -> Result<(), String> {
    match addon.status.as_str() {
        "CREATE_FAILED" | "DELETE_FAILED" | "DEGRADED" => {
            let issues =
                if addon.issues.is_empty() { String::new() } else { format!(" ({})", addon.issues.join("; ")) };
            Err(format!("the add-on is {}{issues}", addon.status))
        }
        _ => Ok(()),
    }
}

fn addon_maker(tags: &BTreeMap<String, String>) -> String {
    if let Some(stack) = tags.get("aws:cloudformation:stack-name") {
        return format!("CloudFormation stack {stack}");
    }
    if tags.contains_key("alpha.eksctl.io/cluster-name") {
        return "eksctl".to_owned();
    }
    "someone else, as an EKS add-on".to_owned()
}
