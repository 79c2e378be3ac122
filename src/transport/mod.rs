//! The seam to the outside: clients, clock, error codes. Nothing above this module knows whether AWS is real.

pub mod time;
pub mod wire;
