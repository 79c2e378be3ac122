//! `/version` and the lists of groups and resources.

use serde_json::{Value, json};

use super::failure::Failure;
use super::kinds::{KINDS, Kind, group_version};

const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// The answer of `/version` for a minor such as `1.35`.
pub(crate) fn version(minor: &str) -> Value {
    let (major, number) = minor.split_once('.').unwrap_or(("1", minor));
    json!({
        "major": major, "minor": number, "emulationMajor": major, "emulationMinor": number,
        "minCompatibilityMajor": major, "minCompatibilityMinor": number,
        "gitVersion": format!("v{minor}.2-eks-3a8b5c1"), "gitCommit": "5d1c2f7a3a8b5c1e0f9d4b6a7c8e9f0a1b2c3d4e",
        "gitTreeState": "clean", "buildDate": "2026-05-21T07:14:09Z", "goVersion": "go1.25.6", "compiler": "gc",
        "platform": "linux/amd64",
    })
}

/// `/api`.
pub(crate) fn core() -> Value {
    json!({
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "ip-10-0-0-10.ec2.internal:443"}],
    })
}

fn groups(metrics: bool) -> Vec<(&'static str, &'static str)> {
    let mut groups: Vec<(&str, &str)> = vec![("authorization.k8s.io", "v1")];
    if metrics {
        groups.push(("metrics.k8s.io", "v1beta1"));
    }
    groups.extend(KINDS.iter().filter(|kind| !kind.group.is_empty()).map(|kind| (kind.group, kind.version)));
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn group(name: &str, version: &str) -> Value {
    let entry = json!({"groupVersion": group_version(name, version), "version": version});
    json!({"name": name, "versions": [entry], "preferredVersion": entry})
}

/// `/apis`; `metrics` says whether an APIService registers `metrics.k8s.io`.
pub(crate) fn group_list(metrics: bool) -> Value {
    let list: Vec<Value> = groups(metrics).into_iter().map(|(name, version)| group(name, version)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": list})
}

/// `/apis/<group>`.
pub(crate) fn one_group(name: &str, metrics: bool) -> Result<Value, Failure> {
    let found = groups(metrics).into_iter().find(|(group, _)| *group == name);
    let (name, version) = found.ok_or_else(Failure::no_resource)?;
    let mut body = group(name, version);
    body["kind"] = "APIGroup".into();
    body["apiVersion"] = "v1".into();
    Ok(body)
}

/// `/api/v1` and `/apis/<group>/<version>`.
pub(crate) fn resources(name: &str, version: &str) -> Result<Value, Failure> {
    let list: Vec<Value> = match name {
        "metrics.k8s.io" if version == "v1beta1" => ["nodes", "pods"]
            .iter()
            .map(|plural| {
                let kind = if *plural == "nodes" { "NodeMetrics" } else { "PodMetrics" };
                json!({"name": plural, "singularName": "", "namespaced": *plural == "pods", "kind": kind, "verbs": ["get", "list"]})
            })
            .collect(),
        "authorization.k8s.io" if version == "v1" => {
            [("selfsubjectaccessreviews", "SelfSubjectAccessReview"), ("selfsubjectrulesreviews", "SelfSubjectRulesReview")]
                .iter()
                .map(|(plural, kind)| {
                    json!({"name": plural, "singularName": kind.to_lowercase(), "namespaced": false, "kind": kind, "verbs": ["create"]})
                })
                .collect()
        }
        _ => KINDS.iter().filter(|kind| kind.group == name && kind.version == version).flat_map(entries).collect(),
    };
    if list.is_empty() {
        return Err(Failure::no_resource());
    }
    Ok(
        json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version(name, version), "resources": list}),
    )
}

fn entries(kind: &Kind) -> Vec<Value> {
    let verbs: &[&str] = if kind.writable { VERBS } else { &["get", "list", "watch"] };
    let mut main = json!({
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": verbs,
    });
    if !kind.short.is_empty() {
        main["shortNames"] = json!(kind.short);
    }
    let below = |name: &str, of: &str, verbs: &[&str]| json!({"name": format!("{}/{name}", kind.plural), "singularName": "", "namespaced": kind.namespaced, "kind": of, "verbs": verbs});
    let mut list = vec![main];
    if kind.status {
        list.push(below("status", kind.kind, &["get", "patch", "update"]));
    }
    match kind.kind {
        "Pod" => {
            list.push(below("log", "Pod", &["get"]));
            list.push(below("eviction", "Eviction", &["create"]));
        }
        "Deployment" => list.push(below("scale", "Scale", &["get", "patch", "update"])),
        _ => {}
    }
    list
}
