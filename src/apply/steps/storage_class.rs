//! A `StorageClass` that loses its default mark.

use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;

use super::FIELD_MANAGER;
use crate::components::desired::NotDefaultClass;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// Sets both default annotations, the present and the beta one, to "false"; everything else stays as it is.
pub(super) async fn not_default(clients: &Clients, class: &NotDefaultClass) -> Result<(), Problem> {
    let classes: Api<StorageClass> = Api::all(clients.kube.clone());
    let patch = json!({"metadata": {"annotations": {
        "storageclass.kubernetes.io/is-default-class": "false",
        "storageclass.beta.kubernetes.io/is-default-class": "false",
    }}});
    let params = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    classes
        .patch(&class.name, &params, &Patch::Merge(&patch))
        .await
        .map(|_| ())
        .map_err(|error| classify::kube(&format!("patch StorageClass {}", class.name), &error))
}
