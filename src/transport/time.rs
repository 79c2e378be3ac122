//! The only clock and the only sleep of the program.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::domain::time::Stamp;

/// Reads the time and waits.
///
/// * real: the wall clock, one second a second;
/// * simulated: starts at the world's stored instant and runs `speed` simulated seconds a second.
///
/// It is built on Tokio's clock, so a test with a paused clock runs waits of minutes in no time.
#[derive(Debug, Clone)]
pub struct Timer {
    origin: Option<Stamp>,
    started: Instant,
    speed: f64,
}

impl Timer {
    /// The wall clock.
    pub fn real() -> Self {
        Self { origin: None, started: Instant::now(), speed: 1.0 }
    }

    /// A clock that reads `origin` now and then advances `speed` seconds a second (`speed` > 0).
    pub fn simulated(origin: Stamp, speed: f64) -> Self {
        Self { origin: Some(origin), started: Instant::now(), speed: if speed > 0.0 { speed } else { 1.0 } }
    }

    /// The present instant.
    pub fn now(&self) -> Stamp {
        match self.origin {
            Some(origin) => origin + self.started.elapsed().mul_f64(self.speed),
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Stamp::EPOCH + since
            }
        }
    }

    /// Waits `span` of this clock's time.
    pub async fn sleep(&self, span: Duration) {
        tokio::time::sleep(self.wall(span)).await;
    }

    /// Waits until this clock reads `at`; returns at once when it already does.
    pub async fn sleep_until(&self, at: Stamp) {
        let span = at.since(self.now());
        if !span.is_zero() {
            self.sleep(span).await;
        }
    }

    /// How long `span` of this clock's time takes on the wall.
    pub fn wall(&self, span: Duration) -> Duration {
        // Rounded up to a millisecond: Tokio's own resolution; rounding down would spin.
        let wall = span.div_f64(self.speed);
        Duration::from_millis(u64::try_from(wall.as_micros().div_ceil(1000)).unwrap_or(u64::MAX))
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
}
