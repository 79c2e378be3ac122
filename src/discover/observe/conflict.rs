//! What the API server says when another field manager owns what we would set.

use kube::core::Status;

/// `manager: field` lines from a 409 of server-side apply.
///
/// The causes of the status name field and manager; without them the message does.
pub(super) fn managers(status: &Status) -> Vec<String> {
    let causes = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    let lines: Vec<String> = causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| format!("{}: {}", quoted(&cause.message).unwrap_or("another manager"), cause.field))
        .collect();
    if lines.is_empty() { from_message(&status.message) } else { lines }
}

/// The message lists managers with their fields:
/// `Apply failed with 2 conflicts: conflicts with "helm" using apps/v1:\n- .spec.replicas\n- .spec.paused`, or
/// `… 1 conflict: conflict with "helm" using apps/v1: .spec.replicas`.
fn from_message(message: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for part in message.split("with \"").skip(1) {
        let Some((manager, rest)) = part.split_once('"') else { continue };
        let fields = rest.split_once(':').map_or("", |(_, fields)| fields);
        let fields = fields.split(['\n', ' ']).map(|field| field.trim_start_matches('-').trim());
        lines.extend(fields.filter(|field| field.starts_with('.')).map(|field| format!("{manager}: {field}")));
    }
    if lines.is_empty() { vec![message.to_owned()] } else { lines }
}

fn quoted(text: &str) -> Option<&str> {
    text.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(message: &str, causes: serde_json::Value) -> Status {
        let body = json!({"status": "Failure", "reason": "Conflict", "code": 409, "message": message,
            "metadata": {}, "details": {"causes": causes}});
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn causes_name_manager_and_field() {
        let causes = json!([{
            "reason": "FieldManagerConflict",
            "message": "conflict with \"kubectl-client-side-apply\" using apps/v1",
            "field": ".spec.template.spec.containers[name=\"metrics-server\"].image"
        }]);
        let want = "kubectl-client-side-apply: .spec.template.spec.containers[name=\"metrics-server\"].image";
        assert_eq!(managers(&status("Apply failed with 1 conflict", causes)), [want]);
    }

    #[test]
    fn without_causes_the_message_is_read() {
        let one = "Apply failed with 1 conflict: conflict with \"helm\" using apps/v1: .spec.replicas";
        assert_eq!(managers(&status(one, json!([]))), ["helm: .spec.replicas"]);
        let two = "Apply failed with 2 conflicts: conflicts with \"eks\" with subresource \"x\" using apps/v1:\n\
                   - .spec.replicas\n- .spec.paused";
        assert_eq!(managers(&status(two, json!([])))[0..2], ["x: .spec.replicas", "x: .spec.paused"]);
    }

    #[test]
    fn a_message_that_names_nobody_is_kept_whole() {
        assert_eq!(managers(&status("the object has been modified", json!([]))), ["the object has been modified"]);
    }
}
