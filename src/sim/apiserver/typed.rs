//! The fields each kind has, by the published types of the API (crate `k8s-openapi`).

use k8s_openapi::api::{
    admissionregistration::v1 as admission, apps::v1 as apps, batch::v1 as batch, coordination::v1 as coordination,
    core::v1 as core, discovery::v1 as discovery, policy::v1 as policy, rbac::v1 as rbac, scheduling::v1 as scheduling,
    storage::v1 as storage,
};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn through<T: Serialize + DeserializeOwned>(value: &Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

/// Paths of `object` that its kind does not have, such as `.spec.replica`.
///
/// # Errors
///
/// A value has the wrong type.
pub(crate) fn unknown_fields(kind: &str, object: &Value) -> Result<Vec<String>, String> {
    let known = match kind {
        "ConfigMap" => through::<core::ConfigMap>(object),
        "Endpoints" => through::<core::Endpoints>(object),
        "Event" => through::<core::Event>(object),
        "Namespace" => through::<core::Namespace>(object),
        "Node" => through::<core::Node>(object),
        "PersistentVolume" => through::<core::PersistentVolume>(object),
        "PersistentVolumeClaim" => through::<core::PersistentVolumeClaim>(object),
        "Pod" => through::<core::Pod>(object),
        "Secret" => through::<core::Secret>(object),
        "Service" => through::<core::Service>(object),
        "ServiceAccount" => through::<core::ServiceAccount>(object),
        "MutatingWebhookConfiguration" => through::<admission::MutatingWebhookConfiguration>(object),
        "APIService" => through::<APIService>(object),
        "DaemonSet" => through::<apps::DaemonSet>(object),
        "Deployment" => through::<apps::Deployment>(object),
        "ReplicaSet" => through::<apps::ReplicaSet>(object),
        "Job" => through::<batch::Job>(object),
        "Lease" => through::<coordination::Lease>(object),
        "EndpointSlice" => through::<discovery::EndpointSlice>(object),
        "PodDisruptionBudget" => through::<policy::PodDisruptionBudget>(object),
        "ClusterRole" => through::<rbac::ClusterRole>(object),
        "ClusterRoleBinding" => through::<rbac::ClusterRoleBinding>(object),
        "Role" => through::<rbac::Role>(object),
        "RoleBinding" => through::<rbac::RoleBinding>(object),
        "PriorityClass" => through::<scheduling::PriorityClass>(object),
        "CSIDriver" => through::<storage::CSIDriver>(object),
        "CSINode" => through::<storage::CSINode>(object),
        "StorageClass" => through::<storage::StorageClass>(object),
        _ => Ok(object.clone()),
    }?;
    let mut unknown = Vec::new();
    absent(object, &known, "", &mut unknown);
    Ok(unknown)
}

fn absent(given: &Value, known: &Value, path: &str, unknown: &mut Vec<String>) {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => {
            for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
                let path = format!("{path}.{name}");
                match known.get(name) {
                    Some(known) => absent(value, known, &path, unknown),
                    None => unknown.push(path),
                }
            }
        }
        (Value::Array(given), Value::Array(known)) => {
            for (at, (given, known)) in given.iter().zip(known).enumerate() {
                absent(given, known, &format!("{path}[{at}]"), unknown);
            }
        }
        _ => {}
    }
}

/// Removes unknown fields, as the server does with `fieldValidation` Ignore and Warn.
pub(crate) fn drop_unknown(kind: &str, object: &mut Value) {
    for _ in 0..64 {
        let Ok(unknown) = unknown_fields(kind, object) else { return };
        let Some(path) = unknown.first() else { return };
        let pointer = path.replace(['.', '['], "/").replace(']', "");
        let Some((parent, name)) = pointer.rsplit_once('/') else { return };
        match object.pointer_mut(parent).and_then(Value::as_object_mut) {
            Some(map) => map.shift_remove(name),
            None => return,
        };
    }
}
