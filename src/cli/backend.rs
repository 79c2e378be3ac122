//! What stands behind the wizard: the same operations that the headless commands call.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::apply::cancel::{self, Level};
use crate::config::{self, Draft, EnvFile, Layer, Loaded, import};
use crate::discover::Needs;
use crate::domain::facts::Facts;
use crate::domain::ids::RunId;
use crate::domain::ladder::Verification;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::sample::Sample;
use crate::domain::time::Stamp;
use crate::events::event::RunEnd;
use crate::events::sink::Silent;
use crate::events::view::RunView;
use crate::ops::apply::{self, Channels};
use crate::ops::drafts::Drafts;
use crate::ops::ground::{self, Ground};
use crate::ops::plan::{self, Planned};
use crate::ops::session::Session;
use crate::ops::{health, runs, setup, verify};
use crate::transport::time::Timer;
use crate::tui::effects::{self, Backend, Control, Found, Saved, SessionInfo, Stage, Unfinished};

/// The operations of one session. Cheap to clone: every future owns its copy.
#[derive(Clone)]
pub struct Live {
    session: Session,
    info: SessionInfo,
    latest: watch::Sender<Arc<RunView>>,
    drafts: Drafts,
    held: Arc<Mutex<Held>>,
}

/// How long facts that were read for a plan may wait for it, on the wall.
const FRESH: Duration = Duration::from_secs(30);

/// What one operation leaves for the next.
#[derive(Default)]
struct Held {
    file: Option<EnvFile>,
    ground: Option<Ground>,
    /// A ground that was read for the next plan: with which needs, and when on the wall.
    unplanned: Option<(Needs, Stamp)>,
    planned: Option<Planned>,
    control: Option<cancel::Control>,
}

