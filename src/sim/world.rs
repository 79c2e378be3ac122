//! Everything that exists in the simulated account, and how time moves it.

use std::collections::BTreeSet;

use crate::domain::time::Stamp;

/// The simulated account, its region and its clusters.
#[derive(Debug)]
pub struct World {
    /// The world's present instant.
    pub now: Stamp,
    /// Instants at which something is due. Only wake-ups: what happens then is decided by `settle`.
    wakes: BTreeSet<Stamp>,
    /// Counter behind every generated id, so that a replayed log makes the same ids.
    serial: u64,
}

impl World {
    /// Asks for a look at the world at `at`.
    pub fn wake_at(&mut self, at: Stamp) {
        if at > self.now {
            self.wakes.insert(at);
        }
    }

    /// The next instant at which something is due.
    pub fn next_wake(&self) -> Option<Stamp> {
        self.wakes.first().copied()
    }

    /// A fresh number, the same on every replay.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}
