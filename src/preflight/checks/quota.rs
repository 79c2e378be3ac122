//! QUO-001: the vCPU quota.

use crate::config::Capacity;
use crate::domain::finding::Severity;
use crate::domain::quota::Family;
use crate::preflight::check::{Check, Inputs, Said, per_group};

/// vCPU.
pub const QUO_001: Check = Check {
    id: "QUO-001",
    severity: Severity::Error,
    title: "vCPU quota covers the desired nodes",
    details: "Running On-Demand P instances count by vCPU: a p5 of size 48xlarge takes 192. New accounts have 0. The desired \
              size must fit; a maximum that does not is a warning. Capacity Blocks do not count against it.",
    run: quo_001,
};

fn quo_001(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |group| {
        if let Capacity::CapacityBlock { .. } = group.capacity {
            return vec![Said::not_applicable("a Capacity Block does not count against the On-Demand quota")];
        }
        let Some(kind) = inputs.instance(group) else {
            return vec![Said::unknown(&group.name, format!("{} is not known", group.instance_type))];
        };
        let spot = matches!(group.capacity, Capacity::Spot);
        let Some(code) = Family::of(&kind.name).map(|family| if spot { family.spot } else { family.on_demand }) else {
            return vec![Said::unknown(&group.name, format!("no quota code is known for {}", kind.name))];
        };
        let capacity = &inputs.facts.capacity;
        let (Some(quotas), Some(running)) = (capacity.quotas.known(), capacity.running_vcpus.known()) else {
            let why = if capacity.quotas.known().is_none() {
                capacity.quotas.why_unknown()
            } else {
                capacity.running_vcpus.why_unknown()
            };
            return vec![Said::unknown(code, why)];
        };
        let Some(quota) = quotas.get(code) else {
            return vec![Said::unknown(code, format!("Service Quotas has no {code}"))];
        };
        let used = running.get(code).copied().unwrap_or(0);
        // Quotas are whole vCPU counts; the API carries them as floating point.
        let free = (*quota - f64::from(used)).max(0.0);
        let more = (0..=group.sizes.max).take_while(|nodes| f64::from(nodes * kind.vcpus) <= free).last().unwrap_or(0);
        let live = inputs.live_nodes(group);
        let fit = live.saturating_add(more);
        let need = group.sizes.desired.saturating_sub(live) * kind.vcpus;
        let evidence =
            format!("{code}: {quota} vCPU, {used} in use, {need} more needed for {} nodes", group.sizes.desired);
        let request = format!(
            "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code {code} --desired-value {}",
            used + group.sizes.max.saturating_sub(live) * kind.vcpus
        );
        if group.sizes.desired > fit {
            return vec![
                Said::fail(code, evidence)
                    .evidence(format!("the largest desired size that fits is {fit}"))
                    .command(request, "asks AWS for a larger quota")
                    .set("GPU_DESIRED_SIZE", fit.to_string(), "the largest size within the quota"),
            ];
        }
        let mut said = vec![Said::pass(code, evidence.clone())];
        if group.sizes.max > fit {
            said.push(
                Said::fail(code, evidence)
                    .weighing(Severity::Warning)
                    .evidence(format!("the maximum is {}; the largest that fits is {fit}", group.sizes.max))
                    .set("GPU_MAX_SIZE", fit.max(1).to_string(), "the largest maximum within the quota")
                    .command(request, "asks AWS for a larger quota"),
            );
        }
        said
    })
}
