//! Runs a probe: applies its objects, waits for the Job's end, reads the log, removes everything again.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim, Pod, PodCondition};
use kube::Api;
use kube::api::{DeleteParams, ListParams, LogParams, Patch, PatchParams};
use serde_json::Value;

use super::evidence::Probe;
use crate::components::naming::MANAGER;
use crate::domain::problem::Problem;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// Longest time a probe may take, image pull included.
const DEADLINE: Duration = Duration::from_secs(600);
/// Longest time a pod may wait for a place before the probe gives up: devices in use are no fault.
const PENDING: Duration = Duration::from_secs(120);
/// Label that every object of a probe carries.
const PROBE_LABEL: &str = "eks-wizard/verify";
/// Label of a Job's pods. The one with a prefix came with Kubernetes 1.27; this one is on every version.
const JOB_LABEL: &str = "job-name";
/// Why a container waits when no time of ours will start it.
const STUCK: [&str; 5] =
    ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError"];
/// Time between looks.
const LOOK: Duration = Duration::from_secs(3);

/// Runs the objects of a probe; the Job among them decides.
pub async fn run(clients: &Clients, objects: &[Value]) -> Probe {
    let Some(job) = objects.iter().find(|object| object["kind"] == "Job") else {
        return Probe::NotRun { why: "the probe holds no Job".to_owned() };
    };
    let namespace = job["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
    let name = job["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    // A run that was killed may have left one: a Job cannot be changed, only replaced.
    remove(clients, &namespace, &name, true).await;
    let probe = match start(clients, &namespace, objects).await {
        Ok(()) => watch(clients, &namespace, &name).await,
        Err(why) => Probe::NotRun { why },
    };
    remove(clients, &namespace, &name, false).await;
    probe
}

async fn start(clients: &Clients, namespace: &str, objects: &[Value]) -> Result<(), String> {
    let params = PatchParams::apply(MANAGER);
    for object in objects {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let patch = Patch::Apply(object);
        let applied = match object["kind"].as_str() {
            Some("Job") => {
                Api::<Job>::namespaced(clients.kube.clone(), namespace).patch(name, &params, &patch).await.map(drop)
            }
            Some("PersistentVolumeClaim") => {
                let claims = Api::<PersistentVolumeClaim>::namespaced(clients.kube.clone(), namespace);
                claims.patch(name, &params, &patch).await.map(drop)
            }
            other => return Err(format!("a probe cannot hold a {}", other.unwrap_or("nameless kind"))),
        };
        applied.map_err(|error| classify::kube(&format!("apply the probe {name}"), &error).message)?;
    }
    Ok(())
}

async fn watch(clients: &Clients, namespace: &str, name: &str) -> Probe {
    let jobs = Api::<Job>::namespaced(clients.kube.clone(), namespace);
    let timer = &clients.aws.timer;
    let started = timer.now();
    let mut unanswered = String::new();
    loop {
        let waited = timer.now().since(started);
        match jobs.get(name).await {
            Ok(job) => match ended(&job) {
                Some(true) => return log_of(clients, namespace, name).await,
                // The pod is gone by then, and with it whether it ever ran.
                Some(false) if overdue(&job) => {
                    return Probe::NotRun { why: format!("the probe {name} does not end before its own deadline") };
                }
                Some(false) => return Probe::Failed { why: failure(clients, namespace, name, &job).await },
                None => unanswered.clear(),
            },
            Err(error) => unanswered = classify::kube(&format!("get job {namespace}/{name}"), &error).message,
        }
        if waited > PENDING
            && let Some(why) = stuck(clients, namespace, name).await
        {
            return Probe::NotRun { why };
        }
        if waited > DEADLINE {
            let why = if unanswered.is_empty() { unfinished(clients, namespace, name).await } else { unanswered };
            return Probe::NotRun { why };
        }
        timer.sleep(LOOK).await;
    }
}

/// Whether the Job completed (`true`) or failed (`false`); `None` while it goes on.
fn ended(job: &Job) -> Option<bool> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().filter(|condition| condition.status == "True").find_map(|condition| {
        match condition.type_.as_str() {
            "Complete" => Some(true),
            "Failed" => Some(false),
            _ => None,
        }
    })
}

async fn pods_of(clients: &Clients, namespace: &str, job: &str) -> Result<Vec<Pod>, String> {
    let pods = Api::<Pod>::namespaced(clients.kube.clone(), namespace);
    let params = ListParams::default().labels(&format!("{JOB_LABEL}={job}"));
    let listed = pods.list(&params).await;
    listed.map(|list| list.items).map_err(|error| classify::kube(&format!("list pods of job {job}"), &error).message)
}

async fn log_of(clients: &Clients, namespace: &str, job: &str) -> Probe {
    let name = match pods_of(clients, namespace, job).await {
        Ok(pods) => pods.into_iter().find_map(|pod| pod.metadata.name),
        Err(why) => return Probe::NotRun { why },
    };
    let Some(name) = name else {
        return Probe::NotRun { why: format!("the pod of job {job} is gone") };
    };
    let pods = Api::<Pod>::namespaced(clients.kube.clone(), namespace);
    match pods.logs(&name, &LogParams::default()).await {
        Ok(log) => Probe::Succeeded { log },
        Err(error) => Probe::NotRun { why: classify::kube(&format!("read the log of pod {name}"), &error).message },
    }
}

/// Why a container of the Job failed: its exit code, and the end of its log.
async fn failure(clients: &Clients, namespace: &str, name: &str, job: &Job) -> String {
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_ref());
    let said = conditions.into_iter().flatten().find(|one| one.type_ == "Failed").and_then(|one| one.message.clone());
    let mut why = format!("Probe {name} fails: {}", said.unwrap_or_else(|| "no reason is given".to_owned()));
    let pod = pods_of(clients, namespace, name).await.ok().and_then(|pods| pods.into_iter().next());
    let code = pod.as_ref().and_then(exit_code);
    if let Some(code) = code {
        why.push_str(&format!(", exit code {code}"));
    }
    let Some(pod) = pod.and_then(|pod| pod.metadata.name) else { return why };
    let params = LogParams { tail_lines: Some(3), ..LogParams::default() };
    if let Ok(log) = Api::<Pod>::namespaced(clients.kube.clone(), namespace).logs(&pod, &params).await {
        let tail = log.trim().replace('\n', " / ");
        if !tail.is_empty() {
            why.push_str(&format!("; its log ends: {tail}"));
        }
    }
    why
}

