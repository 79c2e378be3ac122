//! NET-006: the VPC CNI.

use crate::domain::finding::Severity;
use crate::preflight::check::{Check, Inputs, Said, per_group};

/// First VPC CNI that leaves efa-only interfaces alone (EKS user guide, "Run machine learning training with EFA").
const FIRST_WITH_EFA_ONLY: [u64; 3] = [1, 18, 5];

/// The CNI can live with EFA nodes.
pub const NET_006: Check = Check {
    id: "NET-006",
    severity: Severity::Error,
    title: "VPC CNI version can live with efa-only and multi-card nodes",
    details: "An older CNI tries to manage EFA interfaces, and nodes stay NotReady. efa-only needs 1.18.5 or later.",
    run: net_006,
};

fn net_006(inputs: &Inputs<'_>) -> Vec<Said> {
    per_group(inputs, |_| {
        let Some(cni) = inputs.facts.network.cni.known() else {
            return vec![Said::unknown("vpc-cni", inputs.facts.network.cni.why_unknown())];
        };
        let Some(version) = numbers(&cni.version) else {
            return vec![Said::unknown("vpc-cni", format!("the image tag {} is no version", cni.version))];
        };
        let evidence = format!("vpc-cni {}, 1.18.5 needed", cni.version);
        if version >= FIRST_WITH_EFA_ONLY {
            return vec![Said::pass("vpc-cni", evidence)];
        }
        let cluster = &inputs.spec.cluster;
        vec![Said::fail("vpc-cni", evidence).command(
            format!("aws eks update-addon --cluster-name {cluster} --addon-name vpc-cni --resolve-conflicts PRESERVE"),
            "upgrades the CNI add-on to its default version",
        )]
    })
}

/// The three numbers of a version, without a leading v or a build suffix.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let plain = version.trim_start_matches('v').split(['-', '+']).next()?;
    let mut parts = plain.split('.').map(|part| part.parse::<u64>().ok());
    Some([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("v1.9.0-eksbuild.1").unwrap() < FIRST_WITH_EFA_ONLY);
        assert!(numbers("1.18.5").unwrap() >= FIRST_WITH_EFA_ONLY);
        assert!(numbers("1.23.1-eksbuild.1").unwrap() >= FIRST_WITH_EFA_ONLY);
        assert_eq!(numbers("latest"), None);
    }
}
