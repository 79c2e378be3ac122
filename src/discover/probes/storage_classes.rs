//! Storage classes.

use k8s_openapi::api::storage::v1 as storage;
use kube::Api;
use kube::api::ListParams;

use crate::domain::facts::StorageClass;
use crate::domain::problem::Problem;
use crate::transport::clients::Clients;

use super::list_all;

/// Annotations that mark a class as the default one: the current and the beta form, both of which are honoured.
pub const DEFAULT_MARKS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// Every class, by name.
///
/// # Errors
/// The list fails.
pub async fn read(clients: &Clients) -> Result<Vec<StorageClass>, Problem> {
    let api: Api<storage::StorageClass> = Api::all(clients.kube.clone());
    let found = list_all(&api, ListParams::default(), "list storageclasses").await?;
    let mut found: Vec<StorageClass> = found.iter().map(from_kube).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn from_kube(class: &storage::StorageClass) -> StorageClass {
    StorageClass {
        name: class.metadata.name.clone().unwrap_or_default(),
        provisioner: class.provisioner.clone(),
        default: marks(class).next().is_some(),
    }
}

/// The annotations that make this class a default one.
pub fn marks(class: &storage::StorageClass) -> impl Iterator<Item = &'static str> {
    let annotations = class.metadata.annotations.as_ref();
    DEFAULT_MARKS
        .into_iter()
        .filter(move |mark| annotations.and_then(|all| all.get(*mark)).is_some_and(|value| value == "true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_mark_counts_and_false_does_not() {
        let class = |annotations: serde_json::Value| -> storage::StorageClass {
            serde_json::from_value(serde_json::json!({
                "metadata": {"name": "gp2", "annotations": annotations}, "provisioner": "kubernetes.io/aws-ebs"
            }))
            .unwrap()
        };
        let [current, beta] = DEFAULT_MARKS;
        assert!(from_kube(&class(serde_json::json!({beta: "true"}))).default);
        assert!(!from_kube(&class(serde_json::json!({current: "false"}))).default);
    }
}
