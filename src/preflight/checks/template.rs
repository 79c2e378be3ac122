//! LT: the interfaces of the launch template.

use crate::domain::eni::{efa_count, illegal};
use crate::domain::finding::Severity;
use crate::preflight::check::{Check, Inputs, Said, per_group};

/// Device indices are legal.
pub const LT_002: Check = Check {
    id: "LT-002",
    severity: Severity::Error,
    title: "Device index is legal for each network card",
    details: "EKS refuses a device index that the card does not have. The index counts interfaces on one card, not cards.",
    run: lt_002,
};

fn lt_002(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |group| {
        let Some(kind) = inputs.instance(group) else {
            return vec![Said::unknown(&group.name, format!("{} is not known", group.instance_type))];
        };
        let interfaces = inputs.interfaces(group);
        let faults = illegal(&kind, &interfaces);
        if faults.is_empty() {
            let cards = kind.cards.len();
            return vec![Said::pass(&group.name, format!("{} interfaces on {cards} network cards", interfaces.len()))];
        }
        vec![
            Said::fail(&group.name, format!("layout {} does not fit {}", group.enis.layout, kind.name))
                .evidence_lines(faults)
                .set("GPU_ENI_LAYOUT", "primary-efa", "the layout that fits every EFA type"),
        ]
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
    per_group(inputs, |group| {
        let Some(kind) = inputs.instance(group) else {
            return vec![Said::unknown(&group.name, format!("{} is not known", group.instance_type))];
        };
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
            return vec![Said::fail(&group.name, evidence).set(
                "GPU_ENI_LAYOUT",
                "primary-efa",
                "uses every EFA interface",
            )];
        }
        vec![Said::pass(&group.name, evidence)]
    })
}
