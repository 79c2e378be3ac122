//! IPv4 arithmetic of subnets: what is used, what is free, what to hand out next.

use std::collections::BTreeSet;
use std::fmt;
use std::net::Ipv4Addr;

use crate::sim::services::ec2::state::{State, Subnet};

/// An IPv4 block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    first: u32,
    prefix: u8,
}

impl Range {
    /// Reads `10.40.18.0/23`. A prefix longer than 28 or shorter than 16 is no subnet of a VPC.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (address, prefix): (Ipv4Addr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
        (16..=28).contains(&prefix).then(|| Self { first: address.to_bits(), prefix })
    }

    /// Number of addresses, reserved ones included.
    pub fn size(self) -> u32 {
        1 << (32 - self.prefix)
    }

    /// Addresses that can be given to interfaces: all but the first four and the last.
    pub fn usable(self) -> impl Iterator<Item = Ipv4Addr> {
        (self.first + 4..self.first + self.size() - 1).map(Ipv4Addr::from_bits)
    }

    /// Whether the block holds `address`.
    pub fn holds(self, address: Ipv4Addr) -> bool {
        (self.first..self.first + self.size()).contains(&address.to_bits())
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.first), self.prefix)
    }
}

/// Every address of `subnet` that some interface holds.
pub fn used(state: &State, subnet: &str) -> BTreeSet<Ipv4Addr> {
    state.interfaces.values().filter(|i| i.subnet == subnet).flat_map(|i| i.addresses.iter().copied()).collect()
}

/// `AvailableIpAddressCount`: what is left after the five reserved addresses and those of interfaces.
pub fn free_addresses(state: &State, subnet: &Subnet) -> usize {
    let taken = used(state, &subnet.id);
    subnet.range.usable().filter(|address| !taken.contains(address)).count()
}

/// Up to `count` free addresses in a spread order: EC2 hands out addresses from all over the subnet, which is why
/// free addresses and free /28 blocks are two different numbers.
pub fn take(state: &State, subnet: &Subnet, count: usize, seed: u64) -> Vec<Ipv4Addr> {
    let taken = used(state, &subnet.id);
    let mut free: Vec<Ipv4Addr> = subnet.range.usable().filter(|address| !taken.contains(address)).collect();
    if free.is_empty() {
        return free;
    }
    let turn = usize::try_from(seed.wrapping_mul(31) % 97).unwrap_or(0) % free.len();
    free.rotate_left(turn);
    free.truncate(count);
    free
}
