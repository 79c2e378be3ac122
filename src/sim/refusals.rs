//! The one table of refusals: code, status and words of every error a simulated service may answer.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::sim::call::Fault;

/// The table as it is embedded.
static TABLE: LazyLock<Refusals> = LazyLock::new(|| Refusals::parse(include_str!("../../assets/refusals.toml")));

/// One row: when a service refuses and in which words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Operations that may answer it, `service:Operation`, `*` for any.
    pub operation: String,
    /// What must hold; the handler that names the row checks it.
    pub condition: String,
    /// Error code on the wire.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// Message; `{name}` is filled by the handler.
    pub message: String,
    /// Where the fact comes from.
    pub source: String,
    /// `certain` or `likely` (code and status certain, words approximated).
    pub confidence: String,
}

/// All rows by their id.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    rows: BTreeMap<String, Row>,
    broken: Option<String>,
}

impl Refusals {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        &TABLE
    }

    fn parse(text: &str) -> Self {
        match toml::from_str(text) {
            Ok(rows) => Self { rows, broken: None },
            Err(error) => Self { rows: BTreeMap::new(), broken: Some(error.to_string()) },
        }
    }

    /// The refusal `id` with its placeholders filled. An id, or a placeholder, that is not in the table is a gap.
    pub fn get(&self, id: &str, args: &[(&str, &str)]) -> Fault {
        if let Some(why) = &self.broken {
            return Fault::gap(format!("assets/refusals.toml: {why}"));
        }
        let Some(row) = self.rows.get(id) else {
            return Fault::gap(format!("refusal:{id}"));
        };
        match fill(&row.message, args) {
            Ok(message) => Fault::refused(row.status, &row.code, message),
            Err(name) => Fault::gap(format!("refusal:{id}.{name}")),
        }
    }

    /// Rows in order of their ids.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.rows.iter().map(|(id, row)| (id.as_str(), row))
    }
}

/// Replaces every `{name}`, each once: a value that holds braces is not filled again.
fn fill(message: &str, args: &[(&str, &str)]) -> Result<String, String> {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        let value = args.iter().find(|(key, _)| *key == name).ok_or_else(|| name.to_owned())?;
        text.push_str(before);
        text.push_str(value.1);
        rest = tail;
    }
    text.push_str(rest);
    Ok(text)
}

/// The refusal `id` of the embedded table, filled with `args`.
pub fn refuse(id: &str, args: &[(&str, &str)]) -> Fault {
    Refusals::embedded().get(id, args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::call::Refusal;

    #[test]
    fn every_row_is_complete() {
        let table = Refusals::embedded();
        assert_eq!(table.broken, None);
        assert!(table.rows().count() > 40);
        for (id, row) in table.rows() {
            assert!((400..=412).contains(&row.status), "{id}: status {}", row.status);
            assert!(matches!(row.confidence.as_str(), "certain" | "likely"), "{id}: {}", row.confidence);
            for (field, text) in [
                ("operation", &row.operation),
                ("condition", &row.condition),
                ("code", &row.code),
                ("source", &row.source),
            ] {
                assert!(!text.trim().is_empty(), "{id}: {field} is empty");
            }
        }
    }

    #[test]
    fn a_refusal_is_filled_from_its_row() {
        let fault = refuse("resource-in-use", &[("name", "gpu-{cluster}"), ("cluster", "orbit")]);
        let message = "NodeGroup already exists with name gpu-{cluster} and cluster name orbit".to_owned();
        let code = "ResourceInUseException".to_owned();
        assert_eq!(fault, Fault::Refused(Refusal { status: 409, code, message }));
    }

    #[test]
    fn an_unknown_row_or_a_forgotten_placeholder_is_a_gap() {
        assert_eq!(refuse("no-such-row", &[]), Fault::gap("refusal:no-such-row"));
        assert_eq!(refuse("role-exists", &[]), Fault::gap("refusal:role-exists.name"));
    }
}
