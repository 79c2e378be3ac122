//! How much of a quota is in use.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types;

use crate::domain::instance::InstanceType;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::quotas::{families, prefix};

/// vCPU of the pending and running on-demand instances of the families of `wanted`, by quota code.
///
/// Spot instances and those of Capacity Blocks do not count against these quotas. An instance that does not tell its
/// CPU options counts by its type in `known`.
///
/// # Errors
/// `ec2:DescribeInstances` fails.
pub async fn read(
    aws: &Aws,
    wanted: &BTreeSet<String>,
    known: Option<&BTreeMap<String, InstanceType>>,
) -> Result<BTreeMap<String, u32>, Problem> {
    let families = families(wanted);
    if families.is_empty() {
        return Ok(BTreeMap::new());
    }
    let patterns = families.iter().flat_map(|family| family.prefixes).map(|prefix| format!("{prefix}*")).collect();
    let of_type = types::Filter::builder().name("instance-type").set_values(Some(patterns)).build();
    let live = types::Filter::builder().name("instance-state-name").values("pending").values("running").build();
    let pages = aws.ec2.describe_instances().filters(of_type).filters(live).into_paginator().send();
    let pages = pages.try_collect().await.map_err(|error| classify::aws("ec2:DescribeInstances", &error))?;
    let instances = pages.iter().flat_map(|page| page.reservations()).flat_map(|one| one.instances());
    let mut table: BTreeMap<String, u32> = families.iter().map(|family| (family.on_demand.to_owned(), 0)).collect();
    for instance in instances.filter(|instance| instance.instance_lifecycle().is_none()) {
        let name = instance.instance_type().map_or("", types::InstanceType::as_str);
        if let Some(family) = families.iter().find(|family| family.prefixes.contains(&prefix(name))) {
            *table.entry(family.on_demand.to_owned()).or_default() += vcpus(instance, name, known);
        }
    }
    Ok(table)
}

fn vcpus(instance: &types::Instance, name: &str, known: Option<&BTreeMap<String, InstanceType>>) -> u32 {
    let options = instance.cpu_options().and_then(|cpu| Some(cpu.core_count()? * cpu.threads_per_core()?));
    options.and_then(|count| u32::try_from(count).ok()).or_else(|| known?.get(name).map(|one| one.vcpus)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_options_win_over_the_type() {
        let cpu = types::CpuOptions::builder().core_count(48).threads_per_core(2).build();
        let instance = types::Instance::builder().cpu_options(cpu).build();
        assert_eq!(vcpus(&instance, "p5.48xlarge", None), 96);
        assert_eq!(vcpus(&types::Instance::builder().build(), "p5.48xlarge", None), 0);
    }
}
