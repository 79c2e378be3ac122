//! What every look shares: clients, and the outputs of other steps.

use super::Resolve;
use crate::components::desired::Val;
use crate::components::observed::{Change, Observation, Presence, Settled};
use crate::domain::resource::Ownership;
use crate::transport::clients::Clients;

/// Clients and outputs.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub clients: &'a Clients,
    pub resolve: &'a Resolve<'a>,
}

impl Look<'_> {
    /// The value now, if it is known.
    pub fn value(&self, value: &Val) -> Option<String> {
        match value.reference() {
            Some((step, key)) => (self.resolve)(&step, key),
            None => value.as_known().map(str::to_owned),
        }
    }

    /// The value now, or words that cannot be taken for one.
    pub fn want(&self, value: &Val) -> String {
        self.value(value).unwrap_or_else(|| match value {
            Val::Known(text) => text.clone(),
            Val::Output { reference } => format!("(known after {reference})"),
        })
    }
}

/// Same without changes, else differs.
pub(super) fn presence(changes: Vec<Change>) -> Presence {
    if changes.is_empty() { Presence::Same } else { Presence::Differs { changes } }
}

/// A change, unless both sides are equal.
pub(super) fn change(path: impl Into<String>, have: Option<String>, want: Option<String>) -> Option<Change> {
    (have != want).then(|| Change { path: path.into(), have, want })
}

/// Something that stands, with nothing to wait for.
pub(super) fn stands<const N: usize>(
    presence: Presence,
    owner: Ownership,
    outputs: [(&str, Option<&str>); N],
) -> Observation {
    let outputs = outputs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
    Observation { presence, owner, settled: Settled::Yes, outputs, notes: Vec::new() }
}
