//! What an operator reads when something goes wrong: what happened, to which resource, why, and what to do next.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The class of a problem; decides retries and exit codes, never the wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The caller may not do this.
    Denied,
    /// Credentials are missing, wrong or expired.
    Credentials,
    /// The thing does not exist.
    NotFound,
    /// The service refuses the input.
    Invalid,
    /// Somebody else changes or owns it, or it exists already.
    Conflict,
    /// Too many calls.
    Throttled,
    /// The service or the network does not answer properly.
    Unavailable,
    /// It did not happen within the deadline.
    Timeout,
    /// A quota or capacity limit.
    Limit,
    /// AWS or Kubernetes accepted it and then reported a failure.
    Failed,
    /// A usage or configuration error: decidable from file, environment and flags alone.
    Usage,
    /// A check of severity error failed.
    Blocked,
    /// Another process holds the lock.
    Locked,
    /// The operator stopped it.
    Cancelled,
    /// A fault of this program.
    Internal,
}

/// A problem in the operator's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Problem {
    /// Class.
    pub kind: ProblemKind,
    /// What happened, to which resource: one sentence in the present tense.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What to do next: commands or fields.
    pub hints: Vec<String>,
    /// Error code of the service, such as `ResourceInUseException`.
    pub code: Option<String>,
    /// Request id of the service, for a support case.
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem with a sentence and nothing else yet.
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new(), code: None, request_id: None }
    }

    /// Adds a cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds the operator's next act.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts a sentence about the larger act in front; the old message becomes the first cause.
    #[must_use]
    pub fn during(mut self, message: impl Into<String>) -> Self {
        let inner = std::mem::replace(&mut self.message, message.into());
        self.causes.insert(0, inner);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, "\n  because: {cause}")?;
        }
        for hint in &self.hints {
            write!(f, "\n  next: {hint}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\n  request id: {id}")?;
        }
        Ok(())
    }
}
