//! A StorageClass that must not be the default one.

use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;

use super::look::{Look, presence};
use super::owner;
use crate::components::desired::NotDefaultClass;
use crate::components::observed::{Change, Observation, Presence};
use crate::discover::probes::storage_classes::marks;
use crate::domain::problem::Problem;
use crate::domain::resource::Ownership;
use crate::transport::classify;

/// Same when the class is absent or carries no mark.
///
/// An unmarked class has no owner that matters: it is kept, and never recorded as adopted.
pub(super) async fn observe(look: &Look<'_>, desired: &NotDefaultClass) -> Result<Observation, Problem> {
    let api: Api<StorageClass> = Api::all(look.clients.kube.clone());
    let found = api.get_opt(&desired.name).await;
    let found = found.map_err(|error| classify::kube(&format!("get storageclass {}", desired.name), &error))?;
    Ok(found.map_or_else(|| Observation { presence: Presence::Same, ..Observation::absent() }, |class| see(&class)))
}

fn see(class: &StorageClass) -> Observation {
    let change = |mark: &str| Change {
        path: format!("metadata.annotations.\"{mark}\""),
        have: Some("true".to_owned()),
        want: Some("false".to_owned()),
    };
    let presence = presence(marks(class).map(change).collect());
    let owner = if presence == Presence::Same { Ownership::Nobody } else { owner::of_object(&class.metadata) };
    Observation { presence, owner, ..Observation::absent() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_mark_is_one_change() {
        let class = |annotations: serde_json::Value| -> StorageClass {
            serde_json::from_value(json!({"metadata": {"name": "gp2", "annotations": annotations}, "provisioner": "x"}))
                .unwrap()
        };
        assert_eq!(see(&class(json!({}))).presence, Presence::Same);
        let marked = class(json!({
            "storageclass.kubernetes.io/is-default-class": "true",
            "storageclass.beta.kubernetes.io/is-default-class": "true"
        }));
        assert!(matches!(see(&marked).presence, Presence::Differs { changes } if changes.len() == 2));
    }
}
