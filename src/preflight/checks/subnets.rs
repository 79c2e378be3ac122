//! NET-001 and NET-002: one Availability Zone, and one that offers the type.

use crate::config::GpuGroup;
use crate::domain::finding::Severity;
use crate::plan::placement::{Candidate, SubnetChoice, choose_subnet};
use crate::preflight::check::{Check, Inputs, Said, per_kind, per_subnet};

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
    per_kind(inputs, |group, kind| {
        let subnets = &inputs.facts.network.subnets;
        vec![match choose_subnet(group, inputs.facts, kind) {
            SubnetChoice::Chosen { subnet, why, .. } => Said::pass(subnet.as_str(), why),
            SubnetChoice::SeveralZones { candidates } => several(&group.name, &candidates),
            SubnetChoice::None { why } if subnets.known().is_some() => Said::fail(&group.name, why)
                .ask("set GPU_SUBNET_A, _B or _C, or GPU_SUBNET, to a private subnet of the cluster's VPC"),
            SubnetChoice::None { .. } => Said::unread(&group.name, subnets),
        }]
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
    per_subnet(inputs, |group, kind, subnet| {
        let (zone, offerings) = (subnet.az_id.as_str(), &inputs.facts.capacity.offerings);
        vec![match subnet.offered {
            Some(true) => Said::pass(zone, format!("{zone} offers {}", kind.name)),
            Some(false) => not_offered(inputs, group, subnet),
            None => match offerings.known() {
                Some(_) => Said::unknown(zone, format!("the offerings of {} were not asked for", kind.name)),
                None => Said::unread(zone, offerings),
            },
        }]
    })
}

fn not_offered(inputs: &Inputs<'_>, group: &GpuGroup, subnet: &Candidate) -> Said {
    let (zone, kind) = (&subnet.az_id, &group.instance_type);
    let offered = inputs.facts.capacity.offerings.known().and_then(|all| all.get(kind));
    let zones = offered.map(|zones| zones.iter().cloned().collect::<Vec<_>>().join(", "));
    let zones = zones.filter(|text| !text.is_empty()).unwrap_or_else(|| "none of this Region".to_owned());
    let said = Said::fail(zone.as_str(), format!("{zone} does not offer {kind}; zones that do: {zones}"));
    let choice = inputs.placement(group);
    let better = choice.iter().flat_map(|choice| choice.candidates()).filter(|one| one.offered == Some(true));
    let said = better.fold(said, |said, one| {
        said.set("GPU_SUBNET", one.id.as_str(), format!("{}, {} nodes fit", one.az_id, one.fits))
    });
    said.ask("choose a subnet in a zone that offers the type (GPU_SUBNET), or another type (GPU_INSTANCE_TYPE)")
}
