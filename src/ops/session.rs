//! A session: live or simulated, its clock, its folders, its clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folders::Folders;
use crate::config::Scope;
use crate::domain::facts::Cluster;
use crate::domain::ids::{AccountId, Region};
use crate::domain::problem::{Problem, ProblemKind};
use crate::sim::{FaultPlan, SimError, SimOptions, Simulator};
use crate::transport::aws::{self, AwsScope, AwsSession};
use crate::transport::clients::Clients;
use crate::transport::kube::{self, KubeScope};
use crate::transport::time::Timer;
use crate::transport::token::TokenSource;
use crate::transport::wire::SharedWire;

/// How a simulated session is opened.
#[derive(Debug, Clone)]
pub struct Simulate {
    /// Scenario.
    pub scenario: String,
    /// Simulated seconds a second.
    pub speed: f64,
    /// Start the world anew.
    pub reset: bool,
    /// Faults on order, such as `after:17`; empty for none.
    pub faults: String,
}

/// What a session is opened with.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Which account and cluster.
    pub scope: Scope,
    /// Where state lies.
    pub folders: Folders,
    /// Simulated, and how; `None` for live.
    pub simulate: Option<Simulate>,
    /// Refuse everything that changes AWS or the cluster.
    pub read_only: bool,
}

/// An open session. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: SessionOptions,
    world: Option<(Simulator, SharedWire)>,
    timer: Timer,
}

impl Session {
    /// Opens the session: for a simulated one its world, under an exclusive lock.
    ///
    /// `on_gap` is told what the simulator does not implement; the caller ends the process.
    ///
    /// # Errors
    /// The world is held by another process, or cannot be opened.
    pub fn open(options: SessionOptions, on_gap: impl Fn(&str) + Send + Sync + 'static) -> Result<Self, Problem> {
        let Some(simulate) = &options.simulate else {
            let inner = Inner { options, world: None, timer: Timer::real() };
            return Ok(Self { inner: Arc::new(inner) });
        };
        let dir = options.folders.simulated(&simulate.scenario);
        Folders::make(&dir)?;
        let faults: FaultPlan = simulate.faults.parse().map_err(|error: crate::sim::FaultSyntax| {
            Problem::new(ProblemKind::Usage, "The ordered faults of the simulator cannot be read.")
                .because(error.to_string())
        })?;
        let simulator = Simulator::open(SimOptions {
            dir: Some(dir),
            scenario: simulate.scenario.clone(),
            speed: simulate.speed,
            reset: simulate.reset,
            faults,
            on_gap: Arc::new(on_gap),
            // As abrupt as a kill: no destructor runs and nothing is flushed.
            on_crash: Arc::new(|| std::process::abort()),
        })
        .map_err(problem_of)?;
        let wire = simulator.wire();
        Ok(Self::over(options, simulator, wire))
    }

    /// Opens the session on a simulator that is open already, and on `wire` in place of the simulator's own: a test
    /// that plans a crash or records what is sent stands between the clients and the world.
    pub fn over(options: SessionOptions, simulator: Simulator, wire: SharedWire) -> Self {
        let timer = simulator.timer();
        Self { inner: Arc::new(Inner { options, world: Some((simulator, wire)), timer }) }
    }

    /// The simulated world, when simulated.
    pub fn simulator(&self) -> Option<&Simulator> {
        self.inner.world.as_ref().map(|(simulator, _)| simulator)
    }

    /// Whether AWS and the cluster are simulated.
    pub fn simulated(&self) -> bool {
        self.inner.world.is_some()
    }

    /// The scenario, when simulated.
    pub fn scenario(&self) -> Option<&str> {
        self.inner.options.simulate.as_ref().map(|simulate| simulate.scenario.as_str())
    }

    /// Whether mutations are refused.
    pub fn read_only(&self) -> bool {
        self.inner.options.read_only
    }

    /// The session's clock.
    pub fn timer(&self) -> &Timer {
        &self.inner.timer
    }

    /// What the session was asked to speak to.
    pub fn scope(&self) -> &Scope {
        &self.inner.options.scope
    }

    /// Folder of runs and locks: the state folder, or that of the simulated world.
    pub fn state(&self) -> PathBuf {
        match self.scenario() {
            Some(scenario) => self.inner.options.folders.simulated(scenario),
            None => self.inner.options.folders.root().to_path_buf(),
        }
    }

    /// The AWS clients for `region` (the scope's when `None`).
    ///
    /// # Errors
    /// No region or no credentials provider.
    pub async fn aws(&self, region: Option<&Region>) -> Result<AwsSession, Problem> {
        let scope = self.scope();
        let region = region.or(scope.region.as_ref());
        match &self.inner.world {
            Some((simulator, wire)) => {
                let region = region.cloned().unwrap_or_else(|| Region::new(simulator.region()));
                aws::over_wire(Arc::clone(wire), &region, self.timer().clone())
            }
            None => aws::live(&AwsScope { profile: scope.profile.clone(), region: region.cloned() }).await,
        }
    }

    /// The clients for one cluster.
    ///
    /// # Errors
    /// The endpoint, the CA or the operator's kubeconfig cannot be used.
    pub async fn clients(&self, aws: &AwsSession, cluster: &Cluster, account: &AccountId) -> Result<Clients, Problem> {
        let name = cluster.summary.name.clone();
        let scope = self.scope();
        let own = KubeScope { file: scope.kubeconfig.clone(), context: scope.context.clone() };
        let tokens = Arc::new(TokenSource::new(
            aws.credentials.clone(),
            aws.clients.region.clone(),
            name.clone(),
            self.timer().clone(),
        ));
        let client = match &self.inner.world {
            Some((_, wire)) => kube::over_wire(cluster, tokens, Arc::clone(wire))?,
            None if own.asked() => kube::from_kubeconfig(&own, cluster).await?,
            None => kube::live(cluster, tokens)?,
        };
        Ok(Clients { aws: aws.clients.clone(), kube: client, account: account.clone(), cluster: name })
    }
}

/// The `.env` of a simulated scenario: `<state>/sim/<scenario>/.env`, seeded when it is not there.
///
/// # Errors
/// An unknown scenario, or a folder that cannot be written.
pub fn seeded_env(folders: &Folders, scenario: &str, reset: bool) -> Result<PathBuf, Problem> {
    let text = crate::sim::scenario_env(scenario)
        .map_err(|why| Problem::new(ProblemKind::Usage, format!("There is no scenario {scenario}.")).because(why))?;
    let dir = folders.simulated(scenario);
    Folders::make(&dir)?;
    let path = dir.join(".env");
    if reset || !path.exists() {
        write_private(&path, &text)?;
    }
    Ok(path)
}

fn write_private(path: &Path, text: &str) -> Result<(), Problem> {
    std::fs::write(path, text).map_err(|error| {
        Problem::new(ProblemKind::Usage, format!("{} cannot be written.", path.display())).because(error.to_string())
    })
}

fn problem_of(error: SimError) -> Problem {
    match error {
        SimError::Locked { pid, host } => Problem::new(
            ProblemKind::Locked,
            format!("Another process (pid {pid} on {host}) holds this simulated world."),
        )
        .hint("wait for it to end, or give another --state-dir"),
        other @ SimError::Scenario { .. } => Problem::new(ProblemKind::Usage, other.to_string()),
        other => Problem::new(ProblemKind::Usage, other.to_string()).hint("--simulate-reset starts the world anew"),
    }
}
