//! Rules between settings: orders, and values that need or exclude each other.

use super::draft::{Draft, Layer};
use super::gpu::{Capacity, DriverMode, GpuGroup, NodeRepair, Provisioner};
use super::issue::Issue;
use super::spec::{NamedSubnet, Spec, VersionRule};
use super::validate::subject;
use crate::domain::eni::EniLayout;

/// Adds the faults between settings. Those that need a value which is itself invalid are left out.
pub(super) fn judge(spec: &Spec, draft: &Draft, issues: &mut Vec<Issue>) {
    let valid = |name: &str| !issues.iter().any(|issue| issue.is_error() && issue.variable.as_deref() == Some(name));
    let mut found = Vec::new();
    if valid("S3_BUCKET_ARNS") && spec.components.s3_buckets.is_empty() && wants_s3(draft) {
        let message = format!(
            "{} is true, but S3_BUCKET_ARNS is empty. The driver's role names exactly the buckets it may use, so at least \
             one ARN such as arn:aws:s3:::my-bucket belongs there.",
            subject(draft, "INSTALL_S3_CSI")
        );
        found.push(Issue::error("CFG-010", message).about("S3_BUCKET_ARNS").at(draft.place("INSTALL_S3_CSI")));
    }
    found.extend(same_subnet(draft, &spec.private_subnets));
    for group in &spec.gpu {
        if ["GPU_MIN_SIZE", "GPU_DESIRED_SIZE", "GPU_MAX_SIZE"].into_iter().all(valid) {
            found.extend(sizes(draft, group));
        }
        if valid("GPU_CAPACITY_RESERVATION_ID") {
            found.extend(reservation(draft, group));
        }
        if group.subnets.candidates.is_empty() && group.subnets.chosen.is_none() && no_subnet_is_typed(draft) {
            found.push(no_subnet(draft));
        }
        found.extend(repair(spec, draft, group));
        found.extend(karpenter(spec, draft, group));
        found.extend(pinned(draft, group).into_iter().filter(|issue| issue.variable.as_deref().is_some_and(valid)));
    }
    issues.extend(found);
}

fn wants_s3(draft: &Draft) -> bool {
    super::field::parse_flag(&draft.effective("INSTALL_S3_CSI")) == Some(true)
}

fn no_subnet_is_typed(draft: &Draft) -> bool {
    ["GPU_SUBNET", "GPU_SUBNET_A", "GPU_SUBNET_B", "GPU_SUBNET_C"].iter().all(|name| draft.effective(name).is_empty())
}

fn no_subnet(draft: &Draft) -> Issue {
    let file = draft.file().map_or(String::new(), |file| format!(" in {}", file.display()));
    let message = format!(
        "No subnet for the GPU nodes is set{file}: GPU_SUBNET, GPU_SUBNET_A, GPU_SUBNET_B, GPU_SUBNET_C and the private \
         subnets that they default to are empty. One of them takes subnet- and 8 or 17 lower-case hex digits."
    );
    Issue::error("CFG-004", message).about("GPU_SUBNET_A")
}

/// The two ends of an order that does not hold: the error stands at the one that was set.
fn sizes(draft: &Draft, group: &GpuGroup) -> Option<Issue> {
    let of = group.sizes;
    let broken = |low: &'static str, least: u32, high: &'static str, most: u32| {
        (least > most).then(|| {
            let low_is_default = draft.provenance(low) == Layer::Default;
            let (name, value) = if low_is_default { (low, most) } else { (high, least) };
            let message = format!(
                "{} is {least} and {} is {most}. GPU_MIN_SIZE is at most GPU_DESIRED_SIZE, which is at most GPU_MAX_SIZE.",
                subject(draft, low),
                subject(draft, high)
            );
            let place = draft.place(high).or_else(|| draft.place(low));
            Issue::error("CFG-009", message).about(name).at(place).suggest(Some(value.to_string()))
        })
    };
    broken("GPU_MIN_SIZE", of.min, "GPU_DESIRED_SIZE", of.desired)
        .or_else(|| broken("GPU_DESIRED_SIZE", of.desired, "GPU_MAX_SIZE", of.max))
}

fn reservation(draft: &Draft, group: &GpuGroup) -> Option<Issue> {
    let name = "GPU_CAPACITY_RESERVATION_ID";
    let set = !draft.effective(name).is_empty();
    let buys = group.capacity.as_str();
    match (&group.capacity, set) {
        (Capacity::Reservation { .. } | Capacity::CapacityBlock { .. }, false) => {
            let message = format!(
                "{} is {buys}, but {name} is empty. It takes the id of that reservation, cr- and 17 lower-case hex digits.",
                subject(draft, "GPU_CAPACITY")
            );
            Some(Issue::error("CFG-010", message).about(name).at(draft.place("GPU_CAPACITY")))
        }
        (Capacity::OnDemand | Capacity::Spot, true) => {
            let message = format!(
                "{} is set, but has no effect while GPU_CAPACITY is {buys}. It counts with reservation or capacity-block.",
                subject(draft, name)
            );
            Some(Issue::warning("CFG-010", message).about(name).at(draft.place(name)))
        }
        _ => None,
    }
}