fn exit_code(pod: &Pod) -> Option<i32> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    statuses.iter().find_map(|one| Some(one.state.as_ref()?.terminated.as_ref()?.exit_code))
}

/// Whether the Job was ended by its own deadline, which says nothing about what it should prove.
fn overdue(job: &Job) -> bool {
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|one| one.type_ == "Failed" && one.reason.as_deref() == Some("DeadlineExceeded"))
}

/// Why a pod of the Job does not start, as its status says; `None` when it may still start.
async fn stuck(clients: &Clients, namespace: &str, job: &str) -> Option<String> {
    pods_of(clients, namespace, job).await.ok()?.iter().find_map(why_stuck)
}

fn why_stuck(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let unplaced = |one: &&PodCondition| one.type_ == "PodScheduled" && one.status == "False";
    if let Some(waits) = status.conditions.iter().flatten().find(unplaced) {
        return Some(format!("the probe finds no place: {}", waits.message.clone().unwrap_or_default()));
    }
    status.container_statuses.iter().flatten().find_map(|container| {
        let waiting = container.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting.reason.as_deref().filter(|reason| STUCK.contains(reason))?;
        let message = waiting.message.clone().unwrap_or_default();
        Some(format!("the probe cannot start with image {}: {reason} {message}", container.image).trim_end().to_owned())
    })
}

