//! What the API server refuses: names, required fields, and changes of what cannot change.

mod immutable;
mod pod;

use serde_json::Value;

use super::Cluster;
use super::defaults;
use super::failure::{Cause, Failure};
use super::json::{items, text};
use super::kinds::{self, Kind};
use super::store::Key;

/// Checks an object that is about to be created.
///
/// # Errors
///
/// 422 with every cause, or 403 when admission refuses (a pod without its service account).
pub(crate) fn new_object(cluster: &Cluster, kind: &Kind, object: &Value) -> Result<(), Failure> {
    let name = text(object, "/metadata/name");
    let mut causes = Vec::new();
    check_name(kind, name, &mut causes);
    check_content(kind, object, &mut causes);
    if !causes.is_empty() {
        return Err(Failure::invalid(kind, name, &causes));
    }
    if kind.kind == "Pod" {
        require_account(cluster, kind, object)?;
    }
    Ok(())
}

/// Checks an object that is about to replace `old`.
///
/// # Errors
///
/// 422 with every cause.
pub(crate) fn changed_object(_cluster: &Cluster, kind: &Kind, old: &Value, object: &Value) -> Result<(), Failure> {
    let mut causes = immutable::changes(kind, old, object);
    check_content(kind, object, &mut causes);
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid(kind, text(object, "/metadata/name"), &causes)) }
}

fn check_name(kind: &Kind, name: &str, causes: &mut Vec<Cause>) {
    const FIELD: &str = "metadata.name";
    if name.is_empty() {
        causes.push(Cause::required(FIELD, "name or generateName is required"));
        return;
    }
    let rbac = kind.group == "rbac.authorization.k8s.io";
    if rbac || kind.kind == "APIService" {
        if name.contains('/') || name.contains('%') {
            causes.push(Cause::invalid(FIELD, &name.into(), "may not contain '/'"));
        }
        return;
    }
    if matches!(kind.kind, "Namespace" | "Service") {
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
            causes.push(Cause::invalid(
                FIELD,
                &name.into(),
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
            ));
        }
        return;
    }
    if !is_subdomain(name) {
        causes.push(Cause::invalid(
            FIELD,
            &name.into(),
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ));
    }
}

fn is_subdomain(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

fn check_content(kind: &Kind, object: &Value, causes: &mut Vec<Cause>) {
    match kind.kind {
        "Pod" => pod::check(&object["spec"], "spec", causes),
        "Deployment" | "ReplicaSet" | "DaemonSet" => {
            check_selector(object, causes);
            pod::check_labels(&object["spec"]["template"], "spec.template.metadata", causes);
            pod::check(&object["spec"]["template"]["spec"], "spec.template.spec", causes);
            let policy = text(object, "/spec/template/spec/restartPolicy");
            if policy != "Always" {
                causes.push(Cause::unsupported("spec.template.spec.restartPolicy", policy, &["Always"]));
            }
        }
        "Job" => {
            pod::check(&object["spec"]["template"]["spec"], "spec.template.spec", causes);
            let policy = text(object, "/spec/template/spec/restartPolicy");
            if !matches!(policy, "OnFailure" | "Never") {
                causes.push(Cause::required(
                    "spec.template.spec.restartPolicy",
                    "valid values: \"OnFailure\", \"Never\"",
                ));
            }
        }
        "StorageClass" => {
            if text(object, "/provisioner").is_empty() {
                causes.push(Cause::required("provisioner", ""));
            }
            let mode = text(object, "/volumeBindingMode");
            if !matches!(mode, "Immediate" | "WaitForFirstConsumer") {
                causes.push(Cause::unsupported("volumeBindingMode", mode, &["Immediate", "WaitForFirstConsumer"]));
            }
        }
        "Service"
            if items(object, "/spec/ports").is_empty()
                && text(object, "/spec/type") != "ExternalName"
                && text(object, "/spec/clusterIP") != "None" =>
        {
            causes.push(Cause::required("spec.ports", ""));
        }
        "PersistentVolumeClaim" => {
            if items(object, "/spec/accessModes").is_empty() {
                causes.push(Cause::required("spec.accessModes", "at least 1 access mode is required"));
            }
            if object.pointer("/spec/resources/requests/storage").is_none() {
                causes.push(Cause::required("spec.resources[storage]", ""));
            }
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            for (field, value) in [("roleRef.kind", "/roleRef/kind"), ("roleRef.name", "/roleRef/name")] {
                if text(object, value).is_empty() {
                    causes.push(Cause::required(field, ""));
                }
            }
        }
        _ => {}
    }
    pod::check_labels(object, "metadata", causes);
}

fn check_selector(object: &Value, causes: &mut Vec<Cause>) {
    let selector = &object["spec"]["selector"];
    if selector.as_object().is_none_or(serde_json::Map::is_empty) {
        causes.push(Cause::required("spec.selector", ""));
    } else if !defaults::selector_fits(object) {
        let labels = &object["spec"]["template"]["metadata"]["labels"];
        causes.push(Cause::invalid(
            "spec.template.metadata.labels",
            labels,
            "`selector` does not match template `labels`",
        ));
    }
}

fn require_account(cluster: &Cluster, kind: &Kind, pod: &Value) -> Result<(), Failure> {
    let namespace = text(pod, "/metadata/namespace");
    let account = text(pod, "/spec/serviceAccountName");
    if cluster.store.get(&Key::new(kinds::known("ServiceAccount"), namespace, account)).is_some() {
        return Ok(());
    }
    let name = text(pod, "/metadata/name");
    let message = format!(
        "pods {name:?} is forbidden: error looking up service account {namespace}/{account}: serviceaccount {account:?} not found"
    );
    Err(Failure::status(403, "Forbidden", message, serde_json::json!({"name": name, "kind": kind.plural})))
}
