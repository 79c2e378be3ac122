//! A simulated account in a folder of its own, a paused clock, and eyes between the clients and the world.

mod snapshot;
mod tape;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eks_wizard::apply::cancel::Control;
use eks_wizard::config::{Scope, Spec};
use eks_wizard::domain::problem::Problem;
use eks_wizard::events::event::RunEnd;
use eks_wizard::events::sink::Silent;
use eks_wizard::events::view::RunView;
use eks_wizard::ops::apply::Channels;
use eks_wizard::ops::folders::Folders;
use eks_wizard::ops::ground::Ground;
use eks_wizard::ops::plan::Planned;
use eks_wizard::ops::session::{Session, SessionOptions, Simulate};
use eks_wizard::ops::setup::Request;
use eks_wizard::ops::{apply, plan};
use eks_wizard::sim::{FaultPlan, SimOptions, Simulator};

pub use snapshot::{Snapshot, differences};
pub use tape::{Exchange, Moment, Tape, journal_below};

/// The scenario of every test here.
const SCENARIO: &str = "default";

/// Simulated time after a run in which everything that was still under way comes to rest.
const REST: Duration = Duration::from_mins(15);

/// Runs `future` to its end on a runtime of its own with a paused clock. What the future left running is dropped
/// unpolled with the runtime, as a killed process drops it.
pub fn on_paused_clock<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// A folder for state, in memory where the system has such a place: `fsync` costs nothing there.
pub fn state_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

/// Folder of the simulated world below a state folder.
pub fn world_of(state: &Path) -> PathBuf {
    state.join("sim").join(SCENARIO)
}

/// The two p5en nodes of `tests/configs/valid/p5en.env`, with `sets` over it.
pub fn spec(sets: &[&str]) -> Spec {
    let request = Request {
        env_file: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/valid/p5en.env")),
        sets: sets.iter().map(|text| (*text).to_owned()).collect(),
        scope: Scope::default(),
        folders: folders(Path::new("/nonexistent")),
        simulate: Some(simulate()),
        read_only: false,
        environment: BTreeMap::new(),
    };
    request.load().unwrap().spec().unwrap().0
}

fn folders(state: &Path) -> Folders {
    Folders::choose(Some(state), |_| None).unwrap()
}

fn simulate() -> Simulate {
    Simulate { scenario: SCENARIO.to_owned(), speed: 1.0, reset: false, faults: String::new() }
}

/// A session on the world of `state`, with a tape in its wire.
pub struct Stage {
    pub session: Session,
    pub tape: Arc<Tape>,
    crash: Arc<tokio::sync::Notify>,
}

impl Stage {
    /// Opens the world without faults.
    pub fn open(state: &Path) -> Self {
        Self::with_faults(state, FaultPlan::default())
    }

    /// Opens the world with faults on order; a crash only tells, so that the test can drop everything.
    pub fn with_faults(state: &Path, faults: FaultPlan) -> Self {
        let crash = Arc::new(tokio::sync::Notify::new());
        let told = Arc::clone(&crash);
        let options = SimOptions {
            dir: Some(world_of(state)),
            speed: 1.0,
            faults,
            on_gap: Arc::new(|gap| panic!("The simulator does not implement {gap}.")),
            on_crash: Arc::new(move || told.notify_one()),
            ..SimOptions::new(SCENARIO)
        };
        let simulator = Simulator::open(options).unwrap();
        let tape = Tape::over(simulator.wire(), world_of(state));
        let options = SessionOptions {
            scope: Scope::default(),
            folders: folders(state),
            simulate: Some(simulate()),
            read_only: false,
        };
        let session = Session::over(options, simulator, tape.wire());
        Self { session, tape, crash }
    }

    /// Reads, plans and checks.
    pub async fn look(&self, spec: Spec) -> (Ground, Planned) {
        plan::look(&self.session, spec).await.unwrap()
    }

    /// Plans and applies; `None` when the planned crash struck.
    pub async fn apply(&self, spec: Spec) -> Option<RunView> {
        let run = async {
            let (ground, planned) = self.look(spec).await;
            apply::apply(&self.session, &ground, &planned, channels()).await.unwrap()
        };
        tokio::select! {
            biased;
            () = self.crash.notified() => None,
            view = run => Some(view),
        }
    }

    /// Goes on with the newest unfinished run.
    pub async fn resume(&self) -> Result<RunView, Problem> {
        let resumable = apply::resumable(&self.session, None)?;
        let (ground, _) = apply::recorded(&self.session, &resumable).await?;
        apply::resume(&self.session, &ground, &resumable, channels()).await
    }

    /// Lets everything come to rest and takes down what stands.
    pub async fn rest(&self) -> Snapshot {
        let timer = self.session.timer();
        timer.sleep(REST).await;
        self.session.simulator().unwrap().with_world(|world| {
            world.advance_to(timer.now());
            Snapshot::of(world)
        })
    }
}

fn channels() -> Channels {
    Channels::to(Box::new(Silent), &Control::new())
}

/// Fails with the problems of the run unless it is done.
pub fn assert_done(view: &RunView) {
    let problems: Vec<String> = view.problems().map(|(step, problem)| format!("{step}: {problem}")).collect();
    assert_eq!(view.end, Some(RunEnd::Done), "{problems:#?}");
}
