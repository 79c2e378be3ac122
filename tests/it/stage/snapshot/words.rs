//! Replaces what chance decides: generated names and ids, addresses, times.

use std::collections::BTreeMap;

use eks_wizard::sim::world::World;
use serde_json::{Map, Value};

/// Members that hold nothing but chance or history.
const DROPPED: [&str; 5] = ["uid", "resourceVersion", "creationTimestamp", "generateName", "containerID"];

/// Prefixes of generated EC2 and EKS ids with 17 hex digits.
const IDS: [&str; 9] = ["a", "eni", "eipalloc", "i", "lt", "pg", "sg", "sgr", "vol"];

/// Generated names of a world, and what they are told as.
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// Learns the names that the world generated.
    pub fn of(world: &World) -> Self {
        let mut names = BTreeMap::new();
        names.extend(world.ec2.groups.values().map(|group| (group.id.clone(), format!("sg:{}", group.name))));
        names.extend(world.ec2.templates.values().map(|one| (one.id.clone(), format!("lt:{}", one.name))));
        for object in world.clusters.values().flat_map(eks_wizard::sim::apiserver::Cluster::objects) {
            let metadata = &object["metadata"];
            if let (Some(name), Some(stem)) = (metadata["name"].as_str(), metadata["generateName"].as_str()) {
                names.insert(name.to_owned(), format!("{stem}*"));
            }
        }
        Self(names)
    }

    /// A value without chance.
    pub fn plain(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.plain(item)).collect()),
            Value::Object(members) => {
                let kept = members.iter().filter(|(key, _)| !DROPPED.contains(&key.as_str()));
                let mut plain: Vec<_> = kept.map(|(key, value)| (self.text(key), self.plain(value))).collect();
                plain.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(Map::from_iter(plain))
            }
            _ => value.clone(),
        }
    }

    /// A text without chance.
    pub fn text(&self, text: &str) -> String {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        if is_time(text) {
            return "<time>".to_owned();
        }
        let text = without_uuids(text);
        let mut plain = String::new();
        for part in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')) {
            let word = part.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
            plain.push_str(&self.word(word));
            plain.push_str(&part[word.len()..]);
        }
        plain
    }

    fn word(&self, word: &str) -> String {
        if let Some(known) = self.0.get(word) {
            return known.clone();
        }
        if let Some((prefix, digits)) = word.split_once('-') {
            let hex = digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            if hex && IDS.contains(&prefix) {
                return format!("{prefix}-*");
            }
            // Ids of add-ons and node groups begin with the second they were made in.
            if digits == "eks" && prefix.len() == 8 && prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return "<time>-eks".to_owned();
            }
            if prefix == "ip" && digits.starts_with(|c: char| c.is_ascii_digit()) {
                return "ip-*".to_owned();
            }
        }
        match word.parse::<std::net::Ipv4Addr>() {
            Ok(address) if !address.is_unspecified() => "<ip>".to_owned(),
            _ => word.to_owned(),
        }
    }
}

fn is_time(text: &str) -> bool {
    text.get(..19).is_some_and(|head| jiff::civil::DateTime::strptime("%Y-%m-%dT%H:%M:%S", head).is_ok())
}

fn without_uuids(text: &str) -> String {
    let mut left = text;
    let mut plain = String::new();
    while let Some(first) = left.chars().next() {
        match left.get(..36).filter(|window| is_uuid(window)) {
            Some(_) => {
                plain.push_str("<uuid>");
                left = &left[36..];
            }
            None => {
                plain.push(first);
                left = &left[first.len_utf8()..];
            }
        }
    }
    plain
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}
