//! Sets of paths as `fieldsV1` writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::shape::{Shape, shape};

/// A set of paths as a tree. Elements are spelled as in `fieldsV1`: `f:name`, `k:{"name":"x"}`, `v:"x"`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    /// The path of this node itself belongs to the set.
    pub own: bool,
    pub below: BTreeMap<String, FieldSet>,
}

impl FieldSet {
    pub fn leaf() -> Self {
        Self { own: true, below: BTreeMap::new() }
    }

    pub fn is_empty(&self) -> bool {
        !self.own && self.below.values().all(Self::is_empty)
    }

    /// Every path that applying `value` owns.
    pub fn of(kind: &str, path: &mut Vec<String>, value: &Value) -> Self {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let here = shape(kind, &names);
        match value {
            Value::Object(map) if here != Shape::Atomic && !map.is_empty() => {
                let mut set = Self::default();
                for (name, item) in map {
                    path.push(name.clone());
                    set.below.insert(format!("f:{name}"), Self::of(kind, path, item));
                    path.pop();
                }
                set
            }
            Value::Array(list) if !list.is_empty() && matches!(here, Shape::Keyed(_) | Shape::Set) => {
                let mut set = Self::default();
                for item in list {
                    let mut child =
                        if matches!(here, Shape::Set) { Self::default() } else { Self::of(kind, path, item) };
                    child.own = true;
                    set.below.insert(element(here, item), child);
                }
                set
            }
            _ => Self::leaf(),
        }
    }

    pub fn from_json(value: &Value) -> Self {
        let mut set = Self::default();
        let Some(map) = value.as_object() else { return set };
        if map.is_empty() {
            return Self::leaf();
        }
        for (name, item) in map {
            if name == "." {
                set.own = true;
            } else {
                set.below.insert(name.clone(), Self::from_json(item));
            }
        }
        set
    }

    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        if self.own && !self.below.is_empty() {
            map.insert(".".into(), Value::Object(Map::new()));
        }
        for (name, child) in &self.below {
            map.insert(name.clone(), child.to_json());
        }
        Value::Object(map)
    }

    pub fn union(&self, other: &Self) -> Self {
        let mut set = self.clone();
        set.own |= other.own;
        for (name, child) in &other.below {
            let merged = set.below.get(name).map_or_else(|| child.clone(), |mine| mine.union(child));
            set.below.insert(name.clone(), merged);
        }
        set
    }

    /// Paths of `self` that are not in `other`.
    pub fn without(&self, other: &Self) -> Self {
        let mut set = Self { own: self.own && !other.own, below: BTreeMap::new() };
        for (name, child) in &self.below {
            let left = other.below.get(name).map_or_else(|| child.clone(), |minus| child.without(minus));
            if !left.is_empty() {
                set.below.insert(name.clone(), left);
            }
        }
        set
    }

    /// Paths in both sets.
    pub fn common(&self, other: &Self) -> Self {
        let mut set = Self { own: self.own && other.own, below: BTreeMap::new() };
        for (name, child) in &self.below {
            if let Some(both) = other.below.get(name).map(|theirs| child.common(theirs)).filter(|set| !set.is_empty()) {
                set.below.insert(name.clone(), both);
            }
        }
        set
    }

    /// The paths as messages write them: `.spec.template.spec.containers[name="x"].image`.
    pub fn paths(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect("", &mut found);
        found
    }

    fn collect(&self, prefix: &str, found: &mut Vec<String>) {
        if self.own {
            found.push(prefix.to_owned());
        }
        for (name, child) in &self.below {
            child.collect(&format!("{prefix}{}", spell(name)), found);
        }
    }

    /// Takes out what every object has and nobody owns.
    pub fn without_identity(mut self) -> Self {
        for name in ["f:apiVersion", "f:kind"] {
            self.below.remove(name);
        }
        if let Some(metadata) = self.below.get_mut("f:metadata") {
            metadata.own = false;
            for name in [
                "name",
                "namespace",
                "uid",
                "resourceVersion",
                "creationTimestamp",
                "generation",
                "managedFields",
                "selfLink",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
            ] {
                metadata.below.remove(&format!("f:{name}"));
            }
            if metadata.below.is_empty() {
                self.below.remove("f:metadata");
            }
        }
        self
    }
}

/// The path element of one list item.
pub(crate) fn element(here: Shape, item: &Value) -> String {
    let Shape::Keyed(keys) = here else { return format!("v:{item}") };
    let mut map = Map::new();
    for (key, absent) in keys {
        match item.get(*key) {
            Some(value) => map.insert((*key).to_owned(), value.clone()),
            None => absent.and_then(|text| map.insert((*key).to_owned(), text.into())),
        };
    }
    format!("k:{}", Value::Object(map))
}

fn spell(name: &str) -> String {
    if let Some(field) = name.strip_prefix("f:") {
        return format!(".{field}");
    }
    if let Some(keys) = name.strip_prefix("k:") {
        let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
        let parts: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
        return format!("[{}]", parts.join(","));
    }
    format!("[={}]", name.strip_prefix("v:").unwrap_or(name))
}
