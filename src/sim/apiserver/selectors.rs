//! Label and field selectors.

use serde_json::Value;

use super::failure::Failure;
use super::json::text;
use super::kinds::Kind;

/// Both selectors of a list or watch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selectors {
    labels: Vec<Requirement>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Debug, Clone)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selectors {
    /// Reads both selectors.
    ///
    /// # Errors
    ///
    /// 400 for a field the resource cannot be selected by, or text that is no selector.
    pub fn parse(kind: &Kind, labels: Option<&str>, fields: Option<&str>) -> Result<Self, Failure> {
        let labels =
            split_top(labels.unwrap_or_default()).iter().map(|part| requirement(part)).collect::<Result<_, _>>()?;
        let mut parsed = Vec::new();
        for part in fields.unwrap_or_default().split(',').filter(|part| !part.is_empty()) {
            let (name, equal, value) = if let Some((name, value)) = part.split_once("!=") {
                (name, false, value)
            } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (name, true, value)
            } else {
                return Err(Failure::bad_request(format!("invalid selector: {part:?}; can't understand {part:?}")));
            };
            if !selectable(kind.kind).contains(&name) && !matches!(name, "metadata.name" | "metadata.namespace") {
                return Err(Failure::bad_request(format!(
                    "Unable to find {:?} that match label selector \"\", field selector {:?}: field label not supported: {name}",
                    format!("{}, Resource={}", super::kinds::group_version(kind.group, kind.version), kind.plural),
                    fields.unwrap_or_default(),
                )));
            }
            parsed.push((name.to_owned(), equal, value.to_owned()));
        }
        Ok(Self { labels, fields: parsed })
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub fn matches(&self, object: &Value) -> bool {
        let label = |key: &str| object["metadata"]["labels"].get(key).and_then(Value::as_str);
        let labels = self.labels.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => label(key).is_some_and(|value| values.iter().any(|want| want == value)),
            Requirement::NotIn(key, values) => label(key).is_none_or(|value| !values.iter().any(|want| want == value)),
            Requirement::Exists(key) => label(key).is_some(),
            Requirement::Absent(key) => label(key).is_none(),
        });
        labels && self.fields.iter().all(|(name, equal, want)| (field(object, name) == *want) == *equal)
    }
}

fn field(object: &Value, name: &str) -> String {
    match object.pointer(&format!("/{}", name.replace('.', "/"))) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => match name {
            "spec.unschedulable" | "spec.hostNetwork" => "false".to_owned(),
            _ => String::new(),
        },
        Some(other) => other.to_string(),
    }
}

/// Field labels beside name and namespace (pkg/apis/*/conversion.go).
fn selectable(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        "Event" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        "Node" => &["spec.unschedulable"],
        "Namespace" => &["status.phase"],
        "Secret" => &["type"],
        "ReplicaSet" => &["status.replicas"],
        "Job" => &["status.successful"],
        "Service" => &["spec.clusterIP", "spec.type"],
        _ => &[],
    }
}

/// Splits at commas that are not inside parentheses.
fn split_top(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn requirement(part: &str) -> Result<Requirement, Failure> {
    let set = |rest: &str| -> Vec<String> {
        rest.trim().trim_matches(['(', ')']).split(',').map(|value| value.trim().to_owned()).collect()
    };
    if let Some((key, rest)) = part.split_once(" notin ") {
        return Ok(Requirement::NotIn(key.trim().to_owned(), set(rest)));
    }
    if let Some((key, rest)) = part.split_once(" in ") {
        return Ok(Requirement::In(key.trim().to_owned(), set(rest)));
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Ok(Requirement::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()]));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Ok(Requirement::In(key.trim().to_owned(), vec![value.trim().to_owned()]));
    }
    if let Some(key) = part.strip_prefix('!') {
        return Ok(Requirement::Absent(key.trim().to_owned()));
    }
    if part.contains(' ') {
        return Err(Failure::bad_request(format!(
            "unable to parse requirement: found {part:?}, expected: in, notin, =, ==, !=, gt, lt"
        )));
    }
    Ok(Requirement::Exists(part.to_owned()))
}

/// Whether a LabelSelector object (`matchLabels`, `matchExpressions`) selects `labels`. An absent selector selects nothing.
pub(crate) fn label_selector_matches(selector: &Value, labels: &Value) -> bool {
    if !selector.is_object() {
        return false;
    }
    let value = |key: &str| labels.get(key).and_then(Value::as_str);
    let plain = super::json::entries(selector, "/matchLabels").all(|(key, want)| value(key) == want.as_str());
    plain
        && super::json::items(selector, "/matchExpressions")
            .iter()
            .all(|term| expression_matches(term, value(text(term, "/key"))))
}

/// One `matchExpressions` entry against the value of its key.
pub(crate) fn expression_matches(term: &Value, value: Option<&str>) -> bool {
    let values = super::json::items(term, "/values");
    let listed = value.is_some_and(|value| values.iter().any(|want| want.as_str() == Some(value)));
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    let bound = number(values.first().and_then(Value::as_str));
    match text(term, "/operator") {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => number(value) > bound && number(value).is_some(),
        "Lt" => number(value) < bound && number(value).is_some(),
        _ => false,
    }
}
