//! IAM policy documents: equal in meaning, however they are written.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// A document as IAM answers it: percent-encoded JSON. `None` when it is neither that nor plain JSON.
pub(super) fn decode(document: &str) -> Option<Value> {
    let decoded = percent_decode_str(document).decode_utf8().ok()?;
    serde_json::from_str(&decoded).or_else(|_| serde_json::from_str(document)).ok()
}

/// Whether two documents mean the same: one text or a list of one, order, letter case of actions and statement ids make
/// no difference.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    normal(a) == normal(b)
}

fn normal(document: &Value) -> Value {
    let statements = document.get("Statement").map(as_list).unwrap_or_default();
    let mut statements: Vec<Value> = statements.into_iter().map(statement).collect();
    statements.sort_by_key(Value::to_string);
    // A document without a version is of the older language.
    let version = document.get("Version").cloned().unwrap_or_else(|| json!("2008-10-17"));
    json!({"Version": version, "Statement": statements})
}

fn statement(statement: &Value) -> Value {
    let mut parts: Vec<(String, Value)> = Vec::new();
    for (key, value) in statement.as_object().into_iter().flatten().filter(|(key, _)| *key != "Sid") {
        let value = match key.as_str() {
            "Effect" => value.clone(),
            "Action" | "NotAction" => texts(value, true),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => members(value, |operator| members(operator, |values| texts(values, false))),
            _ => texts(value, false),
        };
        parts.push((key.clone(), value));
    }
    sorted(parts)
}

/// `"*"` is every principal, written `{"AWS": "*"}` as well.
fn principal(value: &Value) -> Value {
    if value == "*" { json!({"AWS": ["*"]}) } else { members(value, |ids| texts(ids, false)) }
}

fn members(value: &Value, each: impl Fn(&Value) -> Value) -> Value {
    sorted(value.as_object().into_iter().flatten().map(|(key, inner)| (key.clone(), each(inner))).collect())
}

fn sorted(mut parts: Vec<(String, Value)>) -> Value {
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Object(parts.into_iter().collect::<Map<String, Value>>())
}

/// One value or a list as a sorted list of texts; IAM compares conditions as texts, also `true` and numbers.
fn texts(value: &Value, fold_case: bool) -> Value {
    let mut texts: Vec<String> = as_list(value).into_iter().map(super::json::text).collect();
    if fold_case {
        for text in &mut texts {
            text.make_ascii_lowercase();
        }
    }
    texts.sort();
    texts.dedup();
    json!(texts)
}

fn as_list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(action: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": action
        }]})
    }

    #[test]
    fn writing_makes_no_difference() {
        let a = trust(&json!(["sts:AssumeRole", "sts:TagSession"]));
        let b = json!({"Statement": {
            "Sid": "Pods", "Action": ["sts:tagsession", "sts:AssumeRole"],
            "Principal": {"Service": ["pods.eks.amazonaws.com"]}, "Effect": "Allow"
        }, "Version": "2012-10-17"});
        assert!(same(&a, &b));
    }

    #[test]
    fn a_missing_action_or_condition_does() {
        let both = trust(&json!(["sts:AssumeRole", "sts:TagSession"]));
        assert!(!same(&both, &trust(&json!("sts:AssumeRole"))));
        let mut pinned = both.clone();
        pinned["Statement"][0]["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        assert!(!same(&both, &pinned));
        let mut older = both.clone();
        older["Version"] = json!("2008-10-17");
        assert!(!same(&both, &older));
    }

    #[test]
    fn condition_values_compare_as_text() {
        let with = |value: Value| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": value}}}
            ]})
        };
        assert!(same(&with(json!(false)), &with(json!(["false"]))));
        assert!(!same(&with(json!(false)), &with(json!("true"))));
    }

    #[test]
    fn a_document_comes_percent_encoded() {
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(decode(encoded), Some(json!({"Version": "2012-10-17", "Statement": []})));
        assert_eq!(decode("{\"Statement\":[]}"), Some(json!({"Statement": []})));
        assert_eq!(decode("<xml>"), None);
    }
}
