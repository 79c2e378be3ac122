//! Which Availability Zones offer an instance type.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types;

use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::owned;

/// AZ ids by instance type; a type that the Region does not offer has an empty set. An offering is no promise of
/// capacity.
///
/// # Errors
/// `ec2:DescribeInstanceTypeOfferings` fails.
pub async fn read(aws: &Aws, names: &BTreeSet<String>) -> Result<BTreeMap<String, BTreeSet<String>>, Problem> {
    let mut table: BTreeMap<String, BTreeSet<String>> =
        names.iter().map(|name| (name.clone(), BTreeSet::new())).collect();
    if names.is_empty() {
        return Ok(table);
    }
    let filter = types::Filter::builder().name("instance-type").set_values(Some(names.iter().cloned().collect()));
    let call = aws.ec2.describe_instance_type_offerings().location_type(types::LocationType::AvailabilityZoneId);
    let found = call.filters(filter.build()).into_paginator().items().send().try_collect().await;
    for offering in found.map_err(|error| classify::aws("ec2:DescribeInstanceTypeOfferings", &error))? {
        if let (Some(name), Some(zone)) = (offering.instance_type(), offering.location()) {
            table.entry(owned(Some(name.as_str()))).or_default().insert(zone.to_owned());
        }
    }
    Ok(table)
}
