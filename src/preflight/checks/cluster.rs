//! CLU: the cluster itself.

use crate::domain::finding::Severity;
use crate::preflight::check::{Check, Inputs, Said, Taint};

/// The cluster is ACTIVE and nobody else changes it.
pub const CLU_001: Check = Check {
    id: "CLU-001",
    severity: Severity::Error,
    title: "Cluster is ACTIVE and nothing else is changing it",
    details: "EKS answers ResourceInUseException in the middle of an apply when an update of cluster, node group or \
              add-on runs. This program waits or stops; it never fights a running update.",
    run: clu_001,
};

fn clu_001(inputs: &Inputs<'_>) -> Vec<Said> {
    let facts = inputs.facts;
    let Some(cluster) = facts.cluster.known() else { return vec![Said::unread("", &facts.cluster)] };
    let name = cluster.summary.name.as_str();
    let status = &cluster.summary.status;
    let describe = format!("aws eks describe-cluster --name {name} --query cluster.status");
    if status != "ACTIVE" {
        return vec![
            Said::fail(name, format!("status {status}"))
                .evidence_lines(cluster.health_issues.iter().cloned())
                .command(describe, "shows when it is ACTIVE again"),
        ];
    }
    match facts.eks.updates.known() {
        None => vec![Said::unread(name, &facts.eks.updates).evidence("status ACTIVE")],
        Some(updates) if updates.is_empty() => vec![Said::pass(name, "status ACTIVE, no update under way")],
        Some(updates) => vec![
            Said::fail(name, "status ACTIVE, but an update is under way")
                .evidence_lines(updates.iter().cloned())
                .command(
                    format!("aws eks list-updates --name {name}"),
                    "wait until no update is in progress, then run preflight again",
                ),
        ],
    }
}

/// Controllers have a home.
pub const CLU_006: Check = Check {
    id: "CLU-006",
    severity: Severity::Warning,
    title: "A home for controllers: at least two ready untainted CPU nodes",
    details: "Metrics Server runs two replicas on different nodes; neither it nor other controllers tolerate the GPU \
              taint. With fewer than two CPU nodes replicas stay Pending.",
    run: clu_006,
};

fn clu_006(inputs: &Inputs<'_>) -> Vec<Said> {
    let group = inputs.spec.components.system_nodegroup.as_str();
    let facts = inputs.facts;
    let Some(nodes) = facts.kube.nodes.known() else { return vec![Said::unread(group, &facts.kube.nodes)] };
    let Some(groups) = facts.eks.nodegroups.known() else { return vec![Said::unread(group, &facts.eks.nodegroups)] };
    let exists = groups.iter().any(|one| one.name == group);
    let homes = nodes
        .iter()
        .filter(|node| node.ready && !node.allocatable.contains_key("nvidia.com/gpu"))
        .filter(|node| !node.taints.iter().filter_map(|text| Taint::parse(text)).any(|taint| taint.repels()))
        .filter(|node| !exists || node.labels.get("eks.amazonaws.com/nodegroup").is_some_and(|name| name == group))
        .count();
    let wherever =
        if exists { format!("in {group}") } else { format!("in the cluster; node group {group} does not exist") };
    let evidence = format!("{homes} ready untainted CPU nodes {wherever}, 2 needed");
    if homes >= 2 {
        return vec![Said::pass(group, evidence)];
    }
    if facts.cluster.known().is_some_and(|cluster| cluster.summary.auto_mode) {
        return vec![Said::not_applicable("EKS Auto Mode launches nodes for pods that wait").evidence(evidence)];
    }
    vec![Said::fail(group, evidence).ask("name another group in SYSTEM_NODEGROUP, or add CPU nodes to this one")]
}
