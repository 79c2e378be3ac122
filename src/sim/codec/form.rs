//! Flat form fields such as `Filter.1.Value.2=x` as one nested value, for ec2Query and awsQuery.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Deeper paths than any service model has are refused instead of followed.
const DEPTH: usize = 24;

/// A field name is a path: a leaf holds text, a branch holds the next segments in order of arrival.
#[derive(Debug, Default)]
struct Node {
    leaf: Option<String>,
    branches: Vec<(String, Node)>,
}

/// Nests the fields: numeric segments become arrays in order of their numbers, the awsQuery level `member` vanishes.
///
/// # Errors
/// Names the field that has both a text and parts, mixes numbers with names, or is nested too deeply.
pub fn nest(fields: impl Iterator<Item = (String, String)>) -> Result<Map<String, Value>, String> {
    let mut root = Node::default();
    for (path, text) in fields {
        let mut node = &mut root;
        let segments: Vec<&str> = path.split('.').collect();
        if segments.len() > DEPTH {
            return Err(path);
        }
        for (at, segment) in segments.iter().enumerate() {
            let list_level = *segment == "member" && segments.get(at + 1).is_some_and(|next| is_number(next));
            if !list_level {
                node = node.branch(segment);
            }
        }
        if node.leaf.replace(text).is_some() {
            return Err(path);
        }
    }
    let mut members = Map::new();
    for (name, node) in root.branches {
        let value = node.value(&name)?;
        members.insert(name, value);
    }
    Ok(members)
}

impl Node {
    fn branch(&mut self, name: &str) -> &mut Self {
        let at = match self.branches.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => {
                self.branches.push((name.to_owned(), Self::default()));
                self.branches.len() - 1
            }
        };
        &mut self.branches[at].1
    }

    fn value(self, path: &str) -> Result<Value, String> {
        if let Some(text) = self.leaf {
            return if self.branches.is_empty() { Ok(Value::String(text)) } else { Err(path.to_owned()) };
        }
        let numbers = self.branches.iter().filter(|(name, _)| is_number(name)).count();
        if numbers == 0 {
            let mut object = Map::new();
            for (name, node) in self.branches {
                let value = node.value(&format!("{path}.{name}"))?;
                object.insert(name, value);
            }
            return Ok(Value::Object(object));
        }
        if numbers < self.branches.len() {
            return Err(path.to_owned());
        }
        let mut items = BTreeMap::new();
        for (name, node) in self.branches {
            let number: u32 = name.parse().map_err(|_| path.to_owned())?;
            let value = node.value(&format!("{path}.{name}"))?;
            if items.insert(number, value).is_some() {
                return Err(path.to_owned());
            }
        }
        Ok(Value::Array(items.into_values().collect()))
    }
}

fn is_number(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(fields: &[(&str, &str)]) -> Result<Value, String> {
        nest(fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).map(Value::Object)
    }

    #[test]
    fn numbers_become_lists_in_their_own_order() {
        let got = nested(&[
            ("Filter.2.Name", "tag:Name"),
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.10", "vpc-b"),
            ("Filter.1.Value.2", "vpc-a"),
            ("DryRun", "false"),
        ]);
        let want = json!({
            "Filter": [{"Name": "vpc-id", "Value": ["vpc-a", "vpc-b"]}, {"Name": "tag:Name"}],
            "DryRun": "false",
        });
        assert_eq!(got, Ok(want));
    }

    #[test]
    fn the_member_level_vanishes_only_before_a_number() {
        let got = nested(&[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b"), ("Group.member", "x")]);
        assert_eq!(got, Ok(json!({"Tags": [{"Key": "a", "Value": "b"}], "Group": {"member": "x"}})));
    }

    #[test]
    fn contradicting_fields_are_named() {
        assert_eq!(nested(&[("A", "1"), ("A.B", "2")]), Err("A".to_owned()));
        assert_eq!(nested(&[("L.1", "1"), ("L.x", "2")]), Err("L".to_owned()));
        assert_eq!(nested(&[("A", "1"), ("A", "2")]), Err("A".to_owned()));
        assert_eq!(nested(&[("L.1", "1"), ("L.01", "2")]), Err("L".to_owned()));
        assert!(nested(&[("a.".repeat(40).as_str(), "1")]).is_err());
    }
}
