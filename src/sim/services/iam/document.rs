//! Policy documents: what IAM refuses in them, and whom a trust policy lets in.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Role;
use crate::sim::call::Fault;
use crate::sim::refusals::refuse;

/// Checks a trust policy as CreateRole and UpdateAssumeRolePolicy do.
pub fn check_trust(text: &str) -> Result<(), Fault> {
    for statement in &statements(text)? {
        if statement.get("Resource").is_some() || statement.get("NotResource").is_some() {
            return Err(refuse("trust-has-resource", &[]));
        }
        let Some(principal) = statement.get("Principal").or_else(|| statement.get("NotPrincipal")) else {
            return Err(refuse("malformed-policy-syntax", &[]));
        };
        for service in texts(principal.get("Service")) {
            if !service.ends_with(".amazonaws.com") {
                return Err(refuse("trust-invalid-principal", &[("principal", service)]));
            }
        }
    }
    within(text, 2048, "trust-too-long")
}

/// Checks an inline policy as PutRolePolicy does; `others` is the size of the role's other inline policies.
pub fn check_inline(text: &str, others: usize) -> Result<(), Fault> {
    for statement in &statements(text)? {
        if statement.get("Principal").is_some() {
            return Err(refuse("policy-has-principal", &[]));
        }
        if statement.get("Resource").is_none() && statement.get("NotResource").is_none() {
            return Err(refuse("malformed-policy-syntax", &[]));
        }
    }
    within(text, 10_240_usize.saturating_sub(others), "inline-too-long")
}

/// Size of a document as IAM counts it: without white space.
pub fn size(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}

fn within(text: &str, limit: usize, id: &str) -> Result<(), Fault> {
    if size(text) <= limit { Ok(()) } else { Err(refuse(id, &[])) }
}

/// The statements of a document, each with an effect and actions of the form `vendor:name`.
fn statements(text: &str) -> Result<Vec<Value>, Fault> {
    let document: Value = serde_json::from_str(text).map_err(|_| refuse("malformed-policy", &[]))?;
    let syntax = || refuse("malformed-policy-syntax", &[]);
    let statements = match document.get("Statement") {
        Some(Value::Array(items)) if !items.is_empty() => items.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(syntax()),
    };
    for statement in &statements {
        let effect = statement.get("Effect").and_then(Value::as_str);
        let actions = texts(statement.get("Action").or_else(|| statement.get("NotAction")));
        if !matches!(effect, Some("Allow" | "Deny")) || actions.is_empty() {
            return Err(syntax());
        }
        if actions.iter().any(|action| *action != "*" && !action.contains(':')) {
            return Err(refuse("policy-action-vendor", &[]));
        }
    }
    Ok(statements)
}

/// A text, or every text of a list.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

/// Whether EKS Pod Identity can use the role: `pods.eks.amazonaws.com` may `sts:AssumeRole` and `sts:TagSession`.
pub fn trusts_pods(role: &Role) -> bool {
    let actions = allowed(role, "pods.eks.amazonaws.com");
    grants(&actions, "sts:assumerole") && grants(&actions, "sts:tagsession")
}

/// Whether EC2 instances can use the role.
pub fn trusts_ec2(role: &Role) -> bool {
    grants(&allowed(role, "ec2.amazonaws.com"), "sts:assumerole")
}

/// Actions, in lower case, that the trust policy allows a service. Conditions are taken as met.
fn allowed(role: &Role, service: &str) -> BTreeSet<String> {
    let Ok(statements) = statements(&role.trust) else { return BTreeSet::new() };
    let (mut allowed, mut denied) = (BTreeSet::new(), BTreeSet::new());
    for statement in &statements {
        let principals = texts(statement.get("Principal").and_then(|principal| principal.get("Service")));
        if principals.contains(&service) {
            let actions = texts(statement.get("Action")).into_iter().map(str::to_ascii_lowercase);
            let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
            if allows { allowed.extend(actions) } else { denied.extend(actions) }
        }
    }
    &allowed - &denied
}

fn grants(actions: &BTreeSet<String>, action: &str) -> bool {
    [action, "sts:*", "*"].iter().any(|pattern| actions.contains(*pattern))
}
