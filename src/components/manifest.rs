//! Manifests and policy documents: parsed first, then filled with typed values, so that no value can break the syntax.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::naming::{MANAGED_BY, MANAGER};
use crate::domain::problem::{Problem, ProblemKind};

/// Values by placeholder name. `Null` removes the entry or list item that holds the placeholder.
pub type Values<'a> = BTreeMap<&'a str, Value>;

/// The objects of a YAML manifest with every `{{placeholder}}` filled and the label that names us.
///
/// A scalar that is only a placeholder takes the value with its type; inside a longer text the value must be text.
///
/// # Errors
/// The manifest does not parse, a placeholder has no value, or an object has no metadata: a fault of this program.
pub fn objects(yaml: &str, values: &Values<'_>) -> Result<Vec<Value>, Problem> {
    let parsed: Vec<Value> =
        serde_saphyr::from_multiple(yaml).map_err(|error| internal(&format!("does not parse: {error}")))?;
    parsed
        .into_iter()
        .map(|document| {
            let mut object = filled(document, values)?;
            label(&mut object)?;
            Ok(object)
        })
        .collect()
}

/// A JSON policy document with every placeholder filled.
///
/// # Errors
/// As [`objects`].
pub fn policy(json: &str, values: &Values<'_>) -> Result<Value, Problem> {
    let parsed = serde_json::from_str(json).map_err(|error| internal(&format!("does not parse: {error}")))?;
    filled(parsed, values)
}

fn filled(value: Value, values: &Values<'_>) -> Result<Value, Problem> {
    match value {
        Value::String(text) => scalar(&text, values),
        Value::Array(items) => {
            let mut made = Vec::with_capacity(items.len());
            for item in items {
                let was_null = item.is_null();
                let item = filled(item, values)?;
                if was_null || !item.is_null() {
                    made.push(item);
                }
            }
            Ok(Value::Array(made))
        }
        Value::Object(fields) => {
            let mut made = Map::with_capacity(fields.len());
            for (key, field) in fields {
                let was_null = field.is_null();
                let field = filled(field, values)?;
                if was_null || !field.is_null() {
                    made.insert(key, field);
                }
            }
            Ok(Value::Object(made))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value),
    }
}

fn scalar(text: &str, values: &Values<'_>) -> Result<Value, Problem> {
    let value_of = |name: &str| values.get(name).ok_or_else(|| internal(&format!("has no value for {{{{{name}}}}}")));
    if let Some(name) = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"))
        && !name.contains("{{")
    {
        return value_of(name).cloned();
    }
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            return Err(internal("has a placeholder without end"));
        };
        let Some(value) = value_of(name)?.as_str() else {
            return Err(internal(&format!("needs text for {{{{{name}}}}}")));
        };
        made.push_str(before);
        made.push_str(value);
        rest = after;
    }
    made.push_str(rest);
    Ok(Value::String(made))
}

fn label(object: &mut Value) -> Result<(), Problem> {
    let metadata = object.get_mut("metadata").and_then(Value::as_object_mut);
    let metadata = metadata.ok_or_else(|| internal("holds an object without metadata"))?;
    let labels = metadata.entry("labels").or_insert_with(|| Value::Object(Map::new()));
    let labels = labels.as_object_mut().ok_or_else(|| internal("holds labels that are no mapping"))?;
    labels.insert(MANAGED_BY.to_owned(), Value::String(MANAGER.to_owned()));
    Ok(())
}

fn internal(what: &str) -> Problem {
    Problem::new(ProblemKind::Internal, format!("An embedded manifest {what}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ONE: &str = "kind: A\nmetadata:\n  name: \"{{name}}\"\nspec:\n  n: \"{{n}}\"\n  image: \"{{name}}/x:1\"\n  args: [a, \"{{gone}}\"]\n  drop: \"{{gone}}\"\n";

    fn values() -> Values<'static> {
        BTreeMap::from([("name", json!("x: [y]")), ("n", json!([1, "2"])), ("gone", Value::Null)])
    }

    #[test]
    fn values_keep_their_type_and_cannot_break_out_of_their_scalar() {
        let made = objects(ONE, &values()).unwrap();
        assert_eq!(made[0]["metadata"]["name"], json!("x: [y]"));
        assert_eq!(made[0]["spec"], json!({"n": [1, "2"], "image": "x: [y]/x:1", "args": ["a"]}));
    }

    #[test]
    fn a_placeholder_without_value_is_an_error_that_names_it() {
        let problem = objects(ONE, &Values::new()).unwrap_err();
        assert_eq!(problem.message, "An embedded manifest has no value for {{name}}.");
    }

    #[test]
    fn every_document_gets_the_label_and_keeps_its_own() {
        let two = "metadata: {name: a}\n---\nmetadata: {name: b, labels: {k: v}}\n";
        let made = objects(two, &Values::new()).unwrap();
        assert_eq!(made[0]["metadata"]["labels"], json!({MANAGED_BY: MANAGER}));
        assert_eq!(made[1]["metadata"]["labels"], json!({"k": "v", MANAGED_BY: MANAGER}));
    }

    #[test]
    fn quoted_scalars_stay_text_and_plain_ones_do_not() {
        let made = objects("metadata: {}\na: \"true\"\nb: true\nc: \"3000\"\nd: 3000\n", &Values::new()).unwrap();
        assert_eq!((&made[0]["a"], &made[0]["b"]), (&json!("true"), &json!(true)));
        assert_eq!((&made[0]["c"], &made[0]["d"]), (&json!("3000"), &json!(3000)));
    }

    #[test]
    fn null_that_the_author_wrote_stays() {
        assert_eq!(policy("{\"a\": null, \"b\": [null]}", &Values::new()).unwrap(), json!({"a": null, "b": [null]}));
    }
}
