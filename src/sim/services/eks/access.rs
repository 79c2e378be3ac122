//! Access entries.

use serde_json::{Value, json};

use crate::sim::call::{Answer, Call};
use crate::sim::refusals::refuse;
use crate::sim::services::ec2;
use crate::sim::services::eks::lookup::{arn, cluster, invalid, page, plane, plane_mut, required, seconds};
use crate::sim::services::eks::state::AccessEntry;
use crate::sim::services::iam;
use crate::sim::world::World;

/// The entry of a principal, which decides what its tokens may do in the cluster.
pub fn access_entry<'a>(world: &'a World, cluster: &str, principal: &str) -> Option<&'a AccessEntry> {
    world.eks.clusters.get(cluster)?.access.get(principal)
}

/// Makes an entry as EKS itself does, for a node role or the creator; an existing one stays.
pub fn add_entry(world: &mut World, cluster: &str, principal: &str, kind: &str) {
    let created = world.now;
    let entry = entry(principal, kind, Vec::new(), created);
    if let Some(plane) = world.eks.clusters.get_mut(cluster) {
        plane.access.entry(principal.to_owned()).or_insert(entry);
    }
}

fn entry(principal: &str, kind: &str, groups: Vec<String>, created: crate::domain::time::Stamp) -> AccessEntry {
    let node = kind == "EC2_LINUX";
    AccessEntry {
        principal: principal.to_owned(),
        kind: kind.to_owned(),
        groups: if node { vec!["system:nodes".to_owned()] } else { groups },
        username: if node { "system:node:{{EC2PrivateDNSName}}".to_owned() } else { principal.to_owned() },
        created,
        tags: ec2::Tags::new(),
        token: None,
    }
}

/// ListAccessEntries.
pub fn list(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    page(call, "accessEntries", plane(world, &name)?.access.keys().map(|principal| json!(principal)).collect())
}

/// DescribeAccessEntry.
pub fn describe(world: &World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    let principal = required(call, "principalArn")?;
    let entry = access_entry(world, &name, &principal).ok_or_else(|| refuse("access-entry-not-found", &[]))?;
    Ok(json!({"accessEntry": view(world, &name, entry)}))
}

fn view(world: &World, cluster: &str, entry: &AccessEntry) -> Value {
    let role = entry.principal.rsplit('/').next().unwrap_or_default();
    let path = format!("access-entry/{cluster}/role/{}/{role}/{:08x}", world.account, entry.created.seconds());
    json!({
        "clusterName": cluster,
        "principalArn": entry.principal,
        "kubernetesGroups": entry.groups,
        "accessEntryArn": arn(world, &path),
        "createdAt": seconds(entry.created),
        "modifiedAt": seconds(entry.created),
        "tags": entry.tags,
        "username": entry.username,
        "type": entry.kind,
    })
}

/// CreateAccessEntry.
pub fn create(world: &mut World, call: &mut Call) -> Answer {
    let name = cluster(world, call)?;
    let principal = required(call, "principalArn")?;
    let kind = call.params.text("type").unwrap_or_else(|| "STANDARD".to_owned());
    let groups: Vec<String> =
        call.params.list("kubernetesGroups").iter().filter_map(|g| g.as_str().map(str::to_owned)).collect();
    let token = call.params.text("clientRequestToken");
    let tags = ec2::tags_of(call.params.take("tags").as_ref());
    let username = call.params.text("username");
    if let Some(have) = access_entry(world, &name, &principal) {
        return match token.is_some() && have.token == token {
            true => Ok(json!({"accessEntry": view(world, &name, have)})),
            false => Err(refuse("access-entry-in-use", &[])),
        };
    }
    if kind != "STANDARD" && !groups.is_empty() {
        return Err(invalid("You can't specify kubernetesGroups for an access entry of this type."));
    }
    if iam::role(world, &principal).is_none_or(|role| !iam::known_to_services(role, world.now)) {
        return Err(invalid("The specified principalArn is invalid: invalid principal."));
    }
    let mut entry = entry(&principal, &kind, groups, world.now);
    entry.tags = tags;
    entry.token = token;
    if let Some(username) = username {
        entry.username = username;
    }
    plane_mut(world, &name)?.access.insert(principal, entry.clone());
    Ok(json!({"accessEntry": view(world, &name, &entry)}))
}
