//! Pod Identity associations.

use aws_sdk_eks::types;

use crate::domain::facts::Association;
use crate::domain::ids::Arn;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::{each, owned};

/// Every association of the cluster with its role, by namespace and service account.
///
/// # Errors
/// A call fails.
pub async fn read(clients: &Clients) -> Result<Vec<Association>, Problem> {
    matching(clients, None, None).await
}

/// The associations of a namespace and a service account, each with its role.
///
/// # Errors
/// A call fails.
pub async fn matching(
    clients: &Clients,
    namespace: Option<&str>,
    service_account: Option<&str>,
) -> Result<Vec<Association>, Problem> {
    let list = clients.aws.eks.list_pod_identity_associations().cluster_name(clients.cluster.as_str());
    let list = list.set_namespace(namespace.map(str::to_owned)).set_service_account(service_account.map(str::to_owned));
    let listed = list.into_paginator().items().send().try_collect().await;
    let mut listed = listed.map_err(|error| classify::aws("eks:ListPodIdentityAssociations", &error))?;
    listed.sort_by_key(|one| (owned(one.namespace()), owned(one.service_account())));
    each(listed, async |one: types::PodIdentityAssociationSummary| describe(clients, &one).await).await
}

/// The list does not tell the role: that is what `eks:DescribePodIdentityAssociation` is for.
async fn describe(clients: &Clients, one: &types::PodIdentityAssociationSummary) -> Result<Association, Problem> {
    let id = owned(one.association_id());
    let call = clients.aws.eks.describe_pod_identity_association().cluster_name(clients.cluster.as_str());
    let answer = call.association_id(&id).send().await;
    let answer = answer.map_err(|error| classify::aws("eks:DescribePodIdentityAssociation", &error))?;
    let found = answer.association();
    Ok(Association {
        id,
        namespace: owned(one.namespace()),
        service_account: owned(one.service_account()),
        role: found.and_then(types::PodIdentityAssociation::role_arn).map(Arn::from),
        owner: found.and_then(types::PodIdentityAssociation::owner_arn).or(one.owner_arn()).map(Arn::from),
    })
}
