//! Operations on roles themselves.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Role, document, invalid, named, page, required};
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::world::World;

/// RFC 3986: everything but the unreserved characters is encoded (IAM API GetRole).
const URL_ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A document as IAM answers it: URL-encoded.
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, URL_ENCODED).to_string()
}

/// CreateRole.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let name = required(call, "RoleName")?;
    let trust = required(call, "AssumeRolePolicyDocument")?;
    let path = call.params.text("Path").unwrap_or_else(|| "/".to_owned());
    let description = call.params.text("Description").unwrap_or_default();
    let max_session = call.params.int("MaxSessionDuration").unwrap_or(3600);
    let tags = tags(&call.params.list("Tags"))?;
    check_name(&name)?;
    if !(path.starts_with('/') && path.ends_with('/')) {
        return Err(invalid(
            "The specified value for path is invalid. It must begin and end with / and contain only \
                            alphanumeric characters and/or / characters.",
        ));
    }
    if !(3600..=43_200).contains(&max_session) {
        return Err(invalid(
            "1 validation error detected: Value at 'maxSessionDuration' must be between 3600 and 43200",
        ));
    }
    document::check_trust(&trust)?;
    if world.iam.roles.contains_key(&name) {
        return Err(refuse("role-exists", &[("name", &name)]));
    }
    let serial = world.next_serial();
    let mut role = Role::new(&world.account, &name, &trust, serial, world.now);
    role.arn = format!("arn:aws:iam::{}:role{path}{name}", world.account);
    (role.path, role.description, role.max_session) = (path, description, max_session);
    role.tags.extend(tags);
    let answer = json!({ "Role": describe(&role) });
    world.iam.roles.insert(name, role);
    Ok(answer)
}

/// GetRole.
pub fn get(world: &mut World, call: &mut Call) -> Answer {
    let role = named(world, call)?;
    let mut answer = describe(role);
    answer["MaxSessionDuration"] = json!(role.max_session);
    answer["RoleLastUsed"] = json!({});
    Ok(json!({ "Role": answer }))
}

/// DeleteRole.
pub fn delete(world: &mut World, call: &mut Call) -> Answer {
    let role = named(world, call)?;
    if !role.attached.is_empty() {
        return Err(refuse("role-has-attached-policies", &[]));
    }
    if !role.inline.is_empty() {
        return Err(refuse("role-has-inline-policies", &[]));
    }
    let name = role.name.clone();
    world.iam.roles.remove(&name);
    Ok(Value::Null)
}

/// TagRole.
pub fn tag(world: &mut World, call: &mut Call) -> Answer {
    let added = tags(&call.params.list("Tags"))?;
    named(world, call)?.tags.extend(added);
    Ok(Value::Null)
}

/// ListRoleTags.
pub fn list_tags(world: &mut World, call: &mut Call) -> Answer {
    let role = named(world, call)?;
    let entries = role.tags.iter().map(|(key, value)| (key.clone(), json!({ "Key": key, "Value": value }))).collect();
    page(call, entries, "Tags")
}

/// UpdateAssumeRolePolicy.
pub fn update_trust(world: &mut World, call: &mut Call) -> Answer {
    let trust = required(call, "PolicyDocument")?;
    let role = named(world, call)?;
    document::check_trust(&trust)?;
    role.trust = trust;
    Ok(Value::Null)
}

fn describe(role: &Role) -> Value {
    let tags: Vec<Value> = role.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created_at.rfc3339_seconds(),
        "AssumeRolePolicyDocument": encoded(&role.trust),
        "Description": Some(&role.description).filter(|text| !text.is_empty()),
        "Tags": Some(tags).filter(|tags| !tags.is_empty()),
    })
}

/// 1 to 64 characters of `\w+=,.@-` (IAM API CreateRole).
fn check_name(name: &str) -> Result<(), Fault> {
    if name.chars().count() > 64 {
        return Err(invalid(&format!(
            "1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint: \
             Member must have length less than or equal to 64"
        )));
    }
    let fits = |character: char| character.is_ascii_alphanumeric() || "+=,.@-_".contains(character);
    if name.is_empty() || !name.chars().all(fits) {
        return Err(invalid(
            "The specified value for roleName is invalid. It must contain only alphanumeric characters \
                            and/or the following: +=,.@_-",
        ));
    }
    Ok(())
}

/// The pairs of a `Tags` member; another member in a tag is a gap.
fn tags(items: &[Value]) -> Result<Vec<(String, String)>, Fault> {
    items
        .iter()
        .map(|item| {
            let text = |member: &str| item.get(member).and_then(Value::as_str).map(str::to_owned);
            match (text("Key"), text("Value"), item.as_object().map_or(0, serde_json::Map::len)) {
                (Some(key), Some(value), 2) if !key.starts_with("aws:") => Ok((key, value)),
                _ => Err(invalid("1 validation error detected: Value at 'tags' failed to satisfy constraint")),
            }
        })
        .collect()
}
