//! Fields that cannot change, with the server's words for each.

use serde_json::Value;

use crate::sim::apiserver::failure::Cause;
use crate::sim::apiserver::json;
use crate::sim::apiserver::kinds::Kind;

/// One cause for every immutable field that differs.
pub(super) fn changes(kind: &Kind, old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let differs =
        |pointer: &str| old.pointer(pointer).unwrap_or(&Value::Null) != new.pointer(pointer).unwrap_or(&Value::Null);
    let value = |pointer: &str| new.pointer(pointer).cloned().unwrap_or(Value::Null);
    let immutable = |field: &str, pointer: &str| Cause::invalid(field, &value(pointer), "field is immutable");
    match kind.kind {
        "StorageClass" => {
            for field in ["parameters", "provisioner", "reclaimPolicy"] {
                if differs(&format!("/{field}")) {
                    causes.push(Cause::forbidden(field, &format!("updates to {field} are forbidden.")));
                }
            }
            if differs("/volumeBindingMode") {
                causes.push(immutable("volumeBindingMode", "/volumeBindingMode"));
            }
        }
        "Deployment" | "ReplicaSet" | "DaemonSet" if differs("/spec/selector") => {
            causes.push(immutable("spec.selector", "/spec/selector"));
        }
        "Job" => {
            for field in ["completions", "selector", "template", "completionMode"] {
                if differs(&format!("/spec/{field}")) {
                    causes.push(immutable(&format!("spec.{field}"), &format!("/spec/{field}")));
                }
            }
        }
        "RoleBinding" | "ClusterRoleBinding" if differs("/roleRef") => {
            causes.push(Cause::invalid("roleRef", &value("/roleRef"), "cannot change roleRef"));
        }
        "Service" if differs("/spec/clusterIPs") && !old["spec"]["clusterIPs"].is_null() => {
            causes.push(Cause::invalid("spec.clusterIPs[0]", &value("/spec/clusterIPs"), "may not change once set"));
        }
        "Secret" if differs("/type") => causes.push(immutable("type", "/type")),
        "Secret" | "ConfigMap" if old["immutable"] == true && (differs("/data") || differs("/immutable")) => {
            causes.push(Cause::forbidden("data", "field is immutable when `immutable` is set"));
        }
        "PriorityClass" if differs("/value") => {
            causes.push(Cause::forbidden("value", "may not be changed in an update."));
        }
        "CSIDriver" => {
            for field in ["attachRequired", "fsGroupPolicy", "volumeLifecycleModes"] {
                // fsGroupPolicy became mutable in 1.20; the others never did.
                if field != "fsGroupPolicy" && differs(&format!("/spec/{field}")) {
                    causes.push(immutable(&format!("spec.{field}"), &format!("/spec/{field}")));
                }
            }
        }
        "Pod" => causes.extend(pod(old, new)),
        "PersistentVolumeClaim" => causes.extend(claim(old, new)),
        _ => {}
    }
    causes
}

fn pod(old: &Value, new: &Value) -> Option<Cause> {
    let fixed = |pod: &Value| {
        let mut spec = pod["spec"].clone();
        for list in ["containers", "initContainers"] {
            for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                json::unset(container, &["image"]);
            }
        }
        for field in ["tolerations", "activeDeadlineSeconds", "nodeName"] {
            json::unset(&mut spec, &[field]);
        }
        spec
    };
    (fixed(old) != fixed(new)).then(|| {
        Cause::forbidden(
            "spec",
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        )
    })
}

fn claim(old: &Value, new: &Value) -> Option<Cause> {
    let fixed = |claim: &Value| {
        let mut spec = claim["spec"].clone();
        for field in ["resources", "volumeName", "volumeAttributesClassName"] {
            json::unset(&mut spec, &[field]);
        }
        spec
    };
    (fixed(old) != fixed(new)).then(|| {
        Cause::forbidden(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        )
    })
}
