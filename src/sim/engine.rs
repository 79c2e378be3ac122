//! The world, its log and its lock behind one mutex, and what all wires of a session share.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Request;
use tokio::sync::watch;

use crate::sim::faults::FaultPlan;
use crate::sim::lock::DirLock;
use crate::sim::log::{LogError, WorldLog};
use crate::sim::record::{LoggedCall, Record};
use crate::sim::router::{Reply, Route};
use crate::sim::world::World;
use crate::transport::time::Timer;
use crate::transport::wire::WireError;

/// Called with the name of what the simulator does not implement.
pub type OnGap = Arc<dyn Fn(&str) + Send + Sync>;

/// Called when a planned crash strikes.
pub type OnCrash = Arc<dyn Fn() + Send + Sync>;

/// A world and what makes it outlive the process.
#[derive(Debug)]
pub struct Engine {
    pub(super) world: World,
    log: Option<WorldLog>,
    lock: Option<DirLock>,
    closed: Option<String>,
}

impl Engine {
    /// A world with its log and lock; without both it lives in memory only.
    pub fn new(world: World, log: Option<WorldLog>, lock: Option<DirLock>) -> Self {
        Self { world, log, lock, closed: None }
    }

    /// Does to the world what a record of its log did.
    ///
    /// # Errors
    /// When the record is no request, or one that this program does not answer.
    pub fn replay(world: &mut World, record: &Record) -> Result<(), String> {
        match record {
            Record::World(_) => Err("a second first line".to_owned()),
            Record::Clock { at } => {
                world.advance_to(*at);
                Ok(())
            }
            Record::Call(call) => {
                let request = call.request()?;
                world.advance_to(call.at);
                match Route::of(world, &request)?.answer(world, &request, "replay") {
                    Reply::Gap(name) => Err(name),
                    Reply::Full(_) | Reply::Watch(_) => Ok(()),
                }
            }
        }
    }

    /// Answers, and logs what may have changed the world before anyone sees the answer.
    fn serve(&mut self, request: &Request<Bytes>, request_id: &str) -> Result<(Reply, bool), LogError> {
        let route = match Route::of(&mut self.world, request) {
            Ok(route) => route,
            Err(gap) => return Ok((Reply::Gap(gap), false)),
        };
        let read = route.is_read(request);
        let reply = route.answer(&mut self.world, request, request_id);
        let changes = !read && !matches!(reply, Reply::Gap(_));
        if let Some(log) = self.log.as_mut().filter(|_| changes) {
            log.call(LoggedCall::of(self.world.now, request))?;
        }
        Ok((reply, changes))
    }

    /// Ends the session: the clock is written when the end is clean, and the lock is free.
    fn close(&mut self, why: &str, clean: bool) -> Result<(), LogError> {
        let log = self.log.take();
        self.lock = None;
        self.closed.get_or_insert_with(|| why.to_owned());
        match log {
            Some(mut log) if clean => log.close(self.world.now),
            _ => Ok(()),
        }
    }
}

/// What every wire of a session shares.
pub struct Shared {
    engine: Mutex<Engine>,
    pub(super) timer: Timer,
    pub(super) faults: FaultPlan,
    pub(super) on_gap: OnGap,
    on_crash: OnCrash,
    /// Rises with every change of the world that a request made.
    pub(super) revision: watch::Sender<u64>,
    calls: AtomicU64,
    crashed: AtomicBool,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("calls", &self.calls).field("crashed", &self.crashed).finish_non_exhaustive()
    }
}

impl Shared {
    /// Shares an engine.
    pub fn new(engine: Engine, timer: Timer, faults: FaultPlan, on_gap: OnGap, on_crash: OnCrash) -> Self {
        let (revision, _) = watch::channel(0);
        let (calls, crashed) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { engine: Mutex::new(engine), timer, faults, on_gap, on_crash, revision, calls, crashed }
    }

    /// The engine. After a panic in a handler the others go on: the log is whole, and the panic itself is what is reported.
    pub fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of the next call, from 1.
    pub fn count_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Whether a planned crash has struck.
    pub fn is_crashed(&self) -> bool {
        self.crashed.load(Ordering::SeqCst)
    }

    /// Dies as by a signal: nothing more is answered or written.
    pub fn crash(&self) {
        self.crashed.store(true, Ordering::SeqCst);
        (self.on_crash)();
    }

    /// Moves the world to now and looks at it.
    ///
    /// # Errors
    /// When the session is closed or its log cannot be written.
    pub fn advanced<T>(&self, look: impl FnOnce(&mut World) -> T) -> Result<T, WireError> {
        self.on_engine(|engine| Ok(look(&mut engine.world)))
    }

    /// Answers one request.
    ///
    /// # Errors
    /// When the session is closed or its log cannot be written; then the world stops, as it could not be had again.
    pub fn serve(&self, request: &Request<Bytes>, request_id: &str) -> Result<Reply, WireError> {
        let (reply, changed) = self.on_engine(|engine| engine.serve(request, request_id))?;
        if changed {
            self.revision.send_modify(|revision| *revision += 1);
        }
        Ok(reply)
    }

    fn on_engine<T>(&self, act: impl FnOnce(&mut Engine) -> Result<T, LogError>) -> Result<T, WireError> {
        let mut engine = self.engine();
        if let Some(why) = &engine.closed {
            return Err(WireError::Reset(why.clone()));
        }
        engine.world.advance_to(self.timer.now());
        let now = engine.world.now;
        let ticked = engine.log.as_mut().map_or(Ok(()), |log| log.tick(now));
        ticked.and_then(|()| act(&mut engine)).map_err(|error| {
            let why = error.to_string();
            // The log is what failed: closing without the clock cannot fail again.
            let _ = engine.close(&why, false);
            WireError::Reset(why)
        })
    }

    /// Ends the session; a crashed one writes nothing. Watches end.
    pub fn close(&self) {
        let clean = !self.is_crashed();
        let mut engine = self.engine();
        if clean && engine.closed.is_none() {
            engine.world.advance_to(self.timer.now());
        }
        // Nobody is left to hear of a clock that could not be written; the last record still holds.
        let _ = engine.close("the simulated world is closed", clean);
        drop(engine);
        self.revision.send_modify(|revision| *revision += 1);
    }
}
