//! `metadata.managedFields`: who owns which fields, and how updates move ownership.

use serde_json::{Value, json};

use super::fieldset::FieldSet;
use super::merge::Walk;
use crate::sim::apiserver::json::{self as read, text};
use crate::sim::apiserver::kinds::Kind;
use crate::sim::apiserver::store::Writer;

/// One entry of `managedFields`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    pub api_version: String,
    pub subresource: String,
    pub time: String,
    pub fields: FieldSet,
}

impl Entry {
    /// Same manager, operation and subresource: the entries of one owner.
    pub fn is_of(&self, manager: &str, operation: &str, subresource: &str) -> bool {
        self.manager == manager && self.operation == operation && self.subresource == subresource
    }

    /// How conflict messages name the owner.
    pub fn describe(&self) -> String {
        let mut name = format!("{:?}", self.manager);
        if !self.subresource.is_empty() {
            name = format!("{name} with subresource {:?}", self.subresource);
        }
        if self.operation == "Update" { format!("{name} using {}", self.api_version) } else { name }
    }

    fn to_json(&self) -> Value {
        let mut entry = json!({
            "manager": self.manager, "operation": self.operation, "apiVersion": self.api_version, "time": self.time,
            "fieldsType": "FieldsV1", "fieldsV1": self.fields.to_json(),
        });
        if !self.subresource.is_empty() {
            entry["subresource"] = self.subresource.clone().into();
        }
        entry
    }
}

/// The entries an object carries.
pub(crate) fn entries(object: &Value) -> Vec<Entry> {
    let parse = |entry: &Value| Entry {
        manager: text(entry, "/manager").to_owned(),
        operation: text(entry, "/operation").to_owned(),
        api_version: text(entry, "/apiVersion").to_owned(),
        subresource: text(entry, "/subresource").to_owned(),
        time: text(entry, "/time").to_owned(),
        fields: FieldSet::from_json(&entry["fieldsV1"]),
    };
    read::items(object, "/metadata/managedFields").iter().map(parse).collect()
}

/// Writes the entries that own something: appliers first, then by time and name, as the API server sorts them.
pub(crate) fn store(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.fields.is_empty());
    entries.sort_by(|a, b| {
        let key = |entry: &Entry| {
            (entry.operation.clone(), entry.time.clone(), entry.manager.clone(), entry.subresource.clone())
        };
        key(a).cmp(&key(b))
    });
    let list: Vec<Value> = entries.iter().map(Entry::to_json).collect();
    if list.is_empty() {
        read::unset(object, &["metadata", "managedFields"]);
    } else {
        read::set(object, &["metadata", "managedFields"], list);
    }
}

/// An object without `managedFields`, which own nothing themselves.
pub(crate) fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    read::unset(&mut object, &["metadata", "managedFields"]);
    object
}

/// Gives `writer` what an update changed and takes it from everybody else.
pub(crate) fn record_update(writer: Writer<'_>, kind: &Kind, old: &Value, new: &mut Value) {
    let difference = Walk::new(kind.kind).compare(&bare(old), &bare(new));
    let changed = difference.changed.without_identity();
    let removed = difference.removed.without_identity();
    let mut all = entries(old);
    if changed.is_empty() && removed.is_empty() {
        store(new, all);
        return;
    }
    let touched = changed.union(&removed);
    let mut mine = FieldSet::default();
    all.retain_mut(|entry| {
        if entry.is_of(writer.manager, "Update", writer.subresource) {
            mine = entry.fields.without(&removed);
            return false;
        }
        entry.fields = entry.fields.without(&touched);
        true
    });
    all.push(Entry {
        manager: writer.manager.to_owned(),
        operation: "Update".to_owned(),
        api_version: kind.api_version(),
        subresource: writer.subresource.to_owned(),
        time: writer.now.rfc3339_seconds(),
        fields: mine.union(&changed),
    });
    store(new, all);
}
