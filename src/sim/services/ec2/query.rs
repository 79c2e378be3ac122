//! Filters and pages, the same for every Describe operation.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2::state::Tags;

/// Filters and page of a Describe call.
#[derive(Debug)]
pub struct Query {
    filters: Vec<(String, Vec<String>)>,
    offset: usize,
    size: usize,
}

impl Query {
    /// Takes `Filter`, `MaxResults`, `NextToken` and `DryRun`. A filter outside `known` is a gap of the simulator.
    pub fn take(call: &mut Call, known: &[&str], usual: usize) -> Result<Self, Fault> {
        let mut filters = Vec::new();
        for filter in call.params.list("Filter") {
            let name = text(&filter, "Name").unwrap_or_default();
            let values = texts(filter.get("Value"));
            if !known.contains(&name.as_str()) && !name.starts_with("tag:") && name != "tag-key" {
                return Err(Fault::gap(format!("ec2:{} filter {name}", call.operation)));
            }
            filters.push((name, values));
        }
        let (offset, size) = page(call, usual, "ec2-invalid-value")?;
        if call.params.flag("DryRun") == Some(true) {
            return Err(Fault::gap(format!("ec2:{} DryRun", call.operation)));
        }
        Ok(Self { filters, offset, size })
    }

    /// Whether a resource passes every filter; `key` answers the values of a filter name.
    pub fn keeps(&self, tags: &Tags, key: impl Fn(&str) -> Vec<String>) -> bool {
        self.filters.iter().all(|(name, wanted)| {
            let have = match name.strip_prefix("tag:") {
                Some(tag) => tags.get(tag).cloned().into_iter().collect(),
                None if name == "tag-key" => tags.keys().cloned().collect(),
                None => key(name),
            };
            have.iter().any(|value| wanted.iter().any(|pattern| matches(pattern, value)))
        })
    }

    /// One page of `rows` under `set`, with `nextToken` while there are more.
    pub fn answer(&self, set: &str, rows: Vec<Value>) -> Answer {
        let total = rows.len();
        let shown: Vec<Value> = rows.into_iter().skip(self.offset).take(self.size).collect();
        let end = self.offset + shown.len();
        let mut answer = Map::from_iter([(set.to_owned(), Value::Array(shown))]);
        if end < total {
            answer.insert("nextToken".to_owned(), Value::String(token(end)));
        }
        Ok(Value::Object(answer))
    }
}

/// Takes the page of a call in either spelling: its offset and its size, `usual` when the caller leaves that to us.
pub fn page(call: &mut Call, usual: usize, refusal: &str) -> Result<(usize, usize), Fault> {
    let size = call.params.int("MaxResults").or_else(|| call.params.int("maxResults"));
    let size = size.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).map_or(usual, |asked| asked.min(usual));
    let Some(given) = call.params.text("NextToken").or_else(|| call.params.text("nextToken")) else {
        return Ok((0, size));
    };
    let offset = given.strip_prefix("eyJv").and_then(|hex| usize::from_str_radix(hex, 16).ok());
    offset
        .map(|offset| (offset, size))
        .ok_or_else(|| refuse(refusal, &[("message", &format!("The token '{given}' is invalid."))]))
}

/// The token that continues at `offset`.
pub fn token(offset: usize) -> String {
    format!("eyJv{offset:08x}")
}

/// A text member of a decoded structure; numbers and booleans become text.
pub fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Texts of a decoded list; absent means empty.
pub fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Structures of a decoded list; absent means empty.
pub fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Refuses when a name of `wanted` is not among `have`.
pub fn known_ids<T>(have: &BTreeMap<String, T>, wanted: &[String], refusal: &str) -> Result<(), Fault> {
    match wanted.iter().find(|id| !have.contains_key(*id)) {
        Some(id) => Err(refuse(refusal, &[("id", id)])),
        None => Ok(()),
    }
}

/// `InvalidParameterValue` with a message of the handler.
pub fn invalid_value(message: &str) -> Fault {
    refuse("ec2-invalid-value", &[("message", message)])
}

/// `value` without members that are null: AWS leaves out what it has not.
pub fn compact(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().filter(|(_, v)| !v.is_null()).map(|(name, v)| (name, compact(v))).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(compact).collect()),
        other => other,
    }
}

/// EC2's filter patterns: `*` is any text, `?` any character.
fn matches(pattern: &str, value: &str) -> bool {
    match pattern.chars().next() {
        None => value.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            value.char_indices().map(|(at, _)| &value[at..]).chain([""]).any(|tail| matches(rest, tail))
        }
        Some(first) => {
            let Some(head) = value.chars().next() else { return false };
            (first == '?' || first == head) && matches(&pattern[first.len_utf8()..], &value[head.len_utf8()..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_patterns_follow_ec2() {
        for (pattern, value, want) in [("p5*", "p5en.48xlarge", true), ("p5*", "g5", false), ("a?c", "abc", true)] {
            assert_eq!(matches(pattern, value), want, "{pattern} on {value}");
        }
        assert!(matches("*", ""));
        assert!(!matches("", "x"));
    }
}
