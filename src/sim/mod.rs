//! The simulated account and cluster behind `--simulate`: a world in memory that answers HTTP in place of AWS and Kubernetes.
//!
//! It has brains of its own and shares nothing with the planner: only ids, time and the wire.
//!
//! A request goes [`wire`] → [`engine`] → [`router`] → [`codec`] → [`services`] or [`apiserver`]; what may have changed
//! the [`world`] is in its [`log`] before the answer leaves. Opening a world again seeds the [`scenario`] and replays
//! the log, so everything in here is deterministic: ids come from [`world::World::next_serial`], time from
//! [`world::World::now`], and nothing iterates in an order of its own.

pub mod apiserver;
pub mod call;
pub mod codec;
pub mod engine;
pub mod facade;
pub mod faults;
pub mod lock;
pub mod log;
pub mod record;
pub mod refusals;
pub mod router;
pub mod scenario;
pub mod services;
#[cfg(test)]
pub mod testing;
pub mod wire;
pub mod world;

pub use facade::{SimError, SimOptions, Simulator, scenario_env, scenario_installed};
pub use faults::{FaultPlan, FaultSyntax};
