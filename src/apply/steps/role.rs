//! IAM roles. IAM takes no client tokens, so its mutations go without SDK retries; each part is compared first, which
//! also repairs a role that a kill left half made.

use std::collections::BTreeSet;

use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{OWNER_TAG, not_yet, unbuildable};
use crate::apply::context::Act;
use crate::components::desired::Role;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

/// One try a call.
fn once() -> aws_sdk_iam::config::Builder {
    aws_sdk_iam::config::Builder::new().retry_config(RetryConfig::disabled())
}

/// Makes the role if it is absent, then everything in it that differs.
pub(super) async fn ensure(clients: &Clients, act: &Act<'_>, role: &Role, absent: bool) -> Result<(), Problem> {
    if absent {
        create(clients, role).await?;
        (act.log)(format!("Role {} exists; its policies follow.", role.name));
    } else {
        trust(clients, role).await?;
    }
    let attached = attach(clients, act, role, absent).await;
    attached.map_err(|problem| if absent { not_yet(problem) } else { problem })?;
    let inline = inline(clients, act, role, absent).await;
    inline.map_err(|problem| if absent { not_yet(problem) } else { problem })
}

async fn create(clients: &Clients, role: &Role) -> Result<(), Problem> {
    let tag = Tag::builder()
        .key(OWNER_TAG)
        .value(clients.cluster.as_str())
        .build()
        .map_err(|error| unbuildable("iam:CreateRole", &error))?;
    let sent = clients
        .aws
        .iam
        .create_role()
        .role_name(&role.name)
        .description(&role.description)
        .assume_role_policy_document(role.trust.to_string())
        .tags(tag)
        .customize()
        .config_override(once())
        .send()
        .await;
    sent.map(|_| ()).map_err(|error| classify::aws("iam:CreateRole", &error))
}

/// Whether a policy document as IAM returns it (URL-encoded JSON) says the same as `wanted`.
fn same_document(encoded: &str, wanted: &Value) -> bool {
    let decoded = percent_decode_str(encoded).decode_utf8_lossy();
    serde_json::from_str::<Value>(&decoded).is_ok_and(|found| found == *wanted)
}

async fn trust(clients: &Clients, role: &Role) -> Result<(), Problem> {
    let iam = &clients.aws.iam;
    let answer = iam.get_role().role_name(&role.name).send().await;
    let answer = answer.map_err(|error| classify::aws("iam:GetRole", &error))?;
    let found = answer.role().and_then(|role| role.assume_role_policy_document()).unwrap_or_default();
    if same_document(found, &role.trust) {
        return Ok(());
    }
    iam.update_assume_role_policy()
        .role_name(&role.name)
        .policy_document(role.trust.to_string())
        .customize()
        .config_override(once())
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("iam:UpdateAssumeRolePolicy", &error))
}

/// Attaches what is missing; other attached policies stay.
async fn attach(clients: &Clients, act: &Act<'_>, role: &Role, fresh: bool) -> Result<(), Problem> {
    let iam = &clients.aws.iam;
    let mut attached = BTreeSet::new();
    if !fresh {
        let mut pages = iam.list_attached_role_policies().role_name(&role.name).into_paginator().items().send();
        while let Some(policy) = pages.next().await {
            let policy = policy.map_err(|error| classify::aws("iam:ListAttachedRolePolicies", &error))?;
            attached.extend(policy.policy_arn);
        }
    }
    for policy in role.managed.iter().filter(|policy| !attached.contains(policy.as_str())) {
        iam.attach_role_policy()
            .role_name(&role.name)
            .policy_arn(policy.as_str())
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| classify::aws("iam:AttachRolePolicy", &error))?;
        (act.log)(format!("Policy {policy} is attached to {}.", role.name));
    }
    Ok(())
}

async fn inline(clients: &Clients, act: &Act<'_>, role: &Role, fresh: bool) -> Result<(), Problem> {
    let iam = &clients.aws.iam;
    for (name, wanted) in &role.inline {
        if !fresh && has_inline(clients, role, name, wanted).await? {
            continue;
        }
        iam.put_role_policy()
            .role_name(&role.name)
            .policy_name(name)
            .policy_document(wanted.to_string())
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| classify::aws("iam:PutRolePolicy", &error))?;
        (act.log)(format!("Inline policy {name} is in {}.", role.name));
    }
    Ok(())
}

async fn has_inline(clients: &Clients, role: &Role, name: &str, wanted: &Value) -> Result<bool, Problem> {
    let answer = clients.aws.iam.get_role_policy().role_name(&role.name).policy_name(name).send().await;
    match answer.map_err(|error| classify::aws("iam:GetRolePolicy", &error)) {
        Ok(answer) => Ok(same_document(answer.policy_document(), wanted)),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_compare_by_meaning() {
        let wanted = json!({"Version": "2012-10-17", "Statement": []});
        assert!(same_document("%7B%22Statement%22%3A%5B%5D%2C%20%22Version%22%3A%222012-10-17%22%7D", &wanted));
        assert!(same_document(r#"{"Version":"2012-10-17","Statement":[]}"#, &wanted));
        assert!(!same_document(r#"{"Version":"2008-10-17","Statement":[]}"#, &wanted));
    }
}
