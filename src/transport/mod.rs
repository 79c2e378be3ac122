//! The seam to the outside: clients, clock, error codes. Nothing above this module knows whether AWS is real.

pub mod classify;
pub mod clients;
pub mod time;
pub mod wire;
