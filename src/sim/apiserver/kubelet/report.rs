//! The status a kubelet writes for a pod.

use serde_json::{Value, json};

use super::run::{ContainerRun, PodRun};
use crate::domain::time::Stamp;
use crate::sim::apiserver::controllers::condition;
use crate::sim::apiserver::json::{items, set, text, unset};

/// Writes phase, conditions, addresses and container statuses.
pub(super) fn write(pod: &mut Value, node: &Value, run: &PodRun, now: Stamp) {
    let host = items(node, "/status/addresses")
        .iter()
        .find(|address| text(address, "/type") == "InternalIP")
        .map_or_else(|| "10.0.0.1".to_owned(), |address| text(address, "/address").to_owned());
    let statuses = |list: &str, pod: &Value| -> Vec<Value> {
        items(pod, list)
            .iter()
            .map(|container| status(container, run.containers.get(text(container, "/name")), now))
            .collect()
    };
    let containers = statuses("/spec/containers", pod);
    let inits = statuses("/spec/initContainers", pod);
    let initialised = items(pod, "/spec/initContainers").iter().all(|container| {
        let run = run.containers.get(text(container, "/name"));
        let sidecar = text(container, "/restartPolicy") == "Always";
        run.is_some_and(|run| run.exit == Some(0) || sidecar && run.is_running(now))
    });
    let phase = phase(pod, run, now);
    let over = matches!(phase, "Succeeded" | "Failed");
    let ready = !over && containers.iter().all(|status| status["ready"] == true);
    let started = containers.iter().chain(&inits).any(|status| status["state"].get("waiting").is_none());
    set(pod, &["status", "hostIP"], host.clone());
    set(pod, &["status", "hostIPs"], json!([{"ip": host}]));
    if started {
        let address = if pod["spec"]["hostNetwork"] == true { host } else { pod_address(&host, run.address) };
        set(pod, &["status", "podIP"], address.clone());
        set(pod, &["status", "podIPs"], json!([{"ip": address}]));
    }
    set(pod, &["status", "phase"], phase);
    if text(pod, "/status/startTime").is_empty() {
        set(pod, &["status", "startTime"], run.seen.unwrap_or(now).rfc3339_seconds());
    }
    if inits.is_empty() {
        unset(pod, &["status", "initContainerStatuses"]);
    } else {
        set(pod, &["status", "initContainerStatuses"], inits);
    }
    let names: Vec<String> = containers
        .iter()
        .filter(|status| status["ready"] != true)
        .map(|status| text(status, "/name").to_owned())
        .collect();
    set(pod, &["status", "containerStatuses"], containers);
    let (why, message) = match (ready, phase) {
        (true, _) => ("", String::new()),
        (_, "Succeeded") => ("PodCompleted", String::new()),
        (_, "Failed") => ("PodFailed", String::new()),
        _ => ("ContainersNotReady", format!("containers with unready status: [{}]", names.join(" "))),
    };
    let init_reason = match (initialised, phase) {
        (true, "Succeeded") => "PodCompleted",
        (true, _) => "",
        (false, _) => "ContainersNotInitialized",
    };
    condition(pod, now, "PodReadyToStartContainers", started && !over, "", "");
    condition(pod, now, "Initialized", initialised, init_reason, "");
    condition(pod, now, "Ready", ready, why, &message);
    condition(pod, now, "ContainersReady", ready, why, &message);
}

/// An address in the network of the node.
fn pod_address(host: &str, serial: u64) -> String {
    let network: Vec<&str> = host.split('.').take(2).collect();
    let number = serial % 40_000;
    format!("{}.{}.{}", network.join("."), 64 + number / 250, 2 + number % 250)
}

fn phase(pod: &Value, run: &PodRun, now: Stamp) -> &'static str {
    let find = |container: &Value| run.containers.get(text(container, "/name"));
    let failed_init = items(pod, "/spec/initContainers")
        .iter()
        .filter_map(find)
        .any(|run| run.restart.is_none() && run.exit.is_some_and(|code| code != 0));
    if failed_init {
        return "Failed";
    }
    let runs: Vec<Option<&ContainerRun>> = items(pod, "/spec/containers").iter().map(find).collect();
    let over = |run: &&ContainerRun| run.exit.is_some() && run.restart.is_none();
    if runs.iter().all(|run| run.as_ref().is_some_and(over)) {
        let clean = runs.iter().flatten().all(|run| run.exit == Some(0));
        return if clean { "Succeeded" } else { "Failed" };
    }
    let all_started =
        runs.iter().all(|run| run.is_some_and(|run| run.started.is_some_and(|at| at <= now) || run.restarts > 0));
    if all_started { "Running" } else { "Pending" }
}

fn status(container: &Value, run: Option<&ContainerRun>, now: Stamp) -> Value {
    let image = text(container, "/image");
    let mut status = json!({
        "name": container["name"], "image": image, "imageID": "", "restartCount": 0, "ready": false, "started": false,
        "state": {"waiting": {"reason": "ContainerCreating"}}, "lastState": {},
    });
    let Some(run) = run else {
        status["state"] = json!({"waiting": {"reason": "PodInitializing"}});
        return status;
    };
    let Some(started) = run.started.filter(|at| *at <= now) else { return status };
    status["restartCount"] = run.restarts.into();
    status["imageID"] = image.into();
    status["containerID"] = format!("containerd://{}", digest(&format!("{image}{started}"))).into();
    let Some(code) = run.exit else {
        status["state"] = json!({"running": {"startedAt": started.rfc3339_seconds()}});
        status["started"] = true.into();
        status["ready"] = run.is_ready(now).into();
        return status;
    };
    let ended = run.ends.unwrap_or(now);
    let ended = json!({"terminated": {
        "exitCode": code, "reason": if code == 0 { "Completed" } else { "Error" },
        "startedAt": started.rfc3339_seconds(), "finishedAt": ended.rfc3339_seconds(),
        "containerID": status["containerID"],
    }});
    if run.restart.is_some() {
        status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff",
            "message": format!("back-off restarting failed container={}", text(container, "/name"))}});
        status["lastState"] = ended;
    } else {
        status["state"] = ended;
    }
    status
}

fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
