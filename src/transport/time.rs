//! The only clock and the only sleep of the program.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::domain::time::Stamp;

/// Reads the time and waits.
///
/// * real: the wall clock, one second a second;
/// * simulated: starts at the world's stored instant and runs `speed` simulated seconds a second, except while the
///   simulator itself is at work (see [`Timer::hold`]).
///
/// It is built on Tokio's clock, so a test with a paused clock runs waits of minutes in no time.
#[derive(Debug, Clone)]
pub struct Timer {
    simulated: Option<Arc<Simulated>>,
}

/// A clock that runs at a speed and can be held.
#[derive(Debug)]
struct Simulated {
    origin: Stamp,
    speed: f64,
    started: Instant,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    holders: u32,
    since: Option<Instant>,
    lost: Duration,
}

impl Simulated {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Stamp {
        let held = self.held();
        let until = held.since.unwrap_or_else(Instant::now);
        let ran = until.duration_since(self.started).saturating_sub(held.lost);
        self.origin + ran.mul_f64(self.speed)
    }
}

/// Keeps a simulated clock from running until it is dropped.
#[derive(Debug)]
pub struct Hold {
    clock: Option<Arc<Simulated>>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Some(clock) = &self.clock else { return };
        let mut held = clock.held();
        held.holders = held.holders.saturating_sub(1);
        if held.holders == 0
            && let Some(since) = held.since.take()
        {
            held.lost += since.elapsed();
        }
    }
}

impl Timer {
    /// The wall clock.
    pub fn real() -> Self {
        Self { simulated: None }
    }

    /// A clock that reads `origin` now and then advances `speed` seconds a second (`speed` > 0).
    pub fn simulated(origin: Stamp, speed: f64) -> Self {
        let speed = if speed > 0.0 { speed } else { 1.0 };
        let clock = Simulated { origin, speed, started: Instant::now(), held: Mutex::default() };
        Self { simulated: Some(Arc::new(clock)) }
    }

    /// The present instant.
    pub fn now(&self) -> Stamp {
        match &self.simulated {
            Some(clock) => clock.now(),
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Stamp::EPOCH + since
            }
        }
    }

    /// Stops a simulated clock while the answer is alive. The simulator's own computing is no time of its world:
    /// on a slow machine at high speed it would age tokens and pass deadlines. A wall clock cannot be held.
    pub fn hold(&self) -> Hold {
        if let Some(clock) = &self.simulated {
            let mut held = clock.held();
            held.holders += 1;
            held.since.get_or_insert_with(Instant::now);
        }
        Hold { clock: self.simulated.clone() }
    }

    /// Waits `span` of this clock's time.
    pub async fn sleep(&self, span: Duration) {
        match &self.simulated {
            None => tokio::time::sleep(span).await,
            Some(_) => self.sleep_until(self.now() + span).await,
        }
    }

    /// Waits until this clock reads `at`; returns at once when it already does.
    pub async fn sleep_until(&self, at: Stamp) {
        loop {
            let left = at.since(self.now());
            if left.is_zero() {
                return;
            }
            // A clock that was held meanwhile has not come as far as the wall: look again.
            tokio::time::sleep(self.wall(left)).await;
        }
    }

    /// How long `span` of this clock's time takes on the wall.
    pub fn wall(&self, span: Duration) -> Duration {
        let speed = self.simulated.as_ref().map_or(1.0, |clock| clock.speed);
        // Rounded up to a millisecond: Tokio's own resolution; rounding down would spin.
        let wall = span.div_f64(speed);
        Duration::from_millis(u64::try_from(wall.as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_simulated_clock_runs_at_its_speed() {
        let timer = Timer::simulated(Stamp::EPOCH, 240.0);
        timer.sleep(Duration::from_secs(240)).await;
        let read = timer.now().millis();
        assert!((240_000..=240_480).contains(&read), "read {read} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_clock_stands_and_its_sleepers_wait() {
        let timer = Timer::simulated(Stamp::EPOCH, 10.0);
        let hold = timer.hold();
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(timer.now(), Stamp::EPOCH);
        let sleeper = tokio::spawn({
            let timer = timer.clone();
            async move { timer.sleep(Duration::from_secs(10)).await }
        });
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(!sleeper.is_finished());
        drop(hold);
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert!(sleeper.is_finished());
        assert_eq!(timer.now().millis(), 15_000);
    }
}
