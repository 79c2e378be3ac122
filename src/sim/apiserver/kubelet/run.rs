//! The life of one pod's containers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::time::Stamp;
use crate::sim::apiserver::json::{int, items, text};
use crate::sim::apiserver::transcript::{self, Surroundings};

/// Creating the sandbox and starting a container once its image is there.
const START: Duration = Duration::from_secs(1);

/// What a kubelet knows of a pod.
#[derive(Debug, Clone, Default)]
pub(crate) struct PodRun {
    /// When the kubelet first saw the pod.
    pub seen: Option<Stamp>,
    /// Last part of the pod's address.
    pub address: u64,
    /// By container name, init containers too.
    pub containers: BTreeMap<String, ContainerRun>,
    /// When a deleted pod is gone.
    pub stopping: Option<Stamp>,
    /// What the last report was made from: nothing is reported again before one of them changes or something is due.
    pub reported: Option<(Stamp, Arc<Value>, Arc<Value>)>,
}

/// One container.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContainerRun {
    /// Start of the present or last run; may lie ahead while the image is pulled.
    pub started: Option<Stamp>,
    /// End of the present run, when it has one.
    pub ends: Option<Stamp>,
    /// Exit code once the run is over.
    pub exit: Option<i64>,
    code: i64,
    /// When the readiness probe first succeeds.
    pub ready: Option<Stamp>,
    pub restarts: u32,
    /// Start of the next run after a crash.
    pub restart: Option<Stamp>,
    pub log: String,
    pub previous: Option<String>,
}

impl ContainerRun {
    pub fn is_running(&self, now: Stamp) -> bool {
        self.exit.is_none() && self.started.is_some_and(|at| at <= now)
    }

    pub fn is_ready(&self, now: Stamp) -> bool {
        self.is_running(now) && self.ready.is_some_and(|at| at <= now)
    }

    fn launch(&mut self, container: &Value, at: Stamp, around: &Surroundings) {
        let command: Vec<String> = items(container, "/command")
            .iter()
            .chain(items(container, "/args"))
            .filter_map(|part| part.as_str().map(str::to_owned))
            .collect();
        self.started = Some(at);
        self.exit = None;
        self.restart = None;
        let found = transcript::find(text(container, "/image"), &command, around);
        match found {
            Some(run) => {
                self.log = run.output;
                self.code = run.exit;
                self.ends = (!run.forever).then(|| at + Duration::from_secs(run.seconds));
            }
            None => {
                let name = command.first().cloned().unwrap_or_else(|| "the image's entrypoint".to_owned());
                self.log = format!("sh: {name}: command not found\n");
                self.code = 127;
                self.ends = Some(at + START);
            }
        }
        let probe = container.pointer("/readinessProbe");
        let delay = probe.map_or(0, |probe| int(probe, "/initialDelaySeconds").unwrap_or(0) + 1);
        self.ready = Some(at + Duration::from_secs(u64::try_from(delay).unwrap_or(0)));
    }
}

/// Pulling takes two to eight seconds, always the same for one image.
pub(super) fn pull_time(image: &str) -> Duration {
    let hash = Sha256::digest(image);
    Duration::from_millis(2000 + u64::from(hash[0]) * 6000 / 255)
}

impl PodRun {
    pub fn new(now: Stamp, address: u64) -> Self {
        Self { seen: Some(now), address, ..Self::default() }
    }

    /// Starts, ends and restarts what is due.
    pub fn advance(&mut self, pod: &Value, now: Stamp, around: impl Fn(&Value) -> Surroundings) {
        let policy = text(pod, "/spec/restartPolicy").to_owned();
        let mut free_at = self.seen.unwrap_or(now);
        for init in items(pod, "/spec/initContainers") {
            let sidecar = text(init, "/restartPolicy") == "Always";
            let policy = if sidecar {
                "Always"
            } else if policy == "Never" {
                "Never"
            } else {
                "OnFailure"
            };
            let run = self.containers.entry(text(init, "/name").to_owned()).or_default();
            step(run, init, free_at, now, policy, &around(init));
            let done =
                if sidecar { run.started.filter(|at| *at <= now) } else { run.ends.filter(|_| run.exit == Some(0)) };
            match done {
                Some(at) => free_at = free_at.max(at),
                None => return,
            }
        }
        for container in items(pod, "/spec/containers") {
            let run = self.containers.entry(text(container, "/name").to_owned()).or_default();
            step(run, container, free_at, now, &policy, &around(container));
        }
    }

    /// Whether a report at `now` would say what the last one said: it was made from this very pod and node, and
    /// nothing fell due since.
    pub fn is_reported(&self, pod: &Arc<Value>, node: &Arc<Value>, now: Stamp) -> bool {
        self.reported.as_ref().is_some_and(|(at, old_pod, old_node)| {
            let same = Arc::ptr_eq(old_pod, pod) && Arc::ptr_eq(old_node, node);
            same && self.next_wake(*at).is_none_or(|due| due > now)
        })
    }

    /// The next instant at which something changes.
    pub fn next_wake(&self, now: Stamp) -> Option<Stamp> {
        self.containers
            .values()
            .flat_map(|run| [run.started, run.ready, run.ends.filter(|_| run.exit.is_none()), run.restart])
            .flatten()
            .filter(|at| *at > now)
            .min()
    }
}

fn step(run: &mut ContainerRun, container: &Value, free_at: Stamp, now: Stamp, policy: &str, around: &Surroundings) {
    if run.started.is_none() {
        run.launch(container, free_at + pull_time(text(container, "/image")) + START, around);
    }
    if run.exit.is_none() && run.ends.is_some_and(|at| at <= now) {
        run.exit = Some(run.code);
        let again = policy == "Always" || (policy == "OnFailure" && run.code != 0);
        if again {
            // CrashLoopBackOff: ten seconds, doubled with every crash, at most five minutes.
            let pause = Duration::from_secs(10) * 2_u32.pow(run.restarts.min(5));
            run.restart = Some(run.ends.unwrap_or(now) + pause.min(Duration::from_secs(300)));
        }
    }
    if let Some(at) = run.restart.filter(|at| *at <= now) {
        run.previous = Some(std::mem::take(&mut run.log));
        run.restarts += 1;
        run.launch(container, at, around);
    }
}
