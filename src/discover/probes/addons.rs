//! Installed add-ons.

use aws_sdk_eks::types;

use crate::domain::facts::Addon;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Clients;

use super::{each, owned, tags};

/// `eks:ListAddons` and `eks:DescribeAddon` of each, by name.
///
/// # Errors
/// A call fails.
pub async fn read(clients: &Clients) -> Result<Vec<Addon>, Problem> {
    let pages = clients.aws.eks.list_addons().cluster_name(clients.cluster.as_str()).into_paginator().items();
    let mut names = pages.send().try_collect().await.map_err(|error| classify::aws("eks:ListAddons", &error))?;
    names.sort();
    let found = each(names, async |name: String| describe(clients, &name).await).await?;
    Ok(found.iter().flatten().map(from_sdk).collect())
}

/// `eks:DescribeAddon`; `None` when the add-on is not installed.
///
/// # Errors
/// The call fails for another reason.
pub async fn describe(clients: &Clients, name: &str) -> Result<Option<types::Addon>, Problem> {
    let call = clients.aws.eks.describe_addon().cluster_name(clients.cluster.as_str()).addon_name(name);
    match call.send().await {
        Ok(answer) => Ok(answer.addon),
        Err(error) => match classify::aws("eks:DescribeAddon", &error) {
            // A missing cluster has the same code, but not the same message.
            problem if problem.kind == ProblemKind::NotFound && !problem.message.contains("No cluster found") => {
                Ok(None)
            }
            problem => Err(problem),
        },
    }
}

/// The parts that count.
pub fn from_sdk(addon: &types::Addon) -> Addon {
    Addon {
        name: owned(addon.addon_name()),
        version: owned(addon.addon_version()),
        status: owned(addon.status().map(types::AddonStatus::as_str)),
        issues: addon.health().map(|health| health.issues().iter().map(issue).collect()).unwrap_or_default(),
        tags: tags(addon.tags()),
        configuration: addon.configuration_values().map(str::to_owned),
    }
}

fn issue(issue: &types::AddonIssue) -> String {
    let code = issue.code().map_or("Unknown", types::AddonIssueCode::as_str);
    format!("{code}: {}", issue.message().unwrap_or_default())
}
