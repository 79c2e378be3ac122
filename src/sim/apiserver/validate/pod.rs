//! Validation of pod specs and of labels.

use serde_json::Value;

use crate::sim::apiserver::failure::Cause;
use crate::sim::apiserver::json::{entries, items, text};
use crate::sim::apiserver::quantity;

/// Labels: keys with an optional prefix, values of at most 63 characters.
pub(super) fn check_labels(object: &Value, field: &str, causes: &mut Vec<Cause>) {
    for (_, value) in entries(object, "/metadata/labels") {
        let value_text = value.as_str().unwrap_or_default();
        let edge = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
        let plain = value_text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if value_text.len() > 63 {
            causes.push(Cause::invalid(&format!("{field}.labels"), value, "must be no more than 63 bytes"));
        } else if !plain || !edge(value_text.chars().next()) || !edge(value_text.chars().last()) {
            causes.push(Cause::invalid(&format!("{field}.labels"), value, "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
        }
    }
}

pub(super) fn check(spec: &Value, field: &str, causes: &mut Vec<Cause>) {
    if items(spec, "/containers").is_empty() {
        causes.push(Cause::required(&format!("{field}.containers"), ""));
    }
    for list in ["initContainers", "containers"] {
        for (at, container) in items(spec, &format!("/{list}")).iter().enumerate() {
            check_container(spec, container, &format!("{field}.{list}[{at}]"), causes);
        }
    }
    for (at, volume) in items(spec, "/volumes").iter().enumerate() {
        if text(volume, "/name").is_empty() {
            causes.push(Cause::required(&format!("{field}.volumes[{at}].name"), ""));
        }
    }
    for (at, toleration) in items(spec, "/tolerations").iter().enumerate() {
        let operator = text(toleration, "/operator");
        if text(toleration, "/key").is_empty() && operator != "Exists" {
            causes.push(Cause::invalid(
                &format!("{field}.tolerations[{at}].operator"),
                &operator.into(),
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
            ));
        }
    }
}

fn check_container(spec: &Value, container: &Value, field: &str, causes: &mut Vec<Cause>) {
    for name in ["name", "image"] {
        if text(container, &format!("/{name}")).is_empty() {
            causes.push(Cause::required(&format!("{field}.{name}"), ""));
        }
    }
    for (at, mount) in items(container, "/volumeMounts").iter().enumerate() {
        let wanted = text(mount, "/name");
        let known = items(spec, "/volumes").iter().any(|volume| text(volume, "/name") == wanted);
        if !known {
            causes.push(Cause {
                reason: "FieldValueNotFound",
                field: format!("{field}.volumeMounts[{at}].name"),
                message: format!("Not found: {wanted:?}"),
            });
        }
    }
    check_resources(container, field, causes);
}

/// Extended resources cannot be overcommitted: whole numbers, a limit, and a request that equals it.
fn check_resources(container: &Value, field: &str, causes: &mut Vec<Cause>) {
    let limits = &container["resources"]["limits"];
    let requests = &container["resources"]["requests"];
    for (name, amount) in entries(container, "/resources/requests") {
        let limit = limits.get(name);
        if is_extended(name) && limit.is_none() {
            causes.push(Cause::required(
                &format!("{field}.resources.limits"),
                "Limit must be set for non overcommitable resources",
            ));
        } else if let Some(limit) = limit {
            let exact = is_extended(name) || name.starts_with("hugepages-");
            if exact && quantity::millis(limit) != quantity::millis(amount) {
                let why = format!("must be equal to {name} limit of {}", limit.as_str().unwrap_or_default());
                causes.push(Cause::invalid(&format!("{field}.resources.requests"), amount, &why));
            } else if quantity::millis(amount) > quantity::millis(limit) {
                let why =
                    format!("must be less than or equal to {name} limit of {}", limit.as_str().unwrap_or_default());
                causes.push(Cause::invalid(&format!("{field}.resources.requests"), amount, &why));
            }
        }
    }
    for (name, amount) in entries(container, "/resources/limits") {
        if is_extended(name) && quantity::millis(amount) % 1000 != 0 {
            causes.push(Cause::invalid(&format!("{field}.resources.limits[{name}]"), amount, "must be an integer"));
        }
    }
    let huge = entries(container, "/resources/limits").any(|(name, _)| name.starts_with("hugepages-"));
    let base = ["cpu", "memory"].iter().any(|name| limits.get(*name).is_some() || requests.get(*name).is_some());
    if huge && !base {
        causes.push(Cause::forbidden(&format!("{field}.resources"), "HugePages require cpu or memory"));
    }
}

/// Resources of a domain, such as `nvidia.com/gpu`.
fn is_extended(name: &str) -> bool {
    name.contains('/') && !name.starts_with("kubernetes.io/") && !name.starts_with("requests.")
}
