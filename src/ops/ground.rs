//! Scope → Facts: connects, looks at the cluster, and reads what the spec needs.

use std::collections::BTreeSet;

use super::session::Session;
use crate::components::component;
use crate::config::{Draft, Spec};
use crate::discover::{Needs, ProbeId, discover, probes, refresh};
use crate::domain::facts::{Fact, Facts, Place};
use crate::domain::ids::{ClusterName, Region};
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::aws::AwsSession;
use crate::transport::clients::Clients;

/// Clients and what was read with them.
#[derive(Debug, Clone)]
pub struct Ground {
    /// AWS side.
    pub aws: AwsSession,
    /// Both sides, once account and cluster are known.
    pub clients: Clients,
    /// What was read.
    pub facts: Facts,
    /// Where.
    pub place: Place,
}

/// Who calls and which clusters there are: what the wizard shows before a cluster is chosen.
///
/// # Errors
/// No region or no credentials provider. Everything else is in the facts.
pub async fn connect(session: &Session, region: Option<&Region>) -> Result<Facts, Problem> {
    let aws = session.aws(region).await?;
    let mut facts = discover(&aws.clients, None, &Needs::connect()).await;
    if let Fact::Known { value, .. } = &mut facts.caller {
        value.expires_at = aws.expires_at().await;
    }
    Ok(facts)
}

/// Reads everything about `cluster` that `needs` asks for.
///
/// # Errors
/// The caller, the cluster or its API cannot be reached at all; what is denied or fails in part is in the facts.
pub async fn read(
    session: &Session,
    cluster: &ClusterName,
    region: Option<&Region>,
    needs: &Needs,
) -> Result<Ground, Problem> {
    let aws = session.aws(region).await?;
    let mut caller = probes::caller::read(&aws.clients).await.map_err(unknown_caller)?;
    caller.expires_at = aws.expires_at().await;
    let described = probes::cluster::read(&aws.clients, cluster).await;
    let described = described.map_err(|problem| unread_cluster(problem, cluster, &aws.clients.region))?;
    let at = session.timer().now();
    let first = Facts {
        caller: Fact::Known { value: caller.clone(), at },
        cluster: Fact::Known { value: described.clone(), at },
        ..Facts::default()
    };
    let clients = session.clients(&aws, &described, &caller.account).await?;
    let place = Place { account: caller.account.clone(), region: aws.clients.region.clone(), cluster: cluster.clone() };
    // The caller was just read; the cluster is read again with the rest, because others may be changing it.
    let mut needs = needs.clone().without([ProbeId::Caller]);
    needs.policies = component::policies_asked(&aws.clients.region);
    needs.probes.insert(ProbeId::Policies);
    let facts = refresh(&aws.clients, Some(&clients), first, &needs).await;
    Ok(Ground { aws, clients, facts, place })
}

/// Why nothing goes on without a caller: refused by AWS, or AWS not reached.
fn unknown_caller(problem: Problem) -> Problem {
    let refused = problem.kind == ProblemKind::Credentials;
    let message = if refused { "AWS does not accept this caller." } else { "AWS cannot be asked who calls." };
    let blocked = Problem { kind: ProblemKind::Blocked, ..problem.during(message) };
    if refused { blocked.hint("or give the --profile that may be used here") } else { blocked }
}

fn unread_cluster(problem: Problem, cluster: &ClusterName, region: &Region) -> Problem {
    let absent = problem.kind == ProblemKind::NotFound;
    let message = format!("Cluster {cluster} cannot be read in {region}.");
    let blocked = Problem { kind: ProblemKind::Blocked, ..problem.during(message) };
    if absent {
        return blocked.hint(format!("check CLUSTER_NAME and AWS_REGION: aws eks list-clusters --region {region}"));
    }
    blocked
}

/// What must be read for `spec`; the managed policies follow from the session's Region.
pub fn needs(spec: &Spec) -> Needs {
    Needs::all(
        spec.gpu.iter().map(|group| group.instance_type.clone()).collect(),
        BTreeSet::new(),
        component::addons_asked(),
    )
}

/// What must be read for a draft, valid or not: for `discover` and for the wizard before everything is decided.
pub fn needs_of_draft(draft: &Draft) -> Needs {
    let gpu = crate::config::field::parse_flag(&draft.effective("INSTALL_GPU_NODEGROUP")) == Some(true);
    let kind = Some(draft.effective("GPU_INSTANCE_TYPE")).filter(|text| gpu && !text.is_empty());
    Needs::all(kind.into_iter().collect(), BTreeSet::new(), component::addons_asked())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_fault_is_not_blamed_on_the_caller() {
        let fault = Problem::new(ProblemKind::Unavailable, "sts:GetCallerIdentity does not reach AWS.");
        let said = unknown_caller(fault);
        assert_eq!((said.kind, said.message.as_str()), (ProblemKind::Blocked, "AWS cannot be asked who calls."));
        assert!(said.hints.is_empty(), "{said}");
        let expired = Problem::new(ProblemKind::Credentials, "sts:GetCallerIdentity answers ExpiredToken: expired");
        assert_eq!(unknown_caller(expired).message, "AWS does not accept this caller.");
    }

    #[test]
    fn only_an_absent_cluster_points_to_its_name() {
        let (cluster, region) = (ClusterName::from("orbit-train"), Region::from("us-east-2"));
        let of = |kind| unread_cluster(Problem::new(kind, "x"), &cluster, &region).hints;
        assert!(of(ProblemKind::NotFound)[0].contains("CLUSTER_NAME"));
        assert!(of(ProblemKind::Denied).is_empty());
    }
}
