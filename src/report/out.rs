//! stdout is data, stderr is talk.

use std::io::{self, Write};

use serde::Serialize;

/// Writes data. A reader that went away is no error: what it wanted it has.
pub fn data(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = stdout.write_all(b"\n");
    }
    let _ = stdout.flush();
}

/// Writes one JSON record on a line of its own.
pub fn record<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(line) => data(&line),
        Err(error) => talk(&format!("A record cannot be written as JSON: {error}.")),
    }
}

/// Writes talk: notices, questions, problems.
pub fn talk(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = stderr.write_all(b"\n");
    }
    let _ = stderr.flush();
}
