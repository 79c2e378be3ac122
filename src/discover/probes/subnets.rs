//! The subnets of the cluster's VPC and what is free in them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use aws_sdk_ec2::types;

use crate::domain::facts::Subnet;
use crate::domain::ids::ResourceId;
use crate::domain::ipam::free_blocks;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Aws;

use super::owned;

/// Addresses in use, by subnet.
type Used = BTreeMap<String, Vec<Ipv4Addr>>;

/// `ec2:DescribeSubnets` of a VPC, by AZ id and subnet id, with the free /28 blocks if
/// `ec2:DescribeNetworkInterfaces` is allowed.
///
/// # Errors
/// The subnets cannot be listed.
pub async fn read(aws: &Aws, vpc: &ResourceId) -> Result<Vec<Subnet>, Problem> {
    let (subnets, used) = futures::join!(list(aws, vpc), used(aws, vpc));
    let used = used.ok();
    let mut found: Vec<Subnet> = subnets?.iter().map(|subnet| from_sdk(subnet, used.as_ref())).collect();
    found.sort_by(|a, b| (&a.az_id, &a.id).cmp(&(&b.az_id, &b.id)));
    Ok(found)
}

/// One subnet, without its free blocks; `None` when it is not there or cannot be read.
pub async fn one(aws: &Aws, id: &ResourceId) -> Option<Subnet> {
    let answer = aws.ec2.describe_subnets().subnet_ids(id.as_str()).send().await.ok()?;
    answer.subnets().first().map(|subnet| from_sdk(subnet, None))
}

async fn list(aws: &Aws, vpc: &ResourceId) -> Result<Vec<types::Subnet>, Problem> {
    let pages = aws.ec2.describe_subnets().filters(in_vpc(vpc)).into_paginator().items();
    pages.send().try_collect().await.map_err(|error| classify::aws("ec2:DescribeSubnets", &error))
}

async fn used(aws: &Aws, vpc: &ResourceId) -> Result<Used, Problem> {
    let pages = aws.ec2.describe_network_interfaces().filters(in_vpc(vpc)).into_paginator().items();
    let found = pages.send().try_collect().await;
    let found = found.map_err(|error| classify::aws("ec2:DescribeNetworkInterfaces", &error))?;
    let mut used = Used::new();
    for interface in &found {
        used.entry(owned(interface.subnet_id())).or_default().extend(addresses(interface));
    }
    Ok(used)
}

fn in_vpc(vpc: &ResourceId) -> types::Filter {
    types::Filter::builder().name("vpc-id").values(vpc.as_str()).build()
}

/// Its addresses, and the first address of each /28 prefix: a prefix is one whole block.
fn addresses(interface: &types::NetworkInterface) -> Vec<Ipv4Addr> {
    let single = interface.private_ip_addresses().iter().filter_map(|one| one.private_ip_address());
    let prefixes = interface.ipv4_prefixes().iter().filter_map(|one| one.ipv4_prefix()?.split('/').next());
    single.chain(prefixes).chain(interface.private_ip_address()).filter_map(|text| text.parse().ok()).collect()
}

fn from_sdk(subnet: &types::Subnet, used: Option<&Used>) -> Subnet {
    let id = owned(subnet.subnet_id());
    let cidr = owned(subnet.cidr_block());
    let taken = used.map(|used| used.get(&id).cloned().unwrap_or_default());
    let name = subnet.tags().iter().find(|tag| tag.key() == Some("Name"));
    Subnet {
        name: owned(name.and_then(types::Tag::value)),
        az_id: owned(subnet.availability_zone_id()),
        az_name: owned(subnet.availability_zone()),
        free: subnet.available_ip_address_count().and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
        free_blocks: taken.and_then(|taken| free_blocks(&cidr, taken)),
        public: subnet.map_public_ip_on_launch().unwrap_or(false),
        id: ResourceId::new(id),
        cidr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet() -> types::Subnet {
        let name = types::Tag::builder().key("Name").value("private-a").build();
        types::Subnet::builder()
            .subnet_id("subnet-1")
            .cidr_block("10.0.0.0/24")
            .availability_zone_id("use2-az1")
            .available_ip_address_count(200)
            .tags(name)
            .build()
    }

    #[test]
    fn without_the_interfaces_the_blocks_are_not_known() {
        let read = from_sdk(&subnet(), None);
        assert_eq!((read.free, read.free_blocks, read.name.as_str()), (200, None, "private-a"));
    }

    #[test]
    fn an_address_and_a_prefix_take_a_block_each() {
        let address = types::NetworkInterfacePrivateIpAddress::builder().private_ip_address("10.0.0.40").build();
        let prefix = types::Ipv4PrefixSpecification::builder().ipv4_prefix("10.0.0.64/28").build();
        let interface = types::NetworkInterface::builder().private_ip_addresses(address).ipv4_prefixes(prefix).build();
        let used = Used::from([("subnet-1".to_owned(), addresses(&interface))]);
        assert_eq!(from_sdk(&subnet(), Some(&Used::new())).free_blocks, Some(14));
        assert_eq!(from_sdk(&subnet(), Some(&used)).free_blocks, Some(12));
    }
}
