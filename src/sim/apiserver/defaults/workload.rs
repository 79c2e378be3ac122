//! Defaults of Deployments, ReplicaSets, DaemonSets and Jobs.

use serde_json::{Value, json};

use super::pod;
use crate::sim::apiserver::json::{default, int, object, set, text};

fn template(value: &mut Value) {
    object(value, &["spec", "template", "spec"]);
    pod::spec(&mut value["spec"]["template"]["spec"]);
}

pub(super) fn deployment(value: &mut Value) {
    let spec = object(value, &["spec"]);
    default(spec, "replicas", 1);
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "progressDeadlineSeconds", 600);
    default(object(value, &["spec", "strategy"]), "type", "RollingUpdate");
    if text(value, "/spec/strategy/type") == "RollingUpdate" {
        let rolling = object(value, &["spec", "strategy", "rollingUpdate"]);
        default(rolling, "maxUnavailable", "25%");
        default(rolling, "maxSurge", "25%");
    }
    template(value);
}

pub(super) fn replica_set(value: &mut Value) {
    default(object(value, &["spec"]), "replicas", 1);
    template(value);
}

pub(super) fn daemon_set(value: &mut Value) {
    default(object(value, &["spec"]), "revisionHistoryLimit", 10);
    default(object(value, &["spec", "updateStrategy"]), "type", "RollingUpdate");
    if text(value, "/spec/updateStrategy/type") == "RollingUpdate" {
        let rolling = object(value, &["spec", "updateStrategy", "rollingUpdate"]);
        default(rolling, "maxUnavailable", 1);
        default(rolling, "maxSurge", 0);
    }
    let generation = int(value, "/metadata/generation").unwrap_or(1);
    default(
        object(value, &["metadata", "annotations"]),
        "deprecated.daemonset.template.generation",
        generation.to_string(),
    );
    template(value);
}

pub(super) fn job(value: &mut Value) {
    let uid = text(value, "/metadata/uid").to_owned();
    let name = text(value, "/metadata/name").to_owned();
    let spec = object(value, &["spec"]);
    if !spec.contains_key("completions") && !spec.contains_key("parallelism") {
        default(spec, "completions", 1);
    }
    for (key, fallback) in [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("manualSelector", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        default(spec, key, fallback);
    }
    if value["spec"]["manualSelector"] == false && !uid.is_empty() {
        let labels = object(value, &["spec", "template", "metadata", "labels"]);
        for (key, label) in [
            ("batch.kubernetes.io/controller-uid", &uid),
            ("batch.kubernetes.io/job-name", &name),
            ("controller-uid", &uid),
            ("job-name", &name),
        ] {
            labels.insert(key.to_owned(), label.clone().into());
        }
        if value["spec"].get("selector").is_none() {
            set(value, &["spec", "selector"], json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}));
        }
    }
    template(value);
}
