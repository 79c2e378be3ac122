//! Plan → Events: the only mutator. One run at a time a cluster, journaled, resumable.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use super::ground::{self, Ground};
use super::plan::Planned;
use super::session::Session;
use crate::apply::cancel::Control;
use crate::apply::executor;
use crate::apply::executor::{LIMIT, RunInput, Start};
use crate::apply::live::Live;
use crate::components::observed::Observed;
use crate::config::Spec;
use crate::discover::probes;
use crate::domain::facts::Place;
use crate::domain::ids::RunId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::sink::Sink;
use crate::events::view::RunView;
use crate::journal::lock::{Holder, Lock};
use crate::journal::record::{Backend, FORMAT, Header};
use crate::journal::recover::Recovered;
use crate::journal::store::{RunStore, RunSummary};
use crate::journal::writer::Log;

/// Where a run publishes and how it is steered.
pub struct Channels {
    /// Receives every event.
    pub sink: Box<dyn Sink>,
    /// Receives the newest view; slow readers miss some.
    pub latest: watch::Sender<Arc<RunView>>,
    /// Pause and abandon.
    pub control: Control,
}

impl Channels {
    /// Channels for a run that only `sink` watches.
    pub fn to(sink: Box<dyn Sink>, control: &Control) -> Self {
        Self { sink, latest: watch::Sender::new(Arc::new(RunView::default())), control: control.clone() }
    }
}

/// Applies a plan. An older unfinished run of the cluster is closed as superseded.
///
/// # Errors
/// A blocked or missing plan, a lock that somebody else holds, a journal that cannot be written.
pub async fn apply(
    session: &Session,
    ground: &Ground,
    planned: &Planned,
    channels: Channels,
) -> Result<RunView, Problem> {
    if session.read_only() {
        return Err(Problem::new(ProblemKind::Usage, "Nothing is changed in read-only mode."));
    }
    if planned.blocked() {
        return Err(Problem::new(ProblemKind::Blocked, "A check of severity error failed; nothing was changed.")
            .hint("eks-wizard preflight"));
    }
    let plan =
        planned.plan.as_ref().ok_or_else(|| Problem::new(ProblemKind::Internal, "There is no plan to apply."))?;
    reachable(ground).await?;
    let now = session.timer().now();
    let lock = lock(session, &ground.place)?;
    let store = RunStore::open(&session.state());
    if let Some(older) = store.newest_unfinished(&ground.place.cluster)? {
        store.supersede(&older.cluster, &older.run, now)?;
    }
    let header = Header {
        format: FORMAT,
        run: RunId::new(format!("{:08x}", fastrand::u32(..))),
        at: now,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        backend: if session.simulated() { Backend::Simulated } else { Backend::Live },
        plan: plan.as_ref().clone(),
        spec: serde_json::to_value(planned.spec.as_ref())
            .map_err(|error| Problem::new(ProblemKind::Internal, error.to_string()))?,
    };
    let log = store.create(&header)?;
    run(session, ground, Start::Fresh(Box::new(header)), Box::new(log), channels, lock).await
}

async fn run(
    session: &Session,
    ground: &Ground,
    start: Start,
    log: Box<dyn Log>,
    channels: Channels,
    lock: Lock,
) -> Result<RunView, Problem> {
    let view = executor::run(RunInput {
        start,
        log,
        hands: Arc::new(Live::new(ground.clients.clone())),
        timer: session.timer().clone(),
        control: channels.control,
        latest: channels.latest,
        sink: channels.sink,
        limit: LIMIT,
    })
    .await;
    drop(lock);
    view
}

/// Half of every plan happens in the cluster: without its API nothing is begun in AWS either. An API that answers,
/// whatever it says, is left to ACC-002 and to the steps.
async fn reachable(ground: &Ground) -> Result<(), Problem> {
    probes::access::reached(&ground.clients).await.map_err(|problem| {
        let cluster = &ground.place.cluster;
        let problem = problem
            .during(format!("The Kubernetes API of cluster {cluster} is not reached; nothing was changed."))
            .hint("check the network path to the cluster's endpoint, then run eks-wizard preflight");
        Problem { kind: ProblemKind::Blocked, ..problem }
    })
}

fn lock(session: &Session, place: &Place) -> Result<Lock, Problem> {
    Ok(Lock::acquire(&session.state(), place, &Holder::this_process(None, session.timer().now()))?)
}

/// An unfinished run, found but not opened yet.
#[derive(Debug)]
pub struct Resumable {
    summary: RunSummary,
    recovered: Recovered,
}

impl Resumable {
    /// The run.
    pub fn run(&self) -> &RunId {
        &self.summary.run
    }
}

/// Finds the run to go on with: the one that is named, else the newest unfinished one, of the cluster that `--cluster`
/// names if it does.
///
/// # Errors
/// There is none, or its journal is damaged.
pub fn resumable(session: &Session, wanted: Option<&RunId>) -> Result<Resumable, Problem> {
    let store = RunStore::open(&session.state());
    let (runs, _) = store.runs()?;
    let found = match wanted {
        Some(id) => runs.into_iter().find(|run| run.run == *id),
        None => {
            let cluster = session.scope().cluster.as_ref();
            runs.into_iter().find(|run| run.unfinished && cluster.is_none_or(|name| *name == run.cluster))
        }
    };
    let nothing = || {
        let what = match wanted {
            Some(id) => format!("There is no run {id} to resume."),
            None => "There is no unfinished run to resume.".to_owned(),
        };
        Problem::new(ProblemKind::Usage, what).hint("eks-wizard runs lists all runs")
    };
    let summary = found.ok_or_else(nothing)?;
    if !summary.unfinished {
        return Err(Problem::new(
            ProblemKind::Usage,
            format!("Run {} is finished; there is nothing to resume.", summary.run),
        )
        .hint("eks-wizard apply plans anew"));
    }
    let recovered = store.read(&summary.cluster, &summary.run)?;
    Ok(Resumable { summary, recovered })
}