fn same_subnet(draft: &Draft, subnets: &[NamedSubnet]) -> Option<Issue> {
    let (at, second) =
        subnets.iter().enumerate().find(|(at, of)| subnets[..*at].iter().any(|before| before.id == of.id))?;
    let first = subnets[..at].iter().find(|before| before.id == second.id)?;
    let message =
        format!("{} names the same subnet as {}, {}.", subject(draft, second.variable), first.variable, second.id);
    Some(Issue::warning("CFG-010", message).about(second.variable).at(draft.place(second.variable)))
}

fn repair(spec: &Spec, draft: &Draft, group: &GpuGroup) -> Option<Issue> {
    (group.repair != NodeRepair::Off && !spec.components.monitoring.node_monitoring_agent).then(|| {
        let message = format!(
            "{} needs the node monitoring agent, and INSTALL_NODE_MONITORING_AGENT is false. Without the agent EKS sees no \
             GPU fault.",
            subject(draft, "GPU_NODE_REPAIR")
        );
        let name = "INSTALL_NODE_MONITORING_AGENT";
        Issue::warning("CFG-010", message).about(name).at(draft.place("GPU_NODE_REPAIR")).suggest(Some("true".to_owned()))
    })
}

fn karpenter(spec: &Spec, draft: &Draft, group: &GpuGroup) -> Vec<Issue> {
    let mut found = Vec::new();
    if group.provisioner != Provisioner::Karpenter {
        return found;
    }
    let place = draft.place("GPU_PROVISIONER");
    let who = subject(draft, "GPU_PROVISIONER");
    if spec.components.karpenter.is_none() {
        let message = format!("{who} is karpenter, but INSTALL_KARPENTER is false.");
        let issue = Issue::error("CFG-010", message).about("INSTALL_KARPENTER").at(place.clone());
        found.push(issue.suggest(Some("true".to_owned())));
    }
    if group.enis.layout != EniLayout::DedicatedPrimary {
        let message = format!(
            "{who} is karpenter, but GPU_ENI_LAYOUT is {}. Karpenter makes card 0, device 0 a plain interface only, which \
             is the layout dedicated-primary.",
            group.enis.layout
        );
        let issue = Issue::error("CFG-010", message).about("GPU_ENI_LAYOUT").at(place);
        found.push(issue.suggest(Some("dedicated-primary".to_owned())));
    }
    found
}

fn pinned(draft: &Draft, group: &GpuGroup) -> Vec<Issue> {
    if group.drivers.mode != DriverMode::Install {
        return Vec::new();
    }
    let of = [("NVIDIA_DRIVER_VERSION", &group.drivers.nvidia), ("EFA_DRIVER_VERSION", &group.drivers.efa)];
    let loose = of.into_iter().filter(|(_, rule)| !matches!(rule, VersionRule::Exactly(_)));
    loose
        .map(|(name, _)| {
            let message = format!(
                "{} is {}, but GPU_DRIVER_MODE is install, which pins it. It takes a version such as 580.159.03.",
                subject(draft, name),
                draft.effective(name)
            );
            Issue::error("CFG-010", message).about(name).at(draft.place(name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::validate;

    /// Warnings of a configuration with GPU nodes and these settings.
    fn warned(settings: &[(&str, &str)]) -> Vec<String> {
        let mut draft = Draft::default();
        let base = [("CLUSTER_NAME", "a"), ("PRIVATE_SUBNET_A", "subnet-12345678"), ("INSTALL_GPU_NODEGROUP", "true")];
        for (name, value) in base.iter().chain(settings) {
            draft.set(name, value, Layer::Flag);
        }
        let (_, issues) = validate(&draft).unwrap();
        issues.into_iter().filter_map(|issue| issue.variable).collect()
    }

    #[test]
    fn plain_settings_draw_no_warning() {
        assert_eq!(warned(&[("GPU_DESIRED_SIZE", "10")]), [""; 0]);
    }

    #[test]
    fn the_same_subnet_twice_is_told_once() {
        assert_eq!(warned(&[("PRIVATE_SUBNET_C", "subnet-12345678")]), ["PRIVATE_SUBNET_C"]);
    }

    #[test]
    fn node_repair_asks_for_the_agent() {
        assert_eq!(warned(&[("GPU_NODE_REPAIR", "on")]), ["INSTALL_NODE_MONITORING_AGENT"]);
        assert_eq!(warned(&[("GPU_NODE_REPAIR", "on"), ("INSTALL_NODE_MONITORING_AGENT", "1")]), [""; 0]);
    }

    #[test]
    fn a_reservation_without_effect_is_told() {
        let id = ("GPU_CAPACITY_RESERVATION_ID", "cr-0123456789abcdef0");
        assert_eq!(warned(&[id]), ["GPU_CAPACITY_RESERVATION_ID"]);
        assert_eq!(warned(&[id, ("GPU_CAPACITY", "reservation")]), [""; 0]);
    }

    #[test]
    fn sizes_may_be_equal() {
        assert_eq!(warned(&[("GPU_MIN_SIZE", "2"), ("GPU_DESIRED_SIZE", "2"), ("GPU_MAX_SIZE", "2")]), [""; 0]);
    }
}
