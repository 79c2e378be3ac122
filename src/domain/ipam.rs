//! Address arithmetic: what a node takes from its subnet and how many nodes fit.
//!
//! The formulas follow the VPC CNI (`pkg/ipamd`): it manages the interfaces of network card 0 and keeps a warm reserve;
//! interfaces on other cards hold the one address they were launched with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::eni::Interface;
use super::instance::InstanceType;

/// How the VPC CNI reserves addresses: the environment of `aws-node`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmPool {
    /// `ENABLE_PREFIX_DELEGATION`.
    pub prefixes: bool,
    /// `WARM_ENI_TARGET`, 1 unless set.
    pub warm_enis: u32,
    /// `WARM_IP_TARGET`; when set it overrides the ENI target.
    pub warm_ips: Option<u32>,
    /// `MINIMUM_IP_TARGET`.
    pub minimum_ips: Option<u32>,
    /// `WARM_PREFIX_TARGET`, 1 unless set.
    pub warm_prefixes: u32,
}

impl Default for WarmPool {
    fn default() -> Self {
        Self { prefixes: false, warm_enis: 1, warm_ips: None, minimum_ips: None, warm_prefixes: 1 }
    }
}

impl WarmPool {
    /// Reads the environment of the `aws-node` container; what is not set has the CNI's default.
    pub fn from_env(env: &BTreeMap<String, String>) -> Self {
        let number = |name: &str| env.get(name).and_then(|text| text.trim().parse::<u32>().ok());
        Self {
            prefixes: env.get("ENABLE_PREFIX_DELEGATION").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            warm_enis: number("WARM_ENI_TARGET").unwrap_or(1),
            warm_ips: number("WARM_IP_TARGET"),
            minimum_ips: number("MINIMUM_IP_TARGET"),
            warm_prefixes: number("WARM_PREFIX_TARGET").unwrap_or(1),
        }
    }
}

/// What one node takes from its subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeBill {
    /// IPv4 addresses, those of prefixes included.
    pub addresses: u32,
    /// Free aligned /28 blocks it needs besides; 0 without prefix delegation.
    pub blocks: u32,
}

/// What a node of `instance` with `interfaces` takes when `pods` pods need an address of their own.
///
/// The facts file derives the formulas (aws-facts §5.3); hostNetwork pods do not count.
pub fn bill(instance: &InstanceType, interfaces: &[Interface], pool: WarmPool, pods: u32) -> NodeBill {
    let per_interface = instance.ipv4_per_interface.max(2);
    let secondary = per_interface - 1;
    let slots = instance.cards.iter().find(|card| card.index == 0).map_or(1, |card| u32::from(card.max_interfaces));
    let on_card0 = |wanted: bool| count(interfaces, |one| one.card == 0 && one.kind.has_address() == wanted);
    let managed = slots.saturating_sub(on_card0(false)).max(1);
    let elsewhere = count(interfaces, |one| one.card != 0 && one.kind.has_address());
    let wanted_ips = pool.minimum_ips.unwrap_or(0).max(pods + pool.warm_ips.unwrap_or(0));
    let by_ips = pool.warm_ips.is_some() || pool.minimum_ips.is_some();
    if pool.prefixes {
        let blocks = if by_ips { wanted_ips.div_ceil(16) } else { pods.div_ceil(16) + pool.warm_prefixes };
        let blocks = blocks.min(managed * secondary);
        let enis = blocks.div_ceil(secondary).max(1);
        return NodeBill { addresses: 16 * blocks + enis + elsewhere, blocks };
    }
    let addresses = if by_ips {
        let ips = wanted_ips.min(managed * secondary);
        ips + ips.div_ceil(secondary).max(1)
    } else {
        managed.min((pods.div_ceil(secondary) + pool.warm_enis).max(1)) * per_interface
    };
    NodeBill { addresses: addresses + elsewhere, blocks: 0 }
}

/// How many nodes with this bill fit into a subnet with `free` addresses and `free_blocks` whole /28 blocks
/// (`None`: not known, so only addresses count).
pub fn nodes_that_fit(bill: NodeBill, free: u32, free_blocks: Option<u32>) -> u32 {
    let by_addresses = free.checked_div(bill.addresses).unwrap_or(u32::MAX);
    match (bill.blocks, free_blocks) {
        (0, _) | (_, None) => by_addresses,
        (blocks, Some(have)) => by_addresses.min(have / blocks),
    }
}

