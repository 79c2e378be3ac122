//! The simulated account and cluster behind `--simulate`: a world in memory that answers HTTP in place of AWS and Kubernetes.
//!
//! It has brains of its own and shares nothing with the planner: only ids, time and the wire.

pub mod apiserver;
pub mod call;
pub mod refusals;
pub mod scenario;
pub mod services;
pub mod world;
