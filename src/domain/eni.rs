//! ENI layouts: which interface sits on which network card at which device index.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::instance::InstanceType;

/// How the interfaces of a GPU node are laid out (product.md §5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EniLayout {
    /// (0,0) `efa` with the node's address, (c,1) `efa-only` on every other card with EFA.
    #[default]
    PrimaryEfa,
    /// (0,0) `interface`, (0,1) `efa-only`, (c,0) `efa-only`: AWS's newer layout.
    DedicatedPrimary,
    /// (0,0) and (c,1) all `efa`, an address each: what eksctl makes.
    AllEfa,
}

impl EniLayout {
    /// As `GPU_ENI_LAYOUT` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryEfa => "primary-efa",
            Self::DedicatedPrimary => "dedicated-primary",
            Self::AllEfa => "all-efa",
        }
    }
}

impl fmt::Display for EniLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// EC2 interface type in a launch template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InterfaceKind {
    /// ENA only; holds addresses.
    Interface,
    /// ENA and EFA; holds addresses.
    Efa,
    /// EFA only: no address, never primary.
    EfaOnly,
}

impl InterfaceKind {
    /// As EC2 spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Efa => "efa",
            Self::EfaOnly => "efa-only",
        }
    }

    /// Whether it carries EFA traffic.
    pub fn has_efa(self) -> bool {
        self != Self::Interface
    }

    /// Whether it takes an IPv4 address of the subnet.
    pub fn has_address(self) -> bool {
        self != Self::EfaOnly
    }
}

/// One interface of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Network card index.
    pub card: u16,
    /// Device index on that card.
    pub device: u16,
    /// Interface type.
    pub kind: InterfaceKind,
}

/// The interfaces of `instance` under `layout`, in order of card and device.
///
/// Cards without EFA (card 0 of p6-b300) get `interface` when they are card 0 and nothing otherwise.
pub fn interfaces(instance: &InstanceType, layout: EniLayout) -> Vec<Interface> {
    let mut made = Vec::with_capacity(instance.cards.len() + 1);
    for card in &instance.cards {
        let at = |device, kind| Interface { card: card.index, device, kind };
        match (card.index, layout, card.efa) {
            (0, _, false) => made.push(at(0, InterfaceKind::Interface)),
            (0, EniLayout::DedicatedPrimary, true) => {
                made.push(at(0, InterfaceKind::Interface));
                made.push(at(1, InterfaceKind::EfaOnly));
            }
            (0, EniLayout::PrimaryEfa | EniLayout::AllEfa, true) => made.push(at(0, InterfaceKind::Efa)),
            (_, _, false) => {}
            (_, EniLayout::PrimaryEfa, true) => made.push(at(1, InterfaceKind::EfaOnly)),
            (_, EniLayout::DedicatedPrimary, true) => made.push(at(0, InterfaceKind::EfaOnly)),
            (_, EniLayout::AllEfa, true) => made.push(at(1, InterfaceKind::Efa)),
        }
    }
    made
}

/// How many of `interfaces` carry EFA.
pub fn efa_count(interfaces: &[Interface]) -> u32 {
    u32::try_from(interfaces.iter().filter(|interface| interface.kind.has_efa()).count()).unwrap_or(u32::MAX)
}

/// What EC2 or EKS would refuse about `interfaces` on `instance`; empty when all is legal.
///
/// EKS demands a device index below the card's limit; EC2 a unique (card, device), exactly one (0,0), and at most one
/// EFA interface a card (EC2 user guide, "EFA limitations"; eksctl issue 7520 for the message).
pub fn illegal(instance: &InstanceType, interfaces: &[Interface]) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, interface) in interfaces.iter().enumerate() {
        let (card, device) = (interface.card, interface.device);
        match instance.cards.iter().find(|known| known.index == card) {
            None => faults.push(format!("{} has no network card {card}", instance.name)),
            Some(known) if device >= known.max_interfaces => faults.push(format!(
                "device index {device} on network card {card} exceeds 0 to {}",
                known.max_interfaces.saturating_sub(1)
            )),
            Some(known) if interface.kind.has_efa() && !known.efa => {
                faults.push(format!("network card {card} of {} carries no EFA", instance.name));
            }
            Some(_) => {}
        }
        let earlier = &interfaces[..at];
        if earlier.iter().any(|other| (other.card, other.device) == (card, device)) {
            faults.push(format!("network card {card} has device index {device} twice"));
        }
        if interface.kind.has_efa() && earlier.iter().any(|other| other.card == card && other.kind.has_efa()) {
            faults.push(format!("network card {card} has more than one EFA interface"));
        }
    }
    match interfaces.iter().find(|interface| (interface.card, interface.device) == (0, 0)) {
        None => faults.push("there is no primary interface (card 0, device 0)".to_owned()),
        Some(primary) if primary.kind == InterfaceKind::EfaOnly => {
            faults.push("the primary interface may not be efa-only".to_owned());
        }
        Some(_) => {}
    }
    faults
}
