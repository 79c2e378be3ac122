//! A decoded AWS call and its answer, the same for every protocol.

use serde_json::{Map, Value};

/// One AWS call after its protocol was decoded: names are those of the service model.
#[derive(Debug, Clone)]
pub struct Call {
    /// Signing name of the service: `ec2`, `eks`, `iam`, `sts`, `autoscaling`, `servicequotas`.
    pub service: String,
    /// Operation as the service model names it, such as `DescribeSubnets`.
    pub operation: String,
    /// Every request member: form fields, path labels, query string and body merged.
    pub params: Params,
}

/// The members of a request. A member that nobody takes is a gap of the simulator, never silently ignored.
#[derive(Debug, Clone, Default)]
pub struct Params {
    left: Map<String, Value>,
}

impl Params {
    /// Wraps the decoded members.
    pub fn new(members: Map<String, Value>) -> Self {
        Self { left: members }
    }

    /// Takes a member as it came.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// Takes a member as text; numbers and booleans of JSON protocols become their text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.left.remove(name)? {
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// Takes a member as a whole number.
    pub fn int(&mut self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// Takes a member as a boolean.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.text(name)?.parse().ok()
    }

    /// Takes a list member; absent means empty, and so does the empty text by which awsQuery writes an empty list.
    pub fn list(&mut self, name: &str) -> Vec<Value> {
        match self.left.remove(name) {
            Some(Value::Array(items)) => items,
            Some(Value::Null) | None => Vec::new(),
            Some(Value::String(text)) if text.is_empty() => Vec::new(),
            Some(single) => vec![single],
        }
    }

    /// Names of members that nobody took.
    pub fn untaken(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }
}

/// A refusal in the words of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Error code, such as `InvalidParameterException`.
    pub code: String,
    /// Message as the service words it.
    pub message: String,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The service refuses, as AWS would.
    Refused(Refusal),
    /// The simulator does not know this operation, filter or member: the process ends and names it.
    Gap(String),
}

impl Fault {
    /// A refusal with HTTP status, code and message.
    pub fn refused(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { status, code: code.to_owned(), message: message.into() })
    }

    /// Something the simulator does not implement.
    pub fn gap(what: impl Into<String>) -> Self {
        Self::Gap(what.into())
    }
}

/// The answer in the member names of the wire protocol; `Value::Null` for an empty answer.
pub type Answer = Result<Value, Fault>;