impl Live {
    /// A backend for `session`; `loaded` is the configuration as read.
    pub fn new(session: Session, loaded: &Loaded, env_file: String) -> Self {
        let drafts = Drafts::new(&session.state(), loaded.file.path());
        let info = info(&session, loaded, env_file, &drafts);
        let held = Held { file: Some(loaded.file.clone()), ..Held::default() };
        let latest = watch::Sender::new(Arc::new(RunView::default()));
        Self { session, info, latest, drafts, held: Arc::new(Mutex::new(held)) }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic elsewhere must not take the way back to the terminal with it.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ground and plan that were made last.
    fn stands(&self) -> Result<(Ground, Planned), Problem> {
        let held = self.held();
        match (&held.ground, &held.planned) {
            (Some(ground), Some(planned)) => Ok((ground.clone(), planned.clone())),
            _ => Err(Problem::new(ProblemKind::Blocked, "There is no plan yet.").hint("n goes to what is missing")),
        }
    }

    async fn read(&self, draft: &Draft) -> Result<Ground, Problem> {
        let (cluster, region) = setup::named(draft);
        let cluster = cluster.ok_or_else(|| Problem::new(ProblemKind::Usage, "No cluster is chosen."))?;
        let ground = ground::read(&self.session, &cluster, region.as_ref(), &ground::needs_of_draft(draft)).await?;
        self.held().ground = Some(ground.clone());
        Ok(ground)
    }

    /// The ground for a plan: what was read for it a moment ago, else read anew.
    async fn ground_for_plan(&self, draft: &Draft) -> Result<Ground, Problem> {
        let (cluster, _) = setup::named(draft);
        let held = {
            let mut held = self.held();
            let fresh = held.unplanned.take().is_some_and(|(needs, at)| {
                needs == ground::needs_of_draft(draft) && Timer::real().now().since(at) < FRESH
            });
            held.ground.clone().filter(|ground| fresh && Some(&ground.place.cluster) == cluster.as_ref())
        };
        match held {
            Some(ground) => Ok(ground),
            None => self.read(draft).await,
        }
    }

    async fn look(self, draft: Draft) -> Result<effects::Planned, Problem> {
        let (spec, _) = config::validate(&draft).map_err(|issues| {
            let issue = issues.into_iter().find(config::Issue::is_error);
            let says = issue.map_or_else(|| "The configuration is not complete.".to_owned(), |issue| issue.to_string());
            Problem::new(ProblemKind::Usage, says)
        })?;
        let ground = self.ground_for_plan(&draft).await?;
        let planned = plan::plan(&self.session, &ground, Arc::new(spec)).await?;
        let shown = match &planned.plan {
            Some(plan) => Ok(effects::Planned { plan: Arc::clone(plan), findings: planned.findings.clone() }),
            None => Err(Problem::new(ProblemKind::Blocked, "Nothing can be planned as things stand.")),
        };
        self.held().planned = Some(planned);
        shown
    }

    fn channels(&self) -> Channels {
        let control = cancel::Control::new();
        self.held().control = Some(control.clone());
        Channels { sink: Box::new(Silent), latest: self.latest.clone(), control }
    }

    async fn install(self, shown: effects::Planned) -> Result<(), Problem> {
        let (ground, planned) = self.stands()?;
        if planned.plan.as_ref().is_none_or(|plan| plan.id != shown.plan.id) {
            return Err(Problem::new(ProblemKind::Conflict, "The plan changed since it was shown; nothing was done.")
                .hint("r makes a new plan"));
        }
        ended(&apply::apply(&self.session, &ground, &planned, self.channels()).await?)
    }

    async fn go_on(self, run: RunId) -> Result<(), Problem> {
        let resumable = apply::resumable(&self.session, Some(&run))?;
        let (ground, planned) = apply::recorded(&self.session, &resumable).await?;
        {
            let mut held = self.held();
            held.ground = Some(ground.clone());
            held.planned = Some(planned);
        }
        ended(&apply::resume(&self.session, &ground, &resumable, self.channels()).await?)
    }

    async fn prove(self, draft: Draft) -> Result<Verification, Problem> {
        if self.held().planned.is_none() {
            self.clone().look(draft).await?;
        }
        let (ground, planned) = self.stands()?;
        verify::verify(&self.session, &ground, &planned).await
    }

    async fn glance(self, draft: Draft) -> Result<Sample, Problem> {
        if self.held().planned.is_none() {
            self.clone().look(draft).await?;
        }
        let (ground, planned) = self.stands()?;
        Ok(health::sample(&ground, &planned).await)
    }

    fn write(&self, mut draft: Draft) -> Result<Saved, Problem> {
        let mut held = self.held();
        // All edits go in or none: the open file is replaced by the one that was written.
        let mut file = held.file.clone().ok_or_else(no_file)?;
        for (name, text) in draft.unsaved() {
            file.set(name, text)?;
        }
        file.save()?;
        draft.reload(&file);
        let shown = file.path().display().to_string();
        held.file = Some(file);
        Ok(Saved { draft, file: shown })
    }

    fn open_again(&self, mut draft: Draft, keep: bool) -> Result<Saved, Problem> {
        let mut held = self.held();
        let file = held.file.as_ref().ok_or_else(no_file)?.again()?;
        let edits: Vec<(String, String)> =
            draft.unsaved().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        draft.reload(&file);
        for (name, text) in edits.iter().filter(|_| keep) {
            draft.set(name, text, Layer::Wizard);
        }
        let shown = file.path().display().to_string();
        held.file = Some(file);
        Ok(Saved { draft, file: shown })
    }
}

fn no_file() -> Problem {
    Problem::new(ProblemKind::Usage, "No env file is open.")
}

/// How a run ended, in the wizard's terms: only a run that is done is good.
fn ended(view: &RunView) -> Result<(), Problem> {
    match view.end {
        Some(RunEnd::Done) => Ok(()),
        Some(RunEnd::Paused | RunEnd::Cancelled) | None => {
            Err(Problem::new(ProblemKind::Cancelled, "The run is paused; it can be resumed.").hint("a resumes it"))
        }
        Some(RunEnd::Failed | RunEnd::Superseded) => Err(view.problems().next().map_or_else(
            || Problem::new(ProblemKind::Failed, "The run failed."),
            |(step, problem)| problem.clone().during(format!("Step {step} fails.")),
        )),
    }
}

fn info(session: &Session, loaded: &Loaded, env_file: String, drafts: &Drafts) -> SessionInfo {
    let (cluster, _) = setup::named(&loaded.draft);
    let unfinished = runs::unfinished(session, cluster.as_ref());
    SessionInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        simulated: session.simulated(),
        scenario: session.scenario().map(str::to_owned),
        read_only: session.read_only(),
        env_exists: loaded.file.assignments().next().is_some(),
        env_file,
        state_dir: session.state().display().to_string(),
        welcome: true,
        unfinished: unfinished.map(|run| Unfinished {
            run: run.run,
            cluster: run.cluster.to_string(),
            progress: run.progress,
            at: run.at,
        }),
        locked: None,
        found: Found { draft: drafts.kept(), changes: drafts.untold(import::changes(&loaded.draft)) },
    }
}

