//! Tags: their two spellings on the wire, and CreateTags.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::services::ec2::query::{invalid_value, items, text, texts};
use crate::sim::services::ec2::state::{State, Tags};
use crate::sim::world::World;

/// Tags of one `[{Key, Value}]` list.
pub fn of_list(list: &[Value]) -> Tags {
    list.iter().filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default()))).collect()
}

/// Tags of a JSON object of texts, as EKS and scenarios write them.
pub fn of_value(value: Option<&Value>) -> Tags {
    let pairs = value.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Takes `TagSpecification` and answers the tags for `resource`. Another resource type is refused, as EC2 does.
pub fn specified(call: &mut Call, resource: &str) -> Result<Tags, Fault> {
    let mut tags = Tags::new();
    for specification in call.params.list("TagSpecification") {
        let kind = text(&specification, "ResourceType").unwrap_or_default();
        if kind != resource {
            return Err(invalid_value(&format!("'{kind}' is not a valid taggable resource type for this operation.")));
        }
        tags.extend(of_list(items(&specification, "Tag")));
    }
    Ok(tags)
}

/// The `tagSet` of a response; absent when there are no tags.
pub fn set(tags: &Tags) -> Value {
    if tags.is_empty() {
        return Value::Null;
    }
    Value::Array(tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect())
}

/// CreateTags.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let ids = call.params.take("ResourceId");
    let tags = of_list(&call.params.list("Tag"));
    let ids = texts(ids.as_ref());
    if let Some(unknown) = ids.iter().find(|id| find(&mut world.ec2, id).is_none()) {
        return Err(invalid_value(&format!("The ID '{unknown}' is not valid.")));
    }
    for id in &ids {
        if let Some(have) = find(&mut world.ec2, id) {
            have.extend(tags.clone());
        }
    }
    Ok(json!({"return": true}))
}

fn find<'a>(state: &'a mut State, id: &str) -> Option<&'a mut Tags> {
    match id.split('-').next()? {
        "subnet" => state.subnets.get_mut(id).map(|s| &mut s.tags),
        "sg" => state.groups.get_mut(id).map(|g| &mut g.tags),
        "sgr" => state.rules.get_mut(id).map(|r| &mut r.tags),
        "lt" => state.templates.get_mut(id).map(|t| &mut t.tags),
        "i" => state.instances.get_mut(id).map(|i| &mut i.tags),
        "eni" => state.interfaces.get_mut(id).map(|i| &mut i.tags),
        "vpc" => (state.vpc.id == id).then_some(&mut state.vpc.tags),
        "pg" => state.placement_groups.values_mut().find(|g| g.id == id).map(|g| &mut g.tags),
        _ => None,
    }
}
