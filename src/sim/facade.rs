//! The simulator as a session opens it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use crate::sim::engine::{Engine, OnCrash, OnGap, Shared};
use crate::sim::faults::FaultPlan;
use crate::sim::lock::{DirLock, LockError};
use crate::sim::log::{LogError, WorldLog};
use crate::sim::record::{FORMAT, Header};
use crate::sim::scenario;
use crate::sim::wire::SimWire;
use crate::sim::world::World;
use crate::transport::time::Timer;
use crate::transport::wire::SharedWire;

/// How a simulator is opened.
#[derive(Clone)]
pub struct SimOptions {
    /// Folder of the world, made if absent; `None` keeps the world in memory.
    pub dir: Option<PathBuf>,
    /// Scenario that seeds a new world.
    pub scenario: String,
    /// Simulated seconds a second, above 0.
    pub speed: f64,
    /// Forget what the folder holds.
    pub reset: bool,
    /// Faults on order.
    pub faults: FaultPlan,
    /// Called with the name of what the simulator does not implement; the call that met it is never answered.
    pub on_gap: OnGap,
    /// Called when a planned crash strikes; no call is answered after it.
    pub on_crash: OnCrash,
}

impl SimOptions {
    /// A world in memory at 240 simulated seconds a second, without faults; gaps and crashes only stop answering.
    pub fn new(scenario: &str) -> Self {
        Self {
            dir: None,
            scenario: scenario.to_owned(),
            speed: 240.0,
            reset: false,
            faults: FaultPlan::default(),
            on_gap: Arc::new(|_| {}),
            on_crash: Arc::new(|| {}),
        }
    }
}

impl fmt::Debug for SimOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = (&self.dir, &self.scenario, self.speed, self.reset, &self.faults);
        f.debug_tuple("SimOptions").field(&fields).finish()
    }
}

/// Why a simulator does not open.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Another process has the world.
    #[error("Process {pid} on {host} holds this simulated world.")]
    Locked {
        /// Process id; 0 when unknown.
        pid: u32,
        /// Host name; `unknown` when unknown.
        host: String,
    },
    /// The folder or the lock file cannot be used.
    #[error("The folder of the simulated world {path} cannot be used: {source}.")]
    Io {
        /// What could not be used.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The log cannot be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The scenario cannot be loaded.
    #[error("The scenario {name} cannot be loaded: {why}")]
    Scenario {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// A record of the log cannot be done again.
    #[error(
        "Record {record} of the simulated world's log cannot be replayed: {why}. --simulate-reset starts the world anew."
    )]
    Replay {
        /// Number of the record, from 1, without the first line.
        record: usize,
        /// Why.
        why: String,
    },
}

/// A simulated account with its clusters, open until it is dropped.
///
/// Dropping it writes the world's clock and frees the lock; its wires answer a reset connection from then on.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    env: String,
}

impl Simulator {
    /// Opens the world of `options.dir`, or seeds it from the scenario.
    ///
    /// # Errors
    /// When the scenario is unknown, another process holds the world, or its folder or log cannot be used.
    pub fn open(options: SimOptions) -> Result<Self, SimError> {
        let named = |why: String| SimError::Scenario { name: options.scenario.clone(), why };
        let scenario = scenario::load(&options.scenario).map_err(|error| named(error.clone()))?;
        let (lock, opened) = match &options.dir {
            Some(dir) => {
                let lock = lock(dir)?;
                let header = Header {
                    format: FORMAT,
                    scenario: options.scenario.clone(),
                    origin: scenario.origin,
                    tool: concat!("eks-wizard ", env!("CARGO_PKG_VERSION")).to_owned(),
                };
                (Some(lock), Some(WorldLog::open(&dir.join("world.log"), header, options.reset)?))
            }
            None => (None, None),
        };
        let mut world = World::empty(scenario.origin);
        scenario::seed(&mut world, &scenario);
        for (at, record) in opened.iter().flat_map(|opened| &opened.records).enumerate() {
            Engine::replay(&mut world, record).map_err(|why| SimError::Replay { record: at + 1, why })?;
        }
        let timer = Timer::simulated(world.now, options.speed);
        let engine = Engine::new(world, opened.map(|opened| opened.log), lock);
        let shared = Shared::new(engine, timer, options.faults, options.on_gap, options.on_crash);
        Ok(Self { shared: Arc::new(shared), env: scenario.env })
    }

    /// The wire that every client of the session uses.
    pub fn wire(&self) -> SharedWire {
        Arc::new(SimWire::new(Arc::clone(&self.shared)))
    }

    /// The world's clock.
    pub fn timer(&self) -> Timer {
        self.shared.timer.clone()
    }

    /// The Region of the world.
    pub fn region(&self) -> String {
        self.with_world(|world| world.region.clone())
    }

    /// The `.env` text that the scenario seeds.
    pub fn env_text(&self) -> String {
        self.env.clone()
    }

    /// API calls so far, answered or not.
    pub fn api_calls(&self) -> u64 {
        self.shared.calls()
    }

    /// Looks at the world, or for a test reaches into it. What is changed here is not in the log.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.shared.engine().world)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// Whether a new world of the scenario is one in which everything is installed.
pub fn scenario_installed(name: &str) -> bool {
    scenario::load(name).is_ok_and(|scenario| scenario.installed)
}

/// The `.env` text that a scenario seeds, without opening a world.
///
/// # Errors
/// Why there is no such scenario.
pub fn scenario_env(name: &str) -> Result<String, String> {
    scenario::load(name).map(|scenario| scenario.env).map_err(|error| error.clone())
}

fn lock(dir: &Path) -> Result<DirLock, SimError> {
    let path = dir.join("lock");
    let io = |source| SimError::Io { path: path.clone(), source };
    std::fs::create_dir_all(dir).map_err(io)?;
    DirLock::take(&path).map_err(|error| match error {
        LockError::Held(holder) => SimError::Locked { pid: holder.pid, host: holder.host },
        LockError::Io(source) => io(source),
    })
}

#[cfg(test)]
mod tests;
