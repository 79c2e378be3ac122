//! Merging an applied configuration into a live object, comparing two objects, and pruning.

use serde_json::{Map, Value};

use super::fieldset::{FieldSet, element};
use super::shape::{Shape, shape};

/// Walks objects of one kind; remembers the path it is at.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    kind: &'a str,
    path: Vec<String>,
}

/// What differs between two objects.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Paths that are new or have another value.
    pub changed: FieldSet,
    /// Paths that are gone.
    pub removed: FieldSet,
}

impl Difference {
    fn absorb(&mut self, name: String, child: Self) {
        if !child.changed.is_empty() {
            self.changed.below.insert(name.clone(), child.changed);
        }
        if !child.removed.is_empty() {
            self.removed.below.insert(name, child.removed);
        }
    }
}

impl<'a> Walk<'a> {
    pub fn new(kind: &'a str) -> Self {
        Self { kind, path: Vec::new() }
    }

    fn shape(&self) -> Shape {
        let names: Vec<&str> = self.path.iter().map(String::as_str).collect();
        shape(self.kind, &names)
    }

    fn inside<T>(&mut self, name: &str, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.to_owned());
        let result = walk(self);
        self.path.pop();
        result
    }

    /// `live` with every value of `config` laid over it.
    pub fn merge(&mut self, live: &Value, config: &Value) -> Value {
        match (live, config, self.shape()) {
            (Value::Object(live), Value::Object(config), here) if here != Shape::Atomic => {
                let mut merged = live.clone();
                for (name, value) in config {
                    let next = match live.get(name) {
                        Some(old) => self.inside(name, |walk| walk.merge(old, value)),
                        None => value.clone(),
                    };
                    merged.insert(name.clone(), next);
                }
                Value::Object(merged)
            }
            (Value::Array(live), Value::Array(config), here @ (Shape::Keyed(_) | Shape::Set)) => {
                Value::Array(self.merge_list(live, config, here))
            }
            _ => config.clone(),
        }
    }

    fn merge_list(&mut self, live: &[Value], config: &[Value], here: Shape) -> Vec<Value> {
        let names: Vec<String> = config.iter().map(|item| element(here, item)).collect();
        let mut merged = Vec::new();
        let mut taken = vec![false; config.len()];
        let ordered = live.iter().all(|item| names.contains(&element(here, item)));
        if !ordered {
            for item in live {
                let name = element(here, item);
                match names.iter().position(|wanted| *wanted == name) {
                    Some(at) => {
                        taken[at] = true;
                        merged.push(self.merge(item, &config[at]));
                    }
                    None => merged.push(item.clone()),
                }
            }
        }
        for (at, item) in config.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            let old = live.iter().find(|old| element(here, old) == names[at]);
            merged.push(old.map_or_else(|| item.clone(), |old| self.merge(old, item)));
        }
        merged
    }

    fn owned(&mut self, value: &Value) -> FieldSet {
        FieldSet::of(self.kind, &mut self.path, value)
    }

    /// What changed from `old` to `new`.
    pub fn compare(&mut self, old: &Value, new: &Value) -> Difference {
        if old == new {
            return Difference::default();
        }
        match (old, new, self.shape()) {
            (Value::Object(old), Value::Object(new), here) if here != Shape::Atomic => self.compare_maps(old, new),
            (Value::Array(old), Value::Array(new), here @ (Shape::Keyed(_) | Shape::Set)) => {
                self.compare_lists(old, new, here)
            }
            _ => Difference { changed: self.owned(new), removed: FieldSet::default() },
        }
    }

    fn compare_maps(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) -> Difference {
        let mut found = Difference::default();
        for (name, value) in new {
            let child = self.inside(name, |walk| match old.get(name) {
                Some(before) => walk.compare(before, value),
                None => Difference { changed: walk.owned(value), removed: FieldSet::default() },
            });
            found.absorb(format!("f:{name}"), child);
        }
        for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            let removed = self.inside(name, |walk| walk.owned(value));
            found.absorb(format!("f:{name}"), Difference { changed: FieldSet::default(), removed });
        }
        found
    }

    fn compare_lists(&mut self, old: &[Value], new: &[Value], here: Shape) -> Difference {
        let mut found = Difference::default();
        for item in new {
            let name = element(here, item);
            let child = match old.iter().find(|before| element(here, before) == name) {
                Some(Value::Object(before)) => match item {
                    Value::Object(after) => self.compare_maps(before, after),
                    _ => Difference::default(),
                },
                Some(_) => Difference::default(),
                None => Difference { changed: self.owned_item(item), removed: FieldSet::default() },
            };
            found.absorb(name, child);
        }
        for item in old {
            let name = element(here, item);
            if !new.iter().any(|after| element(here, after) == name) {
                let removed = self.owned_item(item);
                found.absorb(name, Difference { changed: FieldSet::default(), removed });
            }
        }
        found
    }

    fn owned_item(&mut self, item: &Value) -> FieldSet {
        let mut set = FieldSet::default();
        if let Value::Object(map) = item {
            for (name, value) in map {
                let child = self.inside(name, |walk| walk.owned(value));
                set.below.insert(format!("f:{name}"), child);
            }
        }
        set.own = true;
        set
    }

    /// Removes from `value` what is in `last` and in nobody's set any more (`keep`), with everything below it.
    pub fn prune(&mut self, value: &mut Value, last: &FieldSet, keep: &FieldSet) {
        let here = self.shape();
        match value {
            Value::Object(map) => {
                let names: Vec<String> = map.keys().cloned().collect();
                for name in names {
                    let step = format!("f:{name}");
                    let Some(was) = last.below.get(&step) else { continue };
                    match keep.below.get(&step) {
                        // `metadata` holds the identity of the object: only its members can go.
                        None if !(self.path.is_empty() && name == "metadata") => {
                            map.shift_remove(&name);
                        }
                        kept => {
                            let nothing = FieldSet::default();
                            if let Some(child) = map.get_mut(&name) {
                                self.inside(&name, |walk| walk.prune(child, was, kept.unwrap_or(&nothing)));
                            }
                        }
                    }
                }
            }
            Value::Array(list) if matches!(here, Shape::Keyed(_) | Shape::Set) => {
                list.retain(|item| {
                    let name = element(here, item);
                    !last.below.contains_key(&name) || keep.below.contains_key(&name)
                });
                for item in list {
                    let name = element(here, item);
                    if let (Some(was), Some(kept)) = (last.below.get(&name), keep.below.get(&name)) {
                        self.prune(item, was, kept);
                    }
                }
            }
            _ => {}
        }
    }
}
