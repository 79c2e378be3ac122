//! What stands in a world, object by object, told without what chance decides: ids, addresses, times.

mod aws;
mod words;

use std::collections::BTreeMap;

use eks_wizard::sim::world::World;
use serde_json::Value;

use words::Words;

/// Objects by kind and name. Objects whose names chance decides, such as pods, share a name, so each name has a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot(BTreeMap<String, Vec<Value>>);

impl Snapshot {
    /// Takes down everything in the world but events and leases, which tell of the past.
    pub fn of(world: &World) -> Self {
        let words = Words::of(world);
        let mut objects: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (name, object) in aws::objects(world) {
            objects.entry(words.text(&name)).or_default().push(words.plain(&object));
        }
        for (cluster, api) in &world.clusters {
            for object in api.objects().filter(|object| !is_past(object)) {
                let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let (kind, namespace) = (text("/kind"), text("/metadata/namespace"));
                let name = words.text(text("/metadata/name"));
                let key = format!("{cluster} {kind} {namespace}/{name}");
                objects.entry(key).or_default().push(words.plain(object));
            }
        }
        for list in objects.values_mut() {
            list.sort_by_key(Value::to_string);
        }
        Self(objects)
    }

    /// The objects of a kind-and-name, none when there is no such.
    pub fn get(&self, name: &str) -> &[Value] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

fn is_past(object: &Value) -> bool {
    object["kind"] == "Event" || object["kind"] == "Lease"
}

/// Where two worlds differ, one line a place.
pub fn differences(want: &Snapshot, got: &Snapshot) -> Vec<String> {
    let mut lines = Vec::new();
    let names = want.0.keys().chain(got.0.keys().filter(|name| !want.0.contains_key(*name)));
    for name in names {
        let (want, got) = (want.get(name), got.get(name));
        if want.len() != got.len() {
            lines.push(format!("{name}: {} objects in place of {}", got.len(), want.len()));
        }
        for (want, got) in want.iter().zip(got) {
            compare(name, want, got, &mut lines);
        }
    }
    lines
}

fn compare(path: &str, want: &Value, got: &Value, lines: &mut Vec<String>) {
    match (want, got) {
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                let inner = format!("{path} .{key}");
                compare(&inner, old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), lines);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{path} [{at}]"), old, new, lines);
            }
        }
        _ if want != got => lines.push(format!("{path}: {got} in place of {want}")),
        _ => {}
    }
}
