//! Differences of JSON documents.

use serde_json::Value;

use crate::components::observed::Change;

/// Members of metadata that the server keeps for itself.
const SERVER_METADATA: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// A Kubernetes object without what only the server writes.
pub(super) fn without_server_fields(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            for member in SERVER_METADATA {
                metadata.remove(member);
            }
        }
    }
    object
}

/// Every difference, in the order of `have`, then what only `want` has.
pub(super) fn differences(have: &Value, want: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    walk("", Some(have), Some(want), true, &mut found);
    found
}

/// The differences in what `want` names; what only `have` has does not count.
pub(super) fn missing(have: &Value, want: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    walk("", Some(have), Some(want), false, &mut found);
    found
}

fn walk(path: &str, have: Option<&Value>, want: Option<&Value>, both_ways: bool, found: &mut Vec<Change>) {
    match (have, want) {
        (Some(Value::Object(have)), Some(Value::Object(want))) => {
            for (key, old) in have {
                let new = want.get(key);
                if new.is_some() || both_ways {
                    walk(&member(path, key), Some(old), new, both_ways, found);
                }
            }
            for (key, new) in want.iter().filter(|(key, _)| !have.contains_key(*key)) {
                walk(&member(path, key), None, Some(new), both_ways, found);
            }
        }
        (Some(Value::Array(have)), Some(Value::Array(want))) => {
            for index in 0..have.len().max(want.len()) {
                walk(&format!("{path}[{index}]"), have.get(index), want.get(index), both_ways, found);
            }
        }
        _ if have == want => {}
        _ => found.push(Change { path: path.to_owned(), have: have.map(text), want: want.map(text) }),
    }
}

/// `a.b`; a key with dots is quoted, as label and annotation keys are.
fn member(path: &str, key: &str) -> String {
    let key = if key.contains('.') { format!("\"{key}\"") } else { key.to_owned() };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// A value as one line: texts as they are, the rest as JSON.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(changes: &[Change]) -> Vec<&str> {
        changes.iter().map(|change| change.path.as_str()).collect()
    }

    #[test]
    fn server_fields_make_no_difference() {
        let live = json!({"metadata": {"name": "a", "resourceVersion": "1", "generation": 2, "managedFields": []},
            "spec": {"replicas": 2}, "status": {"readyReplicas": 1}});
        let dry = json!({"metadata": {"name": "a", "resourceVersion": "9", "generation": 3, "managedFields": [1]},
            "spec": {"replicas": 2}});
        assert_eq!(differences(&without_server_fields(live), &without_server_fields(dry)), []);
    }

    #[test]
    fn a_difference_has_a_path_and_both_sides() {
        let have = json!({"spec": {"containers": [{"image": "a:1", "name": "x"}]}});
        let want = json!({"spec": {"containers": [{"image": "a:2", "name": "x"}]}});
        let change =
            Change { path: "spec.containers[0].image".into(), have: Some("a:1".into()), want: Some("a:2".into()) };
        assert_eq!(differences(&have, &want), [change]);
    }

    #[test]
    fn a_key_with_dots_is_quoted() {
        let want = json!({"metadata": {"labels": {"app.kubernetes.io/name": "x"}}});
        let have = json!({"metadata": {"labels": {}}});
        assert_eq!(paths(&differences(&have, &want)), ["metadata.labels.\"app.kubernetes.io/name\""]);
    }

    #[test]
    fn what_only_the_server_has_counts_in_one_of_the_two_ways() {
        let have = json!({"parameters": {"type": "gp2"}, "reclaimPolicy": "Delete"});
        let want = json!({"parameters": {"type": "gp3"}});
        assert_eq!(paths(&missing(&have, &want)), ["parameters.type"]);
        assert_eq!(paths(&differences(&have, &want)), ["parameters.type", "reclaimPolicy"]);
    }
}
