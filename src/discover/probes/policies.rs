//! Which AWS managed policies exist in this partition.

use std::collections::BTreeSet;

use crate::domain::ids::Arn;
use crate::domain::problem::{Problem, ProblemKind};
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::each;

/// Those of `wanted` that `iam:GetPolicy` finds.
///
/// # Errors
/// A call fails for another reason than a missing policy.
pub async fn read(aws: &Aws, wanted: &BTreeSet<Arn>) -> Result<BTreeSet<Arn>, Problem> {
    let found = each(wanted, async |arn: &Arn| match aws.iam.get_policy().policy_arn(arn.as_str()).send().await {
        Ok(_) => Ok(Some(arn.clone())),
        Err(error) => match classify::aws("iam:GetPolicy", &error) {
            problem if problem.kind == ProblemKind::NotFound => Ok(None),
            problem => Err(problem),
        },
    });
    Ok(found.await?.into_iter().flatten().collect())
}
