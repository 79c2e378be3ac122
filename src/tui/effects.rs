//! The boundary: what the wizard asks for, who does it, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::config::{Draft, MeaningChange};
use crate::domain::facts::Facts;
use crate::domain::finding::Finding;
use crate::domain::ids::RunId;
use crate::domain::ladder::Verification;
use crate::domain::problem::Problem;
use crate::domain::sample::Sample;
use crate::domain::time::Stamp;
use crate::events::view::RunView;
use crate::ops::drafts::Kept;
use crate::plan::model::Plan;

/// How much is discovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Caller and clusters of the Region: what Connect needs before a cluster is chosen.
    Connect,
    /// Everything that the draft needs of the chosen cluster.
    Everything,
}

/// What `update` asks for. The loop adds draft, facts and plan as they stand in the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Reads facts.
    Discover(Stage),
    /// Makes a plan and its findings.
    Plan,
    /// Applies the plan that was shown.
    Apply,
    /// Goes on with an interrupted run.
    Resume(RunId),
    /// Runs the short verification.
    Verify,
    /// Takes one look at health.
    Sample,
    /// Writes the env file.
    Save,
    /// Reads the env file again, with the unsaved edits over it or without them.
    Reread {
        /// Keep the edits.
        keep: bool,
    },
    /// Keeps what is unsaved for the next session; nothing unsaved removes what was kept.
    Keep,
    /// Remembers that the changes in meaning were told.
    Told,
    /// Steers the run.
    Control(Control),
    /// Wakes the wizard after a wall-clock span.
    Wake(Duration, Wake),
    /// Puts text into the terminal's clipboard (OSC 52).
    Copy(String),
    /// Ends the wizard.
    Quit(Ended),
}

/// Why the wizard wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Time for the next look at health.
    Look,
    /// The notice of this number has stood long enough.
    Notice(u64),
    /// Time to keep what was typed.
    Draft,
}

/// Steers a running apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Running steps finish, no step starts.
    Pause,
    /// Waits are given up as well; the journal stays resumable.
    Abandon,
}

/// How the wizard ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The operator left; no run is open.
    Left,
    /// The operator left while a run is open; it can be resumed.
    LeftRunning,
    /// A signal ended it.
    Signalled,
    /// The operator chose the simulator in a live session: the caller starts it.
    Simulator,
}

/// An unfinished run found at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Run.
    pub run: RunId,
    /// Its cluster.
    pub cluster: String,
    /// Done, all.
    pub progress: (usize, usize),
    /// When it was last heard of.
    pub at: Stamp,
}

/// What does not change during a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Version of this program.
    pub version: String,
    /// AWS and the cluster are simulated.
    pub simulated: bool,
    /// Scenario, when simulated.
    pub scenario: Option<String>,
    /// Nothing may be changed.
    pub read_only: bool,
    /// The env file, as operators know it.
    pub env_file: String,
    /// Whether that file exists.
    pub env_exists: bool,
    /// The state folder.
    pub state_dir: String,
    /// Whether the welcome screen comes first.
    pub welcome: bool,
    /// Run that can be resumed.
    pub unfinished: Option<Unfinished>,
    /// Another process holds the lock of the cluster: who.
    pub locked: Option<String>,
    /// What is to be said about the env file.
    pub found: Found,
}

/// What was found about the env file at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Edits that an earlier session did not save.
    pub draft: Option<Kept>,
    /// What means something else than in the original project, and was not told yet.
    pub changes: Vec<MeaningChange>,
}

/// A plan and what the checks say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The plan.
    pub plan: Arc<Plan>,
    /// Every finding, pass and not applicable included.
    pub findings: Vec<Finding>,
}

impl Planned {
    /// Findings that keep an apply from starting.
    pub fn blockers(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.blocks())
    }
}

/// The env file was written.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The draft as it reads from the written file: sources name its lines.
    pub draft: Draft,
    /// Where it was written.
    pub file: String,
}

/// What stands behind the wizard. `ops` implements it; tests have a fixture.
///
/// Every future owns its inputs, so the loop can drop it at any time. Dropping the future of `apply` is as safe as a kill.
pub trait Backend: Send + Sync + 'static {
    /// Reads facts for `draft`; `facts` is what is known so far.
    fn discover(&self, draft: Draft, stage: Stage, facts: Facts) -> BoxFuture<'static, Result<Facts, Problem>>;
    /// Observes and plans.
    fn plan(&self, draft: Draft, facts: Facts) -> BoxFuture<'static, Result<Planned, Problem>>;
    /// Applies a plan; progress arrives on `runs`. Ends when the run ends: `Ok` only if every step is done.
    fn apply(&self, draft: Draft, planned: Planned) -> BoxFuture<'static, Result<(), Problem>>;
    /// Goes on with an interrupted run, as `apply`.
    fn resume(&self, run: RunId) -> BoxFuture<'static, Result<(), Problem>>;
    /// The run as it stands.
    fn runs(&self) -> watch::Receiver<Arc<RunView>>;
    /// Steers the run.
    fn control(&self, act: Control);
    /// Runs the short verification.
    fn verify(&self, draft: Draft, facts: Facts) -> BoxFuture<'static, Result<Verification, Problem>>;
    /// Takes one look at health.
    fn sample(&self, draft: Draft, facts: Facts) -> BoxFuture<'static, Result<Sample, Problem>>;
    /// Reads the env file again: `keep` lays the unsaved edits over it.
    fn reread(&self, draft: Draft, keep: bool) -> BoxFuture<'static, Result<Saved, Problem>>;
    /// Keeps what is unsaved in `draft`, or removes what was kept when nothing is. Best effort: an edit is never refused
    /// because it cannot be kept.
    fn keep(&self, draft: &Draft);
    /// Remembers that the changes in meaning were told.
    fn told(&self);
    /// Writes the env file.
    fn save(&self, draft: Draft) -> BoxFuture<'static, Result<Saved, Problem>>;
    /// The clock (simulated time in a simulated session).
    fn now(&self) -> Stamp;
    /// What does not change.
    fn session(&self) -> SessionInfo;
    /// Waits a wall-clock span: frames, ticks and looks are for human eyes.
    fn sleep(&self, wall: Duration) -> BoxFuture<'static, ()>;
}
