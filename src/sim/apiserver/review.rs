//! Access reviews: what may the caller do.

use serde_json::{Value, json};

use super::Cluster;
use super::auth::is_denied;
use super::failure::Failure;
use super::json::text;

/// Answers SelfSubjectAccessReview and SelfSubjectRulesReview.
///
/// # Errors
///
/// 404 for another resource of the group.
pub(crate) fn review(cluster: &Cluster, plural: &str, mut body: Value) -> Result<Value, Failure> {
    match plural {
        "selfsubjectaccessreviews" => {
            let asked = &body["spec"]["resourceAttributes"];
            let resource = match text(asked, "/subresource") {
                "" => text(asked, "/resource").to_owned(),
                subresource => format!("{}/{subresource}", text(asked, "/resource")),
            };
            let allowed = !is_denied(cluster, text(asked, "/verb"), text(asked, "/group"), &resource);
            body["metadata"] = json!({});
            body["status"] = json!({"allowed": allowed});
            if allowed {
                body["status"]["reason"] =
                    "EKS Access Policy: allowed by ClusterRoleBinding \"eks:cluster-admin\"".into();
            }
            Ok(body)
        }
        "selfsubjectrulesreviews" => {
            body["metadata"] = json!({});
            let rules = if cluster.denied.is_empty() {
                json!([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}])
            } else {
                // Rules only allow: what is denied is left out, the rest is listed resource by resource.
                json!(allowed_rules(cluster))
            };
            body["status"] = json!({"resourceRules": rules, "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}], "incomplete": false});
            Ok(body)
        }
        _ => Err(Failure::no_resource()),
    }
}

fn allowed_rules(cluster: &Cluster) -> Vec<Value> {
    const VERBS: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
    super::kinds::KINDS
        .iter()
        .filter_map(|kind| {
            let verbs: Vec<&&str> =
                VERBS.iter().filter(|verb| !is_denied(cluster, verb, kind.group, kind.plural)).collect();
            (!verbs.is_empty()).then(|| json!({"verbs": verbs, "apiGroups": [kind.group], "resources": [kind.plural]}))
        })
        .collect()
}
