//! The clusters of the Region.

use crate::domain::facts::ClusterSummary;
use crate::domain::ids::ClusterName;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::{cluster, each};

/// Status of a cluster that the caller may list but not describe.
pub const NOT_READABLE: &str = "NOT_READABLE";

/// `eks:ListClusters` and `eks:DescribeCluster` of each, by name.
///
/// # Errors
/// The list fails, or a description fails for another reason than a denial.
pub async fn read(aws: &Aws) -> Result<Vec<ClusterSummary>, Problem> {
    let mut names = aws
        .eks
        .list_clusters()
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(|error| classify::aws("eks:ListClusters", &error))?;
    names.sort();
    each(names, async |name: String| summary(aws, &ClusterName::new(name)).await).await
}

async fn summary(aws: &Aws, name: &ClusterName) -> Result<ClusterSummary, Problem> {
    match cluster::read(aws, name).await {
        Ok(found) => Ok(found.summary),
        Err(problem) if matches!(problem.kind, ProblemKind::Denied | ProblemKind::NotFound) => Ok(ClusterSummary {
            name: name.clone(),
            version: String::new(),
            status: NOT_READABLE.to_owned(),
            auto_mode: false,
        }),
        Err(problem) => Err(problem),
    }
}
