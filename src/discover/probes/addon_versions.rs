//! Versions of add-ons that fit the cluster.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_eks::types;

use crate::domain::facts::AddonVersion;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::{each, owned};

/// `eks:DescribeAddonVersions` for a Kubernetes minor, in the order of the answer (newest first), by add-on.
///
/// An add-on that EKS does not know for this minor is not in the map.
///
/// # Errors
/// A call fails.
pub async fn read(
    aws: &Aws,
    minor: &str,
    addons: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<AddonVersion>>, Problem> {
    if addons.is_empty() {
        return Ok(table(&ask(aws, minor, None).await?, minor));
    }
    let found = each(addons, async |name: &String| ask(aws, minor, Some(name)).await).await?;
    Ok(table(&found.concat(), minor))
}

async fn ask(aws: &Aws, minor: &str, addon: Option<&str>) -> Result<Vec<types::AddonInfo>, Problem> {
    let call = aws.eks.describe_addon_versions().kubernetes_version(minor);
    let call = call.set_addon_name(addon.map(str::to_owned)).into_paginator().items();
    match call.send().try_collect().await {
        Ok(found) => Ok(found),
        Err(error) => match classify::aws("eks:DescribeAddonVersions", &error) {
            problem if problem.kind == ProblemKind::NotFound => Ok(Vec::new()),
            problem => Err(problem),
        },
    }
}

fn table(found: &[types::AddonInfo], minor: &str) -> BTreeMap<String, Vec<AddonVersion>> {
    let mut table: BTreeMap<String, Vec<AddonVersion>> = BTreeMap::new();
    for addon in found {
        let rows = addon.addon_versions().iter().map(|one| AddonVersion {
            version: owned(one.addon_version()),
            default: one
                .compatibilities()
                .iter()
                .any(|fit| fit.default_version() && fit.cluster_version().is_none_or(|version| version == minor)),
        });
        table.entry(owned(addon.addon_name())).or_default().extend(rows);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_of_another_minor_is_no_default_here() {
        let fit = |minor: &str| types::Compatibility::builder().cluster_version(minor).default_version(true).build();
        let version = |name: &str, minor: &str| {
            types::AddonVersionInfo::builder().addon_version(name).compatibilities(fit(minor)).build()
        };
        let addon = types::AddonInfo::builder()
            .addon_name("vpc-cni")
            .addon_versions(version("v2", "1.36"))
            .addon_versions(version("v1", "1.35"))
            .build();
        let table = table(&[addon], "1.35");
        let defaults: Vec<bool> = table["vpc-cni"].iter().map(|one| one.default).collect();
        assert_eq!(defaults, [false, true]);
    }
}
