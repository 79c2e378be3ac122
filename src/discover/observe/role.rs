//! An IAM role.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types;
use serde_json::Value;

use super::look::{Look, change, presence, stands};
use super::{owner, policy};
use crate::components::desired::Role;
use crate::components::observed::{Change, Observation};
use crate::discover::probes::each;
use crate::domain::ids::Arn;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;

/// Trust, attached and inline policies against what IAM answers.
pub(super) async fn observe(look: &Look<'_>, desired: &Role) -> Result<Observation, Problem> {
    let Some(role) = get(look, &desired.name).await? else {
        return Ok(Observation::absent());
    };
    let (attached, inline) = futures::try_join!(attached(look, &desired.name), inline(look, &desired.name))?;
    let mut changes: Vec<Change> = Vec::new();
    let trust = role.assume_role_policy_document().and_then(policy::decode).unwrap_or_default();
    changes.extend(document("trust policy", Some(&trust), &desired.trust));
    for wanted in desired.managed.iter().filter(|arn| !attached.contains(arn.as_str())) {
        changes.extend(change("attached policies", None, Some(wanted.to_string())));
    }
    for (name, wanted) in &desired.inline {
        changes.extend(document(&format!("inline policy {name}"), inline.get(name), wanted));
    }
    let owner = owner::of_tags(&tags(role.tags()), &look.clients.cluster);
    let outputs = [("arn", Some(role.arn())), ("name", Some(role.role_name()))];
    Ok(Observation { notes: extras(desired, &attached, &inline), ..stands(presence(changes), owner, outputs) })
}

/// Policies that are there besides: they stay.
fn extras(desired: &Role, attached: &BTreeSet<String>, inline: &BTreeMap<String, Value>) -> Vec<String> {
    let wanted: BTreeSet<&str> = desired.managed.iter().map(Arn::as_str).collect();
    let attached = attached.iter().filter(|arn| !wanted.contains(arn.as_str()));
    let inline = inline.keys().filter(|name| !desired.inline.contains_key(*name));
    attached
        .map(|arn| format!("Role {} also has {arn}, which stays.", desired.name))
        .chain(inline.map(|name| format!("Role {} also has inline policy {name}, which stays.", desired.name)))
        .collect()
}

fn document(path: &str, have: Option<&Value>, want: &Value) -> Option<Change> {
    if have.is_some_and(|have| policy::same(have, want)) {
        return None;
    }
    Some(Change { path: path.to_owned(), have: have.map(ToString::to_string), want: Some(want.to_string()) })
}

async fn get(look: &Look<'_>, name: &str) -> Result<Option<types::Role>, Problem> {
    match look.clients.aws.iam.get_role().role_name(name).send().await {
        Ok(answer) => Ok(answer.role),
        Err(error) => match classify::aws("iam:GetRole", &error) {
            problem if problem.kind == ProblemKind::NotFound => Ok(None),
            problem => Err(problem),
        },
    }
}

async fn attached(look: &Look<'_>, name: &str) -> Result<BTreeSet<String>, Problem> {
    let pages = look.clients.aws.iam.list_attached_role_policies().role_name(name).into_paginator().items();
    let found = pages.send().try_collect().await;
    let found = found.map_err(|error| classify::aws("iam:ListAttachedRolePolicies", &error))?;
    Ok(found.into_iter().filter_map(|one| one.policy_arn).collect())
}

async fn inline(look: &Look<'_>, name: &str) -> Result<BTreeMap<String, Value>, Problem> {
    let iam = &look.clients.aws.iam;
    let names = iam.list_role_policies().role_name(name).into_paginator().items().send().try_collect().await;
    let names = names.map_err(|error| classify::aws("iam:ListRolePolicies", &error))?;
    let found = each(names, async |policy: String| {
        let answer = iam.get_role_policy().role_name(name).policy_name(&policy).send().await;
        let answer = answer.map_err(|error| classify::aws("iam:GetRolePolicy", &error))?;
        Ok((policy, policy::decode(answer.policy_document()).unwrap_or_default()))
    });
    Ok(found.await?.into_iter().collect())
}

fn tags(tags: &[types::Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn policies_besides_ours_are_notes_and_no_changes() {
        let desired = Role {
            name: "demo-ebs-csi-role".to_owned(),
            description: String::new(),
            trust: json!({}),
            managed: vec![Arn::from("arn:aws:iam::aws:policy/A")],
            inline: BTreeMap::new(),
        };
        let attached = BTreeSet::from(["arn:aws:iam::aws:policy/A".to_owned(), "arn:aws:iam::aws:policy/B".to_owned()]);
        let notes = extras(&desired, &attached, &BTreeMap::from([("x".to_owned(), json!({}))]));
        assert_eq!(notes.len(), 2);
        assert!(notes[0].contains("policy/B") && notes[1].contains("inline policy x"), "{notes:?}");
    }
}