impl Backend for Live {
    fn discover(&self, draft: Draft, stage: Stage, facts: Facts) -> BoxFuture<'static, Result<Facts, Problem>> {
        let this = self.clone();
        async move {
            match stage {
                Stage::Connect => {
                    let (_, region) = setup::named(&draft);
                    let read = ground::connect(&this.session, region.as_ref()).await?;
                    Ok(Facts { caller: read.caller, clusters: read.clusters, ..facts })
                }
                Stage::Everything => {
                    let read = this.read(&draft).await?.facts;
                    this.held().unplanned = Some((ground::needs_of_draft(&draft), Timer::real().now()));
                    Ok(Facts { clusters: facts.clusters, ..read })
                }
            }
        }
        .boxed()
    }

    fn plan(&self, draft: Draft, _facts: Facts) -> BoxFuture<'static, Result<effects::Planned, Problem>> {
        self.clone().look(draft).boxed()
    }

    fn apply(&self, _draft: Draft, planned: effects::Planned) -> BoxFuture<'static, Result<(), Problem>> {
        self.clone().install(planned).boxed()
    }

    fn resume(&self, run: RunId) -> BoxFuture<'static, Result<(), Problem>> {
        self.clone().go_on(run).boxed()
    }

    fn runs(&self) -> watch::Receiver<Arc<RunView>> {
        self.latest.subscribe()
    }

    fn control(&self, act: Control) {
        let Some(control) = self.held().control.clone() else { return };
        match act {
            Control::Pause => control.pause(),
            Control::Abandon => {
                while control.level() < Level::Abandon {
                    control.escalate();
                }
            }
        }
    }

    fn verify(&self, draft: Draft, _facts: Facts) -> BoxFuture<'static, Result<Verification, Problem>> {
        self.clone().prove(draft).boxed()
    }

    fn sample(&self, draft: Draft, _facts: Facts) -> BoxFuture<'static, Result<Sample, Problem>> {
        self.clone().glance(draft).boxed()
    }

    fn save(&self, draft: Draft) -> BoxFuture<'static, Result<Saved, Problem>> {
        let this = self.clone();
        async move { this.write(draft) }.boxed()
    }

    fn reread(&self, draft: Draft, keep: bool) -> BoxFuture<'static, Result<Saved, Problem>> {
        let this = self.clone();
        async move { this.open_again(draft, keep) }.boxed()
    }

    fn keep(&self, draft: &Draft) {
        if let Err(problem) = self.drafts.keep(draft, self.session.timer().now()) {
            tracing::warn!(%problem, "draft not kept");
        }
    }

    fn told(&self) {
        if let Err(problem) = self.drafts.told(&self.info.found.changes) {
            tracing::warn!(%problem, "told changes not remembered");
        }
    }

    fn now(&self) -> Stamp {
        self.session.timer().now()
    }

    fn session(&self) -> SessionInfo {
        self.info.clone()
    }

    fn sleep(&self, wall: Duration) -> BoxFuture<'static, ()> {
        async move { Timer::real().sleep(wall).await }.boxed()
    }
}
