//! In which subnet a GPU node group stands. An Availability Zone is never picked silently.

use std::collections::BTreeSet;

use crate::config::GpuGroup;
use crate::domain::eni::interfaces;
use crate::domain::facts::{Facts, Subnet};
use crate::domain::ids::ResourceId;
use crate::domain::instance::InstanceType;
use crate::domain::ipam::{NodeBill, WarmPool, bill, nodes_that_fit};

/// Pods with an address of their own that a GPU node is counted with: system DaemonSets and a handful of jobs.
pub const PODS_PER_NODE: u32 = 20;

/// A candidate subnet and what speaks for and against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Subnet id.
    pub id: ResourceId,
    /// `Name` tag, or empty.
    pub name: String,
    /// AZ id, such as `use2-az1`.
    pub az_id: String,
    /// Whether its AZ offers the instance type; `None` when the offerings are not known.
    pub offered: Option<bool>,
    /// Free addresses.
    pub free: u32,
    /// Whole free /28 blocks, if they could be counted.
    pub free_blocks: Option<u32>,
    /// Nodes that fit now, besides those that stand.
    pub fits: u32,
    /// What speaks against it, a sentence each.
    pub problems: Vec<String>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubnetChoice {
    /// One subnet.
    Chosen {
        /// The subnet.
        subnet: ResourceId,
        /// Why this one, as a sentence.
        why: String,
        /// All candidates, best first. Empty when nothing is known of the subnets.
        ranking: Vec<Candidate>,
    },
    /// The candidates lie in several zones, and the operator must say which (NET-001).
    SeveralZones {
        /// All candidates, best first.
        candidates: Vec<Candidate>,
    },
    /// None can be named.
    None {
        /// Why, as a sentence.
        why: String,
    },
}

impl SubnetChoice {
    /// The subnet, if there is one.
    pub fn subnet(&self) -> Option<&ResourceId> {
        match self {
            Self::Chosen { subnet, .. } => Some(subnet),
            Self::SeveralZones { .. } | Self::None { .. } => None,
        }
    }

    /// The candidates, best first.
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Chosen { ranking, .. } => ranking,
            Self::SeveralZones { candidates } => candidates,
            Self::None { .. } => &[],
        }
    }
}

/// What one node of `group` takes from its subnet, by the settings of the running VPC CNI.
pub fn node_bill(group: &GpuGroup, facts: &Facts, kind: &InstanceType) -> NodeBill {
    let pool = facts.network.cni.known().map_or_else(WarmPool::default, |cni| WarmPool::from_env(&cni.env));
    bill(kind, &interfaces(kind, group.enis.layout), pool, PODS_PER_NODE)
}

/// The subnet of `group`: the one that `GPU_SUBNET` names, else the one in which the group stands, else the best
/// ranked of the candidates when they share a zone.
pub fn choose_subnet(group: &GpuGroup, facts: &Facts, kind: &InstanceType) -> SubnetChoice {
    let ranking = ranked(group, facts, kind);
    let chosen =
        |subnet: &ResourceId, why: String, ranking| SubnetChoice::Chosen { subnet: subnet.clone(), why, ranking };
    if let Some(named) = &group.subnets.chosen {
        let known = ranking.iter().any(|candidate| &candidate.id == named);
        if !known && facts.network.subnets.known().is_some() {
            return SubnetChoice::None { why: format!("GPU_SUBNET names {named}, which is not in the cluster's VPC.") };
        }
        return chosen(named, format!("GPU_SUBNET names {named}."), ranking);
    }
    if let Some(live) = live_subnet(group, facts) {
        return chosen(live, format!("Node group {} stands in {live}, and EKS cannot move it.", group.name), ranking);
    }
    if facts.network.subnets.known().is_none() {
        return unread(group, facts);
    }
    let Some(best) = ranking.first() else {
        let named: Vec<&str> = group.subnets.candidates.iter().map(|subnet| subnet.id.as_str()).collect();
        let why = format!("None of the candidates ({}) is in the cluster's VPC.", named.join(", "));
        return SubnetChoice::None { why };
    };
    let zones: BTreeSet<&str> = ranking.iter().map(|candidate| candidate.az_id.as_str()).collect();
    if zones.len() > 1 {
        return SubnetChoice::SeveralZones { candidates: ranking };
    }
    let why = if ranking.len() == 1 {
        format!("{} is the only candidate.", best.id)
    } else {
        format!("All candidates lie in {}; {} has room for {} nodes, the most.", best.az_id, best.id, best.fits)
    };
    chosen(&best.id.clone(), why, ranking)
}

/// Without facts about subnets only a single candidate can be taken.
fn unread(group: &GpuGroup, facts: &Facts) -> SubnetChoice {
    match group.subnets.candidates.as_slice() {
        [only] => SubnetChoice::Chosen {
            subnet: only.id.clone(),
            why: format!("{} is the only candidate.", only.id),
            ranking: Vec::new(),
        },
        _ => SubnetChoice::None {
            why: format!("The zones of the candidates are not known: {}.", facts.network.subnets.why_unknown()),
        },
    }
}

fn live_subnet<'a>(group: &GpuGroup, facts: &'a Facts) -> Option<&'a ResourceId> {
    let live = facts.eks.nodegroups.known()?.iter().find(|live| live.name == group.name)?;
    live.subnets.first()
}

/// The candidates that exist, and the subnet in which the group stands, best first: offered, then most nodes that fit,
/// then the order of the file.
fn ranked(group: &GpuGroup, facts: &Facts, kind: &InstanceType) -> Vec<Candidate> {
    let known = facts.network.subnets.known().map_or(&[][..], Vec::as_slice);
    let mut ids: Vec<&ResourceId> = Vec::new();
    let named = group.subnets.candidates.iter().map(|subnet| &subnet.id).chain(&group.subnets.chosen);
    for id in named.chain(live_subnet(group, facts)) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let exists = ids.into_iter().filter_map(|id| known.iter().find(|subnet| &subnet.id == id));
    let mut found: Vec<Candidate> = exists.map(|subnet| candidate(subnet, group, facts, kind)).collect();
    // The sort is stable, so equal candidates keep the order of the file.
    found.sort_by_key(|candidate| (candidate.offered == Some(false), std::cmp::Reverse(candidate.fits)));
    found
}

fn candidate(subnet: &Subnet, group: &GpuGroup, facts: &Facts, kind: &InstanceType) -> Candidate {
    let offers = facts.capacity.offerings.known().and_then(|by_type| by_type.get(&kind.name));
    let offered = offers.map(|zones| zones.contains(&subnet.az_id));
    let bill = node_bill(group, facts, kind);
    let fits = nodes_that_fit(bill, subnet.free, subnet.free_blocks);
    let mut problems = Vec::new();
    if offered == Some(false) {
        problems.push(format!("{} does not offer {}.", subnet.az_id, kind.name));
    }
    if fits < group.sizes.desired && live_subnet(group, facts) != Some(&subnet.id) {
        problems.push(format!(
            "{} free addresses hold {fits} nodes of {} addresses each; {} are desired.",
            subnet.free, bill.addresses, group.sizes.desired
        ));
    }
    if subnet.public {
        problems.push("It maps public addresses, which instances with several interfaces cannot have.".to_owned());
    }
    Candidate {
        id: subnet.id.clone(),
        name: subnet.name.clone(),
        az_id: subnet.az_id.clone(),
        offered,
        free: subnet.free,
        free_blocks: subnet.free_blocks,
        fits,
        problems,
    }
}
