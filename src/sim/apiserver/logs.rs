//! `pods/log`.

use serde_json::json;

use super::failure::Failure;
use super::json::{items, text};
use super::request::{Request, Target};
use super::serve::Session;
use crate::domain::time::Stamp;

/// The log of one container as text.
///
/// # Errors
///
/// 400 when the container is unknown, not named though there are several, or has not started.
pub(crate) fn read(session: &Session<'_>, request: &Request<'_>, target: &Target) -> Result<String, Failure> {
    for name in ["follow", "limitBytes"] {
        if request.parameter(name).is_some_and(|value| value != "false") {
            return Err(Failure::gap(format!("kubernetes pods/log parameter {name}")));
        }
    }
    let pod = session.find(target)?;
    let name = &target.name;
    let containers: Vec<&str> = items(&pod, "/spec/containers").iter().map(|item| text(item, "/name")).collect();
    let inits: Vec<&str> = items(&pod, "/spec/initContainers").iter().map(|item| text(item, "/name")).collect();
    let container = match request.parameter("container") {
        Some(container) if containers.contains(&container) || inits.contains(&container) => container,
        Some(other) => {
            return Err(Failure::bad_request(format!("container {other} is not valid for pod {name}")));
        }
        None if containers.len() == 1 => containers[0],
        None => {
            return Err(Failure::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                containers.join(" ")
            )));
        }
    };
    let run = session.cluster.runs.get(text(&pod, "/metadata/uid"));
    let record = run.and_then(|run| run.containers.get(container));
    let Some(record) = record.filter(|record| record.started.is_some_and(|at| at <= session.now)) else {
        return Err(Failure::bad_request(format!(
            "container {container:?} in pod {name:?} is waiting to start: ContainerCreating"
        )));
    };
    let log = if request.flag("previous") {
        match &record.previous {
            Some(log) => log,
            None => {
                return Err(Failure::status(
                    400,
                    "BadRequest",
                    format!("previous terminated container {container:?} in pod {name:?} not found"),
                    json!(null),
                ));
            }
        }
    } else {
        &record.log
    };
    // Every line of a recorded transcript counts as written when the container started.
    let since = request.parameter("sinceTime").and_then(|text| text.parse::<Stamp>().ok());
    let recent = request
        .parameter("sinceSeconds")
        .and_then(|text| text.parse().ok())
        .map(|seconds| session.now - std::time::Duration::from_secs(seconds));
    if since.max(recent).is_some_and(|from| record.started.is_some_and(|at| at < from)) {
        return Ok(String::new());
    }
    let mut lines: Vec<String> = log.lines().map(str::to_owned).collect();
    if let Some(tail) = request.parameter("tailLines").and_then(|text| text.parse::<usize>().ok()) {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    if request.flag("timestamps") {
        let at = record.started.unwrap_or(session.now);
        lines.iter_mut().for_each(|line| *line = format!("{at} {line}"));
    }
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}
