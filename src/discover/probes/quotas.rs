//! EC2 quotas, counted in vCPU.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::quota::families;
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::each;

/// The quotas of the families of `types`, by code: what is set for the account, else AWS's default.
///
/// # Errors
/// A call fails.
pub async fn read(aws: &Aws, types: &BTreeSet<String>) -> Result<BTreeMap<String, f64>, Problem> {
    let codes = families(types).into_iter().flat_map(|family| [family.on_demand, family.spot]);
    let found =
        each(codes, async |code: &'static str| Ok(value(aws, code).await?.map(|value| (code.to_owned(), value))));
    Ok(found.await?.into_iter().flatten().collect())
}

async fn value(aws: &Aws, code: &str) -> Result<Option<f64>, Problem> {
    let applied = aws.quotas.get_service_quota().service_code("ec2").quota_code(code).send().await;
    match applied {
        Ok(answer) => Ok(answer.quota().and_then(|quota| quota.value())),
        Err(error) => match classify::aws("servicequotas:GetServiceQuota", &error) {
            problem if problem.kind == ProblemKind::NotFound => default(aws, code).await,
            problem => Err(problem),
        },
    }
}

async fn default(aws: &Aws, code: &str) -> Result<Option<f64>, Problem> {
    let default = aws.quotas.get_aws_default_service_quota().service_code("ec2").quota_code(code).send().await;
    match default {
        Ok(answer) => Ok(answer.quota().and_then(|quota| quota.value())),
        Err(error) => match classify::aws("servicequotas:GetAWSDefaultServiceQuota", &error) {
            problem if problem.kind == ProblemKind::NotFound => Ok(None),
            problem => Err(problem),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(names: &[&str]) -> Vec<&'static str> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        families(&names).iter().map(|family| family.on_demand).collect()
    }

    #[test]
    fn every_p_type_shares_one_quota() {
        assert_eq!(codes(&["p5.48xlarge", "p5en.48xlarge", "p6-b200.48xlarge"]), ["L-417A185B"]);
    }

    #[test]
    fn families_are_told_by_all_letters_and_not_by_the_first() {
        assert_eq!(codes(&["gr6.4xlarge", "trn2.48xlarge"]), ["L-DB2E81BA", "L-2C3B7624"]);
        assert!(codes(&["t3.large", "m7i.large"]).is_empty());
    }
}
