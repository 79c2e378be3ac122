//! ACC: who calls and what they may do.

use crate::domain::finding::Severity;
use crate::preflight::check::{Check, Inputs, Said};

/// The caller reaches the Kubernetes API and may do what the plan needs.
pub const ACC_002: Check = Check {
    id: "ACC-002",
    severity: Severity::Error,
    title: "Caller can reach and use the Kubernetes API",
    details: "AWS rights alone do not open the cluster: EKS maps callers by access entries or aws-auth. \
              Every verb the plan can need is asked of the API server itself.",
    run: acc_002,
};

fn acc_002(inputs: &Inputs<'_>) -> Vec<Said> {
    let Some(access) = inputs.facts.kube.access.known() else {
        // A caller whom the API server turns away cannot ask it what is allowed.
        return vec![Said::unread("", &inputs.facts.kube.access)];
    };
    let asked = access.asked;
    if access.denied.is_empty() {
        return vec![Said::pass("", format!("{asked} of {asked} verbs allowed, server {}", access.version))];
    }
    if access.version.is_empty() {
        let said = Said::fail("", "the API server does not accept this caller (401): nothing maps it to a user");
        return vec![with_remedy(inputs, said)];
    }
    let allowed = asked.saturating_sub(u32::try_from(access.denied.len()).unwrap_or(u32::MAX));
    let said = Said::fail("", format!("{allowed} of {asked} verbs allowed"))
        .evidence_lines(access.denied.iter().map(|verb| format!("denied: {verb}")));
    vec![with_remedy(inputs, said)]
}

/// An access entry with the administrator policy; where the cluster takes no access entries, the ConfigMap.
fn with_remedy(inputs: &Inputs<'_>, said: Said) -> Said {
    let caller = role_of(inputs.facts.caller.known().map_or("PRINCIPAL_ARN", |caller| caller.arn.as_str()));
    if inputs.facts.cluster.known().is_some_and(|cluster| cluster.authentication_mode == "CONFIG_MAP") {
        return said.ask(format!("map {caller} to a group with these rights in the ConfigMap kube-system/aws-auth"));
    }
    let cluster = &inputs.spec.cluster;
    let partition = caller.split(':').nth(1).unwrap_or("aws");
    said.command(
        format!(
            "aws eks associate-access-policy --cluster-name {cluster} --principal-arn {caller} --policy-arn \
             arn:{partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy --access-scope type=cluster"
        ),
        "gives this caller the cluster administrator access policy",
    )
    .command(
        format!("aws eks create-access-entry --cluster-name {cluster} --principal-arn {caller}"),
        "first, where the caller has no access entry yet",
    )
}

/// The IAM role behind the ARN of an assumed-role session: access entries want the role. Paths are not in a session's
/// ARN, so a role with a path must be completed by the operator.
fn role_of(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "sts", _, account, session] => match session.strip_prefix("assumed-role/") {
            Some(rest) => {
                let role = rest.split('/').next().unwrap_or(rest);
                format!("arn:{partition}:iam::{account}:role/{role}")
            }
            None => arn.to_owned(),
        },
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_leads_to_its_role() {
        assert_eq!(role_of("arn:aws:sts::111122223333:assumed-role/Ops/me"), "arn:aws:iam::111122223333:role/Ops");
        assert_eq!(role_of("arn:aws:iam::111122223333:user/me"), "arn:aws:iam::111122223333:user/me");
    }
}
