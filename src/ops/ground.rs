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
    Ok(discover(&aws.clients, None, &Needs::connect()).await)
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
    let caller_needs = Needs { probes: [ProbeId::Caller].into(), ..Needs::default() };
    let mut first = discover(&aws.clients, None, &caller_needs).await;
    let caller = first.caller.known().cloned().ok_or_else(|| {
        Problem::new(ProblemKind::Blocked, "AWS does not accept this caller.")
            .because(first.caller.why_unknown())
            .hint("log in again (aws sso login, or new keys), or give --profile")
    })?;
    let described = probes::cluster::read(&aws.clients, cluster).await.map_err(|problem| {
        let mut blocked = problem
            .during(format!("Cluster {cluster} cannot be read in {}.", aws.clients.region))
            .hint(format!("check CLUSTER_NAME and AWS_REGION: aws eks list-clusters --region {}", aws.clients.region));
        blocked.kind = ProblemKind::Blocked;
        blocked
    })?;
    first.cluster = Fact::Known { value: described.clone(), at: session.timer().now() };
    let clients = session.clients(&aws, &described, &caller.account).await?;
    let place = Place { account: caller.account.clone(), region: aws.clients.region.clone(), cluster: cluster.clone() };
    // The caller was just read; the cluster is read again with the rest, because others may be changing it.
    let facts = refresh(&aws.clients, Some(&clients), first, &needs.clone().without([ProbeId::Caller])).await;
    Ok(Ground { aws, clients, facts, place })
}

/// What must be read for `spec`.
pub fn needs(spec: &Spec) -> Needs {
    needs_of(spec.region.as_ref(), spec.gpu.iter().map(|group| group.instance_type.clone()).collect())
}

/// What must be read for a draft, valid or not: for `discover` and for the wizard before everything is decided.
pub fn needs_of_draft(draft: &Draft) -> Needs {
    let region = Some(draft.effective("AWS_REGION")).filter(|text| !text.is_empty()).map(Region::from);
    let gpu = crate::config::field::parse_flag(&draft.effective("INSTALL_GPU_NODEGROUP")) == Some(true);
    let kind = Some(draft.effective("GPU_INSTANCE_TYPE")).filter(|text| gpu && !text.is_empty());
    needs_of(region.as_ref(), kind.into_iter().collect())
}

fn needs_of(region: Option<&Region>, types: BTreeSet<String>) -> Needs {
    let policies = region.map(component::policies_asked).unwrap_or_default();
    Needs::all(types, policies, component::addons_asked())
}
