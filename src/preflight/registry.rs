//! The checks of this version, in the order of the catalogue, and how they are run.

use super::check::{Check, Inputs};
use super::checks;
use crate::domain::finding::{Finding, Outcome};

/// Every check, in the order in which it is shown.
pub fn registry() -> &'static [&'static Check] {
    &[
        &checks::access::ACC_002,
        &checks::cluster::CLU_001,
        &checks::ownership::CLU_004,
        &checks::cluster::CLU_006,
        &checks::subnets::NET_001,
        &checks::subnets::NET_002,
        &checks::addresses::NET_003,
        &checks::cni::NET_006,
        &checks::groups::SG_001,
        &checks::template::LT_002,
        &checks::template::LT_003,
        &checks::quota::QUO_001,
        &checks::plugins::GPU_003,
        &checks::plugins::EFA_002,
        &checks::identity::PID_001,
    ]
}

/// Runs every check. Failures that the operator accepted become suppressed while their day has not passed.
pub fn run(inputs: &Inputs<'_>) -> Vec<Finding> {
    registry()
        .iter()
        .flat_map(|check| (check.run)(inputs).into_iter().map(|said| said.finding(check)))
        .map(|finding| suppressed(inputs, finding))
        .collect()
}

fn suppressed(inputs: &Inputs<'_>, mut finding: Finding) -> Finding {
    if finding.outcome != Outcome::Fail {
        return finding;
    }
    // Dates in ISO form compare as text.
    let accepted =
        inputs.spec.suppressions.iter().find(|one| one.check == finding.check && one.until.as_str() >= inputs.today);
    if let Some(one) = accepted {
        finding.outcome = Outcome::Suppressed { why: one.reason.clone(), until: one.until.clone() };
    }
    finding
}
