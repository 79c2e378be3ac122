//! The stored objects, their versions and the history that watches read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::json::{self, text};
use super::kinds::{self, Kind};
use super::ssa::managers;
use crate::domain::time::Stamp;

/// Changes kept for watches; a cursor older than the oldest one gets 410 Gone.
const HISTORY: usize = 4096;

/// Address of one stored object, ordered by resource, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub group: &'static str,
    pub plural: &'static str,
    pub namespace: String,
    pub name: String,
}

impl Key {
    pub fn new(kind: &'static Kind, namespace: &str, name: &str) -> Self {
        let namespace = if kind.namespaced { namespace.to_owned() } else { String::new() };
        Self { group: kind.group, plural: kind.plural, namespace, name: name.to_owned() }
    }

    /// The address an object states itself.
    pub fn of(kind: &'static Kind, object: &Value) -> Self {
        Self::new(kind, text(object, "/metadata/namespace"), text(object, "/metadata/name"))
    }

    pub fn kind(&self) -> &'static Kind {
        let found = kinds::KINDS.iter().find(|kind| kind.group == self.group && kind.plural == self.plural);
        found.unwrap_or(&kinds::KINDS[0])
    }
}

/// One change of one object. `before` is absent for a creation, `after` for a deletion.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub revision: u64,
    pub key: Key,
    pub before: Option<Arc<Value>>,
    pub after: Option<Arc<Value>>,
}

/// Who writes, when, and to which part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub now: Stamp,
    pub manager: &'a str,
    /// Empty for the main resource, else `status` or `scale`.
    pub subresource: &'a str,
}

/// Objects and history of one cluster.
#[derive(Debug, Default)]
pub(crate) struct Store {
    seed: String,
    objects: BTreeMap<Key, Arc<Value>>,
    history: VecDeque<Change>,
    revision: u64,
    serial: u64,
}

impl Store {
    pub fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), ..Self::default() }
    }

    /// The revision of the latest change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The oldest revision from which a watch may start.
    pub fn floor(&self) -> u64 {
        self.history.front().map_or(0, |change| change.revision - 1)
    }

    pub fn changes_after(&self, revision: u64) -> impl Iterator<Item = &Change> {
        self.history.iter().filter(move |change| change.revision > revision)
    }

    pub fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    /// Objects of a resource in order of namespace and name; `namespace` limits them.
    pub fn scan<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> + use<'a> {
        let start = Key {
            group: kind.group,
            plural: kind.plural,
            namespace: namespace.unwrap_or("").into(),
            name: String::new(),
        };
        let namespace = namespace.map(str::to_owned);
        self.objects.range(start..).take_while(move |(key, _)| {
            key.group == kind.group
                && key.plural == kind.plural
                && namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
        })
    }

    /// Every object, for the garbage collector.
    pub fn all(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.iter()
    }

    /// A number that was not used before.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Five characters as generated pod names end, deterministic.
    pub fn suffix(&mut self, length: usize) -> String {
        // The alphabet of k8s.io/apimachinery/pkg/util/rand: no vowels, no 0, 1, 3.
        const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let serial = self.next_serial();
        let hash = Sha256::digest(format!("{}/suffix/{serial}", self.seed));
        hash.iter().take(length).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
    }

    fn uid(&mut self) -> String {
        let serial = self.next_serial();
        let hash = Sha256::digest(format!("{}/uid/{serial}", self.seed));
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// Stores a new object whose defaults and managed fields are complete.
    pub fn insert(&mut self, now: Stamp, key: Key, mut object: Value) -> Arc<Value> {
        let uid = self.uid();
        json::set(&mut object, &["metadata", "uid"], uid);
        json::set(&mut object, &["metadata", "creationTimestamp"], now.rfc3339_seconds());
        if key.kind().generation {
            json::set(&mut object, &["metadata", "generation"], 1);
        }
        self.put(key, object)
    }

    /// Stores a changed object; an equal one changes nothing, not even the resource version.
    pub fn replace(&mut self, key: &Key, mut object: Value) -> Arc<Value> {
        let Some(old) = self.objects.get(key).cloned() else { return self.put(key.clone(), object) };
        for field in ["uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp"] {
            match old["metadata"].get(field) {
                Some(value) => json::set(&mut object, &["metadata", field], value.clone()),
                None if field == "deletionTimestamp" => {}
                None => json::unset(&mut object, &["metadata", field]),
            }
        }
        if object == *old {
            return old;
        }
        if key.kind().generation && desired_differs(&old, &object) {
            let next = json::int(&old, "/metadata/generation").unwrap_or(0) + 1;
            json::set(&mut object, &["metadata", "generation"], next);
        }
        self.put(key.clone(), object)
    }

    fn put(&mut self, key: Key, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        json::set(&mut object, &["metadata", "resourceVersion"], self.revision.to_string());
        let object = Arc::new(object);
        let before = self.objects.insert(key.clone(), Arc::clone(&object));
        self.record(key, before, Some(Arc::clone(&object)));
        object
    }

    /// Removes an object for good; its last state in watches carries the revision of the removal.
    pub fn erase(&mut self, key: &Key) -> Option<Arc<Value>> {
        let before = self.objects.remove(key)?;
        self.revision += 1;
        let mut last = (*before).clone();
        json::set(&mut last, &["metadata", "resourceVersion"], self.revision.to_string());
        let last = Arc::new(last);
        self.record(key.clone(), Some(Arc::clone(&last)), None);
        Some(last)
    }

    fn record(&mut self, key: Key, before: Option<Arc<Value>>, after: Option<Arc<Value>>) {
        self.history.push_back(Change { revision: self.revision, key, before, after });
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }

    /// Marks an object as being deleted; finalizers keep it until they are gone.
    pub fn mark_deleted(&mut self, now: Stamp, key: &Key, grace_seconds: i64) -> Option<Arc<Value>> {
        let mut object = (**self.objects.get(key)?).clone();
        if object["metadata"].get("deletionTimestamp").is_some() {
            return self.objects.get(key).cloned();
        }
        json::set(&mut object, &["metadata", "deletionTimestamp"], now.rfc3339_seconds());
        json::set(&mut object, &["metadata", "deletionGracePeriodSeconds"], grace_seconds);
        Some(self.put(key.clone(), object))
    }

    /// Changes an object as a controller does (an Update under `writer`). Answers whether anything changed.
    pub fn edit(&mut self, writer: Writer<'_>, key: &Key, change: impl FnOnce(&mut Value)) -> bool {
        let Some(old) = self.objects.get(key).cloned() else { return false };
        let mut new = (*old).clone();
        change(&mut new);
        if new == *old {
            return false;
        }
        managers::record_update(writer, key.kind(), &old, &mut new);
        let revision = self.revision;
        self.replace(key, new);
        self.revision != revision
    }
}

fn desired_differs(old: &Value, new: &Value) -> bool {
    let strip = |value: &Value| {
        let mut value = value.clone();
        json::unset(&mut value, &["metadata"]);
        json::unset(&mut value, &["status"]);
        value
    };
    strip(old) != strip(new)
}

/// An `ownerReferences` entry that makes `owner` the controller.
pub(crate) fn controller_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"], "controller": true, "blockOwnerDeletion": true,
    })
}
