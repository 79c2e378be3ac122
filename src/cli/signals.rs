//! Ctrl-C and termination: the first pauses, the second abandons waits, the third exits.

use crate::apply::cancel::Control;
use crate::apply::cancel::Level;
use crate::report::out;

/// Passes signals to a run until the returned guard is dropped. SIGTERM and SIGHUP equal the first Ctrl-C.
pub fn watch(control: &Control) -> Watch {
    let control = control.clone();
    let task = tokio::spawn(async move {
        let mut signals = Signals::new();
        loop {
            let interrupted = signals.next().await;
            let level = if interrupted { control.escalate() } else { pause(&control) };
            out::talk(match level {
                Level::Run | Level::Pause => {
                    "Pausing: running steps finish, no step starts. Ctrl-C again abandons waits."
                }
                Level::Abandon => "Waits are abandoned; the run can be resumed. Ctrl-C again exits at once.",
                Level::Exit => "Exiting; the journal is complete and the run can be resumed.",
            });
            if level == Level::Exit {
                std::process::exit(i32::from(super::exit::Exit::Cancelled.code()));
            }
        }
    });
    Watch { task }
}

/// Waits for the first signal of any kind: for commands that have no journal and only something to tidy up.
///
/// Tokio's handlers stay for the life of the process, so after a run nothing but this ends a command early.
pub async fn first() {
    Signals::new().next().await;
}

fn pause(control: &Control) -> Level {
    control.pause();
    control.level()
}

/// Stops watching when dropped.
#[derive(Debug)]
pub struct Watch {
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The signals that matter. They are registered once: one that arrives while another is handled is not lost.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let of = |kind| signal(kind).ok();
        Self {
            interrupt: of(SignalKind::interrupt()),
            terminate: of(SignalKind::terminate()),
            hangup: of(SignalKind::hangup()),
        }
    }

    /// Waits for a signal; true for Ctrl-C, false for termination and hang-up.
    async fn next(&mut self) -> bool {
        tokio::select! {
            () = received(&mut self.interrupt) => true,
            () = received(&mut self.terminate) => false,
            () = received(&mut self.hangup) => false,
        }
    }
}

/// Waits for one kind of signal; for ever when it cannot be heard.
#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    let heard = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if heard.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Ctrl-C, where there are no Unix signals.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    /// Waits for Ctrl-C.
    async fn next(&mut self) -> bool {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        true
    }
}