fn count(interfaces: &[Interface], which: impl Fn(&Interface) -> bool) -> u32 {
    u32::try_from(interfaces.iter().filter(|one| which(one)).count()).unwrap_or(u32::MAX)
}

/// The aligned /28 blocks of an IPv4 CIDR, as first addresses, that hold none of `used` and none of AWS's five reserved
/// addresses (the first four and the last of a subnet).
///
/// `None` when `cidr` is no IPv4 CIDR between /16 and /28, the sizes a subnet can have.
pub fn free_blocks(cidr: &str, used: impl IntoIterator<Item = std::net::Ipv4Addr>) -> Option<u32> {
    let (base, length) = cidr.split_once('/')?;
    let base = u32::from(base.parse::<std::net::Ipv4Addr>().ok()?);
    let length: u32 = length.parse().ok().filter(|length| (16..=28).contains(length))?;
    let size = 1_u32 << (32 - length);
    let blocks = size / 16;
    let mut taken = vec![false; usize::try_from(blocks).ok()?];
    let reserved = [0, 1, 2, 3, size - 1].map(|offset| base + offset);
    for address in used.into_iter().map(u32::from).chain(reserved) {
        let offset = address.wrapping_sub(base);
        if offset < size
            && let Some(slot) = usize::try_from(offset / 16).ok().and_then(|block| taken.get_mut(block))
        {
            *slot = true;
        }
    }
    u32::try_from(taken.iter().filter(|block| !**block).count()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eni::{EniLayout, interfaces};
    use crate::domain::instance::{NetworkCard, Source};

    fn instance(cards: u16, per_card: u16) -> InstanceType {
        InstanceType {
            name: "test.48xlarge".to_owned(),
            vcpus: 192,
            memory_mib: 2_097_152,
            cards: (0..cards).map(|index| NetworkCard { index, max_interfaces: per_card, efa: true }).collect(),
            max_efa: cards,
            ipv4_per_interface: 50,
            gpus: None,
            instance_store_gb: 0,
            arch: "amd64".to_owned(),
            source: Source::Table,
        }
    }

    #[test]
    fn worked_examples_of_the_facts_file_hold() {
        let (p5, p5en) = (instance(32, 2), instance(16, 4));
        let default = WarmPool::default();
        let of = |kind: &InstanceType, layout, pods| bill(kind, &interfaces(kind, layout), default, pods).addresses;
        assert_eq!(of(&p5, EniLayout::PrimaryEfa, 20), 100);
        assert_eq!(of(&p5en, EniLayout::PrimaryEfa, 20), 100);
        assert_eq!(of(&p5en, EniLayout::PrimaryEfa, 50), 150);
        assert_eq!(of(&p5, EniLayout::DedicatedPrimary, 20), 50);
        assert_eq!(of(&p5, EniLayout::AllEfa, 20), 131);
        assert_eq!(of(&p5en, EniLayout::AllEfa, 20), 115);
    }

    #[test]
    fn prefix_delegation_counts_blocks() {
        let p5 = instance(32, 2);
        let pool = WarmPool { prefixes: true, ..WarmPool::default() };
        let made = bill(&p5, &interfaces(&p5, EniLayout::DedicatedPrimary), pool, 20);
        assert_eq!(made, NodeBill { addresses: 49, blocks: 3 });
        assert_eq!(nodes_that_fit(made, 498, Some(29)), 9);
        assert_eq!(nodes_that_fit(made, 498, None), 10);
    }

    #[test]
    fn a_warm_ip_target_replaces_the_warm_eni() {
        let p5 = instance(32, 2);
        let pool = WarmPool { warm_ips: Some(5), minimum_ips: Some(20), ..WarmPool::default() };
        assert_eq!(bill(&p5, &interfaces(&p5, EniLayout::DedicatedPrimary), pool, 20).addresses, 26);
    }

    #[test]
    fn an_empty_subnet_loses_its_first_and_last_block() {
        assert_eq!(free_blocks("10.0.0.0/24", []), Some(14));
        assert_eq!(free_blocks("10.0.0.0/24", ["10.0.0.40".parse().unwrap()]), Some(13));
        assert_eq!(free_blocks("not a cidr", []), None);
    }
}
