//! The loop: messages in, effects out, a frame when something changed. The only async part of the wizard.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::EventStream;
use futures::StreamExt;
use futures::future::BoxFuture;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::effects::{Backend, Effect, Ended};
use super::input;
use super::model::Model;
use super::msg::Msg;
use super::terminal::Screen;
use super::theme::Theme;
use super::update::{start, update};
use crate::config::Draft;
use crate::domain::problem::{Problem, ProblemKind};
use crate::events::view::RunView;

/// How the wizard looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// ASCII glyphs only.
    pub ascii: bool,
    /// Attributes only.
    pub no_color: bool,
}

/// Least time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// The clock while something counts seconds, and while nothing does.
const MOVING: Duration = Duration::from_secs(1);
const RESTING: Duration = Duration::from_secs(60);

/// What woke the loop.
enum Woke {
    Message(Msg),
    Tick,
    Frame,
    Gone,
}

/// Everything the loop waits for.
struct Sources {
    signals: [Signal; 3],
    results: mpsc::UnboundedReceiver<Msg>,
    runs: watch::Receiver<Arc<RunView>>,
    runs_open: bool,
    input: EventStream,
    tick: BoxFuture<'static, ()>,
    frame: Option<BoxFuture<'static, ()>>,
}

/// Runs the wizard until the operator leaves or a signal ends it.
///
/// # Errors
/// There is no terminal, or it goes away.
pub async fn run(backend: Arc<dyn Backend>, draft: Draft, options: Options) -> Result<Ended, Problem> {
    let mut model = Model::new(backend.session(), draft, backend.now());
    let mut screen = Screen::enter().map_err(|error| gone(&error))?;
    model.size = screen.size().map_err(|error| gone(&error))?;
    let (send, results) = mpsc::unbounded_channel();
    let mut work = Work { backend: backend.clone(), tasks: JoinSet::new(), send };
    let mut sources = sources(&backend, results).map_err(|error| gone(&error))?;
    let theme = Theme { no_color: options.no_color, ascii: options.ascii };
    let first = start(&mut model);
    if let Some(ended) = work.all(&model, &mut screen, first)? {
        return Ok(ended);
    }
    let mut dirty = true;
    loop {
        if dirty && sources.frame.is_none() {
            screen.draw(&model, theme).map_err(|error| gone(&error))?;
            dirty = false;
            sources.frame = Some(backend.sleep(FRAME));
        }
        let mut next = Some(sources.wait().await);
        // Everything that is there already goes into one frame.
        while let Some(woke) = next {
            match woke {
                Woke::Gone => return Ok(leave_without_terminal(&model, &backend)),
                Woke::Frame => {}
                Woke::Tick => {
                    update(&mut model, Msg::Tick(backend.now()));
                    dirty = true;
                    sources.tick = backend.sleep(if model.is_moving() { MOVING } else { RESTING });
                }
                Woke::Message(msg) => {
                    dirty = true;
                    let was_moving = model.is_moving();
                    update(&mut model, Msg::Tick(backend.now()));
                    if matches!(msg, Msg::Applied(_)) {
                        // The last view may wait behind the result of the run that it belongs to.
                        update(&mut model, Msg::Run(sources.runs.borrow_and_update().clone()));
                    }
                    let effects = update(&mut model, msg);
                    if let Some(ended) = work.all(&model, &mut screen, effects)? {
                        return Ok(ended);
                    }
                    if model.is_moving() && !was_moving {
                        sources.tick = backend.sleep(MOVING);
                    }
                }
            }
            next = sources.at_hand();
        }
        while work.tasks.try_join_next().is_some() {}
    }
}

fn gone(error: &std::io::Error) -> Problem {
    Problem::new(ProblemKind::Unavailable, "The terminal cannot be used.")
        .because(error.to_string())
        .hint("Start it in a terminal, or use the headless commands: eks-wizard --help lists them.")
}

/// The terminal is gone: a run is asked to stop; its journal stays resumable.
fn leave_without_terminal(model: &Model, backend: &Arc<dyn Backend>) -> Ended {
    if model.config.unsaved > 0 {
        backend.keep(&model.config.draft);
    }
    if model.applying() {
        backend.control(super::effects::Control::Abandon);
        return Ended::LeftRunning;
    }
    Ended::Signalled
}

fn sources(backend: &Arc<dyn Backend>, results: mpsc::UnboundedReceiver<Msg>) -> std::io::Result<Sources> {
    Ok(Sources {
        signals: [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?],
        results,
        runs: backend.runs(),
        runs_open: true,
        input: EventStream::new(),
        tick: backend.sleep(MOVING),
        frame: None,
    })
}

