//! Runs a probe: applies its objects, waits for the Job's end, reads the log, removes everything again.

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, PersistentVolumeClaim, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams, LogParams, Patch, PatchParams};
use serde_json::Value;

use super::evidence::Probe;
use crate::transport::classify;
use crate::transport::clients::Clients;

/// Longest time a probe may take, image pull included.
const DEADLINE: Duration = Duration::from_secs(600);
/// Longest time a pod may wait for a place before the probe gives up: devices in use are no fault.
const PENDING: Duration = Duration::from_secs(120);
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
    let params = PatchParams::apply("eks-wizard");
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
                Some(false) => return Probe::Failed { why: failure(clients, namespace, name, &job).await },
                None => unanswered.clear(),
            },
            Err(error) => unanswered = classify::kube(&format!("get job {namespace}/{name}"), &error).message,
        }
        if waited > PENDING
            && let Some(why) = unscheduled(clients, namespace, name).await
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
    let params = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"));
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

/// What the scheduler says about a pod that has no node yet.
async fn unscheduled(clients: &Clients, namespace: &str, job: &str) -> Option<String> {
    let pods = pods_of(clients, namespace, job).await.ok()?;
    pods.iter().find_map(|pod| {
        let conditions = pod.status.as_ref()?.conditions.as_ref()?;
        let waits = conditions.iter().find(|one| one.type_ == "PodScheduled" && one.status == "False")?;
        Some(format!("the probe finds no place: {}", waits.message.clone().unwrap_or_default()))
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
