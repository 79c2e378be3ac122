//! Kubernetes objects: each is compared with what the server itself would make of it.

use kube::api::{DynamicObject, Patch, PatchParams};
use kube::core::Status;
use serde_json::Value;

use super::kinds::{Place, older, place, unserved};
use super::look::{Look, presence};
use super::{conflict, json, owner, readiness};
use crate::components::desired::Objects;
use crate::components::observed::{Change, Observation, Presence, Settled};
use crate::discover::probes::each;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::resource::Ownership;
use crate::transport::classify;

/// What was seen in the place of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// Nothing.
    Missing { title: String },
    /// Something.
    Stands { owner: Ownership, presence: Presence },
}

/// All objects together: absent when none is there, and as good as the worst of them otherwise.
pub(super) async fn observe(look: &Look<'_>, desired: &Objects) -> Result<Observation, Problem> {
    let seen = each(&desired.objects, async |object: &Value| see(look, object).await).await?;
    let (presence, owner) = together(&seen);
    let absent = presence == Presence::Absent;
    let settled = if absent { Settled::Yes } else { readiness::settled(look, &desired.ready).await? };
    Ok(Observation { presence, owner, settled, ..Observation::absent() })
}

async fn see(look: &Look<'_>, object: &Value) -> Result<Seen, Problem> {
    let Place { api, name, title } = place(look.clients, object)?;
    let live = match api.get(&name).await {
        Ok(live) => live,
        Err(kube::Error::Api(status)) if status.code == 404 => {
            return match older(object).filter(|_| unserved(&status)) {
                Some(before) => Box::pin(see(look, &before)).await,
                None => Ok(Seen::Missing { title }),
            };
        }
        Err(error) => return Err(classify::kube(&format!("get {title}"), &error)),
    };
    let owner = owner::of_object(&live.metadata);
    let params = PatchParams::apply(owner::MANAGER).dry_run().validation_strict();
    let presence = match api.patch(&name, &params, &Patch::Apply(object)).await {
        Ok(dry) => presence(compare(&title, &live, &dry)?),
        Err(kube::Error::Api(status)) if status.code == 409 => {
            let managers = conflict::managers(&status);
            Presence::Conflict { managers: managers.iter().map(|line| format!("{line} of {title}")).collect() }
        }
        Err(kube::Error::Api(status)) if status.code == 422 => refused(&title, &live, object, &status, &owner)?,
        Err(error) => return Err(classify::kube(&format!("patch {title} (dry run)"), &error)),
    };
    Ok(Seen::Stands { owner, presence })
}

/// The live object against the dry run: what the server would write.
fn compare(title: &str, live: &DynamicObject, dry: &DynamicObject) -> Result<Vec<Change>, Problem> {
    let (live, dry) = (plain(live)?, plain(dry)?);
    Ok(titled(title, json::differences(&live, &dry)))
}

fn plain(object: &DynamicObject) -> Result<Value, Problem> {
    let value = serde_json::to_value(object).map_err(|error| {
        Problem::new(ProblemKind::Internal, "A Kubernetes object cannot be written as JSON.").because(error.to_string())
    })?;
    Ok(json::without_server_fields(value))
}

/// A field that cannot be changed. Ours is replaced by the step; somebody else's is not.
fn refused(
    title: &str,
    live: &DynamicObject,
    want: &Value,
    status: &Status,
    owner: &Ownership,
) -> Result<Presence, Problem> {
    if *owner != Ownership::Ours {
        return Ok(Presence::Incompatible { why: format!("{title} cannot be changed: {}", status.message) });
    }
    let mut changes = titled(title, json::missing(&plain(live)?, want));
    if changes.is_empty() {
        changes.push(Change { path: title.to_owned(), have: None, want: Some(status.message.clone()) });
    }
    Ok(Presence::Differs { changes })
}

fn titled(title: &str, changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().map(|change| Change { path: format!("{title}: {}", change.path), ..change }).collect()
}

/// Presence and owner of the whole. One foreign object makes the whole foreign: it is never deleted.
fn together(seen: &[Seen]) -> (Presence, Ownership) {
    let standing = || {
        seen.iter().filter_map(|one| match one {
            Seen::Stands { owner, presence } => Some((owner, presence)),
            Seen::Missing { .. } => None,
        })
    };
    if standing().next().is_none() {
        return (Presence::Absent, Ownership::Nobody);
    }
    let foreign = standing().map(|(owner, _)| owner).find(|owner| **owner != Ownership::Ours);
    let owner = foreign.cloned().unwrap_or(Ownership::Ours);
    let managers: Vec<String> = standing()
        .filter_map(|(_, presence)| match presence {
            Presence::Conflict { managers } => Some(managers.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    if !managers.is_empty() {
        return (Presence::Conflict { managers }, owner);
    }
    if let Some((_, blocked)) = standing().find(|(_, presence)| matches!(presence, Presence::Incompatible { .. })) {
        return (blocked.clone(), owner);
    }
    let changes = seen.iter().flat_map(|one| match one {
        Seen::Missing { title } => {
            vec![Change { path: title.clone(), have: None, want: Some("present".to_owned()) }]
        }
        Seen::Stands { presence: Presence::Differs { changes }, .. } => changes.clone(),
        Seen::Stands { .. } => Vec::new(),
    });
    (presence(changes.collect()), owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(owner: Ownership, presence: Presence) -> Seen {
        Seen::Stands { owner, presence }
    }

    fn missing(title: &str) -> Seen {
        Seen::Missing { title: title.to_owned() }
    }

    #[test]
    fn none_there_is_absent_and_some_there_differs_by_the_rest() {
        assert_eq!(together(&[missing("A"), missing("B")]), (Presence::Absent, Ownership::Nobody));
        let (presence, owner) = together(&[stands(Ownership::Ours, Presence::Same), missing("Service x/b")]);
        let Presence::Differs { changes } = presence else { panic!("{presence:?}") };
        assert_eq!((changes.len(), changes[0].path.as_str(), owner), (1, "Service x/b", Ownership::Ours));
    }

    #[test]
    fn one_foreign_object_makes_the_whole_foreign() {
        let helm = Ownership::Foreign { who: "helm".to_owned() };
        let seen = [stands(Ownership::Ours, Presence::Same), stands(helm.clone(), Presence::Same)];
        assert_eq!(together(&seen), (Presence::Same, helm));
    }

    #[test]
    fn a_conflict_outweighs_what_is_missing() {
        let conflict = Presence::Conflict { managers: vec!["helm: .spec.replicas of Deployment a/b".to_owned()] };
        let seen = [missing("A"), stands(Ownership::Ours, conflict.clone())];
        assert_eq!(together(&seen).0, conflict);
    }

    #[test]
    fn what_cannot_be_changed_is_ours_to_replace_or_not() {
        let live: DynamicObject = serde_json::from_value(serde_json::json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gp3"},
            "provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp2"}
        }))
        .unwrap();
        let want = serde_json::json!({"parameters": {"type": "gp3"}});
        let status = Status::failure("parameters: Forbidden: updates to parameters are forbidden.", "Invalid");
        let ours = refused("StorageClass gp3", &live, &want, &status, &Ownership::Ours).unwrap();
        let Presence::Differs { changes } = ours else { panic!("{ours:?}") };
        assert_eq!(changes[0].path, "StorageClass gp3: parameters.type");
        let other = Ownership::Foreign { who: "kubectl".to_owned() };
        let foreign = refused("StorageClass gp3", &live, &want, &status, &other).unwrap();
        assert!(matches!(foreign, Presence::Incompatible { why } if why.contains("forbidden")));
    }
}
