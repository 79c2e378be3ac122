//! NET-006: the VPC CNI.

use crate::domain::eni::InterfaceKind;
use crate::domain::finding::Severity;
use crate::preflight::check::{Check, Inputs, Said, per_kind};

/// First VPC CNI that leaves efa-only interfaces alone (EKS user guide, "Run machine learning training with EFA").
const FIRST_WITH_EFA_ONLY: [u64; 3] = [1, 18, 5];
/// First VPC CNI that leaves EFA interfaces on further network cards alone (the same page).
const FIRST_WITH_CARDS: [u64; 3] = [1, 7, 10];

/// The CNI can live with EFA nodes.
pub const NET_006: Check = Check {
    id: "NET-006",
    severity: Severity::Error,
    title: "VPC CNI version can live with efa-only and multi-card nodes",
    details: "An older CNI tries to manage EFA interfaces, and nodes stay NotReady. efa-only needs 1.18.5 or \
              later, several EFA interfaces 1.7.10.",
    run: net_006,
};

fn net_006(inputs: &Inputs<'_>) -> Vec<Said> {
    per_kind(inputs, |group, _| {
        let Some(cni) = inputs.facts.network.cni.known() else {
            return vec![Said::unread("vpc-cni", &inputs.facts.network.cni)];
        };
        let efa_only = inputs.interfaces(group).iter().any(|one| one.kind == InterfaceKind::EfaOnly);
        let needed = if efa_only { FIRST_WITH_EFA_ONLY } else { FIRST_WITH_CARDS };
        let [major, minor, patch] = needed;
        let needs = format!("{major}.{minor}.{patch}");
        let Some(version) = numbers(&cni.version) else {
            return vec![Said::unknown("vpc-cni", format!("the image tag {} is no version", cni.version))];
        };
        let evidence = format!("vpc-cni {}, {needs} needed", cni.version);
        if version >= needed {
            return vec![Said::pass("vpc-cni", evidence)];
        }
        vec![upgrade(inputs, Said::fail("vpc-cni", evidence), &needs)]
    })
}

/// The upgrade, where EKS manages the CNI; else it is the operator's own.
fn upgrade(inputs: &Inputs<'_>, said: Said, needs: &str) -> Said {
    let facts = inputs.facts;
    let managed = facts.eks.addons.known().is_none_or(|all| all.iter().any(|addon| addon.name == "vpc-cni"));
    let Some(cluster) = facts.cluster.known().filter(|_| managed) else {
        return said.ask(format!("upgrade the VPC CNI (DaemonSet kube-system/aws-node) to {needs} or later"));
    };
    let (name, minor) = (&cluster.summary.name, &cluster.summary.version);
    said.command(
        format!(
            "aws eks update-addon --cluster-name {name} --addon-name vpc-cni --resolve-conflicts PRESERVE \
             --addon-version $(aws eks describe-addon-versions --addon-name vpc-cni --kubernetes-version {minor} \
             --query 'addons[0].addonVersions[?compatibilities[0].defaultVersion].addonVersion' --output text)"
        ),
        format!("upgrades the CNI add-on to the default version of Kubernetes {minor}"),
    )
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
