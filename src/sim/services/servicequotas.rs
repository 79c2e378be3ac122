//! (owner replaces this file)

use crate::sim::call::{Answer, Call, Fault};
use crate::sim::world::World;

/// What this service remembers.
#[derive(Debug, Default)]
pub struct State {}

/// Answers one call.
pub fn handle(_world: &mut World, call: &mut Call) -> Answer {
    Err(Fault::gap(format!("{}:{}", call.service, call.operation)))
}

/// Does what is due by now. Called after every mutation and at every wake-up; idempotent.
pub fn settle(_world: &mut World) {}
