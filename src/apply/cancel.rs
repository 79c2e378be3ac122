//! The ladder of Ctrl-C: pause, abandon waits, leave. Every rung leaves a journal that `resume` can go on with.

use std::sync::Arc;

use tokio::sync::watch;

/// How far an operator asked a run to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Go on.
    #[default]
    Run,
    /// Start no step; running steps finish.
    Pause,
    /// Stop waiting too; a request that is under way still finishes.
    Abandon,
    /// Leave now.
    Exit,
}

/// Stops a run from outside. Clones steer the same run.
#[derive(Debug, Clone)]
pub struct Control {
    level: Arc<watch::Sender<Level>>,
    seen: watch::Receiver<Level>,
}

impl Default for Control {
    fn default() -> Self {
        let (level, seen) = watch::channel(Level::Run);
        Self { level: Arc::new(level), seen }
    }
}

impl Control {
    /// A run that goes on.
    pub fn new() -> Self {
        Self::default()
    }

    /// One rung up: what a further Ctrl-C means. Answers the new level.
    pub fn escalate(&self) -> Level {
        self.level.send_modify(|level| {
            *level = match level {
                Level::Run => Level::Pause,
                Level::Pause => Level::Abandon,
                Level::Abandon | Level::Exit => Level::Exit,
            };
        });
        self.level()
    }

    /// At least a pause: what SIGTERM and SIGHUP mean. Never goes back.
    pub fn pause(&self) {
        self.level.send_if_modified(|level| {
            let changes = *level < Level::Pause;
            *level = (*level).max(Level::Pause);
            changes
        });
    }

    /// The present level.
    pub fn level(&self) -> Level {
        *self.seen.borrow()
    }

    /// Waits for the next change since this clone last waited and answers the new level.
    pub async fn changed(&mut self) -> Level {
        // Never closed: this value holds the sender.
        if self.seen.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        *self.seen.borrow_and_update()
    }

    /// Waits until the level is at least `rung`; at once when it is.
    pub async fn reached(&self, rung: Level) {
        let mut seen = self.seen.clone();
        if seen.wait_for(|level| *level >= rung).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_stroke_is_one_rung_and_the_top_stays() {
        let control = Control::new();
        let mut other = control.clone();
        assert_eq!(control.level(), Level::Run);
        assert_eq!(control.escalate(), Level::Pause);
        assert_eq!(other.changed().await, Level::Pause);
        control.pause();
        assert_eq!(control.level(), Level::Pause, "a signal after a stroke adds nothing");
        assert_eq!(
            (control.escalate(), control.escalate(), control.escalate()),
            (Level::Abandon, Level::Exit, Level::Exit)
        );
        other.reached(Level::Abandon).await;
    }
}
