//! Refusals as the API server words them: `Status` objects.

use bytes::Bytes;
use serde_json::{Value, json};

use super::kinds::Kind;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// The API server refuses with this `Status`.
    Status(Box<Status>),
    /// Something this simulator does not implement.
    Gap(String),
}

/// The parts of a `Status` object of kind Failure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Status {
    pub code: u16,
    pub reason: &'static str,
    pub message: String,
    pub details: Value,
}

/// One invalid field of a 422 answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// `FieldValueRequired`, `FieldValueInvalid`, …
    pub reason: &'static str,
    /// Path such as `spec.selector`.
    pub field: String,
    /// The message without the field name.
    pub message: String,
}

impl Cause {
    pub fn required(field: &str, message: &str) -> Self {
        let message = if message.is_empty() { "Required value".into() } else { format!("Required value: {message}") };
        Self { reason: "FieldValueRequired", field: field.to_owned(), message }
    }

    pub fn invalid(field: &str, value: &Value, message: &str) -> Self {
        Self {
            reason: "FieldValueInvalid",
            field: field.to_owned(),
            message: format!("Invalid value: {value}: {message}"),
        }
    }

    pub fn forbidden(field: &str, message: &str) -> Self {
        Self { reason: "FieldValueForbidden", field: field.to_owned(), message: format!("Forbidden: {message}") }
    }

    pub fn unsupported(field: &str, value: &str, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|item| format!("{item:?}")).collect();
        let message = format!("Unsupported value: {value:?}: supported values: {}", list.join(", "));
        Self { reason: "FieldValueNotSupported", field: field.to_owned(), message }
    }
}

impl Failure {
    pub fn status(code: u16, reason: &'static str, message: impl Into<String>, details: Value) -> Self {
        Self::Status(Box::new(Status { code, reason, message: message.into(), details }))
    }

    pub fn gap(what: impl Into<String>) -> Self {
        Self::Gap(what.into())
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::status(400, "BadRequest", message, Value::Null)
    }

    pub fn unauthorized() -> Self {
        Self::status(401, "Unauthorized", "Unauthorized", Value::Null)
    }

    pub fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} {name:?} not found", kind.qualified());
        Self::status(404, "NotFound", message, named(kind, name))
    }

    /// The answer for a path that no resource serves.
    pub fn no_resource() -> Self {
        Self::status(404, "NotFound", "the server could not find the requested resource", json!({}))
    }

    pub fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} {name:?} already exists", kind.qualified());
        Self::status(409, "AlreadyExists", message, named(kind, name))
    }

    pub fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {why}", kind.qualified());
        Self::status(409, "Conflict", message, named(kind, name))
    }

    pub fn expired(message: impl Into<String>) -> Self {
        Self::status(410, "Expired", message, Value::Null)
    }

    /// A 422 with one cause a field, worded as `k8s.io/apimachinery` words it.
    pub fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Self {
        let lines: Vec<String> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let what = match lines.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let causes: Vec<Value> = causes
            .iter()
            .map(|cause| json!({"reason": cause.reason, "message": cause.message, "field": cause.field}))
            .collect();
        let mut details = json!({"name": name, "kind": kind.kind, "causes": causes});
        if !kind.group.is_empty() {
            details["group"] = kind.group.into();
        }
        let message = format!("{} {name:?} is invalid: {what}", kind.qualified_kind());
        Self::status(422, "Invalid", message, details)
    }
}

fn named(kind: &Kind, name: &str) -> Value {
    let mut details = json!({"name": name, "kind": kind.plural});
    if !kind.group.is_empty() {
        details["group"] = kind.group.into();
    }
    details
}

impl Status {
    /// The object on the wire.
    pub fn to_value(&self) -> Value {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
        });
        if !self.reason.is_empty() {
            body["reason"] = self.reason.into();
        }
        if !self.details.is_null() {
            body["details"] = self.details.clone();
        }
        body["code"] = self.code.into();
        body
    }

    pub fn response(&self) -> http::Response<Bytes> {
        reply(self.code, &self.to_value())
    }
}

/// A JSON response.
pub(crate) fn reply(code: u16, body: &Value) -> http::Response<Bytes> {
    respond(code, "application/json", Bytes::from(body.to_string()))
}

/// A response with a content type.
pub(crate) fn respond(code: u16, content_type: &'static str, body: Bytes) -> http::Response<Bytes> {
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}
