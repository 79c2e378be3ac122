//! Kubernetes objects by server-side apply, in the order in which they are listed.

use std::time::Duration;

use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::discovery::{Scope, pinned_kind};
use serde_json::Value;

use super::FIELD_MANAGER;
use crate::apply::context::Act;
use crate::components::desired::Objects;
use crate::discover::observe::kinds::older;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

/// Kinds with immutable fields that hold nothing of their own, so that making them anew loses nothing.
const REPLACEABLE: [&str; 7] =
    ["StorageClass", "Deployment", "DaemonSet", "RoleBinding", "ClusterRoleBinding", "CSIDriver", "Job"];
/// Looks at a deleted object, one a second, until it is gone.
const GONE_LOOKS: u32 = 60;

/// Applies every object. Fields of other managers are never taken, except in objects that carry our manager already.
pub(super) async fn apply(clients: &Clients, act: &Act<'_>, objects: &Objects) -> Result<(), Problem> {
    for object in &objects.objects {
        let (target, served) = Target::of(clients, object).await?;
        target.apply(clients, served.as_ref().unwrap_or(object)).await?;
        (act.log)(format!("{} is applied.", target.name));
    }
    Ok(())
}

/// One object's place at the API server.
struct Target {
    api: Api<DynamicObject>,
    kind: String,
    key: String,
    /// `Deployment kube-system/metrics-server`.
    name: String,
}

impl Target {
    /// The place of `object`, and the object in an older version if the server does not serve this one.
    async fn of(clients: &Clients, object: &Value) -> Result<(Self, Option<Value>), Problem> {
        let missing = match Self::in_version(clients, object).await {
            Ok(target) => return Ok((target, None)),
            Err(problem) => problem,
        };
        match older(object).filter(|_| missing.kind == ProblemKind::NotFound) {
            Some(before) => Ok((Self::in_version(clients, &before).await.map_err(|_| missing)?, Some(before))),
            None => Err(missing),
        }
    }

    async fn in_version(clients: &Clients, object: &Value) -> Result<Self, Problem> {
        let word = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (version, kind, key) = (word("/apiVersion"), word("/kind"), word("/metadata/name"));
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        let kind_of = GroupVersionKind::gvk(group, version, kind);
        let (resource, scope) = resource(clients, &kind_of).await?;
        let namespace = word("/metadata/namespace");
        let api = match scope {
            Scope::Namespaced => Api::namespaced_with(clients.kube.clone(), namespace, &resource),
            Scope::Cluster => Api::all_with(clients.kube.clone(), &resource),
        };
        let path = if namespace.is_empty() { key.to_owned() } else { format!("{namespace}/{key}") };
        Ok(Self { api, kind: kind.to_owned(), key: key.to_owned(), name: format!("{kind} {path}") })
    }

    async fn apply(&self, clients: &Clients, object: &Value) -> Result<(), Problem> {
        let standing = self.api.get_opt(&self.key).await;
        let standing = standing.map_err(|error| classify::kube(&format!("get {}", self.name), &error))?;
        let ours = standing.as_ref().is_some_and(is_ours);
        match self.send(object, ours).await {
            Err(problem) if ours && self.may_replace(&problem) => {
                self.remove(clients).await?;
                self.send(object, false).await
            }
            Err(problem) if problem.code.as_deref() == Some("Conflict") => Err(problem.hint(format!(
                "another manager owns these fields of {}: let it set them, or remove them there, then resume",
                self.name
            ))),
            answer => answer,
        }
    }

    async fn send(&self, object: &Value, force: bool) -> Result<(), Problem> {
        let params = PatchParams::apply(FIELD_MANAGER).validation_strict();
        let params = if force { params.force() } else { params };
        self.api
            .patch(&self.key, &params, &Patch::Apply(object))
            .await
            .map(|_| ())
            .map_err(|error| classify::kube(&format!("apply {}", self.name), &error))
    }

    /// Whether the refusal is about an immutable field of a kind that can be made anew.
    fn may_replace(&self, problem: &Problem) -> bool {
        let immutable = ["immutable", "forbidden", "cannot change roleRef"];
        problem.kind == ProblemKind::Invalid
            && REPLACEABLE.contains(&self.kind.as_str())
            && immutable.iter().any(|word| problem.message.contains(word))
    }

    async fn remove(&self, clients: &Clients) -> Result<(), Problem> {
        match self.api.delete(&self.key, &DeleteParams::background()).await {
            Ok(_) => {}
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(()),
            Err(error) => return Err(classify::kube(&format!("delete {}", self.name), &error)),
        }
        for _ in 0..GONE_LOOKS {
            let left = self.api.get_opt(&self.key).await;
            if left.map_err(|error| classify::kube(&format!("get {}", self.name), &error))?.is_none() {
                return Ok(());
            }
            clients.aws.timer.sleep(Duration::from_secs(1)).await;
        }
        Err(Problem::new(ProblemKind::Timeout, format!("{} is still there 60 s after it was deleted.", self.name))
            .hint("look at its finalizers, then resume"))
    }
}

/// Asks the API server how it calls a kind: nothing here guesses plurals.
async fn resource(clients: &Clients, kind: &GroupVersionKind) -> Result<(ApiResource, Scope), Problem> {
    let found = pinned_kind(&clients.kube, kind).await;
    let (resource, capabilities) = found.map_err(|error| {
        let problem = classify::kube(&format!("find the kind {} of {}", kind.kind, kind.api_version()), &error);
        // Groups of Kubernetes itself have no dot or end in k8s.io; all others come with a component.
        if kind.group.contains('.') && !kind.group.ends_with(".k8s.io") {
            return problem.hint("the component that brings this kind may not be installed yet");
        }
        problem.hint(format!("the API server does not serve {}: upgrade the cluster", kind.api_version()))
    })?;
    Ok((resource, capabilities.scope))
}

fn is_ours(object: &DynamicObject) -> bool {
    let managers = object.metadata.managed_fields.as_deref().unwrap_or_default();
    managers.iter().any(|entry| entry.manager.as_deref() == Some(FIELD_MANAGER))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_our_manager_makes_an_object_ours() {
        let object = |manager: &str| -> DynamicObject {
            serde_json::from_value(json!({
                "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
                "metadata": {"name": "gp3", "managedFields": [{"manager": manager, "operation": "Apply"}]}
            }))
            .unwrap()
        };
        assert!(is_ours(&object("eks-wizard")));
        assert!(!is_ours(&object("kubectl-client-side-apply")));
    }
}
