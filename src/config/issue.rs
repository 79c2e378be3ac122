//! What is wrong with a configuration, decidable from file, environment and flags alone.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::finding::Severity;
use crate::domain::ids::CheckId;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file as the operator named it.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: Option<u32>,
}

/// One finding about the configuration itself (`CFG-001` to `CFG-010`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Id in the catalogue.
    pub check: CheckId,
    /// Errors end with exit code 2; warnings are shown.
    pub severity: Severity,
    /// The variable it is about.
    pub variable: Option<String>,
    /// Where it stands, when it stands in a file.
    pub at: Option<Place>,
    /// Sentences that name file, line, variable and the expected form. Never holds a secret.
    pub message: String,
    /// A value that would be accepted.
    pub suggestion: Option<String>,
}

impl Issue {
    /// An issue that stops.
    pub(super) fn error(check: &str, message: String) -> Self {
        let check = CheckId::new(check);
        Self { check, severity: Severity::Error, variable: None, at: None, message, suggestion: None }
    }

    /// An issue that is shown.
    pub(super) fn warning(check: &str, message: String) -> Self {
        Self { severity: Severity::Warning, ..Self::error(check, message) }
    }

    pub(super) fn about(mut self, variable: &str) -> Self {
        self.variable = Some(variable.to_owned());
        self
    }

    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        self.at = place;
        self
    }

    pub(super) fn suggest(mut self, value: Option<String>) -> Self {
        self.suggestion = value;
        self
    }

    /// Whether it stops.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.check, self.message)?;
        match (&self.variable, &self.suggestion) {
            (Some(name), Some(value)) => write!(f, " Use {name}={value}."),
            _ => Ok(()),
        }
    }
}
