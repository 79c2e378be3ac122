//! Ctrl-C and termination: the first pauses, the second abandons waits, the third exits.

use crate::apply::cancel::Control;
use crate::apply::cancel::Level;
use crate::report::out;

/// Passes signals to a run until the returned guard is dropped. SIGTERM and SIGHUP equal the first Ctrl-C.
pub fn watch(control: &Control) -> Watch {
    let control = control.clone();
    let task = tokio::spawn(async move {
        loop {
            let interrupted = next().await;
            let level = if interrupted { control.escalate() } else { pause(&control) };
            out::talk(match level {
                Level::Run => "",
                Level::Pause => "Pausing: running steps finish, no step starts. Ctrl-C again abandons waits.",
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

/// Waits for a signal; true for Ctrl-C, false for termination and hang-up.
#[cfg(unix)]
async fn next() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        _ = interrupt.recv() => true,
        _ = terminate.recv() => false,
        _ = hangup.recv() => false,
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn next() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
