//! Lists with selectors and pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Cluster;
use super::failure::Failure;
use super::json::{int, text};
use super::request::{Request, Target};
use super::selectors::Selectors;
use super::store::Key;

/// Answers a list.
///
/// # Errors
///
/// 400 for a bad selector or limit, 410 for a page token whose revision is no longer kept.
pub(crate) fn list(cluster: &Cluster, request: &Request<'_>, target: &Target) -> Result<Value, Failure> {
    let selectors =
        Selectors::parse(target.kind, request.parameter("labelSelector"), request.parameter("fieldSelector"))?;
    let limit: usize = match request.parameter("limit").map(str::parse) {
        None => usize::MAX,
        Some(Ok(0)) => usize::MAX,
        Some(Ok(limit)) => limit,
        Some(Err(_)) => return Err(Failure::bad_request("limit must be a whole number")),
    };
    let (revision, after) = match request.parameter("continue") {
        None => (cluster.store.revision(), None),
        Some(token) => {
            let (revision, after) = read_token(token)?;
            if revision < cluster.store.floor() {
                return Err(Failure::expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
                ));
            }
            (revision, Some(after))
        }
    };
    let namespace = (!target.namespace.is_empty()).then_some(target.namespace.as_str());
    let mut items = Vec::new();
    let mut last = None;
    let mut remaining = 0_usize;
    for (key, object) in cluster.store.scan(target.kind, namespace) {
        let past = after.as_ref().is_none_or(|after| (&key.namespace, &key.name) > (&after.0, &after.1));
        if !past || !selectors.matches(object) {
            continue;
        }
        if items.len() == limit {
            remaining += 1;
            continue;
        }
        last = Some(key.clone());
        items.push(strip_type(object));
    }
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if let (Some(last), true) = (last, remaining > 0) {
        metadata["continue"] = token(revision, &last).into();
        // The server does not count what a selector would still filter.
        if selectors.is_empty() {
            metadata["remainingItemCount"] = remaining.into();
        }
    }
    let kind = format!("{}List", target.kind.kind);
    Ok(json!({"kind": kind, "apiVersion": target.kind.api_version(), "metadata": metadata, "items": items}))
}

/// Items of a list carry neither `kind` nor `apiVersion`.
fn strip_type(object: &Value) -> Value {
    let mut item = object.clone();
    if let Some(map) = item.as_object_mut() {
        map.shift_remove("kind");
        map.shift_remove("apiVersion");
    }
    item
}

fn token(revision: u64, last: &Key) -> String {
    let start = format!("{}/{}\u{0}", last.namespace, last.name);
    URL_SAFE_NO_PAD.encode(json!({"v": "meta.k8s.io/v1", "rv": revision, "start": start}).to_string())
}

fn read_token(token: &str) -> Result<(u64, (String, String)), Failure> {
    let parsed = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let parsed = parsed.filter(|value| text(value, "/v") == "meta.k8s.io/v1");
    let parsed = parsed.ok_or_else(|| Failure::bad_request("continue key is not valid: invalid character"))?;
    let (namespace, name) = text(&parsed, "/start").split_once('/').unwrap_or_default();
    let revision = int(&parsed, "/rv").and_then(|rv| u64::try_from(rv).ok()).unwrap_or(0);
    Ok((revision, (namespace.to_owned(), name.trim_end_matches('\u{0}').to_owned())))
}
