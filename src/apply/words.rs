//! Steps in words: what they wait for, what they are about, and why they end badly.

use crate::components::desired::{Desired, Ensure};
use crate::components::observed::{Observation, Presence};
use crate::domain::ids::ClusterName;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::ResourceRef;

/// A step's thing by kind and name.
pub(super) fn reference(desired: &Desired) -> ResourceRef {
    let (kind, name) = match &desired.ensure {
        Ensure::Addon(addon) => ("addon", addon.name.clone()),
        Ensure::Role(role) => ("role", role.name.clone()),
        Ensure::Objects(objects) => {
            let word = |path: &str| objects.objects.first().and_then(|object| object.pointer(path)?.as_str());
            let kind = word("/kind").unwrap_or("objects").to_owned();
            let name = word("/metadata/name").unwrap_or(&desired.component).to_owned();
            return ResourceRef { kind, name };
        }
        Ensure::NotDefaultClass(class) => ("StorageClass", class.name.clone()),
        Ensure::SecurityGroup(group) => ("security-group", group.name.clone()),
        Ensure::PlacementGroup(group) => ("placement-group", group.name.clone()),
        Ensure::LaunchTemplate(template) => ("launch-template", template.name.clone()),
        Ensure::Nodegroup(group) => ("nodegroup", group.name.clone()),
        Ensure::Nodes(nodes) => ("nodes", nodes.nodegroup.clone()),
    };
    ResourceRef { kind: kind.to_owned(), name }
}

/// How an operator gets rid of a thing that EKS reports as failed and will not repair by itself.
pub(super) fn way_out(desired: &Desired, cluster: &ClusterName) -> Option<String> {
    let what = match &desired.ensure {
        Ensure::Nodegroup(group) => {
            format!("delete-nodegroup --cluster-name {cluster} --nodegroup-name {}", group.name)
        }
        Ensure::Addon(addon) => format!("delete-addon --cluster-name {cluster} --addon-name {}", addon.name),
        _ => return None,
    };
    Some(format!("if it stays failed when the cause is gone: aws eks {what}, then eks-wizard resume"))
}

/// A step about which nothing can be done as things stand.
pub(super) fn stuck(desired: &Desired, why: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Conflict, format!("{} ({}) cannot be brought about.", desired.id, desired.title))
        .because(why)
        .hint("run eks-wizard plan: it shows what stands there now and what can be done")
}

/// A step whose thing AWS or Kubernetes report as failed.
pub(super) fn failed(desired: &Desired, why: &str) -> Problem {
    Problem::new(ProblemKind::Failed, format!("{} ({}) is reported as failed.", desired.id, desired.title)).because(why)
}

/// A step whose thing differs however often it is changed.
pub(super) fn never_same(desired: &Desired, acts: u32, observation: &Observation) -> Problem {
    let message = format!("{} ({}) still differs after {acts} changes.", desired.id, desired.title);
    let mut problem = Problem::new(ProblemKind::Failed, message);
    if let Presence::Differs { changes } = &observation.presence {
        let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        problem.causes.extend(
            changes
                .iter()
                .map(|change| format!("{} is {}, wanted {}", change.path, word(&change.have), word(&change.want))),
        );
    }
    problem.hint("another tool changes it back; find it in the object's managedFields or in CloudTrail")
}
