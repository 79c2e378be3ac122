//! LT: the interfaces of the launch template.

use crate::config::GpuGroup;
use crate::domain::eni::{EniLayout, efa_count, illegal, interfaces};
use crate::domain::finding::Severity;
use crate::preflight::check::{Check, Inputs, Said, per_kind};

/// Device indices are legal.
pub const LT_002: Check = Check {
    id: "LT-002",
    severity: Severity::Error,
    title: "Device index is legal for each network card",
    details: "EKS refuses a device index that the card does not have. The index counts interfaces on one card, not cards.",
    run: lt_002,
};

fn lt_002(inputs: &Inputs<'_>) -> Vec<Said> {
    per_kind(inputs, |group, kind| {
        let interfaces = inputs.interfaces(group);
        let faults = illegal(kind, &interfaces);
        if faults.is_empty() {
            let cards = kind.cards.len();
            return vec![Said::pass(&group.name, format!("{} interfaces on {cards} network cards", interfaces.len()))];
        }
        let said = Said::fail(&group.name, format!("layout {} does not fit {}", group.enis.layout, kind.name));
        vec![other_layout(inputs, group, said.evidence_lines(faults))]
    })
}

/// The number of EFA interfaces.
pub const LT_003: Check = Check {
    id: "LT-003",
    severity: Severity::Error,
    title: "Number of EFA interfaces fits the instance type",
    details: "It follows from the type, never from the family: p5 and p5e have 32, p5en 16, p5.4xlarge 1. \
              Fewer would leave bandwidth unused without a word.",
    run: lt_003,
};

fn lt_003(inputs: &Inputs<'_>) -> Vec<Said> {
    per_kind(inputs, |group, kind| {
        let interfaces = inputs.interfaces(group);
        let (made, efa) = (interfaces.len(), efa_count(&interfaces));
        if kind.max_efa == 0 {
            return vec![
                Said::fail(&group.name, format!("{} carries no EFA interface", kind.name))
                    .ask("choose an instance type with EFA: GPU_INSTANCE_TYPE"),
            ];
        }
        let evidence = format!("{efa} of {} EFA interfaces, {made} interfaces in all", kind.max_efa);
        if let Some(count) = group.enis.count
            && usize::try_from(count).ok() != Some(made)
        {
            return vec![
                Said::fail(
                    &group.name,
                    format!("GPU_NUM_ENIS is {count}; layout {} on {} makes {made}", group.enis.layout, kind.name),
                )
                .evidence(evidence)
                .set("GPU_NUM_ENIS", made.to_string(), format!("what {} has with this layout", kind.name))
                .set("GPU_NUM_ENIS", "auto", "follows the type and the layout"),
            ];
        }
        if efa != u32::from(kind.max_efa) {
            return vec![other_layout(inputs, group, Said::fail(&group.name, evidence))];
        }
        vec![Said::pass(&group.name, evidence)]
    })
}

/// Offers the layouts that are legal on the type and use every EFA interface that it has.
fn other_layout(inputs: &Inputs<'_>, group: &GpuGroup, said: Said) -> Said {
    let Some(kind) = inputs.instance(group) else { return said };
    let fits = |layout: &EniLayout| {
        let made = interfaces(&kind, *layout);
        *layout != group.enis.layout && illegal(&kind, &made).is_empty() && efa_count(&made) == u32::from(kind.max_efa)
    };
    let layouts = [EniLayout::PrimaryEfa, EniLayout::DedicatedPrimary, EniLayout::AllEfa];
    let said = layouts.iter().filter(|layout| fits(layout)).fold(said, |said, layout| {
        said.set("GPU_ENI_LAYOUT", layout.as_str(), format!("uses all {} EFA interfaces", kind.max_efa))
    });
    said.ask("choose another instance type: GPU_INSTANCE_TYPE")
}
