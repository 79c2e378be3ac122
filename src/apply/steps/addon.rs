//! EKS add-ons, with the Pod Identity associations that belong to them.

use aws_sdk_eks::types::{AddonHealth, AddonIssueCode, AddonPodIdentityAssociations, ResolveConflicts};

use super::{OWNER_TAG, unbuildable};
use crate::apply::context::{Act, Report};
use crate::components::desired::Addon;
use crate::domain::problem::Problem;
use crate::domain::resource::Ownership;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// `CreateAddon`. Never OVERWRITE: what stands in the way belongs to someone else.
pub(super) async fn create(clients: &Clients, act: &Act<'_>, addon: &Addon) -> Result<(), Problem> {
    let associations = associations(act, addon)?;
    clients
        .aws
        .eks
        .create_addon()
        .cluster_name(clients.cluster.as_str())
        .addon_name(&addon.name)
        .addon_version(&addon.version)
        .set_configuration_values(addon.configuration.as_ref().map(ToString::to_string))
        .set_pod_identity_associations((!associations.is_empty()).then_some(associations))
        .resolve_conflicts(ResolveConflicts::None)
        .client_request_token(act.token)
        .tags(OWNER_TAG, clients.cluster.as_str())
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("eks:CreateAddon", &error))
}

/// `UpdateAddon`. Fields that others changed are taken back only in an add-on that we made.
pub(super) async fn update(clients: &Clients, act: &Act<'_>, addon: &Addon) -> Result<(), Problem> {
    let associations = associations(act, addon)?;
    let ours = act.observation.owner == Ownership::Ours;
    clients
        .aws
        .eks
        .update_addon()
        .cluster_name(clients.cluster.as_str())
        .addon_name(&addon.name)
        .addon_version(&addon.version)
        .set_configuration_values(addon.configuration.as_ref().map(ToString::to_string))
        // An empty list would remove associations that someone else made.
        .set_pod_identity_associations((!associations.is_empty()).then_some(associations))
        .resolve_conflicts(if ours { ResolveConflicts::Overwrite } else { ResolveConflicts::None })
        .client_request_token(act.token)
        .send()
        .await
        .map(|_| ())
        .map_err(|error| classify::aws("eks:UpdateAddon", &error))
}

fn associations(act: &Act<'_>, addon: &Addon) -> Result<Vec<AddonPodIdentityAssociations>, Problem> {
    addon
        .associations
        .iter()
        .map(|association| {
            AddonPodIdentityAssociations::builder()
                .service_account(&association.service_account)
                .role_arn(act.outputs.resolve(&association.role)?)
                .build()
                .map_err(|error| unbuildable("eks:CreateAddon", &error))
        })
        .collect()
}

/// Health issues of the add-on.
pub(super) async fn report(clients: &Clients, name: &str) -> Report {
    let answer = clients.aws.eks.describe_addon().cluster_name(clients.cluster.as_str()).addon_name(name).send().await;
    let mut report = Report::default();
    match answer {
        Ok(answer) => {
            for issue in answer.addon().and_then(|addon| addon.health()).map(AddonHealth::issues).unwrap_or_default() {
                let code = issue.code().map_or("Unknown", AddonIssueCode::as_str);
                let line = format!("{code}: {}", issue.message().unwrap_or("no message"));
                report.lines.push(line.clone());
                report.causes.push(line);
            }
        }
        Err(error) => report.lines.push(classify::aws("eks:DescribeAddon", &error).message),
    }
    report
}
