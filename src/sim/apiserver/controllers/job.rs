//! Jobs: pods until enough succeeded, too many failed, or time is up.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::pods::{make, may_create};
use super::{all, condition, edit_status, event, is_deleted, is_true, owned};
use crate::domain::time::Stamp;
use crate::sim::apiserver::delete;
use crate::sim::apiserver::json::{int, items, set, text};
use crate::sim::apiserver::serve::Session;
use crate::sim::apiserver::store::Key;

const MANAGER: &str = "kube-controller-manager";

/// Pause before the pod after the first failure; it doubles with each further one, up to six minutes.
const BACKOFF: Duration = Duration::from_secs(10);

/// How a job's pods stand.
#[derive(Debug)]
struct Tally {
    active: Vec<(Key, Arc<Value>)>,
    succeeded: i64,
    failed: i64,
    last_failure: Option<Stamp>,
    restarts: i64,
}

impl Tally {
    fn of(session: &Session<'_>, job: &Value) -> Self {
        let mut tally = Self { active: Vec::new(), succeeded: 0, failed: 0, last_failure: None, restarts: 0 };
        for (key, pod) in owned(session, "Pod", job) {
            match text(&pod, "/status/phase") {
                "Succeeded" => tally.succeeded += 1,
                "Failed" => {
                    tally.failed += 1;
                    let ended = items(&pod, "/status/containerStatuses")
                        .iter()
                        .filter_map(|status| text(status, "/state/terminated/finishedAt").parse().ok())
                        .max();
                    tally.last_failure = tally.last_failure.max(ended);
                }
                _ if is_deleted(&pod) => {}
                _ => {
                    tally.restarts += items(&pod, "/status/containerStatuses")
                        .iter()
                        .filter_map(|status| int(status, "/restartCount"))
                        .sum::<i64>();
                    tally.active.push((key, pod));
                }
            }
        }
        tally
    }
}

/// Brings every Job forward.
pub(super) fn run(session: &mut Session<'_>) {
    for (key, job) in all(session, "Job") {
        if is_deleted(&job) {
            continue;
        }
        if is_true(&job, "Complete") || is_true(&job, "Failed") {
            expire(session, &key, &job);
            continue;
        }
        step(session, &key, &job);
    }
}

fn step(session: &mut Session<'_>, key: &Key, job: &Value) {
    let now = session.now;
    let tally = Tally::of(session, job);
    let wanted = int(job, "/spec/completions").unwrap_or(1);
    let started = text(job, "/status/startTime").parse::<Stamp>().unwrap_or(now);
    let deadline = seconds(job, "/spec/activeDeadlineSeconds").map(|span| started + span);
    let limit = int(job, "/spec/backoffLimit").unwrap_or(6);
    if tally.succeeded >= wanted {
        finish(session, key, job, &tally, None);
    } else if deadline.is_some_and(|at| now >= at) {
        finish(session, key, job, &tally, Some(("DeadlineExceeded", "Job was active longer than specified deadline")));
    } else if tally.failed > limit || (tally.restarts > 0 && tally.restarts >= limit) {
        finish(
            session,
            key,
            job,
            &tally,
            Some(("BackoffLimitExceeded", "Job has reached the specified backoff limit")),
        );
    } else {
        session.wakes.extend(deadline);
        if job["spec"]["suspend"] != true {
            spawn(session, job, &tally, wanted);
        }
        report(session, key, job);
    }
}

fn seconds(object: &Value, pointer: &str) -> Option<Duration> {
    int(object, pointer).and_then(|count| u64::try_from(count).ok()).map(Duration::from_secs)
}

fn spawn(session: &mut Session<'_>, job: &Value, tally: &Tally, wanted: i64) {
    let active = i64::try_from(tally.active.len()).unwrap_or(i64::MAX);
    let parallel = int(job, "/spec/parallelism").unwrap_or(1).min(wanted - tally.succeeded);
    if active >= parallel {
        return;
    }
    if let Some(last) = tally.last_failure {
        let doublings = u32::try_from(tally.failed - 1).unwrap_or(0).min(6);
        let next = last + (BACKOFF * 2_u32.pow(doublings)).min(Duration::from_secs(360));
        if next > session.now {
            session.wakes.push(next);
            return;
        }
    }
    for _ in active..parallel {
        if !may_create(session, job) || !make(session, job, |_| {}) {
            return;
        }
    }
}

fn report(session: &mut Session<'_>, key: &Key, job: &Value) {
    let tally = Tally::of(session, job);
    let ready = tally.active.iter().filter(|(_, pod)| is_true(pod, "Ready")).count();
    let now = session.now.rfc3339_seconds();
    edit_status(session, MANAGER, key, |object| {
        if text(object, "/status/startTime").is_empty() {
            set(object, &["status", "startTime"], now);
        }
        for (field, value) in [("active", tally.active.len()), ("ready", ready), ("terminating", 0)] {
            set(object, &["status", field], value);
        }
        for (field, value) in [("succeeded", tally.succeeded), ("failed", tally.failed)] {
            if value > 0 {
                set(object, &["status", field], value);
            }
        }
        set(object, &["status", "uncountedTerminatedPods"], json!({}));
    });
}

fn finish(session: &mut Session<'_>, key: &Key, job: &Value, tally: &Tally, failure: Option<(&str, &str)>) {
    for (pod, _) in &tally.active {
        delete::plain(session, pod, None);
    }
    report(session, key, job);
    let now = session.now;
    edit_status(session, MANAGER, key, |object| {
        for field in ["active", "ready"] {
            set(object, &["status", field], 0);
        }
        match failure {
            None => {
                let message = "Reached expected number of succeeded pods";
                condition(object, now, "SuccessCriteriaMet", true, "CompletionsReached", message);
                condition(object, now, "Complete", true, "CompletionsReached", message);
                set(object, &["status", "completionTime"], now.rfc3339_seconds());
            }
            Some((reason, message)) => {
                condition(object, now, "FailureTarget", true, reason, message);
                condition(object, now, "Failed", true, reason, message);
            }
        }
        // Job conditions carry a probe time as well.
        for item in object.pointer_mut("/status/conditions").and_then(Value::as_array_mut).into_iter().flatten() {
            item["lastProbeTime"] = item["lastTransitionTime"].clone();
        }
    });
    match failure {
        None => event(session, job, "Normal", "Completed", "Job completed", "job-controller"),
        Some((reason, message)) => event(session, job, "Warning", reason, message, "job-controller"),
    }
}

fn expire(session: &mut Session<'_>, key: &Key, job: &Value) {
    let Some(life) = seconds(job, "/spec/ttlSecondsAfterFinished") else { return };
    let ended = items(job, "/status/conditions")
        .iter()
        .filter(|item| matches!(text(item, "/type"), "Complete" | "Failed"))
        .find_map(|item| text(item, "/lastTransitionTime").parse::<Stamp>().ok());
    let Some(at) = ended.map(|ended| ended + life) else { return };
    if at <= session.now {
        delete::plain(session, key, None);
    } else {
        session.wakes.push(at);
    }
}
