//! Eviction and scale.

use serde_json::{Value, json};

use super::failure::Failure;
use super::json::{self, int, text};
use super::kinds;
use super::request::{Request, Target};
use super::selectors::label_selector_matches;
use super::serve::{Reply, Session, not_allowed};
use super::store::{Key, Writer};
use super::{delete, write};

/// POST to `pods/eviction`.
///
/// # Errors
///
/// 429 when a PodDisruptionBudget leaves no room.
pub(crate) fn evict(session: &mut Session<'_>, request: &Request<'_>, target: &Target) -> Result<Reply, Failure> {
    let pod = session.find(target)?;
    let body = request.object()?;
    let blocking = session
        .cluster
        .store
        .scan(kinds::known("PodDisruptionBudget"), Some(&target.namespace))
        .filter(|(_, budget)| label_selector_matches(&budget["spec"]["selector"], &pod["metadata"]["labels"]))
        .find(|(_, budget)| int(budget, "/status/disruptionsAllowed").unwrap_or(0) < 1);
    if let Some((key, budget)) = blocking {
        let healthy = int(budget, "/status/currentHealthy").unwrap_or(0);
        let wanted = int(budget, "/status/desiredHealthy").unwrap_or(0);
        let cause =
            format!("The disruption budget {} needs {wanted} healthy pods and has {healthy} currently", key.name);
        return Err(Failure::status(
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
            json!({"causes": [{"reason": "DisruptionBudget", "message": cause}]}),
        ));
    }
    if !request.dry_run()? {
        let key = Key::new(target.kind, &target.namespace, &target.name);
        delete::plain(session, &key, int(&body, "/deleteOptions/gracePeriodSeconds"));
    }
    Ok(Reply::Object(
        201,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    ))
}

/// `deployments/scale`: read, replace, merge patch.
pub(crate) fn scale(
    session: &mut Session<'_>,
    request: &Request<'_>,
    target: &Target,
    verb: &str,
) -> Result<Reply, Failure> {
    let old = session.find(target)?;
    let mut wanted = view(&old);
    match verb {
        "get" => return Ok(Reply::Object(200, wanted)),
        "update" => wanted = request.object()?,
        "patch" if request.header(http::header::CONTENT_TYPE).starts_with("application/merge-patch+json") => {
            json::merge_patch(&mut wanted, &request.object()?);
        }
        "patch" => return Err(Failure::gap("kubernetes patch of deployments/scale other than merge")),
        _ => return Err(not_allowed()),
    }
    let mut object = old.clone();
    json::set(&mut object, &["spec", "replicas"], int(&wanted, "/spec/replicas").unwrap_or(0));
    let manager = request.manager();
    let writer = Writer { now: session.now, manager: &manager, subresource: "scale" };
    let main = Target { subresource: String::new(), ..target.clone() };
    let stored = write::change(session, writer, &main, &old, object, request.dry_run()?)?;
    Ok(Reply::Object(200, view(&stored)))
}

fn view(deployment: &Value) -> Value {
    let labels = json::entries(deployment, "/spec/selector/matchLabels");
    let selector: Vec<String> =
        labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    let meta = &deployment["metadata"];
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": text(deployment, "/metadata/name"), "namespace": text(deployment, "/metadata/namespace"),
            "uid": meta["uid"], "resourceVersion": meta["resourceVersion"], "creationTimestamp": meta["creationTimestamp"],
        },
        "spec": {"replicas": int(deployment, "/spec/replicas").unwrap_or(0)},
        "status": {"replicas": int(deployment, "/status/replicas").unwrap_or(0), "selector": selector.join(",")},
    })
}
