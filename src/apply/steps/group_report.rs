//! Why a node group is not there yet: its health, and what EC2 Auto Scaling says about launches.

use aws_sdk_autoscaling::types::{Activity, ScalingActivityStatusCode};
use aws_sdk_eks::types::{NodegroupHealth, NodegroupResources};

use crate::apply::advice::{advice, code_in};
use crate::apply::context::Report;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// Activities read; the newest come first.
const ACTIVITIES: i32 = 20;
/// Lines of activities told: an operator reads the newest, and they repeat.
const TOLD: usize = 4;

/// Reads health issues and Auto Scaling activities of a group.
pub(super) async fn read(clients: &Clients, group: &str) -> Report {
    let mut report = Report::default();
    let described =
        clients.aws.eks.describe_nodegroup().cluster_name(clients.cluster.as_str()).nodegroup_name(group).send().await;
    let described = match described {
        Ok(described) => described,
        Err(error) => {
            report.lines.push(classify::aws("eks:DescribeNodegroup", &error).message);
            return report;
        }
    };
    let Some(found) = described.nodegroup() else { return report };
    for issue in found.health().map(NodegroupHealth::issues).unwrap_or_default() {
        let code = issue.code().map_or("Unknown", |code| code.as_str());
        blame(&mut report, code, format!("{code}: {}", issue.message().unwrap_or("no message")));
    }
    let groups = found.resources().map(NodegroupResources::auto_scaling_groups).unwrap_or_default();
    for name in groups.iter().filter_map(|group| group.name()) {
        let read = clients.aws.autoscaling.describe_scaling_activities().auto_scaling_group_name(name);
        match read.max_records(ACTIVITIES).send().await {
            Ok(answer) => activities(&mut report, answer.activities()),
            Err(error) => report.lines.push(classify::aws("autoscaling:DescribeScalingActivities", &error).message),
        }
    }
    report
}

/// Adds activities, newest first, each message once. A failure that came before a later success is history.
fn activities(report: &mut Report, all: &[Activity]) {
    let before = report.lines.len();
    for activity in
        all.iter().take_while(|activity| !matches!(activity.status_code(), Some(ScalingActivityStatusCode::Successful)))
    {
        if report.lines.len() >= before + TOLD {
            break;
        }
        let said = activity.status_message().or_else(|| activity.description()).unwrap_or("no message");
        let failed = matches!(
            activity.status_code(),
            Some(ScalingActivityStatusCode::Failed | ScalingActivityStatusCode::Cancelled)
        );
        if failed {
            let line = format!("Auto Scaling cannot launch: {said}");
            blame(report, code_in(said).unwrap_or_default(), line);
        } else {
            let line = format!("Auto Scaling: {said}");
            if !report.lines.contains(&line) {
                report.lines.push(line);
            }
        }
    }
}

fn blame(report: &mut Report, code: &str, line: String) {
    if !report.causes.contains(&line) {
        report.lines.push(line.clone());
        report.causes.push(line);
    }
    if let Some(hint) = advice(code).map(str::to_owned)
        && !report.hints.contains(&hint)
    {
        report.hints.push(hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(status: ScalingActivityStatusCode, message: &str) -> Activity {
        Activity::builder().status_code(status).status_message(message).build()
    }

    #[test]
    fn repeated_failures_are_one_cause_with_advice() {
        let refused = "We currently do not have sufficient p5en.48xlarge capacity in the zone you requested";
        let failed = activity(ScalingActivityStatusCode::Failed, refused);
        let mut report = Report::default();
        activities(&mut report, &[failed.clone(), failed.clone(), failed]);
        assert_eq!((report.causes.len(), report.lines.len(), report.hints.len()), (1, 1, 1), "{report:?}");
        assert!(report.hints[0].contains("GPU_CAPACITY"));
    }

    #[test]
    fn a_failure_before_a_success_is_not_told() {
        let mut report = Report::default();
        let done = activity(ScalingActivityStatusCode::Successful, "launched");
        let old = activity(ScalingActivityStatusCode::Failed, "InsufficientInstanceCapacity");
        let busy = activity(ScalingActivityStatusCode::InProgress, "Launching a new EC2 instance: i-1");
        activities(&mut report, &[busy, done, old]);
        assert_eq!(report.lines, ["Auto Scaling: Launching a new EC2 instance: i-1"]);
        assert!(report.causes.is_empty());
    }
}
