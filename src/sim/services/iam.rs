//! IAM: roles, their trust, their policies. The caller of every request is the operator [`CALLER`].

mod document;
mod managed;
mod policies;
mod roles;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::domain::time::Stamp;
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::refusals::refuse;
use crate::sim::world::World;

pub use document::{trusts_ec2, trusts_pods};
pub use managed::is_managed_policy;

/// Role and session of the operator who uses the account.
pub const CALLER: (&str, &str) = ("PlatformOps", "ops7");

/// Alias of the account.
const ALIAS: &str = "orbit-ml";

/// Time after which the other services know a new role (IAM is eventually consistent; the exact span is ours).
const KNOWN_AFTER: Duration = Duration::from_secs(10);

/// What IAM remembers.
#[derive(Debug, Default)]
pub struct State {
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
}

/// An IAM role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Name, unique in the account.
    pub name: String,
    /// Path, `/` or `/…/`.
    pub path: String,
    /// Unique id, `AROA…`.
    pub id: String,
    /// ARN in full.
    pub arn: String,
    /// Trust policy as it was sent.
    pub trust: String,
    /// Description; empty when none.
    pub description: String,
    /// Longest session in seconds.
    pub max_session: i64,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// Inline policies by name, as they were sent.
    pub inline: BTreeMap<String, String>,
    /// When it was created.
    pub created_at: Stamp,
}

impl Role {
    /// A role at `/` as CreateRole makes it; `serial` makes its unique id.
    pub fn new(account: &str, name: &str, trust: &str, serial: u64, created_at: Stamp) -> Self {
        Self {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id("AROA", serial),
            arn: format!("arn:aws:iam::{account}:role/{name}"),
            trust: trust.to_owned(),
            description: String::new(),
            max_session: 3600,
            tags: BTreeMap::new(),
            attached: BTreeSet::new(),
            inline: BTreeMap::new(),
            created_at,
        }
    }
}

/// An id of 21 characters such as IAM gives, `AROA…`.
pub fn unique_id(prefix: &str, serial: u64) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // Multiplied by an odd number, the digits of neighbouring serials differ, and no two serials share an id.
    let mut left = serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut id = prefix.to_owned();
    while id.len() < 21 {
        id.push(char::from(DIGITS[usize::try_from(left % 32).unwrap_or(0)]));
        left /= 32;
    }
    id
}

/// ARN of the operator: an assumed role.
pub fn caller_arn(world: &World) -> String {
    format!("arn:aws:sts::{}:assumed-role/{}/{}", world.account, CALLER.0, CALLER.1)
}

/// The role of this ARN.
pub fn role<'a>(world: &'a World, arn: &str) -> Option<&'a Role> {
    let name = arn.rsplit('/').next()?;
    world.iam.roles.get(name).filter(|role| role.arn == arn)
}

/// Whether other services know the role: 10 s after its creation.
pub fn known_to_services(role: &Role, now: Stamp) -> bool {
    now.since(role.created_at) >= KNOWN_AFTER
}

/// ARNs of the managed policies attached to the role.
pub fn attached(role: &Role) -> &BTreeSet<String> {
    &role.attached
}

/// Answers one call.
pub fn handle(world: &mut World, call: &mut Call) -> Answer {
    match call.operation.as_str() {
        "CreateRole" => roles::create(world, call),
        "GetRole" => roles::get(world, call),
        "DeleteRole" => roles::delete(world, call),
        "TagRole" => roles::tag(world, call),
        "ListRoleTags" => roles::list_tags(world, call),
        "UpdateAssumeRolePolicy" => roles::update_trust(world, call),
        "AttachRolePolicy" => policies::attach(world, call),
        "DetachRolePolicy" => policies::detach(world, call),
        "ListAttachedRolePolicies" => policies::list_attached(world, call),
        "PutRolePolicy" => policies::put(world, call),
        "GetRolePolicy" => policies::get(world, call),
        "ListRolePolicies" => policies::list(world, call),
        "DeleteRolePolicy" => policies::delete(world, call),
        "GetPolicy" => policies::get_managed(world, call),
        "ListAccountAliases" => page(call, vec![(ALIAS.to_owned(), Value::from(ALIAS))], "AccountAliases"),
        other => Err(Fault::gap(format!("iam:{other}"))),
    }
}

/// The role named by the member `RoleName`.
fn named<'a>(world: &'a mut World, call: &mut Call) -> Result<&'a mut Role, Fault> {
    let name = required(call, "RoleName")?;
    world.iam.roles.get_mut(&name).ok_or_else(|| refuse("role-not-found", &[("name", &name)]))
}

/// A member that the operation cannot do without.
fn required(call: &mut Call, member: &str) -> Result<String, Fault> {
    call.params.text(member).ok_or_else(|| {
        let name = member[..1].to_lowercase() + &member[1..];
        invalid(&format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

fn invalid(message: &str) -> Fault {
    refuse("iam-validation", &[("message", message)])
}

/// One page of a list in the manner of IAM: `Marker` names the first entry of the next page, `MaxItems` is 1 to 1000.
fn page(call: &mut Call, entries: Vec<(String, Value)>, member: &str) -> Answer {
    let from = call.params.text("Marker");
    let size = call.params.int("MaxItems").unwrap_or(100);
    let size = usize::try_from(size).ok().filter(|size| (1..=1000).contains(size));
    let size =
        size.ok_or_else(|| invalid("1 validation error detected: Value at 'maxItems' must be between 1 and 1000"))?;
    let mut left = entries.into_iter().skip_while(|(key, _)| from.as_ref().is_some_and(|from| key < from));
    let items: Vec<Value> = left.by_ref().take(size).map(|(_, value)| value).collect();
    let next = left.next().map(|(key, _)| key);
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(items));
    answer.insert("IsTruncated".to_owned(), Value::Bool(next.is_some()));
    answer.insert("Marker".to_owned(), json!(next));
    Ok(Value::Object(answer))
}

#[cfg(test)]
mod tests;
