//! What stands in the place of each desired thing: the one place that looks, for the planner and for each step of an
//! apply before and after it acts.
//!
//! Servers fill in defaults, so nothing here compares a local guess with an answer where the server can be asked:
//! Kubernetes objects are compared with the server's own dry run.

mod addon;
mod conflict;
mod json;
pub(crate) mod kinds;
mod launch_template;
mod look;
mod nodegroup;
mod nodes;
mod not_default_class;
mod objects;
mod owner;
mod placement_group;
mod policy;
mod readiness;
mod role;
mod security_group;
mod version;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::components::desired::{Desired, Ensure, Val};
use crate::components::observed::{Observation, Observed, Presence, Settled};
use crate::domain::ids::StepId;
use crate::domain::problem::Problem;
use crate::domain::resource::Ownership;
use crate::transport::clients::Clients;

use super::probe::why;
use super::probes::each;
use look::Look;
pub use version::not_older;

/// Answers the output of a step by step and key; `None` when it is not known yet.
pub type Resolve<'a> = dyn Fn(&StepId, &str) -> Option<String> + Sync + 'a;

/// Asks the servers what stands in the place of one desired thing.
///
/// # Errors
/// A call fails. A missing thing is no error but [`Presence::Absent`].
pub async fn observe_one(clients: &Clients, desired: &Desired, resolve: &Resolve<'_>) -> Result<Observation, Problem> {
    let look = Look { clients, resolve };
    match &desired.ensure {
        Ensure::Addon(addon) => addon::observe(&look, addon).await,
        Ensure::Role(role) => role::observe(&look, role).await,
        Ensure::Objects(objects) => objects::observe(&look, objects).await,
        Ensure::NotDefaultClass(class) => not_default_class::observe(&look, class).await,
        Ensure::SecurityGroup(group) => security_group::observe(&look, group).await,
        Ensure::PlacementGroup(group) => placement_group::observe(&look, group).await,
        Ensure::LaunchTemplate(template) => launch_template::observe(&look, template).await,
        Ensure::Nodegroup(group) => nodegroup::observe(&look, group).await,
        Ensure::Nodes(nodes) => nodes::observe(&look, nodes).await,
    }
}

/// Observes every desired thing: first those that read no output of another one, then those whose sources are observed,
/// and so on, each round at once. What cannot be read is [`Presence::Unknown`] with the reason.
pub async fn observe(clients: &Clients, desired: &[Desired]) -> Observed {
    let mut observed = Observed::default();
    let mut waiting: Vec<&Desired> = desired.iter().collect();
    while !waiting.is_empty() {
        let blocked = |one: &&Desired| {
            sources(one).iter().any(|source| waiting.iter().any(|other| other.id == *source && other.id != one.id))
        };
        let (later, now): (Vec<&Desired>, Vec<&Desired>) = waiting.iter().copied().partition(blocked);
        // A circle of references is a fault of the plan, which its own lint reports; looking must still end.
        let (round, rest) = if now.is_empty() { (later, Vec::new()) } else { (now, later) };
        waiting = rest;
        let seen =
            each(round, async |one: &Desired| Ok((one.id.clone(), look_at(clients, one, &observed).await))).await;
        observed.0.extend(seen.into_iter().flatten());
    }
    observed
}

async fn look_at(clients: &Clients, desired: &Desired, observed: &Observed) -> Observation {
    let resolve = |step: &StepId, key: &str| known_output(observed, step, key);
    observe_one(clients, desired, &resolve).await.unwrap_or_else(|problem| Observation {
        presence: Presence::Unknown { why: why(&problem) },
        owner: Ownership::Nobody,
        settled: Settled::Yes,
        outputs: BTreeMap::new(),
        notes: Vec::new(),
    })
}

/// An output that stays as it is: the version of something that is about to change will be another one.
fn known_output(observed: &Observed, step: &StepId, key: &str) -> Option<String> {
    let source = observed.0.get(step)?;
    let stays = key != "version" || source.presence == Presence::Same;
    source.outputs.get(key).filter(|_| stays).cloned()
}

/// The steps whose outputs this one reads.
fn sources(desired: &Desired) -> Vec<StepId> {
    let mut found = Vec::new();
    // Desired things are plain data with text keys, so this cannot fail.
    references(&serde_json::to_value(&desired.ensure).unwrap_or_default(), &mut found);
    found
}

fn references(value: &Value, found: &mut Vec<StepId>) {
    match value {
        Value::Object(map) => {
            if let (1, Some(Value::String(text))) = (map.len(), map.get("Ref")) {
                let reference = Val::Output { reference: text.clone() };
                found.extend(reference.reference().map(|(step, _)| step));
            }
            map.values().for_each(|inner| references(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::desired::{Addon, AddonAssociation, Stage};

    fn reading(role: &StepId) -> Desired {
        let association =
            AddonAssociation { service_account: "ebs-csi-controller-sa".to_owned(), role: Val::output(role, "arn") };
        Desired {
            id: StepId::from("ebs-csi.addon"),
            title: "add-on".to_owned(),
            component: "ebs-csi".to_owned(),
            stage: Stage::Storage,
            needs: Vec::new(),
            ensure: Ensure::Addon(Addon {
                name: "aws-ebs-csi-driver".to_owned(),
                version: "v1.64.0-eksbuild.1".to_owned(),
                configuration: None,
                associations: vec![association],
            }),
            deadline_s: 60,
        }
    }

    #[test]
    fn a_step_waits_for_the_steps_it_reads() {
        let role = StepId::from("ebs-csi.role");
        assert_eq!(sources(&reading(&role)), [role]);
    }

    #[test]
    fn the_version_of_what_will_change_is_not_known() {
        let step = StepId::from("gpu.g.launch-template");
        let outputs = BTreeMap::from([("id".to_owned(), "lt-1".to_owned()), ("version".to_owned(), "3".to_owned())]);
        let mut seen = Observation { presence: Presence::Same, outputs, ..Observation::absent() };
        let with = |seen: &Observation| Observed(BTreeMap::from([(step.clone(), seen.clone())]));
        assert_eq!(known_output(&with(&seen), &step, "version").as_deref(), Some("3"));
        seen.presence = Presence::Differs { changes: Vec::new() };
        assert_eq!(known_output(&with(&seen), &step, "version"), None);
        assert_eq!(known_output(&with(&seen), &step, "id").as_deref(), Some("lt-1"));
    }
}
