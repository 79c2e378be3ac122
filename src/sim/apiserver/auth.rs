//! Who calls: the presigned STS token of EKS, and what the caller may do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Duration;

use super::Cluster;
use super::failure::Failure;
use super::request::{Request, Route, Target};
use crate::domain::time::Stamp;
use serde_json::json;

/// A presigned GetCallerIdentity URL logs in for this long after its date (aws-iam-authenticator, pkg/token).
const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

/// Checks the bearer token. Health endpoints need none, as on EKS.
///
/// # Errors
///
/// 401 when it is missing, unreadable, expired, or signed without the cluster's header.
pub(crate) fn authenticate(now: Stamp, request: &Request<'_>, route: Option<&Route>) -> Result<(), Failure> {
    if matches!(route, Some(Route::Health)) {
        return Ok(());
    }
    let header = request.header(http::header::AUTHORIZATION);
    let token = header.strip_prefix("Bearer ").and_then(|rest| rest.strip_prefix("k8s-aws-v1."));
    let valid = token.is_some_and(|token| token_is_valid(now, token));
    if valid { Ok(()) } else { Err(Failure::unauthorized()) }
}

fn token_is_valid(now: Stamp, token: &str) -> bool {
    let Ok(decoded) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some(url) = String::from_utf8(decoded).ok().and_then(|text| url::Url::parse(&text).ok()) else { return false };
    let parameter = |name: &str| {
        url.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
    };
    let signs_cluster = parameter("X-Amz-SignedHeaders")
        .is_some_and(|list| list.split(';').any(|name| name.eq_ignore_ascii_case("x-k8s-aws-id")));
    let date = parameter("X-Amz-Date").and_then(|text| amz_date(&text));
    url.scheme() == "https"
        && url.host_str().is_some_and(|host| host.starts_with("sts."))
        && parameter("Action").as_deref() == Some("GetCallerIdentity")
        && signs_cluster
        && date.is_some_and(|date| now <= date + TOKEN_LIFE)
}

/// Reads `20260701T031200Z`.
fn amz_date(text: &str) -> Option<Stamp> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let (y, m, d) = (&text[0..4], &text[4..6], &text[6..8]);
    let (h, min, s) = (&text[9..11], &text[11..13], &text[13..15]);
    format!("{y}-{m}-{d}T{h}:{min}:{s}Z").parse().ok()
}

/// The verb of authorisation.
pub(crate) fn verb(request: &Request<'_>, target: &Target) -> &'static str {
    match (request.method.as_str(), target.name.is_empty()) {
        ("GET", true) if request.flag("watch") => "watch",
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "deletecollection",
        _ => "delete",
    }
}

/// Refuses what the cluster's deny list names.
///
/// # Errors
///
/// 403 in the words of the API server.
pub(crate) fn authorise(cluster: &Cluster, verb: &str, target: &Target) -> Result<(), Failure> {
    let resource = if target.subresource.is_empty() {
        target.kind.plural.to_owned()
    } else {
        format!("{}/{}", target.kind.plural, target.subresource)
    };
    if !is_denied(cluster, verb, target.kind.group, &resource) {
        return Ok(());
    }
    let object = if target.name.is_empty() { String::new() } else { format!(" {:?}", target.name) };
    let scope = if target.namespace.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {:?}", target.namespace)
    };
    let message = format!(
        "{}{object} is forbidden: User {:?} cannot {verb} resource {resource:?} in API group {:?} {scope}",
        target.kind.qualified(),
        cluster.caller,
        target.kind.group,
    );
    let mut details = json!({"kind": target.kind.plural});
    if !target.name.is_empty() {
        details["name"] = target.name.clone().into();
    }
    if !target.kind.group.is_empty() {
        details["group"] = target.kind.group.into();
    }
    Err(Failure::status(403, "Forbidden", message, details))
}

/// Whether the deny list covers a verb on a resource; `*` in the list matches everything.
pub(crate) fn is_denied(cluster: &Cluster, verb: &str, group: &str, resource: &str) -> bool {
    let covers = |pattern: &str, given: &str| pattern == "*" || pattern == given;
    cluster.denied.iter().any(|(v, g, r)| covers(v, verb) && covers(g, group) && covers(r, resource))
}