/// What Kubernetes last said about a probe that did not end.
async fn unfinished(clients: &Clients, namespace: &str, job: &str) -> String {
    let minutes = DEADLINE.as_secs() / 60;
    let pod = pods_of(clients, namespace, job).await.ok().and_then(|pods| pods.into_iter().next());
    let Some(pod) = pod.and_then(|pod| pod.metadata.name) else {
        return format!("the probe {job} has no pod after {minutes} minutes");
    };
    let params = ListParams::default().fields(&format!("involvedObject.name={pod}"));
    let events = Api::<Event>::namespaced(clients.kube.clone(), namespace).list(&params).await;
    let last = events.ok().and_then(|list| list.items.into_iter().filter_map(|event| event.message).next_back());
    format!(
        "the probe does not end within {minutes} minutes: {}",
        last.unwrap_or_else(|| "no event says why".to_owned())
    )
}

/// Removes every probe that stands: what is left when a verification is broken off.
///
/// # Errors
/// The probes cannot be listed or deleted.
pub async fn sweep(clients: &Clients) -> Result<(), Problem> {
    let ours = ListParams::default().labels(PROBE_LABEL);
    let jobs = Api::<Job>::all(clients.kube.clone()).list(&ours).await;
    let jobs = jobs.map_err(|error| classify::kube("list the Jobs of probes", &error))?;
    let claims = Api::<PersistentVolumeClaim>::all(clients.kube.clone()).list(&ours).await;
    let claims = claims.map_err(|error| classify::kube("list the claims of probes", &error))?;
    let metas = jobs.items.into_iter().map(|job| job.metadata);
    for meta in metas.chain(claims.items.into_iter().map(|claim| claim.metadata)) {
        if let (Some(namespace), Some(name)) = (meta.namespace, meta.name) {
            remove(clients, &namespace, &name, false).await;
        }
    }
    Ok(())
}

/// Removes a probe's objects; absent is fine. With `wait` it returns when the Job's name is free.
async fn remove(clients: &Clients, namespace: &str, name: &str, wait: bool) {
    let jobs = Api::<Job>::namespaced(clients.kube.clone(), namespace);
    let claims = Api::<PersistentVolumeClaim>::namespaced(clients.kube.clone(), namespace);
    let gone = jobs.delete(name, &DeleteParams::background()).await.is_err();
    let _ = claims.delete(name, &DeleteParams::background()).await;
    if gone || !wait {
        return;
    }
    for _ in 0..20 {
        if matches!(jobs.get_opt(name).await, Ok(None)) {
            return;
        }
        clients.aws.timer.sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: &Value) -> Pod {
        serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).unwrap()
    }

    fn waiting(reason: &str) -> Value {
        json!({"containerStatuses": [{"name": "probe", "ready": false, "restartCount": 0, "imageID": "",
            "image": "public.ecr.aws/x:1", "state": {"waiting": {"reason": reason, "message": "no route to host"}}}]})
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_told_at_once() {
        let why = why_stuck(&pod(&waiting("ImagePullBackOff")));
        let want = "the probe cannot start with image public.ecr.aws/x:1: ImagePullBackOff no route to host";
        assert_eq!(why.as_deref(), Some(want));
        assert_eq!(why_stuck(&pod(&waiting("ContainerCreating"))), None);
    }

    #[test]
    fn a_pod_without_a_node_says_what_the_scheduler_says() {
        let status = json!({"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes"}]});
        assert_eq!(why_stuck(&pod(&status)).as_deref(), Some("the probe finds no place: 0/3 nodes"));
    }

    #[test]
    fn a_deadline_proves_nothing_broken() {
        let job = |reason: &str| -> Job {
            serde_json::from_value(json!({"metadata": {}, "status": {"conditions": [
                {"type": "Failed", "status": "True", "reason": reason}]}}))
            .unwrap()
        };
        assert!(overdue(&job("DeadlineExceeded")));
        assert!(!overdue(&job("BackoffLimitExceeded")));
        assert_eq!(ended(&job("DeadlineExceeded")), Some(false));
    }
}
