//! Operations on the policies of roles: attached, inline, and AWS managed ones.

use serde_json::{Value, json};

use super::{document, managed, named, page, required, roles, unique_id};
use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::world::World;

/// Managed policies a role may have (IAM User Guide, quotas: default).
const PER_ROLE: usize = 10;

/// AttachRolePolicy. Attaching twice is fine.
pub fn attach(world: &mut World, call: &mut Call) -> Answer {
    let arn = required(call, "PolicyArn")?;
    let role = named(world, call)?;
    if !managed::is_managed_policy(&arn) {
        return Err(refuse("policy-not-attachable", &[("arn", &arn)]));
    }
    if role.attached.len() >= PER_ROLE && !role.attached.contains(&arn) {
        return Err(refuse("policies-per-role", &[]));
    }
    role.attached.insert(arn);
    Ok(Value::Null)
}

/// DetachRolePolicy.
pub fn detach(world: &mut World, call: &mut Call) -> Answer {
    let arn = required(call, "PolicyArn")?;
    if named(world, call)?.attached.remove(&arn) {
        Ok(Value::Null)
    } else {
        Err(refuse("policy-not-found", &[("arn", &arn)]))
    }
}

/// ListAttachedRolePolicies.
pub fn list_attached(world: &mut World, call: &mut Call) -> Answer {
    let path = call.params.text("PathPrefix").unwrap_or_else(|| "/".to_owned());
    let role = named(world, call)?;
    let known = role.attached.iter().filter_map(|arn| Some((arn, managed::find(arn)?)));
    let entries = known
        .filter(|(_, (of, ..))| of.starts_with(&path))
        .map(|(arn, (_, name, _))| (arn.clone(), json!({ "PolicyName": name, "PolicyArn": arn })))
        .collect();
    page(call, entries, "AttachedPolicies")
}

/// PutRolePolicy.
pub fn put(world: &mut World, call: &mut Call) -> Answer {
    let name = required(call, "PolicyName")?;
    let text = required(call, "PolicyDocument")?;
    let role = named(world, call)?;
    let others = role.inline.iter().filter(|(other, _)| **other != name).map(|(_, text)| document::size(text)).sum();
    document::check_inline(&text, others)?;
    role.inline.insert(name, text);
    Ok(Value::Null)
}

/// GetRolePolicy.
pub fn get(world: &mut World, call: &mut Call) -> Answer {
    let name = required(call, "PolicyName")?;
    let role = named(world, call)?;
    let text = role.inline.get(&name).ok_or_else(|| refuse("role-policy-not-found", &[("name", &name)]))?;
    Ok(json!({ "RoleName": role.name, "PolicyName": name, "PolicyDocument": roles::encoded(text) }))
}

/// ListRolePolicies.
pub fn list(world: &mut World, call: &mut Call) -> Answer {
    let entries = named(world, call)?.inline.keys().map(|name| (name.clone(), json!(name))).collect();
    page(call, entries, "PolicyNames")
}

/// DeleteRolePolicy.
pub fn delete(world: &mut World, call: &mut Call) -> Answer {
    let name = required(call, "PolicyName")?;
    match named(world, call)?.inline.remove(&name) {
        Some(_) => Ok(Value::Null),
        None => Err(refuse("role-policy-not-found", &[("name", &name)])),
    }
}

/// GetPolicy, of AWS managed policies.
pub fn get_managed(world: &mut World, call: &mut Call) -> Answer {
    let arn = required(call, "PolicyArn")?;
    let Some((path, name, number)) = managed::find(&arn) else {
        return Err(refuse("policy-not-found", &[("arn", &arn)]));
    };
    let attachments = world.iam.roles.values().filter(|role| role.attached.contains(&arn)).count();
    Ok(json!({ "Policy": {
        "PolicyName": name,
        "PolicyId": unique_id("ANPA", number + 1),
        "Arn": arn,
        "Path": path,
        "DefaultVersionId": "v1",
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": "2025-01-15T18:00:00Z",
        "UpdateDate": "2025-01-15T18:00:00Z",
    } }))
}
