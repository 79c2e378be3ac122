//! What the caller may do in the cluster.

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::Api;
use kube::api::PostParams;

use crate::domain::facts::Access;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::each;

/// Groups and resources that a plan applies: each needs get, create and patch.
const APPLIED: [(&str, &str); 11] = [
    ("", "serviceaccounts"),
    ("", "services"),
    ("apiregistration.k8s.io", "apiservices"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("policy", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "roles"),
    ("storage.k8s.io", "storageclasses"),
];

/// Verb, group, resource of everything else: waiting, verification, health.
const OTHER: [(&str, &str, &str); 12] = [
    ("list", "", "nodes"),
    ("list", "", "events"),
    ("list", "", "pods"),
    ("create", "", "pods"),
    ("delete", "", "pods"),
    ("get", "", "pods/log"),
    ("create", "", "persistentvolumeclaims"),
    ("delete", "", "persistentvolumeclaims"),
    ("create", "batch", "jobs"),
    ("delete", "batch", "jobs"),
    ("list", "apps", "daemonsets"),
    ("list", "metrics.k8s.io", "nodes"),
];

/// The server's version, and one `SelfSubjectAccessReview` a verb and resource that plans, proofs and health use.
///
/// # Errors
/// The API server does not answer. A caller that it does not know (401) is an answer: no version, everything denied.
pub async fn read(clients: &Clients) -> Result<Access, Problem> {
    let questions = questions();
    let asked = u32::try_from(questions.len()).unwrap_or(u32::MAX);
    let version = match clients.kube.apiserver_version().await {
        Ok(version) => version,
        Err(kube::Error::Api(status)) if status.code == 401 => return Ok(stranger(&questions, asked)),
        Err(error) => return Err(classify::kube("read its version", &error)),
    };
    let reviews: Api<SelfSubjectAccessReview> = Api::all(clients.kube.clone());
    let answers = each(questions, async |question: Question| {
        let review = reviews.create(&PostParams::default(), &question.review()).await;
        let review = review.map_err(|error| classify::kube("create selfsubjectaccessreviews", &error))?;
        let allowed = review.status.is_some_and(|status| status.allowed);
        Ok((!allowed).then(|| question.text()))
    })
    .await?;
    Ok(Access { version: version.git_version, denied: answers.into_iter().flatten().collect(), asked })
}

/// A caller that the server does not know may do nothing, and is not even told the version.
fn stranger(questions: &[Question], asked: u32) -> Access {
    Access { version: String::new(), denied: questions.iter().map(|question| question.text()).collect(), asked }
}

#[derive(Debug, Clone, Copy)]
struct Question {
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
}

fn questions() -> Vec<Question> {
    let applied = APPLIED
        .iter()
        .flat_map(|(group, resource)| ["get", "create", "patch"].map(|verb| Question { verb, group, resource }));
    applied.chain(OTHER.iter().map(|(verb, group, resource)| Question { verb, group, resource })).collect()
}

impl Question {
    fn review(self) -> SelfSubjectAccessReview {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
            None => (self.resource, None),
        };
        let attributes = ResourceAttributes {
            verb: Some(self.verb.to_owned()),
            group: Some(self.group.to_owned()),
            resource: Some(resource.to_owned()),
            subresource,
            ..ResourceAttributes::default()
        };
        let spec = SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        };
        SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() }
    }

    /// `verb group/resource`; the core group has no name.
    fn text(self) -> String {
        let slash = if self.group.is_empty() { "" } else { "/" };
        format!("{} {}{slash}{}", self.verb, self.group, self.resource)
    }
}

/// Whether the API server answers at all: a refusal is an answer.
///
/// # Errors
/// No connection, no trust, no token.
pub async fn reached(clients: &Clients) -> Result<(), Problem> {
    match clients.kube.apiserver_version().await {
        Ok(_) | Err(kube::Error::Api(_)) => Ok(()),
        Err(error) => Err(classify::kube("read its version", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subresource_is_asked_as_one() {
        let log = Question { verb: "get", group: "", resource: "pods/log" };
        let asked = log.review().spec.resource_attributes.unwrap();
        assert_eq!((asked.resource.as_deref(), asked.subresource.as_deref()), (Some("pods"), Some("log")));
        assert_eq!(log.text(), "get pods/log");
    }

    #[test]
    fn what_is_applied_is_asked_with_three_verbs() {
        let texts: Vec<String> = questions().into_iter().map(Question::text).collect();
        for verb in ["get", "create", "patch"] {
            assert!(texts.contains(&format!("{verb} apps/daemonsets")), "{verb}");
        }
        assert_eq!(texts.len(), 11 * 3 + 12);
    }
}