/// The fields that mean something else now than when the run was planned; a resume goes on with the recorded ones.
pub fn changed_since(resumable: &Resumable, spec: Option<&Spec>) -> Vec<String> {
    let Some(now) = spec.and_then(|spec| serde_json::to_value(spec).ok()) else { return Vec::new() };
    let mut differing = Vec::new();
    compare("", &resumable.recovered.header.spec, &now, &mut differing);
    if !differing.is_empty() {
        differing
            .insert(0, format!("The configuration changed since run {}; it goes on as planned then:", resumable.run()));
        differing.push("To use the new values: eks-wizard apply".to_owned());
    }
    differing
}

fn compare(path: &str, then: &Value, now: &Value, differing: &mut Vec<String>) {
    match (then, now) {
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&inner, old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), differing);
            }
        }
        (old, new) if old != new => differing.push(format!("  {path}: planned with {old}, now {new}")),
        _ => {}
    }
}

/// The recorded plan on fresh ground.
///
/// # Errors
/// The journal's Spec cannot be read, or the cluster cannot be reached.
pub async fn recorded(session: &Session, resumable: &Resumable) -> Result<(Ground, Planned), Problem> {
    let header = &resumable.recovered.header;
    let spec: Spec = serde_json::from_value(header.spec.clone()).map_err(|error| {
        Problem::new(ProblemKind::Usage, format!("The configuration recorded in run {} cannot be read.", header.run))
            .because(error.to_string())
            .hint("eks-wizard apply plans anew")
    })?;
    let place = &header.plan.place;
    let needs = ground::needs(&spec);
    let ground = ground::read(session, &place.cluster, Some(&place.region), &needs).await?;
    if ground.place.account != place.account {
        return Err(Problem::new(
            ProblemKind::Blocked,
            format!(
                "Run {} belongs to account {}, this caller to {}.",
                header.run, place.account, ground.place.account
            ),
        )
        .hint("give the --profile of that account"));
    }
    let planned = Planned {
        spec: Arc::new(spec),
        plan: Some(Arc::new(header.plan.clone())),
        observed: Observed::default(),
        findings: Vec::new(),
    };
    Ok((ground, planned))
}

/// Goes on with a run.
///
/// # Errors
/// A lock that somebody else holds, a journal that cannot be written.
pub async fn resume(
    session: &Session,
    ground: &Ground,
    resumable: &Resumable,
    channels: Channels,
) -> Result<RunView, Problem> {
    reachable(ground).await?;
    let lock = lock(session, &ground.place)?;
    // Read again under the lock: another process may have gone on with it meanwhile.
    let reopened = RunStore::open(&session.state()).reopen(&resumable.summary.cluster, resumable.run())?;
    if !reopened.recovered.unfinished() {
        return Err(Problem::new(ProblemKind::Usage, format!("Run {} was finished meanwhile.", resumable.run())));
    }
    let start = Start::Resumed(Box::new(reopened.recovered));
    run(session, ground, start, Box::new(reopened.writer), channels, lock).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::testing::{place, spec, spec_with};
    use crate::domain::time::Stamp;
    use crate::plan::model::Plan;

    fn recorded(spec: Value) -> Resumable {
        let header = Header {
            format: FORMAT,
            run: "0a1b2c3d".into(),
            at: Stamp::EPOCH,
            version: "0.1.0".to_owned(),
            backend: Backend::Simulated,
            plan: Plan { id: "p1".into(), place: place(), steps: Vec::new(), notes: Vec::new() },
            spec,
        };
        let summary = RunSummary {
            run: header.run.clone(),
            cluster: place().cluster,
            at: Stamp::EPOCH,
            plan: "p1".into(),
            backend: Backend::Simulated,
            end: None,
            progress: (0, 0),
            unfinished: true,
            path: "0a1b2c3d.jsonl".into(),
        };
        let (generations, intents) = (Default::default(), Default::default());
        Resumable { summary, recovered: Recovered { header, view: RunView::default(), generations, intents } }
    }

    #[test]
    fn what_changed_since_the_run_is_named_field_by_field() {
        let run = recorded(serde_json::to_value(spec()).unwrap());
        assert_eq!(changed_since(&run, Some(&spec())), [""; 0]);
        assert_eq!(changed_since(&run, None), [""; 0], "a configuration that is invalid now is no change to name");
        let now = spec_with(&[("/components/system_nodegroup", json!("other")), ("/region", json!("eu-west-1"))]);
        let want = [
            "The configuration changed since run 0a1b2c3d; it goes on as planned then:",
            "  components.system_nodegroup: planned with \"eks-utils\", now \"other\"",
            "  region: planned with \"us-east-2\", now \"eu-west-1\"",
            "To use the new values: eks-wizard apply",
        ];
        let mut said = changed_since(&run, Some(&now));
        said[1..3].sort();
        assert_eq!(said, want);
    }

    #[test]
    fn fields_that_one_side_lacks_are_named_too() {
        let mut differing = Vec::new();
        compare("", &json!({"a": 1, "b": {"c": 2}}), &json!({"b": {"c": 2, "d": 3}}), &mut differing);
        assert_eq!(differing, ["  a: planned with 1, now null", "  b.d: planned with null, now 3"]);
    }
}
