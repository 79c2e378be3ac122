//! QUO-001: the vCPU quota.

use std::collections::BTreeMap;

use super::room::Room;
use crate::components::component::expected_nodes;
use crate::config::{Capacity, GpuGroup};
use crate::domain::finding::Severity;
use crate::domain::instance::InstanceType;
use crate::domain::quota::Family;
use crate::preflight::check::{Check, Inputs, Said, per_kind};

/// vCPU.
pub const QUO_001: Check = Check {
    id: "QUO-001",
    severity: Severity::Error,
    title: "vCPU quota covers max size",
    details: "Running On-Demand P instances count by vCPU: a p5 of size 48xlarge takes 192. New accounts have 0. The desired \
              size must fit; a maximum that does not is a warning. Capacity Blocks do not count against it.",
    run: quo_001,
};

/// Nodes counted at most: far above what a quota or a node group (450, EKS service quotas) holds.
const COUNTED: u32 = 10_000;

fn quo_001(inputs: &Inputs<'_>) -> Vec<Said> {
    per_kind(inputs, |group, kind| {
        if let Capacity::CapacityBlock { .. } = group.capacity {
            return vec![Said::not_applicable("a Capacity Block does not count against the On-Demand quota")];
        }
        let spot = group.capacity == Capacity::Spot;
        let Some(code) = Family::of(&kind.name).map(|family| if spot { family.spot } else { family.on_demand }) else {
            return vec![Said::unknown(&group.name, format!("no quota code is known for {}", kind.name))];
        };
        let capacity = &inputs.facts.capacity;
        let Some(quotas) = capacity.quotas.known() else { return vec![Said::unread(code, &capacity.quotas)] };
        let Some(running) = capacity.running_vcpus.known() else {
            return vec![Said::unread(code, &capacity.running_vcpus)];
        };
        match quotas.get(code) {
            Some(quota) => against(inputs, group, kind, code, (*quota, running)),
            None => vec![Said::unknown(code, format!("Service Quotas has no {code}"))],
        }
    })
}

fn against(
    inputs: &Inputs<'_>,
    group: &GpuGroup,
    kind: &InstanceType,
    code: &str,
    (quota, running): (f64, &BTreeMap<String, u32>),
) -> Vec<Said> {
    let live = inputs.live_nodes(group);
    // Spot instances are not counted by discovery; those of this group are known all the same.
    let counted = running.get(code).copied();
    let used = counted.unwrap_or_else(|| live.saturating_mul(kind.vcpus));
    // Quotas are whole vCPU counts; the API carries them as floating point.
    let holds = |nodes: u32| f64::from(used) + f64::from(nodes) * f64::from(kind.vcpus) <= quota;
    let more = (1..=COUNTED).take_while(|nodes| holds(*nodes)).last().unwrap_or(0);
    let fit = live.saturating_add(more);
    let by_whom = if counted.is_some() { "in use" } else { "in use by this group, others not counted" };
    let room = Room {
        subject: code,
        within: "within the quota",
        group,
        wanted: expected_nodes(group, inputs.facts),
        fit,
        sum: format!(
            "{code}: {quota} vCPU, {used} {by_whom}, {} a node: {fit} nodes fit, {live} run already",
            kind.vcpus
        ),
    };
    let value = used.saturating_add(group.sizes.max.saturating_sub(live).saturating_mul(kind.vcpus));
    room.judge(|said| {
        said.command(
            format!(
                "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code {code} \
                 --desired-value {value}"
            ),
            format!("asks AWS for a quota that holds {} nodes", group.sizes.max),
        )
    })
}
