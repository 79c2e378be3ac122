//! NET-001 and NET-002: one Availability Zone, and one that offers the type.

use crate::domain::finding::Severity;
use crate::plan::placement::{Candidate, SubnetChoice};
use crate::preflight::check::{Check, Inputs, Said, per_group};

/// One zone.
pub const NET_001: Check = Check {
    id: "NET-001",
    severity: Severity::Error,
    title: "EFA node group lives in exactly one Availability Zone",
    details: "EFA traffic does not cross Availability Zones, and all interfaces of an instance sit in its zone. With \
              candidates in several zones the operator chooses; this program never picks a zone silently.",
    run: net_001,
};

fn net_001(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |group| {
        let said = match inputs.placement(group) {
            None => Said::unknown(&group.name, format!("{} is not known", group.instance_type)),
            Some(SubnetChoice::Chosen { subnet, why, .. }) => Said::pass(subnet.as_str(), why),
            Some(SubnetChoice::SeveralZones { candidates }) => several(&group.name, &candidates),
            Some(SubnetChoice::None { why }) => match inputs.facts.network.subnets.known() {
                Some(_) => Said::fail(&group.name, why)
                    .ask("set GPU_SUBNET_A, _B or _C, or GPU_SUBNET, to a private subnet of the cluster's VPC"),
                None => Said::unknown(&group.name, inputs.facts.network.subnets.why_unknown()),
            },
        };
        vec![said]
    })
}

fn several(group: &str, candidates: &[Candidate]) -> Said {
    let zones: std::collections::BTreeSet<&str> = candidates.iter().map(|one| one.az_id.as_str()).collect();
    let mut said = Said::fail(
        group,
        format!(
            "the {} candidate subnets lie in {} Availability Zones; one must be chosen",
            candidates.len(),
            zones.len()
        ),
    );
    for one in candidates {
        let offered = match one.offered {
            Some(true) => "offers the type",
            Some(false) => "does not offer the type",
            None => "offering not known",
        };
        said = said.evidence(format!(
            "{} {}: {offered}, {} addresses free, {} nodes fit: GPU_SUBNET={}",
            one.az_id, one.id, one.free, one.fits, one.id
        ));
    }
    // Only what can work is offered as a fix, best first, as the ranking has it.
    for one in candidates.iter().filter(|one| one.offered != Some(false)) {
        said = said.set("GPU_SUBNET", one.id.as_str(), format!("{}, {} nodes fit", one.az_id, one.fits));
    }
    said
}

/// The zone offers the type.
pub const NET_002: Check = Check {
    id: "NET-002",
    severity: Severity::Error,
    title: "The AZ really offers the instance type",
    details: "P5 families exist in few zones of a Region. Zones are compared by id (use2-az1): names differ between \
              accounts.",
    run: net_002,
};

fn net_002(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |group| {
        let kind = &group.instance_type;
        let offerings = &inputs.facts.capacity.offerings;
        let said = match inputs.chosen(group) {
            None => Said::unknown(&group.name, "no subnet is chosen yet (NET-001)"),
            Some(subnet) => match (subnet.offered, offerings.known()) {
                (Some(true), _) => Said::pass(subnet.az_id.as_str(), format!("{} offers {kind}", subnet.az_id)),
                (Some(false), known) => {
                    let zones = known
                        .and_then(|all| all.get(kind))
                        .map(|zones| zones.iter().cloned().collect::<Vec<_>>().join(", "))
                        .filter(|text| !text.is_empty())
                        .unwrap_or_else(|| "none of this Region".to_owned());
                    let evidence = format!("{} does not offer {kind}; zones that do: {zones}", subnet.az_id);
                    Said::fail(subnet.az_id.as_str(), evidence)
                        .ask("choose a subnet in a zone that offers the type: GPU_SUBNET")
                }
                (None, _) => Said::unknown(subnet.az_id.as_str(), offerings.why_unknown()),
            },
        };
        vec![said]
    })
}