impl Sources {
    /// Waits for the next thing, the most urgent first.
    async fn wait(&mut self) -> Woke {
        let [term, hup, int] = &mut self.signals;
        let frame = async {
            match self.frame.as_mut() {
                Some(frame) => frame.await,
                None => std::future::pending().await,
            }
        };
        let runs =
            async { if self.runs_open { self.runs.changed().await.is_ok() } else { std::future::pending().await } };
        tokio::select! {
            biased;
            _ = term.recv() => Woke::Message(Msg::Signal),
            _ = hup.recv() => Woke::Message(Msg::Signal),
            _ = int.recv() => Woke::Message(Msg::Signal),
            Some(msg) = self.results.recv() => Woke::Message(msg),
            open = runs => {
                self.runs_open = open;
                Woke::Message(Msg::Run(self.runs.borrow_and_update().clone()))
            }
            event = self.input.next() => match event {
                Some(Ok(event)) => input::message(event).map_or(Woke::Frame, Woke::Message),
                Some(Err(_)) | None => Woke::Gone,
            },
            () = &mut self.tick => Woke::Tick,
            () = frame => {
                self.frame = None;
                Woke::Frame
            }
        }
    }

    /// A result that is there already.
    fn at_hand(&mut self) -> Option<Woke> {
        self.results.try_recv().ok().map(Woke::Message)
    }
}

/// Carries effects out.
struct Work {
    backend: Arc<dyn Backend>,
    tasks: JoinSet<()>,
    send: mpsc::UnboundedSender<Msg>,
}

impl Work {
    fn all(&mut self, model: &Model, screen: &mut Screen, effects: Vec<Effect>) -> Result<Option<Ended>, Problem> {
        for effect in effects {
            match effect {
                Effect::Quit(ended) => return Ok(Some(ended)),
                Effect::Copy(text) => screen.copy(&text).map_err(|error| gone(&error))?,
                Effect::Control(act) => self.backend.control(act),
                Effect::Keep => self.backend.keep(&model.config.draft),
                Effect::Told => self.backend.told(),
                other => self.spawn(model, other),
            }
        }
        Ok(None)
    }

    /// Starts a future whose message comes back.
    fn later(&mut self, future: impl Future<Output = Msg> + Send + 'static) {
        let send = self.send.clone();
        self.tasks.spawn(async move {
            let msg = future.await;
            // The loop has ended when nobody listens; then nobody needs the answer.
            let _ = send.send(msg);
        });
    }

    fn spawn(&mut self, model: &Model, effect: Effect) {
        let draft = model.config.draft.clone();
        let rev = model.config.rev;
        let facts = || model.facts().cloned().unwrap_or_default();
        match effect {
            Effect::Discover(stage) => {
                let future = self.backend.discover(draft, stage, facts());
                self.later(async move { Msg::Discovered { rev, stage, result: future.await.map(Box::new) } });
            }
            Effect::Plan => {
                let future = self.backend.plan(draft, facts());
                self.later(async move { Msg::Planned { rev, result: future.await } });
            }
            Effect::Apply => {
                if let Some(planned) = model.world.plan.ready().cloned() {
                    let future = self.backend.apply(draft, planned);
                    self.later(async move { Msg::Applied(future.await) });
                }
            }
            Effect::Resume(run) => {
                let future = self.backend.resume(run);
                self.later(async move { Msg::Applied(future.await) });
            }
            Effect::Verify => {
                let future = self.backend.verify(draft, facts());
                self.later(async move { Msg::Verified(future.await) });
            }
            Effect::Sample => {
                let future = self.backend.sample(draft, facts());
                self.later(async move { Msg::Sampled(future.await) });
            }
            Effect::Save => {
                let future = self.backend.save(draft);
                self.later(async move { Msg::Saved(future.await.map(Box::new)) });
            }
            Effect::Reread { keep } => {
                let future = self.backend.reread(draft, keep);
                self.later(async move { Msg::Reread { keep, result: future.await.map(Box::new) } });
            }
            Effect::Wake(span, wake) => {
                let future = self.backend.sleep(span);
                self.later(async move {
                    future.await;
                    Msg::Woke(wake)
                });
            }
            Effect::Quit(_) | Effect::Copy(_) | Effect::Control(_) | Effect::Keep | Effect::Told => {}
        }
    }
}
